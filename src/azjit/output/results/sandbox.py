"""How the sandbox's world looks."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from azjit.domain.durations import human_duration
from azjit.output.cells import DisplayContext
from azjit.output.view import Column, Item, Section, View

World = Mapping[str, Any]


def world_view(world: World, reader: DisplayContext) -> View:
    """Show the whole world."""
    people = (
        Column("alias", "Alias", style="strong", priority=9),
        Column("name", "Name", priority=5),
        Column("kind", "Kind", priority=6),
        Column("side", "Side", priority=7),
        Column("upn", "Signs in as", cell=_sign_in, priority=3),
        Column("objectId", "Object id", cut="middle", wide_only=True),
    )
    applications = (
        Column("name", "Application", style="strong", priority=9),
        Column("group", "Group", cell=_group, priority=7),
        Column("jit", "JIT", cell=_jit, priority=8),
        Column("updateAccess", "updateAccess", cell=_switch("update-access"), priority=5),
    )
    requests = (
        Column("name", "Request", cell=_short, priority=9),
        Column("state", "State", cell=lambda item: str(item.get("state")).lower(), style="state"),
        Column("application", "Application", cell=_application, priority=7),
    )
    return View(
        "world",
        (Column("clock.now", "Now"), Column("clock.offsetSeconds", "Ahead")),
        [world],
        single=True,
        sections=(
            Section("Clock", "clock", fields=_clock_fields(reader)),
            Section("People", "people", columns=people),
            Section("Applications", "applications", columns=applications),
            Section("Requests", "requests", columns=requests),
        ),
    )


def clock_view(world: World, reader: DisplayContext) -> View:
    """Show the world's time."""
    clock = world["clock"]
    sections = (Section(fields=_clock_fields(reader)),)
    return View("clock", _clock_fields(reader), [clock], single=True, sections=sections)


def counts_view(world: World) -> View:
    """Show how large a world is."""
    columns = (
        Column("applications", "Applications", priority=9),
        Column("requests", "Requests", priority=9),
    )
    return View("counts", columns, [world["counts"]], single=True)


def switches_view(switches: Sequence[Mapping[str, str]]) -> View:
    """Show how switches stand and what else they take."""
    columns = (
        Column("key", "Switch", style="strong", priority=8),
        Column("value", "Value", priority=9),
        Column("takes", "Takes", cut="wrap", priority=6),
        Column("confidence", "Known", priority=3),
        Column("meaning", "Decides", cut="wrap", wide_only=True),
    )
    return View("switches", columns, switches)


def faults_view(faults: Sequence[Mapping[str, Any]]) -> View:
    """Show the faults that wait for calls."""
    columns = (
        Column("id", "Id", priority=9),
        Column("kind", "Fault", style="strong", priority=9),
        Column("match", "For", cell=_matched, priority=8),
        Column("left", "Calls", cell=_calls, priority=8),
        Column("meaning", "Does", cut="wrap", priority=3),
    )
    return View("faults", columns, faults, empty="no fault waits")


def fault_kinds_view(kinds: Mapping[str, str]) -> View:
    """Show every kind of fault there is."""
    columns = (
        Column("kind", "Fault", style="strong", priority=9),
        Column("meaning", "Does", cut="wrap", priority=8),
    )
    items = [{"kind": kind, "meaning": meaning} for kind, meaning in kinds.items()]
    return View("fault-kinds", columns, items)


def environment_view(variables: Mapping[str, str]) -> View:
    """List variables as a shell reads them: `eval "$(azjit sandbox env)"`."""
    items = [{"name": name, "value": value} for name, value in variables.items()]
    return View("environment", (Column("", "", cell=_export, export=_export),), items)


def world_file_view(world: World) -> View:
    """Hand over a world's file as the document that it is."""
    return View("world-file", (), [world], single=True)


def _clock_fields(reader: DisplayContext) -> tuple[Column, ...]:
    return (
        Column("now", "The world's time", cell=reader.time_cell("now", whole=True), style="strong"),
        Column("real", "Real time", cell=reader.time_cell("real", whole=True)),
        Column("offsetSeconds", "Ahead by", cell=_ahead),
    )


def _ahead(item: Item) -> str:
    told = item.get("offsetSeconds")
    seconds = round(told) if isinstance(told, (int, float)) else 0
    if seconds == 0:
        return "nothing: it runs with real time"
    said = human_duration(timedelta(seconds=abs(seconds)))
    return said if seconds > 0 else f"-{said}"


def _matched(item: Item) -> str:
    return str(item.get("match") or "any call")


def _calls(item: Item) -> str:
    left, skip = item.get("left"), item.get("skip")
    said = "every" if left is None else f"next {left}"
    return f"{said} after {skip}" if skip else said


def _export(item: Item) -> str:
    return f"export {item['name']}={shlex.quote(str(item['value']))}"


def _sign_in(item: Item) -> str:
    return str(item.get("upn") or item.get("appId") or "-")


def _group(item: Item) -> str:
    return str(item.get("id")).split("/")[4]


def _jit(item: Item) -> str:
    policy = item.get("jitAccessPolicy")
    if not isinstance(policy, Mapping) or not policy.get("jitAccessEnabled"):
        return "off"
    mode = {"AutoApprove": "automatic", "ManualApprove": "manual"}
    return f"{mode.get(str(policy.get('jitApprovalMode')), '?')}"


def _switch(key: str) -> Any:  # noqa: ANN401 - a cell
    def cell(item: Item) -> str:
        switches = item.get("switches")
        return str(switches.get(key)) if isinstance(switches, Mapping) else "-"

    return cell


def _short(item: Item) -> str:
    return str(item.get("name"))[:8]


def _application(item: Item) -> str:
    return str(item.get("applicationResourceId")).rsplit("/", 1)[-1]
