"""Checks requests and answers against Microsoft's OpenAPI files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft4Validator  # type: ignore[import-untyped] # it ships no types

from contract.schema_check import fits

# Beside the repository; a worktree elsewhere says where.
_PLACE = Path(__file__).resolve().parents[3] / "shared" / "specs" / "specification"
SPECS = Path(os.environ.get("CONTRACT_SPECS") or _PLACE)
ABSENT = f"Microsoft's OpenAPI files are not at {SPECS}"
_METHODS = ("get", "put", "patch", "post", "delete", "head")
_SOLUTIONS = "solutions/resource-manager/Microsoft.Solutions"
_AUTHORIZATION = "authorization/resource-manager/Microsoft.Authorization"
FOLDERS = (_SOLUTIONS, _AUTHORIZATION)
# Parts of a route that stand for more than one step; an id only for ids of its kind.
_WHOLE = {
    "scope": "(?:/.+)?",
    "resourceId": "/.+",
    "parentResourcePath": "/.+",
    "applicationId": r"/.+/providers/Microsoft\.Solutions/applications/[^/]+",
    "roleAssignmentId": r"(?:/.+)?/providers/Microsoft\.Authorization/roleAssignments/[^/]+",
    "denyAssignmentId": r"(?:/.+)?/providers/Microsoft\.Authorization/denyAssignments/[^/]+",
}


class Undeclared(LookupError):
    """The files have no operation for this request."""


class Broken(AssertionError):
    """Something is not what the contract declares."""


@dataclass(frozen=True)
class Operation:
    """One operation of one file: its route and what it says of bodies."""

    file: Path
    method: str
    template: str
    spec: Mapping[str, Any]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        text = re.escape(self.template)
        for whole, pattern in _WHOLE.items():
            text = text.replace(rf"/\{{{whole}\}}", pattern)
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", text), re.IGNORECASE)

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other operation."""
        return str(self.file), self.method, self.template

    @property
    def fixed(self) -> int:
        """How much of the route is literal: the most literal one is meant."""
        return len(re.sub(r"{\w+}", "", self.template))


def present() -> bool:
    """Whether Microsoft's files are beside the repository."""
    return SPECS.is_dir()


def find(method: str, url: str) -> Operation:
    """The operation that a request is.

    Raises:
        Undeclared: the files have none for this route and api-version.
    """
    parts = urlsplit(url)
    version = dict(parse_qsl(parts.query)).get("api-version", "")
    return _find(method, re.sub("/{2,}", "/", unquote(parts.path)), version)


@lru_cache(maxsize=4096)
def _find(method: str, path: str, version: str) -> Operation:
    found = [
        operation
        for operation in _operations(version)
        if operation.method == method.lower() and operation.regex.fullmatch(path)
    ]
    if not found:
        raise Undeclared(f"{method} {path} in api-version {version!r}")
    return max(found, key=lambda operation: operation.fixed)


def validate_request(method: str, url: str, body: Any) -> None:
    """Hold a request to the contract; a property it does not declare is a fault.

    Raises:
        Undeclared: there is no such operation.
        Broken: the query or the body is not what is declared.
    """
    operation = find(method, url)
    _check_query(operation, url)
    declared = [p for p in _parameters(operation) if p["in"] == "body"]
    content = json.loads(body) if isinstance(body, bytes | str) and body else body or None
    if not declared:
        if content is not None:
            raise Broken(f"{method} {operation.template} takes no body")
        return
    if content is None:
        if declared[0].get("required"):
            raise Broken(f"{method} {operation.template} needs a body")
        return
    validator = _validator(operation.key, "request")
    _check(content, validator, f"request {method} {operation.template}")


def validate_response(method: str, url: str, status: int, body: Any) -> None:
    """Hold an answer to the contract; properties it does not declare are let be.

    Raises:
        Undeclared: there is no such operation.
        Broken: the status or the body is not what is declared.
    """
    operation = find(method, url)
    responses = operation.spec["responses"]
    declared = responses.get(str(status), responses.get("default"))
    if declared is None or (str(status) not in responses and status < 400):
        raise Broken(f"{method} {operation.template} declares no {status}")
    content = json.loads(body) if isinstance(body, bytes | str) and body else body or None
    if str(status) in responses and status >= 400 and "schema" not in declared:
        declared = responses.get("default", declared)  # a bare 404 is an error as any other
    if "schema" not in declared:
        return
    if content is None:
        raise Broken(f"{status} of {method} {operation.template} has no body")
    name = str(status) if responses.get(str(status)) is declared else "default"
    validator = _validator(operation.key, name)
    _check(content, validator, f"{status} of {method} {operation.template}")


@cache
def _validator(key: tuple[str, str, str], name: str) -> Draft4Validator:
    """What judges the request of an operation, or its answer of a status."""
    operation = _by_key()[key]
    if name == "request":
        (body,) = [p for p in _parameters(operation) if p["in"] == "body"]
        schema = _inline(body["schema"], operation.file, is_closed=True)
    else:
        declared = operation.spec["responses"][name]["schema"]
        schema = _inline(declared, operation.file, is_closed=False)
    return Draft4Validator(schema)


