"""Findings as SARIF 2.1.0, for code scanning and editors.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from urllib.parse import quote

from azjit.domain.findings import Finding, Place, Rule
from azjit.errors import AzjitError

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Json = dict[str, object]


def sarif(
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    version: str,
    unread: Sequence[AzjitError] = (),
) -> str:
    """Give a whole SARIF log of one run, with an error for each file that could not be read."""
    artifacts = _artifacts(each.place for each in findings if each.place is not None)
    driver: Json = {
        "name": "azjit",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
    }
    run: Json = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not unread,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": error.message}} for error in unread
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "artifacts": list(artifacts.values()),
        "results": [_result(each, rules, list(artifacts)) for each in findings],
    }
    log: Json = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _artifacts(places: Iterable[Place]) -> dict[tuple[str, str | None], Json]:
    """Give each file once; an entry of a zip names the zip as its parent."""
    found: dict[tuple[str, str | None], Json] = {}
    for place in places:
        outer = (place.path, None)
        if outer not in found:
            found[outer] = {"location": {"uri": _uri(place.path)}}
        inner = (place.path, place.inside)
        if inner not in found:
            parent = list(found).index(outer)
            uri = quote(f"/{place.inside}")
            found[inner] = {"location": {"uri": uri}, "parentIndex": parent}
    return found


def _result(
    finding: Finding, rules: Sequence[Rule], artifacts: list[tuple[str, str | None]]
) -> Json:
    result: Json = {
        "ruleId": finding.rule.code,
        "ruleIndex": list(rules).index(finding.rule),
        "level": finding.severity.value,
        "message": {"text": f"{finding.text}. Next: {finding.fix}"},
    }
    place = finding.place
    if place is not None:
        index = artifacts.index((place.path, place.inside))
        uri = _uri(place.path) if place.inside is None else quote(f"/{place.inside}")
        result["locations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "index": index},
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ]
    return result


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
