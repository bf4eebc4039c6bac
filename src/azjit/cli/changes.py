"""The step between a plan and its result, the same for every command that changes something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from azjit.cli.runtime import Runtime
from azjit.domain.calls import Call
from azjit.errors import AzjitError
from azjit.output.results.planned import planned_view
from azjit.output.view import View


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