@cache
def _by_key() -> dict[tuple[str, str, str], Operation]:
    versions = {file.parent.name for folder in FOLDERS for file in (SPECS / folder).rglob("*.json")}
    return {op.key: op for version in sorted(versions) for op in _operations(version)}


def _check(content: Any, validator: Draft4Validator, what: str) -> None:
    told = _without_null(content)
    if fits(told, validator.schema):
        return
    faults = [
        f"{'/'.join(str(step) for step in error.absolute_path) or '.'}: {error.message[:200]}"
        for error in validator.iter_errors(told)
    ]
    if faults:
        raise Broken(f"{what}: " + "; ".join(faults))


def _check_query(operation: Operation, url: str) -> None:
    sent = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    declared = {p["name"]: p for p in _parameters(operation) if p["in"] == "query"}
    missing = [n for n, p in declared.items() if p.get("required") and n not in sent]
    # ARM's own paging link, which no file declares, and the version, which all have.
    extra = set(sent) - set(declared) - {"$skiptoken", "$skipToken", "api-version"}
    if missing or extra:
        raise Broken(f"{operation.template}: missing {missing}, undeclared {sorted(extra)}")


def _without_null(value: Any) -> Any:
    """The content with every null left out: to ARM they are the same."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


@cache
def _operations(version: str) -> tuple[Operation, ...]:
    return tuple(_read(version)) if version else ()


def _read(version: str) -> Iterator[Operation]:
    for folder in FOLDERS:
        for file in sorted((SPECS / folder).rglob("*.json")):
            if file.parent.name != version:
                continue
            content = _load(file)
            paths = {**content.get("paths", {}), **content.get("x-ms-paths", {})}
            for template, verbs in paths.items():
                shared = verbs.get("parameters", [])
                for method in _METHODS:
                    if method in verbs:
                        spec = dict(verbs[method])
                        spec["parameters"] = [*shared, *spec.get("parameters", [])]
                        yield Operation(file, method, template.split("?")[0], spec)


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found = []
    for parameter in operation.spec["parameters"]:
        if "$ref" in parameter:
            _, target = _follow(parameter["$ref"], operation.file)
            found.append(target)
        else:
            found.append(parameter)
    return found


@cache
def _load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8-sig"))
    return loaded


def _follow(reference: str, file: Path) -> tuple[Path, dict[str, Any]]:
    place, _, pointer = reference.partition("#")
    target = Path(os.path.normpath(file.parent / place)) if place else file
    value: Any = _load(target)
    for step in pointer.strip("/").split("/"):
        value = value[step.replace("~1", "/").replace("~0", "~")]
    return target, value


def _inline(
    schema: Mapping[str, Any], file: Path, *, is_closed: bool, seen: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A JSON schema without references; closed: what is undeclared or read-only is forbidden."""
    if "$ref" in schema:
        target, value = _follow(schema["$ref"], file)
        key = f"{target}#{schema['$ref']}"
        if key in seen:
            return {}
        return _inline(value, target, is_closed=is_closed, seen=(*seen, key))
    merged = _merged(schema, file)
    out: dict[str, Any] = {}
    for key in ("type", "pattern", "minLength", "maxLength", "minimum", "maximum"):
        if key in merged:
            out[key] = merged[key]
    if "enum" in merged and not merged.get("x-ms-enum", {}).get("modelAsString", False):
        out["enum"] = merged["enum"]
    if "items" in merged:
        out["items"] = _inline(merged["items"], file, is_closed=is_closed, seen=seen)
    if merged.get("required"):
        out["required"] = merged["required"]
    return out | _members(merged, is_closed=is_closed, seen=seen)


def _members(
    merged: Mapping[str, Any], *, is_closed: bool, seen: tuple[str, ...]
) -> dict[str, Any]:
    properties = merged["properties"]
    out: dict[str, Any] = {}
    if properties:
        out["properties"] = {
            name: _inline(spec, home, is_closed=is_closed, seen=seen)
            for name, (home, spec) in properties.items()
            if not (is_closed and spec.get("readOnly"))
        }
    extra = merged.get("additionalProperties")
    if isinstance(extra, dict):
        out["additionalProperties"] = _inline(extra, merged["home"], is_closed=is_closed, seen=seen)
    # A kind of a polymorphic thing has properties that the thing itself does not declare.
    elif is_closed and properties and extra is not True and "discriminator" not in merged:
        out["additionalProperties"] = False
    return out


def _merged(schema: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """A schema with those it is made of folded in, each property with the file it comes from."""
    out: dict[str, Any] = {"properties": {}, "required": [], "home": file}
    for part in schema.get("allOf", []):
        home, value = _follow(part["$ref"], file) if "$ref" in part else (file, part)
        inner = _merged(value, home)
        out["properties"] |= inner.pop("properties")
        out["required"] += inner.pop("required")
        out |= {key: item for key, item in inner.items() if key != "home"}
    for name, spec in schema.get("properties", {}).items():
        out["properties"][name] = (file, spec)
    out["required"] += schema.get("required", [])
    out |= {k: v for k, v in schema.items() if k not in ("properties", "required", "allOf")}
    return out
