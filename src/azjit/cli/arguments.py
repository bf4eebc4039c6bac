"""Arguments and options that several commands share, and how their texts are read."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated

import typer

from azjit.domain.durations import parse_duration
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.inputs import RequestFilter
from azjit.domain.requests import RequestState
from azjit.domain.times import When, parse_since, parse_when, say_when
from azjit.errors import Usage
from azjit.runtime import Runtime

App = Annotated[
    str, typer.Argument(metavar="APP", help="id, NAME, GROUP/NAME, or the managed group's id")
]
MaybeApp = Annotated[
    str | None,
    typer.Argument(metavar="[APP]", help="id, NAME, GROUP/NAME, or the managed group's id"),
]
Request = Annotated[
    str, typer.Argument(metavar="REQUEST", help="name, a prefix of 8 characters or more, or id")
]
Requests = Annotated[
    list[str],
    typer.Argument(metavar="REQUEST...", help="name, a prefix of 8 characters or more, or id"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show the exact call, send nothing")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="do not ask; needed where nobody can be asked")
]
State = Annotated[
    str | None,
    typer.Option(metavar="STATE", help="pending, approved, denied, ...; several by comma"),
]
Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="not older than: 7d, 12h, 2026-12-01")
]
Timeout = Annotated[
    str | None, typer.Option(metavar="DURATION", help="how long to wait; 1h if not said")
]
ReadTimeout = Annotated[
    str | None,
    typer.Option("--timeout", metavar="DURATION", help="how long to look for it; 2m if not said"),
]

STATES = tuple(dict.fromkeys([s.value for s in RequestState] + ["scheduled", "ended"]))
_LONGEST_REASON = 2000


def filter_of(
    rt: Runtime, state: str | None, since: str | None, *, mine: bool = False
) -> RequestFilter:
    """Read a listing's filters.

    Raises:
        Usage: an unknown state or an unreadable time.
    """
    words = frozenset(_state(text) for text in state.split(",")) if state is not None else None
    told = parse_since(since, now=rt.now(), zone=rt.zone) if since is not None else None
    return RequestFilter(words or frozenset(), told, mine)


def _state(text: str) -> str:
    word = text.strip().lower()
    word = {"cancelled": "canceled", "timeout": "timed out"}.get(word, word)
    if word in STATES:
        return word
    near = get_close_matches(word, STATES, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise Usage(f"no state named {text.strip()!r}", hint=f"{meant}one of: {', '.join(STATES)}")


def start_of(rt: Runtime, text: str | None) -> When:
    """Read a start and say it back in local time and UTC.

    Raises:
        Usage: unreadable, past, or a local time that a clock change skips or repeats.
    """
    when = parse_when(text if text is not None else "now", now=rt.now(), zone=rt.zone)
    if when.warning:
        rt.notes.warn(when.warning)
    if text is not None:
        said = "now" if when.is_now else say_when(when.at, rt.zone, now=rt.now())
        rt.notes.say(f"start: {said}")
    return when


def length_of(text: str | None) -> timedelta | None:
    """Read a duration, if there is one."""
    return parse_duration(text) if text is not None else None


def until_of(rt: Runtime, text: str | None, default: timedelta) -> timedelta:
    """Read how long to wait and say until when."""
    span = parse_duration(text) if text is not None else default
    now = rt.now()
    rt.notes.aside(f"waiting until {say_when(now + span, rt.zone, now=now)} at the longest")
    return span


def reason_of(rt: Runtime, text: str | None, *, needed: bool) -> str | None:
    """Give the reason of a decision; None where a person is asked for it, once all is shown.

    Raises:
        Usage: it is empty, too long, or missing where nobody can be asked.
    """
    if text is None and needed and not rt.process.may_prompt:
        raise Usage("a decision needs a reason", hint='say it: --reason "..."')
    return _checked_reason(text) if text is not None else None


def asked_reason(rt: Runtime) -> str:
    """Ask for the reason of a decision at the terminal.

    Raises:
        Usage: it is empty or too long.
    """
    return _checked_reason(rt.console.ask("reason: "))


def note_of(text: str | None) -> str | None:
    """Give a reason that may be left out.

    Raises:
        Usage: it is empty or too long.
    """
    return _checked_reason(text) if text is not None else None


def _checked_reason(text: str) -> str:
    if not text.strip():
        raise Usage("the reason is empty", hint='say it: --reason "..."')
    if len(text) > _LONGEST_REASON:
        raise Usage(
            f"the reason has {len(text)} characters; at most {_LONGEST_REASON} are kept",
            hint="shorten it",
        )
    return text.strip()


def principal_of(text: str | None) -> PrincipalId | None:
    """Read a principal's object id, if there is one."""
    return PrincipalId.parse(text) if text is not None else None


def group_of(text: str | None) -> GroupId | None:
    """Read a resource group's id, if there is one.

    Raises:
        Usage: it is no id, or that of something else.
    """
    if text is None:
        return None
    told = GroupId.parse(text)
    if told != told.group_id:
        raise Usage(
            f"{told} is no resource group",
            hint="its id is /subscriptions/ID/resourceGroups/NAME and nothing after that",
        )
    return told
