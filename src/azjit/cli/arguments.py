"""Arguments and options that several commands share, and their parsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from azjit.cli.runtime import Runtime
from azjit.domain.durations import parse_duration
from azjit.domain.ids import GroupId, PrincipalId, unwrapped_id
from azjit.domain.inputs import RequestFilter, RequestSpec
from azjit.domain.requests import Phase, RequestState
from azjit.domain.times import When, age, parse_since, parse_when, say_when
from azjit.errors import Usage, meant

_Plan = TypeVar("_Plan")
_LONGEST_REASON = 2000
_MIB = 1024 * 1024
_LARGEST = 4 * _MIB


def _unwrapped(value: str | None) -> str | None:
    return None if value is None else unwrapped_id(value)


def apps_of(rt: Runtime, apps: list[str] | None, file: str | None) -> list[str]:
    """Give the applications of a command line, then those of a file, or of stdin for `-`.

    Raises:
        Usage: none is named, or the file cannot be read.
    """
    named = list(apps or [])
    if file is not None:
        lines = (
            line.partition("#")[0].strip() for line in text_of(rt, file, "--apps").splitlines()
        )
        named += [unwrapped_id(line) for line in lines if line]
    if not named:
        raise Usage("no application is named", hint="name one: APP, or --apps FILE")
    return list(dict.fromkeys(named))


def text_of(rt: Runtime, file: str, option: str) -> str:
    """Give the text of the file of an option, or of stdin for `-`.

    Raises:
        Usage: it cannot be read, or is too large.
    """
    try:
        if file == "-":
            content = rt.process.stdin.read(_LARGEST + 1).encode()
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(_LARGEST + 1)
        if len(content) <= _LARGEST:
            return content.decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise Usage(f"{option} {file}: cannot be read: {reason.lower()}") from error
    limit = f"{_LARGEST // _MIB} MiB"
    raise Usage(f"{option} {file}: more than {limit}", hint="check that it is the right file")


def _each_unwrapped(values: list[str] | None) -> list[str]:
    return [unwrapped_id(value) for value in values or ()]


App = Annotated[
    str,
    typer.Argument(
        metavar="APP",
        help="resource id, NAME, GROUP/NAME, or managed group id",
        callback=_unwrapped,
    ),
]
AppOrRequest = Annotated[
    str,
    typer.Argument(
        metavar="APP|REQUEST",
        help="an application, or a request: its GUID, 8 or more digits of it, or its id",
        callback=_unwrapped,
    ),
]
AppsOrRequests = Annotated[
    list[str],
    typer.Argument(
        metavar="APP|REQUEST...",
        help="applications, or requests: their GUIDs, 8 or more digits of them, or their ids",
        callback=_each_unwrapped,
    ),
]
Apps = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="APP...",
        help="resource id, NAME, GROUP/NAME, or managed group id; of several, a row each",
        callback=_each_unwrapped,
    ),
]
AppsFile = Annotated[
    str | None,
    typer.Option("--apps", metavar="FILE", help="the applications of a file, one on each line"),
]
MaybeApp = Annotated[
    str | None,
    typer.Argument(
        metavar="[APP]",
        help="resource id, NAME, GROUP/NAME, or managed group id",
        callback=_unwrapped,
    ),
]
MaybeApps = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[APP...]",
        help="resource ids, NAME, GROUP/NAME, or managed group ids",
        callback=_each_unwrapped,
    ),
]
Request = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST",
        help="name, prefix of at least 8 characters, or resource id",
        callback=_unwrapped,
    ),
]
Requests = Annotated[
    list[str],
    typer.Argument(
        metavar="REQUEST...",
        help="name, prefix of at least 8 characters, or resource id",
        callback=_each_unwrapped,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show the exact call without sending it")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="skip the confirmation; required without a terminal")
]
Full = Annotated[
    bool,
    typer.Option("--full", help="of a request also digest, tenant, ids, and how each is known"),
]
State = Annotated[
    str | None,
    typer.Option(metavar="STATE", help="pending, approved, denied, ...; separate with commas"),
]
AtPhase = Annotated[
    str | None,
    typer.Option("--phase", metavar="PHASE", help="pending, scheduled, approved, ended, closed"),
]
Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="only requests since WHEN: 7d, 12h or 2026-12-01")
]
Everywhere = Annotated[bool, typer.Option("--all", help="of all applications; the default")]
Timeout = Annotated[
    str | None,
    typer.Option(metavar="DURATION", help="how long to wait; default: until the request ends"),
]
ReadTimeout = Annotated[
    str | None,
    typer.Option(
        "--timeout", metavar="DURATION", help="how long to wait for the change to show; default 2m"
    ),
]

STATES = tuple(state.value for state in RequestState)
PHASES = tuple(phase.value for phase in Phase)
_BARE_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def filter_of(
    rt: Runtime, state: str | None, phase: str | None, since: str | None, *, mine: bool = False
) -> RequestFilter:
    """Parse the filters of a listing.

    Raises:
        Usage: the state or the phase is unknown, or the time is malformed.
    """
    states, phases = _words("state", state, STATES), _words("phase", phase, PHASES)
    earliest = parse_since(since, now=rt.now(), zone=rt.typed_zone) if since is not None else None
    return RequestFilter(states, phases, earliest, mine)


def _words(option: str, told: str | None, known: tuple[str, ...]) -> frozenset[str]:
    texts = told.split(",") if told is not None else ()
    return frozenset(_word(option, text, known) for text in texts)


def _word(option: str, text: str, known: tuple[str, ...]) -> str:
    word = text.strip().lower()
    word = {"cancelled": "canceled", "timeout": "timed out"}.get(word, word)
    if word in known:
        return word
    if option == "state" and word in PHASES:
        raise Usage(f"{word!r} is a phase, not a state", hint=f"use --phase {word}")
    hint = f"{meant(word, known)}one of: {', '.join(known)}"
    raise Usage(f"no {option} named {text.strip()!r}", hint=hint)


def start_of(rt: Runtime, text: str | None) -> When:
    """Parse a start time and show it in local time and UTC.

    Raises:
        Usage: it is malformed, past, or a local time that a clock change skips or repeats.
    """
    when = parse_when(text if text is not None else "now", now=rt.now(), zone=rt.typed_zone)
    if when.warning:
        rt.notes.warn(when.warning)
    if text is not None:
        shown = "now" if when.is_now else _said(text, when, rt)
        rt.notes.say(f"start: {shown}")
    return when


def _said(text: str, when: When, rt: Runtime) -> str:
    """Say a start back; of a bare clock time also on which day, and how far off it is."""
    now = rt.now()
    told = say_when(when.at, rt.zone, now=now)
    if not _BARE_TIME.fullmatch(text.strip()):
        return told
    local = when.at.astimezone(rt.zone)
    is_today = local.date() == now.astimezone(rt.zone).date()
    rest = told[told.index(f"{local:%H:%M}") :]
    return f"{'today' if is_today else 'tomorrow'} {rest}, {age(now, when.at)}"


def planned(
    rt: Runtime, plan: Callable[[RequestSpec], _Plan], spec: RequestSpec, start: str | None
) -> _Plan:
    """Plan a request; again, by Azure's time, if the plan shows that this machine's is wrong."""
    was_known = rt.is_clock_wrong
    made = plan(spec)
    if was_known or not rt.is_clock_wrong:
        return made
    return plan(spec._replace(start=start_of(rt, start)))


def length_of(text: str | None) -> timedelta | None:
    """Parse a duration, if there is one."""
    return parse_duration(text) if text is not None else None


def reason_of(rt: Runtime, text: str | None, *, needed: bool) -> str | None:
    """Give the reason of a decision; None if azjit prompts for it after it shows the requests.

    Raises:
        Usage: it is empty, too long, or missing where azjit cannot prompt.
    """
    if text is None and needed and not rt.process.may_prompt:
        raise Usage("a decision needs a reason", hint='add --reason "..."')
    return _checked_reason(text) if text is not None else None


def asked_reason(rt: Runtime) -> str:
    """Prompt for the reason of a decision."""
    return _checked_reason(rt.console.ask("reason: "))


def note_of(text: str | None) -> str | None:
    """Give an optional reason."""
    return _checked_reason(text) if text is not None else None


def _checked_reason(text: str) -> str:
    if not text.strip():
        raise Usage("the reason is empty", hint='add --reason "..."')
    if len(text) > _LONGEST_REASON:
        raise Usage(
            f"the reason has {len(text)} characters; the limit is {_LONGEST_REASON}",
            hint="shorten it",
        )
    return text.strip()


def principal_of(text: str | None) -> PrincipalId | None:
    """Parse the object id of a principal, if there is one."""
    return PrincipalId.parse(text) if text is not None else None


def group_of(text: str | None) -> GroupId | None:
    """Parse the id of a resource group, if there is one.

    Raises:
        Usage: it is not the id of a resource group.
    """
    if text is None:
        return None
    group = GroupId.parse(text)
    if group != group.group_id:
        raise Usage(
            f"{group} is not the id of a resource group",
            hint="use /subscriptions/ID/resourceGroups/NAME",
        )
    return group
