"""Findings of the doctor: paragraphs for a person, rows for a script."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from azjit.domain.findings import Finding
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape
from azjit.output.results.parts import NAMED, text_view, with_name
from azjit.output.view import View

_SEVERITY, _CODE = 11, 6
_INDENT = " " * (_SEVERITY + 2)
_DEEP = " " * (_SEVERITY + 2 + _CODE + 2)
_NAMED = 4
_KINDS = ("subscription", "application")


def _meaning(finding: Finding) -> str | None:
    return finding.rule.meaning if finding.fix is not None else None


def _breaks(finding: Finding) -> tuple[str, ...]:
    return finding.rule.breaks if finding.fix is not None else ()


_CHECKED = "false if it could not be checked, which never counts as ok"
_APPLICATION = "null if it concerns several"
CHECK = Shape[Finding](
    "Check",
    "A finding of the doctor.",
    Field(
        "code",
        str,
        lambda f: f.rule.code,
        "stable, e.g. DOC001; docs/reference/error-codes.md lists all",
    ),
    Field("check", str, lambda f: f.rule.name, "the check's name"),
    Field("severity", str, lambda f: f.severity, "ok, note, warning, problem, or not checked"),
    Field("checked", bool, lambda f: f.is_checked, _CHECKED),
    Field("application", Maybe(NAMED), lambda f: with_name(f.application), _APPLICATION),
    Field("subject", str, lambda f: f.subject, "what was checked"),
    Field("message", str, lambda f: f.text, "what was found, or why nothing was"),
    Field("meaning", str | None, _meaning, "what it means; null if nothing is known to be wrong"),
    Field("fix", str | None, lambda f: f.fix, "how to fix it; null if there is nothing to fix"),
    Field("breaks", list[str], _breaks, "the commands that fail because of it"),
)
CHECKUP = Result("checkup", Many(CHECK), "doctor")
_COLUMNS = CHECK.columns("severity", "code", Column("subject", "About"), "message", "fix")


def checkup_view(findings: Iterable[Finding], *, width: int | None) -> View:
    """List findings: a paragraph per code on a terminal, else a row per finding."""
    if width is not None:
        texts = (text for each in _alike(findings) for text in _paragraph(each, width))
        return text_view(CHECKUP, texts)
    return View(CHECKUP, _COLUMNS, findings)


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Group the findings of one code and severity, at the place of the first."""
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
        # The commands of several applications differ only in the name: one line is enough.
        fix = first.fix if len(fixes) == 1 else first.rule.fix
        yield from _folded(f"{_INDENT}next: {fix}", width, _INDENT)


def _said_once(group: list[Finding]) -> Iterator[tuple[str, Finding]]:
    """Give each text once, with the names of all its subjects."""
    by_text: dict[str, list[Finding]] = {}
    for each in group:
        key = f"{each.text}\n{each.advice or ''}"
        by_text.setdefault(key, []).append(each)
    for alike in by_text.values():
        names = list(dict.fromkeys(each.subject for each in alike))
        yield _about(names, is_brief=alike[0].is_ok), alike[0]


def _about(names: list[str], *, is_brief: bool) -> str:
    """Name the subjects of equal findings, up to a limit; a brief text gives only their number."""
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
