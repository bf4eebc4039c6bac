"""How the doctor's findings look, and as what JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from azjit.domain.checkup import Diagnosis
from azjit.output.checkup_shapes import CheckItem
from azjit.output.view import Column, View

_LINE = (Column("text", ""),)
_SEVERITY, _CODE = 11, 6
_INDENT = " " * (_SEVERITY + 2)


def checkup_view(diagnoses: Iterable[Diagnosis], *, width: int | None) -> View:
    """List diagnoses: as paragraphs of a width for a person, else a row each."""
    if width is not None:
        texts = (text for each in diagnoses for text in _paragraph(each, width))
        return View("checkup", _LINE, [{"text": text} for text in texts])
    columns = (
        Column("severity", "Severity"),
        Column("code", "Code"),
        Column("subject", "About"),
        Column("message", "Message"),
        Column("fix", "Fix"),
    )
    return View("checkup", columns, [check_item(each) for each in diagnoses])


def check_item(told: Diagnosis) -> CheckItem:
    """Give a diagnosis."""
    check, application = told.check, told.application
    return {
        "code": check.code,
        "check": check.name,
        "severity": told.severity.value,
        "checked": told.is_checked,
        "application": {"id": application.text, "name": application.name}
        if application is not None
        else None,
        "subject": told.subject,
        "message": told.text,
        "meaning": check.meaning,
        "fix": told.fix,
        "breaks": list(check.breaks) if told.fix is not None else [],
    }


def _paragraph(told: Diagnosis, width: int) -> Iterator[str]:
    about = "" if told.subject == "here" else f"{told.subject}: "
    text = told.text.removeprefix("not checked: ")
    head = f"{told.severity:<{_SEVERITY}}  {told.check.code:<{_CODE}}  {about}{text}"
    yield from _folded(head, width)
    if told.fix is None:
        return
    yield from _folded(f"{_INDENT}means: {told.check.meaning}", width)
    if told.check.breaks:
        yield from _folded(f"{_INDENT}fails: {', '.join(told.check.breaks)}", width)
    yield from _folded(f"{_INDENT}next: {told.fix}", width)


def _folded(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
