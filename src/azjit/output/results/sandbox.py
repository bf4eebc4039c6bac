"""The sandbox: its world, clock, switches and faults."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from azjit.domain.durations import human_duration
from azjit.domain.times import parse_instant
from azjit.output.cells import DisplayContext, name_cell
from azjit.output.fields import Column, Columns, Many, Result, mapping_shape
from azjit.output.view import Line, Section, View

Item = Mapping[str, Any]


def _ahead(clock: Item) -> str:
    seconds = round(clock["offsetSeconds"])
    if seconds == 0:
        return "nothing: it is real time"
    text = human_duration(timedelta(seconds=abs(seconds)))
    return text if seconds > 0 else f"-{text}"


def _calls(fault: Item) -> str:
    left, skip = fault["left"], fault["skip"]
    text = "every" if left is None else f"next {left}"
    return f"{text} after {skip}" if skip else text


def _export(variable: Item) -> str:
    return f"export {variable['name']}={shlex.quote(variable['value'])}"


def _approval_mode(application: Item) -> str:
    policy = application["jitAccessPolicy"]
    if policy is None or not policy.get("jitAccessEnabled"):
        return "off"
    mode = {"AutoApprove": "automatic", "ManualApprove": "manual"}
    return mode.get(str(policy.get("jitApprovalMode")), "?")


def _application(request: Item) -> str:
    return str(request["applicationResourceId"]).rsplit("/", 1)[-1]


_OBJECTS = list[dict[str, object]]
CLOCK = mapping_shape(
    "Clock",
    "The time of the sandbox.",
    now=(str, "the time of the sandbox"),
    real=str,
    offsetSeconds=(float, "the difference to real time"),
)
COUNTS = mapping_shape("Counts", "The size of the sandbox.", applications=int, requests=int)
TENANT = mapping_shape("Tenant", "A tenant of the sandbox.", id=str, name=str, domain=str)
SUBSCRIPTION = mapping_shape(
    "Subscription", "A subscription of the sandbox.", id=str, name=str, tenantId=str
)
INHABITANT = mapping_shape(
    "Inhabitant",
    "A person or service principal for --as.",
    alias=(str, "the value for --as"),
    name=str,
    upn=str,
    kind=(str, "user or servicePrincipal"),
    side=(str, "publisher or consumer"),
    tenantId=str,
    objectId=str,
    appId=(str | None, "only for a service principal"),
)
GROUP = mapping_shape(
    "Group",
    "A group of the sandbox.",
    id=str,
    name=str,
    tenantId=str,
    members=(list[str], "object ids"),
)
APPLICATION = mapping_shape(
    "WorldApplication",
    "An application of the sandbox, with Azure's own values.",
    id=str,
    name=str,
    kind=str,
    managedResourceGroupId=str,
    publisherTenantId=str,
    jitAccessPolicy=dict | None,
    authorizations=_OBJECTS,
    switches=(dict, "the values of its switches"),
)
REQUEST = mapping_shape(
    "WorldRequest",
    "A request of the sandbox, with Azure's own values.",
    id=str,
    name=str,
    applicationResourceId=str,
    state=str,
    authorizations=_OBJECTS,
    schedule=dict,
    createdBy=str | None,
    createdAt=str | None,
)
WORLD = mapping_shape(
    "World",
    "The sandbox; of a large one, only the first applications and requests.",
    clock=CLOCK,
    switches=(dict, "the values of the switches"),
    tenants=Many(TENANT),
    subscriptions=Many(SUBSCRIPTION),
    people=Many(INHABITANT),
    groups=Many(GROUP),
    counts=(COUNTS, "all applications and requests"),
    applications=Many(APPLICATION),
    requests=Many(REQUEST),
)
SWITCH = mapping_shape(
    "Switch",
    "A switch for behaviour that Microsoft does not document.",
    key=str,
    value=str,
    default=str,
    takes=(str, "its values, or its minimum and maximum"),
    confidence=(str, "the confidence of the default: H, M, L or U"),
    meaning=str,
)
FAULT = mapping_shape(
    "Fault",
    "An active fault.",
    id=(int, "the id for fault clear"),
    kind=str,
    match=(str | None, "null for any call"),
    left=(int | None, "number of calls; null for every call"),
    skip=(int, "number of calls that pass first"),
    seconds=float | None,
    status=int | None,
    retryAfter=int | None,
    tokens=int | None,
    acted=(bool, "whether the call is carried out first"),
    meaning=str,
)
KIND = mapping_shape("FaultKind", "A kind of fault.", kind=str, meaning=str)
VARIABLE = mapping_shape(
    "Variable", "A variable that points a client at a served sandbox.", name=str, value=str
)
WORLDS = Result("world", WORLD, "sandbox show")
CLOCKS = Result("clock", CLOCK, "sandbox clock, sandbox reset")
SEEDED = Result("counts", COUNTS, "sandbox seed")
SWITCHES = Result("switches", Many(SWITCH), "sandbox switch")
FAULTS = Result("faults", Many(FAULT), "sandbox fault list, sandbox fault add, sandbox fault clear")
FAULT_KINDS = Result("fault-kinds", Many(KIND), "sandbox fault list --kinds")
ENVIRONMENT = Result("environment", Many(VARIABLE), "sandbox env")
WORLD_FILE = Result("world-file", dict, "sandbox export; its own schema: sandbox seed --schema")

_PEOPLE: Columns[Item] = (
    Column("alias", "Alias", style="strong", priority=9),
    Column("name", "Name", priority=5),
    Column("kind", "Kind", priority=6),
    Column("side", "Side", priority=7),
    Column("upn", "Signs in as", cell=lambda i: i["upn"] or i["appId"], priority=3),
    Column("objectId", "Object id", cut="middle", wide_only=True),
)
_APPLICATIONS: Columns[Item] = (
    Column("name", "Application", style="strong", priority=9),
    Column("group", "Group", cell=lambda a: a["id"].split("/")[4], priority=7),
    Column("jit", "JIT", cell=_approval_mode, priority=8),
    Column("updateAccess", "updateAccess", lambda a: a["switches"]["update-access"], priority=5),
)
_REQUESTS: Columns[Item] = (
    Column("name", "Request", cell=lambda r: name_cell(r["name"]), priority=9),
    Column("state", "State", cell=lambda r: r["state"].lower(), style="state"),
    Column("application", "Application", cell=_application, priority=7),
)
_SWITCHES: Columns[Item] = (
    Column("key", "Switch", style="strong", priority=8),
    Column("value", "Value", priority=9),
    Column("takes", "Takes", cut="wrap", priority=6),
    Column("confidence", "Confidence", priority=3),
    Column("meaning", "Meaning", cut="wrap", wide_only=True),
)
_FAULTS: Columns[Item] = (
    Column("id", "Id", priority=9),
    Column("kind", "Fault", style="strong", priority=9),
    Column("match", "For", cell=lambda f: f["match"] or "any call", priority=8),
    Column("left", "Calls", cell=_calls, priority=8),
    Column("meaning", "Effect", cut="wrap", priority=3),
)
_KINDS: Columns[Item] = (
    Column("kind", "Fault", style="strong", priority=9),
    Column("meaning", "Effect", cut="wrap", priority=8),
)
_EXPORTS: Columns[Item] = (Column("", cell=_export, export=_export),)


def world_view(world: Item, display: DisplayContext) -> View:
    """Show the whole world."""
    picked = WORLD.columns("clock.now", "clock.offsetSeconds")
    return View(WORLDS, picked, [world], display, details=_world)


def clock_view(world: Item, display: DisplayContext) -> View:
    """Show the world's time."""
    picked = CLOCK.columns("now", "real", "offsetSeconds")
    return View(CLOCKS, picked, [world["clock"]], display, details=_clock)


