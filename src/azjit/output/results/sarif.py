"""Findings as SARIF 2.1.0, for code scanning and editors.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    files = dict.fromkeys(each.place.path for each in findings if each.place is not None)
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
        "artifacts": [{"location": {"uri": _uri(path)}} for path in files],
        "results": [_result(each, rules, list(files)) for each in findings],
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


def _result(finding: Finding, rules: Sequence[Rule], files: list[str]) -> Json:
    result: Json = {
        "ruleId": finding.rule.code,
        "ruleIndex": list(rules).index(finding.rule),
        "level": finding.severity.value,
        "message": {"text": f"{finding.text}. Next: {finding.fix}"},
    }
    if finding.place is not None:
        result["locations"] = [_location(finding.place, files.index(finding.place.path))]
    return result


def _location(place: Place, index: int) -> Json:
    """Give a place in a file; that of an entry of a zip is the zip, which code scanning finds."""
    physical: Json = {"artifactLocation": {"uri": _uri(place.path), "index": index}}
    if place.inside is not None:
        return {
            "physicalLocation": physical,
            "logicalLocations": [{"fullyQualifiedName": str(place)}],
            "message": {"text": str(place)},
        }
    physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
