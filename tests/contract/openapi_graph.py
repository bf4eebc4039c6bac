"""Checks the answers of the sandbox against the OpenAPI file of Microsoft Graph."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema import Draft4Validator  # type: ignore[import-untyped] # it ships no types

from contract.openapi import SPECS, Broken, Undeclared

FILE = SPECS.parent / "msgraph" / "graph-subset-v1.0.openapi.json"
_BASE = "https://graph.microsoft.com/v1.0"
# Addressing by another key, and casts in a path: the file has neither, Graph has both.
_SAME = (
    (re.compile(r"\((?:userPrincipalName|appId)='[^']*'\)"), "/key"),
    (re.compile(r"/microsoft\.graph\.\w+$"), ""),
    (re.compile(r"^/(groups|servicePrincipals)/[^/]+/(transitiveMemberOf|\w+MemberGroups)$"),
     r"/users/key/\2"),
)  # fmt: skip


def validate_response(method: str, url: str, status: int, content: bytes) -> None:
    """Hold an answer to the contract; a property that it does not declare is a fault.

    Raises:
        Undeclared: there is no such operation.
        Broken: the status or the body is not what is declared.
    """
    path = unquote(urlsplit(url.removeprefix(_BASE)).path)
    for pattern, same in _SAME:
        path = pattern.sub(same, path)
    responses = _operation(method, path)["responses"]
    declared = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    if declared is None:
        raise Broken(f"{method} {path} declares no {status}")
    declared = _followed(declared)
    if "content" not in declared:
        if content:
            raise Broken(f"{status} of {method} {path} has a body")
        return
    schema = _plain(declared["content"]["application/json"]["schema"])
    faults = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in Draft4Validator(schema).iter_errors(json.loads(content))
    ]
    faults += _undeclared(json.loads(content), schema, "")
    if faults:
        raise Broken(f"{status} of {method} {path}: " + "; ".join(faults))


def _operation(method: str, path: str) -> dict[str, Any]:
    for template, verbs in _load()["paths"].items():
        text = re.sub(r"\\{[^}]+\\}", "[^/']+", re.escape(template))
        if method.lower() in verbs and re.fullmatch(text, path, re.IGNORECASE):
            found: dict[str, Any] = verbs[method.lower()]
            return found
    raise Undeclared(f"{method} {path}")


@cache
def _load() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def _followed(value: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in value:
        return value
    found: Any = _load()
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _plain(schema: dict[str, Any], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """A schema without references and without `nullable`, which only OpenAPI has."""
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return {}
        return _plain(_followed(schema), (*seen, schema["$ref"]))
    out: dict[str, Any] = {k: schema[k] for k in ("type", "required", "enum") if k in schema}
    if "items" in schema:
        out["items"] = _plain(schema["items"], seen)
    properties = {k: _plain(v, seen) for k, v in schema.get("properties", {}).items()}
    for part in schema.get("allOf", []):
        inner = _plain(part, seen)
        properties |= inner.pop("properties", {})
        out |= inner
    if properties:
        out["properties"] = properties
    if schema.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
    return out


def _undeclared(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if isinstance(value, list):
        return [f for item in value for f in _undeclared(item, schema.get("items", {}), at)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = dict(schema["properties"])
    if "@odata.type" in value:
        name = value["@odata.type"].removeprefix("#")
        known |= _plain({"$ref": f"#/components/schemas/{name}"})["properties"]
    found = []
    for key, item in value.items():
        if key.startswith("@"):
            continue
        if key not in known:
            found.append(f"{at}/{key} is not declared")
        else:
            found += _undeclared(item, known[key], f"{at}/{key}")
    return found
