"""How findings, edits and previews of packages look, and as what JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from azjit.domain.durations import human_duration, iso_duration
from azjit.domain.findings import Finding, Severity
from azjit.domain.packages import DEFAULT_MAXIMUM, DEFAULT_MODE, PackageEdit, StepPreview
from azjit.output.results.package_shapes import EditItem, FindingItem, PreviewItem
from azjit.output.view import Column, Item, Section, View

_LINE = (Column("text", ""),)


def findings_view(findings: Iterable[Finding], *, as_text: bool) -> View:
    """List findings: a line each and the next step below, or a row each."""
    if as_text:
        return View("findings", _LINE, _lines(_texts(findings)))
    columns = (
        Column("place", "Place", cut="wrap", priority=9),
        Column("code", "Code", priority=9),
        Column("level", "Level", priority=7),
        Column("message", "Message", cut="wrap", priority=8),
        Column("fix", "Fix", cut="wrap", priority=6),
    )
    return View("findings", columns, [finding_item(each) for each in findings])


def finding_item(finding: Finding) -> FindingItem:
    """Give a finding."""
    place, rule = finding.place, finding.rule
    return {
        "code": rule.code,
        "rule": rule.name,
        "level": finding.severity.value,
        "place": str(place) if place is not None else finding.subject,
        "file": place.path if place is not None else None,
        "entry": place.inside if place is not None else None,
        "line": place.line if place is not None else None,
        "column": place.column if place is not None else None,
        "message": finding.text,
        "why": rule.meaning,
        "fix": finding.fix or rule.fix,
        "breaks": rule.breaks[0] if rule.breaks else None,
    }


def edit_view(edit: PackageEdit, *, as_text: bool) -> View:
    """Show what was added: the diff alone as text, else everything."""
    if as_text:
        return View("package-edit", _LINE, _lines(edit.diff))
    columns = (
        Column("path", "Package"),
        Column("changed", "Changed"),
        Column("written", "Written"),
        Column("backup", "Backup"),
        Column("added", "Added"),
    )
    return View("package-edit", columns, [_edit_item(edit)], single=True)


def preview_view(preview: StepPreview) -> View:
    """Show the JIT step as a consumer will see it."""
    item = _preview_item(preview)
    fields = (
        Column("steps", "Steps", cell=_steps_cell, cut="wrap"),
        Column("label", "Step", style="strong"),
        Column("hint", "Its line below"),
        Column("title", "Its title"),
        Column("controlLabel", "Control"),
    )
    settings = (
        Column("enabled", "Enable JIT access", cell=lambda _: "Yes"),
        Column("approvalMode", "Approval mode"),
        Column("maximumDuration", "Longest access", cell=lambda _: human_duration(DEFAULT_MAXIMUM)),
        Column("approvers", "Approvers", cell=lambda _: "none"),
    )
    sections = (
        Section(fields=fields),
        Section("What is set before the consumer touches it", fields=settings),
        Section(fields=(Column("output", "Goes to the application as", cut="wrap"),)),
    )
    return View("package-preview", (*fields, *settings), [item], single=True, sections=sections)


def _edit_item(edit: PackageEdit) -> EditItem:
    return {
        "path": edit.path,
        "changed": bool(edit.added),
        "added": list(edit.added),
        "step": edit.step,
        "control": edit.control,
        "written": edit.written,
        "backup": edit.backup,
        "diff": "\n".join(edit.diff),
    }


def _preview_item(preview: StepPreview) -> PreviewItem:
    return {
        "path": preview.path,
        "step": preview.step,
        "control": preview.control,
        "label": preview.label,
        "controlLabel": preview.control_label,
        "title": preview.title,
        "hint": preview.hint,
        "position": preview.position,
        "steps": list(preview.steps),
        "enabled": True,
        "approvalMode": DEFAULT_MODE,
        "maximumDuration": iso_duration(DEFAULT_MAXIMUM),
        "approvers": [],
        "output": preview.output,
    }


def _texts(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        rule = finding.rule
        word = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
        where = finding.place or finding.subject
        yield f"{where}: {rule.code} {word}{finding.text}"
        yield f"  why: {rule.meaning}"
        if rule.breaks:
            yield f"  fails: {', '.join(rule.breaks)}"
        yield f"  next: {finding.fix}"


def _lines(texts: Iterable[str]) -> list[Item]:
    return [{"text": text} for text in texts]


def _steps_cell(item: Item) -> str:
    steps, position = item.get("steps"), item.get("position")
    assert isinstance(steps, list)
    return " > ".join(
        f"[{label}]" if number == position else str(label)
        for number, label in enumerate(steps, start=1)
    )
