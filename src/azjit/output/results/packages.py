"""Packages: findings of a check, an edit and its difference, and a preview of the JIT step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from operator import attrgetter

from azjit.domain.durations import human_duration
from azjit.domain.findings import Finding, Place, Severity
from azjit.domain.packages import DEFAULT_MAXIMUM, DEFAULT_MODE, PackageEdit, StepPreview
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.results.parts import text_view
from azjit.output.view import Line, Section, View


def _place(finding: Finding) -> str:
    return str(finding.place) if finding.place is not None else finding.subject


def _breaks(finding: Finding) -> str | None:
    return finding.rule.breaks[0] if finding.rule.breaks else None


_DEFAULT = "Microsoft's default"
_LEVELS = "error, warning, or note; a note does not fail the check"
_WRITTEN = "the file that was written; null if none was"
_PLACE = Shape[Place](
    "Place",
    "Where in a file.",
    Field("file", str | None, lambda p: p.path),
    Field("entry", str | None, lambda p: p.inside, "the entry, if the file is a zip"),
    Field("line", int | None, lambda p: p.line, "from 1"),
    Field("column", int | None, lambda p: p.column, "from 1, counted in characters"),
)
FINDING = Shape[Finding](
    "Finding",
    "A finding of a check.",
    Field(
        "code",
        str,
        lambda f: f.rule.code,
        "stable, e.g. JIT001; docs/reference/error-codes.md lists all",
    ),
    Field("rule", str, lambda f: f.rule.name, "the rule's name"),
    Field("level", str, lambda f: f.severity, _LEVELS),
    Field("place", str | None, _place, "FILE:LINE:COLUMN, or what the finding is about"),
    *_PLACE.within(attrgetter("place")),
    Field("message", str, lambda f: f.text, "what was found"),
    Field("why", str, lambda f: f.rule.meaning, "why it is wrong"),
    Field("fix", str, lambda f: f.fix or f.rule.fix, "what to do about it"),
    Field("breaks", str | None, _breaks, "the command or step that fails because of it"),
)
EDIT = Shape[PackageEdit](
    "Edit",
    "What add-jit added, or would add, to a package.",
    Field("path", str, lambda e: e.path),
    Field(
        "changed",
        bool,
        lambda e: bool(e.added),
        "false if the package already has the step and the output",
    ),
    Field("added", list[str], lambda e: e.added, "step, output"),
    Field("step", str | None, lambda e: e.step, "the step's name"),
    Field("control", str | None, lambda e: e.control, "the control's name"),
    Field("written", str | None, lambda e: e.written, _WRITTEN),
    Field("backup", str | None, lambda e: e.backup, "the backup of the old file"),
    Field("diff", str, lambda e: "\n".join(e.diff), "unified diff of createUiDefinition.json"),
)
PREVIEW = Shape[StepPreview](
    "Preview",
    "The JIT step as a consumer sees it.",
    Field("path", str, lambda p: p.path),
    Field("step", str, lambda p: p.step, "the step's name"),
    Field("control", str, lambda p: p.control, "the control's name"),
    Field("label", str, lambda p: p.label),
    Field("controlLabel", str, lambda p: p.control_label),
    Field("title", str | None, lambda p: p.title),
    Field("hint", str | None, lambda p: p.hint, "the line below the step's label"),
    Field("position", int, lambda p: p.position, "among steps, from 1"),
    Field("steps", list[str], lambda p: p.steps, "the labels of all steps"),
    Field("enabled", bool, lambda _: True, _DEFAULT),
    Field("approvalMode", str, lambda _: DEFAULT_MODE, _DEFAULT),
    Field("maximumDuration", timedelta, lambda _: DEFAULT_MAXIMUM, f"{_DEFAULT}, ISO 8601"),
    Field("approvers", list[str], lambda _: (), f"{_DEFAULT}: none"),
    Field("output", str | None, lambda p: p.output, "the expression of the output jitAccessPolicy"),
)
FINDINGS = Result(
    "findings", Many(FINDING), "publisher package check, publisher check, publisher offer check"
)
EDITED = Result("package-edit", EDIT, "publisher package add-jit")
PREVIEWED = Result("package-preview", PREVIEW, "publisher package preview")
_FINDING_COLUMNS = FINDING.columns(
    Column("place", "Place", cut="wrap", priority=9),
    Column("code", "Code", priority=9),
    Column("level", "Level", priority=7),
    Column("message", "Message", cut="wrap", priority=8),
    Column("fix", "Fix", cut="wrap", priority=6),
)
_EDIT_COLUMNS = EDIT.columns(Column("path", "Package"), "changed", "written", "backup", "added")
_PREVIEW_COLUMNS = PREVIEW.columns(
    *("steps", "label", "hint", "title", "controlLabel"),
    *("enabled", "approvalMode", "maximumDuration", "approvers"),
)


def findings_view(findings: Iterable[Finding], *, as_text: bool) -> View:
    """List findings: a line each and the next step below, or a row each."""
    if as_text:
        return text_view(FINDINGS, _texts(findings))
    return View(FINDINGS, _FINDING_COLUMNS, findings)


def edit_view(edit: PackageEdit, *, as_text: bool) -> View:
    """Show what was added: the diff alone as text, else everything."""
    if as_text:
        return text_view(EDITED, edit.diff)._replace(verbatim=True)
    return View(EDITED, _EDIT_COLUMNS, [edit])


def preview_view(preview: StepPreview) -> View:
    """Show the JIT step as a consumer will see it."""
    return View(PREVIEWED, _PREVIEW_COLUMNS, [preview], details=_details)


def _details(preview: StepPreview, _: DisplayContext | None) -> Iterator[Line | Section]:
    labels = enumerate(preview.steps, start=1)
    steps = " > ".join(f"[{label}]" if at == preview.position else label for at, label in labels)
    yield Line("Steps", steps)
    yield Line("Step", preview.label, "strong")
    yield Line("Text below the label", preview.hint or "")
    yield Line("Title", preview.title or "")
    yield Line("Control", preview.control_label)
    settings = [
        Line("Enable JIT access", "Yes"),
        Line("Approval mode", DEFAULT_MODE),
        Line("Longest access", human_duration(DEFAULT_MAXIMUM)),
        Line("Approvers", "none"),
    ]
    yield Section("Default settings of the control", settings)
    yield Section(lines=[Line("Output jitAccessPolicy", preview.output or "")])


def _texts(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        rule = finding.rule
        word = "" if finding.severity is Severity.ERROR else f"{finding.severity}: "
        yield f"{_place(finding)}: {rule.code} {word}{finding.text}"
        yield f"  why: {rule.meaning}"
        if rule.breaks:
            yield f"  fails: {', '.join(rule.breaks)}"
        yield f"  next: {finding.fix}"
