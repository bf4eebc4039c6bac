"""The steps before and after a result that many commands share: to ask, and to sum up failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from azjit.cli.runtime import Runtime
from azjit.domain.calls import Call
from azjit.errors import AzjitError, PartlyDone
from azjit.output.results.planned import planned_view
from azjit.output.view import View

if TYPE_CHECKING:
    from azjit.output.render.notes import StderrNotes

_ERRORS = AzjitError.__module__


def may_send(
    rt: Runtime,
    calls: Sequence[Call],
    question: str | None,
    *,
    dry_run: bool,
    lines: Iterable[str] = (),
    refusal: AzjitError | None = None,
    planned: View | None = None,
) -> bool:
    """Say who acts, then show the calls of a dry run, or ask. Tell whether to send the calls.

    The lines of `lines` come before both, and before a `refusal`. Without a question, no person is
    asked. A dry run shows the `planned` result, if the command has one of its own.

    Raises:
        AzjitError: the refusal.
        Failed: the person said no.
        Usage: the question needs a terminal.
    """
    if calls:
        rt.acting_as()
    for line in lines:
        rt.notes.say(line)
    if refusal is not None:
        raise refusal
    if dry_run:
        rt.show(planned if planned is not None else planned_view(calls))
        for etag in [call.headers["If-Match"] for call in calls if "If-Match" in call.headers]:
            rt.notes.say(
                f"the call carries If-Match: {etag}, so that it overwrites no other change"
            )
        rt.notes.say("dry run: nothing was sent")
        return False
    if question is not None:
        rt.console.confirm(question)
    return True


def raise_failures(
    notes: StderrNotes, outcomes: Sequence[AzjitError | None], things: str = "requests"
) -> None:
    """Raise the error of a batch, if an item failed; `outcomes` has the error of each item.

    Raises:
        AzjitError: the only item failed, or all items failed with the same exit code.
        PartlyDone: some items failed, or items failed with different exit codes.
    """
    errors = [error for error in outcomes if error is not None]
    if not errors:
        return
    if len(outcomes) == 1:
        raise errors[0]
    for error in errors:
        notes.error(error)
    total = f"{len(errors)} of {len(outcomes)} {things} failed"
    if len(errors) == len(outcomes) and len({error.exit for error in errors}) == 1:
        # A class of its own elsewhere may need more than a message.
        raise next(each for each in type(errors[0]).__mro__ if each.__module__ == _ERRORS)(total)
    raise PartlyDone(total)
