"""JIT settings before and after a change."""

from __future__ import annotations

from collections.abc import Iterator

from azjit.domain.applications import JitPolicy
from azjit.domain.durations import typed_duration
from azjit.domain.reports import SettingsChange
from azjit.output.cells import DisplayContext, named
from azjit.output.fields import Field, Maybe, Result, Shape
from azjit.output.results.applications import SETTINGS, longest_word
from azjit.output.results.parts import NAMED, Named
from azjit.output.results.planned import CALL, call_text
from azjit.output.view import Line, View


def _was_sent(change: SettingsChange) -> bool:
    return change.changed and change.planned is None


CHANGE = Shape[SettingsChange](
    "Change",
    "Settings before and after.",
    Field("application", NAMED, lambda c: Named(c.application.id, c.application.name)),
    Field("changed", bool, lambda c: c.changed),
    Field("sent", bool, _was_sent, "false for --dry-run, --check, and if nothing changed"),
    Field("before", SETTINGS, lambda c: c.before),
    Field("after", SETTINGS, lambda c: c.after, "as a read showed them, if they were sent"),
    Field(
        "planned",
        Maybe(CALL),
        lambda c: c.planned,
        "the call that --dry-run shows; with --check the one that is missing",
    ),
)
CHANGED = Result("settings", CHANGE, "consumer configure")
_COLUMNS = CHANGE.columns(
    "application.name", "changed", "after.approvalMode", "after.maximumDuration"
)


def change_view(change: SettingsChange) -> View:
    """Show settings before and after."""
    return View(CHANGED, _COLUMNS, [change], details=_lines)


def planned_change_view(change: SettingsChange) -> View:
    """Show a change that is not sent: to a person its call."""
    return View(CHANGED, _COLUMNS, [change], prose=_call, verbatim=True)


def differences(change: SettingsChange) -> Iterator[tuple[str, str, str]]:
    """Give what a change changes, with the keys of a settings file: the key, before and after.

    An approver who is missing has an empty text before.
    """
    before, after = change.before, change.after
    if before.mode_word != after.mode_word:
        yield "mode", before.mode_word, after.mode_word
    if _maximum(before) != _maximum(after):
        yield "maximum", _maximum(before), _maximum(after)
    for each in after.approvers:
        if not any(each.same(other) for other in before.approvers):
            yield (
                "approver",
                "",
                f"{each.kind.lower()}:{each.id}" + (f"={each.name}" if each.name else ""),
            )


def _maximum(policy: JitPolicy) -> str:
    if policy.maximum is not None:
        return typed_duration(policy.maximum)
    return policy.maximum_text or "none"


def _call(change: SettingsChange) -> str:
    return call_text(change.planned) if change.planned is not None else ""


def _lines(change: SettingsChange, _: DisplayContext | None) -> Iterator[Line]:
    before, after = change.before, change.after
    yield Line("Application", change.application.label, "strong")
    yield _line("Approval", before.mode_word, after.mode_word)
    yield _line("Longest access", longest_word(before), longest_word(after))
    yield _line("Approvers", _approvers(before), _approvers(after))


def _line(title: str, before: str, after: str) -> Line:
    if before == after:
        return Line(title, before, "quiet")
    return Line(title, f"{before}  ->  {after}", "strong")


def _approvers(policy: JitPolicy) -> str:
    people = (f"{each.kind.lower()}:{named(each.name, each.id)}" for each in policy.approvers)
    return ", ".join(people) or "none"
