"""What `--dry-run` ends with: the exact calls, and a word that none was sent."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.cli.runtime import Runtime
from azjit.domain.calls import Call
from azjit.output.results.planned import planned_view


def show_plan(rt: Runtime, calls: Sequence[Call], note: str = "") -> None:
    """Show calls that are not sent; `note` says what the calls themselves do not show."""
    rt.show(planned_view(calls))
    if note:
        rt.notes.say(note)
    rt.notes.say("dry run: nothing was sent")
