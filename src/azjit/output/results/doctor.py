"""How the doctor's findings look, and as what JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from azjit.domain.findings import Finding
from azjit.output.results.checkup_shapes import CheckItem
from azjit.output.view import Column, View

_LINE = (Column("text", ""),)
_SEVERITY, _CODE = 11, 6
_INDENT = " " * (_SEVERITY + 2)
_DEEP = " " * (_SEVERITY + 2 + _CODE + 2)
_NAMED = 4
_KINDS = ("subscription", "application")


def checkup_view(findings: Iterable[Finding], *, width: int | None) -> View:
    """List findings: as a paragraph of a width for each code for a person, else a row each."""
    if width is not None:
        texts = (text for each in _alike(findings) for text in _paragraph(each, width))
        return View("checkup", _LINE, [{"text": text} for text in texts])
    columns = (
        Column("severity", "Severity"),
        Column("code", "Code"),
        Column("subject", "About"),
        Column("message", "Message"),
        Column("fix", "Fix"),
    )
    return View("checkup", columns, [check_item(each) for each in findings])


def check_item(told: Finding) -> CheckItem:
    """Give a finding."""
    rule, application = told.rule, told.application
    return {
        "code": rule.code,
        "check": rule.name,
        "severity": told.severity.value,
        "checked": told.is_checked,
        "application": {"id": application.text, "name": application.name}
        if application is not None
        else None,
        "subject": told.subject,
        "message": told.text,
        "meaning": rule.meaning if told.fix is not None else None,
        "fix": told.fix,
        "breaks": list(rule.breaks) if told.fix is not None else [],
    }


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Put together what has one code and severity, where the first of it stood."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.rule.code, each.severity), []).append(each)
    return list(groups.values())


def _paragraph(group: list[Finding], width: int) -> Iterator[str]:
    first = group[0]
    lead = f"{first.severity:<{_SEVERITY}}  {first.rule.code:<{_CODE}}  "
    fixes = list(dict.fromkeys(each.fix for each in group))
    each_has_its_own = len(fixes) > 1 and any(each.advice for each in group)
    for about, told in _said_once(group):
        yield from _folded(lead + about + told.text.removeprefix("not checked: "), width, _DEEP)
        if each_has_its_own:
            yield from _folded(f"{_DEEP}next: {told.fix}", width, _DEEP)
        lead = _DEEP
    if first.fix is None:
        return
    yield from _folded(f"{_INDENT}means: {first.rule.meaning}", width, _INDENT)
    if first.rule.breaks:
        yield from _folded(f"{_INDENT}fails: {', '.join(first.rule.breaks)}", width, _INDENT)
    if not each_has_its_own:
        # One command for each application differs in its name only: that is said once.
        fix = first.fix if len(fixes) == 1 else first.rule.fix
        yield from _folded(f"{_INDENT}next: {fix}", width, _INDENT)


def _said_once(group: list[Finding]) -> Iterator[tuple[str, Finding]]:
    """Give each text once, with the names of all that it is about."""
    by_text: dict[str, list[Finding]] = {}
    for each in group:
        key = f"{each.text}\n{each.advice or ''}"
        by_text.setdefault(key, []).append(each)
    for alike in by_text.values():
        names = list(dict.fromkeys(each.subject for each in alike))
        yield _about(names, is_brief=alike[0].is_ok), alike[0]


def _about(names: list[str], *, is_brief: bool) -> str:
    """Name what something is said of; of many only some, of what is well only how many."""
    if names == ["here"]:
        return ""
    if len(names) == 1:
        return f"{names[0]}: "
    kind = next((k for k in _KINDS if all(name.startswith(f"{k} ") for name in names)), None)
    if is_brief and kind is not None:
        return f"{len(names)} {kind}s: "
    told = [name.removeprefix(f"{kind} ") for name in names] if kind is not None else names
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return f"{kind + 's ' if kind is not None else ''}{', '.join(told[:_NAMED])}{more}: "


def _folded(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