def counts_view(world: Item) -> View:
    """Show the size of a world."""
    return View(SEEDED, COUNTS.columns("applications", "requests"), [world["counts"]])


def switches_view(switches: Sequence[Item]) -> View:
    """Show switches, their values and the values that they accept."""
    return View(SWITCHES, _SWITCHES, switches)


def faults_view(faults: Sequence[Item]) -> View:
    """Show the active faults."""
    return View(FAULTS, _FAULTS, faults, empty="no active faults")


def fault_kinds_view(kinds: Mapping[str, str]) -> View:
    """Show every kind of fault."""
    items = [{"kind": kind, "meaning": meaning} for kind, meaning in kinds.items()]
    return View(FAULT_KINDS, _KINDS, items)


def environment_view(variables: Mapping[str, str]) -> View:
    """List variables as a shell reads them: `eval "$(azjit sandbox env)"`."""
    items = [{"name": name, "value": value} for name, value in variables.items()]
    return View(ENVIRONMENT, _EXPORTS, items)


def world_file_view(world: Item) -> View:
    """Show a world's file as a document."""
    return View(WORLD_FILE, (), [world])


def _world(world: Item, display: DisplayContext) -> list[Section]:
    return [
        Section("Clock", _clock(world["clock"], display)),
        Section("People", columns=_PEOPLE, rows=world["people"]),
        Section("Applications", columns=_APPLICATIONS, rows=world["applications"]),
        Section("Requests", columns=_REQUESTS, rows=world["requests"]),
    ]


def _clock(clock: Item, display: DisplayContext) -> list[Line]:
    return [
        Line("Sandbox time", display.whole(parse_instant(clock["now"])), "strong"),
        Line("Real time", display.whole(parse_instant(clock["real"]))),
        Line("Ahead by", _ahead(clock)),
    ]
