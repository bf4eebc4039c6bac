"""Each concern: a request in which it is true, one almost so, and one where it is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azjit.domain.access import Caller, Permissions, RoleDefinition
from azjit.domain.applications import (
    Application,
    ApprovalMode,
    Approver,
    JitPolicy,
    RoleGrant,
)
from azjit.domain.concerns import CODES, Sheet, appeared, sheet_of
from azjit.domain.decisions import Case
from azjit.domain.facts import Grants, Reading
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, RequestId, RoleId
from azjit.domain.levels import Level
from azjit.domain.plain_facts import plain_facts
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, RequestState, Schedule
from azjit.domain.rules import Verdict, judge
from azjit.errors import Refused
from azjit.output.cells import DisplayContext
from azjit.output.fields import encode
from azjit.output.results.requests import REQUEST
from azjit.output.results.sheets import concern_lines, worst_cell
from azjit.output.view import Line

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
PLACE = "/subscriptions/11111111-0000-4000-8000-000000000000/resourceGroups"
GROUP = f"{PLACE}/mrg-orders"
ORDERS = ApplicationId(f"{PLACE}/apps/providers/Microsoft.Solutions/applications/orders")
SHOP = ApplicationId(f"{PLACE}/apps/providers/Microsoft.Solutions/applications/shop")
ALICE = PrincipalId("aaaaaaaa-0000-4000-8000-000000000001")
TEAM = PrincipalId("aaaaaaaa-0000-4000-8000-000000000002")
BOBS_TEAM = PrincipalId("bbbbbbbb-0000-4000-8000-000000000009")
READER = RoleId("acdd72a7-3385-48ef-bd42-f606fba81ae7")
OTHER_ROLE = RoleId("9980e02c-c2be-4d73-94e8-173b1dc7cf3c")
ROW = RoleGrant(ALICE, READER)
HALF_READ = RoleGrant(PrincipalId(""), READER)
BOB = Caller(
    PrincipalId("bbbbbbbb-0000-4000-8000-000000000001"),
    "bob@contoso.example",
    "user",
    "contoso",
    frozenset({BOBS_TEAM.text}),
)
UNPLACED = BOB._replace(groups=None)
POLICY = JitPolicy(
    enabled=True,
    mode=ApprovalMode.MANUAL,
    approvers=(Approver(BOB.id, "user"),),
    maximum=timedelta(hours=8),
)
APPLICATION = Application(
    ORDERS, "orders", GroupId(GROUP), policy=POLICY, publisher_tenant="fabrikam"
)
ONCE = Schedule("once", NOW, 2 * HOUR)


def defined(*actions: str, name: str = "Reader", built_in: bool = True) -> RoleDefinition:
    blocks = (Permissions(actions),)
    return RoleDefinition(READER, name, blocks, is_built_in=built_in)


def request_of(name: str = "req-0001", **changed: Any) -> JitRequest:
    request = JitRequest(
        id=RequestId(f"{GROUP}/providers/Microsoft.Solutions/jitRequests/{name}"),
        application=ORDERS,
        application_text=ORDERS.text,
        rows=(ROW,),
        schedule=ONCE,
        state=RequestState.PENDING,
        state_text="Pending",
        publisher_tenant="fabrikam",
        created_by=ALICE,
        created_at=NOW,
    )
    return request._replace(**changed)


def grant(**changed: Any) -> Grants:
    """An approved request of the same principal, which runs from three hours ago for four."""
    schedule = ONCE._replace(start=NOW - 3 * HOUR, duration=4 * HOUR)
    usual = {"state": RequestState.APPROVED, "schedule": schedule}
    return Grants([request_of("grant001", **{**usual, **changed})])


def read_of(**changed: Any) -> Reading:
    """An ordinary request, of which everything was read; `changed` are fields of either."""
    of_reading = {key: changed.pop(key) for key in list(changed) if key in Reading._fields}
    usual = {
        "roles": {READER.guid: defined("*/read")},
        "eligible": (ROW,),
        "others": Grants([]),
        "kinds": {ALICE.key: "user", TEAM.key: "user"},
        "built_in": {READER.guid: "Reader"},
        "is_approver": True,
    }
    return Reading(request_of(**changed), APPLICATION, BOB, NOW)._replace(**{**usual, **of_reading})


def levels(sheet: Sheet) -> dict[str, Level]:
    return {each.code: each.level for each in sheet.concerns}


def at(start: timedelta, length: timedelta = 2 * HOUR) -> Schedule:
    return ONCE._replace(start=NOW + start, duration=length)


def limited(maximum: timedelta | None) -> Application:
    return APPLICATION._replace(policy=POLICY._replace(maximum=maximum))


# The code, what makes it true, what almost does, and what leaves it unknown, with the levels.
WORLDS: list[tuple[str, dict[str, Any], str | None]] = [
    ("own-request", {"created_by": BOB.id}, "refused"),
    ("own-request", {"rows": (RoleGrant(BOBS_TEAM, READER),)}, "refused"),
    ("own-request", {"rows": (RoleGrant(TEAM, READER),)}, None),
    ("own-request", {"rows": (RoleGrant(TEAM, READER),), "caller": UNPLACED}, "refused"),
    (
        "own-request",
        {"rows": (RoleGrant(TEAM, READER),), "caller": UNPLACED, "attended": True},
        "blocker",
    ),
    ("unreadable", {"rows": ()}, "refused"),
    ("unreadable", {"unread_rows": (HALF_READ,)}, "refused"),
    ("unreadable", {"schedule": ONCE._replace(duration=None, duration_text="P1M")}, "refused"),
    ("unreadable", {"schedule": ONCE._replace(kind="odd")}, None),
    ("other-place", {"application": SHOP}, "refused"),
    (
        "other-place",
        {"id": RequestId(f"{PLACE}/mrg-shop/providers/Microsoft.Solutions/jitRequests/r")},
        "refused",
    ),
    (
        "other-place",
        {
            "id": RequestId(
                f"{PLACE}/MRG-ORDERS/providers/Microsoft.Solutions/jitRequests/r".upper()
            )
        },
        None,
    ),
    ("other-place", {"application": None, "reading_application": None}, "refused"),
    ("other-publisher", {"publisher_tenant": "adatum"}, "refused"),
    ("other-publisher", {"publisher_tenant": "FABRIKAM"}, None),
    ("other-publisher", {"publisher_tenant": None}, "warning"),
    (
        "other-publisher",
        {"reading_application": APPLICATION._replace(publisher_tenant=None)},
        "warning",
    ),
    ("ended", {"schedule": at(-2 * HOUR)}, "refused"),
    ("ended", {"schedule": at(-2 * HOUR + SECOND)}, None),
    ("over-maximum", {"schedule": at(HOUR, 8 * HOUR + SECOND)}, "blocker"),
    ("over-maximum", {"schedule": at(HOUR, 8 * HOUR)}, None),
    ("over-maximum", {"reading_application": limited(None)}, "warning"),
    ("over-maximum", {"reading_application": None}, "warning"),
    ("recurring", {"schedule": ONCE._replace(kind="recurring")}, "blocker"),
    ("recurring", {"schedule": ONCE._replace(kind="sometimes")}, "blocker"),
    ("recurring", {}, None),
    ("not-eligible", {"eligible": (RoleGrant(ALICE, OTHER_ROLE),)}, "blocker"),
    ("not-eligible", {"eligible": (RoleGrant(TEAM, READER),)}, "blocker"),
    ("not-eligible", {"eligible": (RoleGrant(TEAM, OTHER_ROLE), ROW)}, None),
    ("not-eligible", {"eligible": None}, "warning"),
    ("can-give-access", {"roles": {READER.guid: defined("*")}}, "blocker"),
    (
        "can-give-access",
        {"roles": {READER.guid: defined("Microsoft.Authorization/roleAssignments/read")}},
        None,
    ),
    ("can-give-access", {"roles": {}}, "blocker"),
    ("can-give-access", {"roles": {READER.guid: defined()}}, "blocker"),
    ("name-conflict", {"roles": {READER.guid: defined("*/read", name="Writer")}}, "blocker"),
    ("name-conflict", {"roles": {READER.guid: defined("*/read", built_in=False)}}, "blocker"),
    ("name-conflict", {"roles": {READER.guid: defined("*/read", name="READER")}}, None),
    ("name-conflict", {"built_in": {}, "roles": {READER.guid: defined("*", name="X")}}, None),
    ("name-conflict", {"roles": {}}, None),
    ("several-rows", {"rows": (ROW, RoleGrant(ALICE, OTHER_ROLE))}, "warning"),
    ("several-rows", {}, None),
    ("other-principal", {"rows": (RoleGrant(TEAM, READER),)}, "warning"),
    ("other-principal", {"created_by": PrincipalId(ALICE.text.upper())}, None),
    ("other-principal", {"created_by": None}, "warning"),
    (
        "group-principal",
        {"kinds": {TEAM.key: "Group"}, "rows": (ROW, RoleGrant(TEAM, READER))},
        "warning",
    ),
    ("group-principal", {"rows": (ROW, RoleGrant(TEAM, READER))}, None),
    ("group-principal", {"kinds": {}, "rows": (ROW, RoleGrant(TEAM, READER))}, "note"),
    ("little-time-left", {"schedule": at(-HOUR - SECOND)}, "warning"),
    ("little-time-left", {"schedule": at(-HOUR)}, None),
    ("little-time-left", {"schedule": at(timedelta(), HOUR / 2 - SECOND)}, "warning"),
    ("little-time-left", {"schedule": at(timedelta(), HOUR / 2)}, None),
    ("far-start", {"schedule": at(DAY + SECOND)}, "warning"),
    ("far-start", {"schedule": at(DAY)}, None),
    ("far-start", {"schedule": at(30 * DAY + SECOND)}, "blocker"),
    ("overlap", {"others": grant()}, "warning"),
    ("overlap", {"others": grant(), "schedule": at(HOUR)}, None),
    ("overlap", {"others": grant(), "schedule": at(HOUR - SECOND)}, "warning"),
    # A grant that was approved late may run its whole length.
    ("overlap", {"others": grant(changed_at=NOW - HOUR), "schedule": at(2 * HOUR)}, "warning"),
    ("overlap", {"others": grant(rows=(RoleGrant(TEAM, READER),))}, None),
    ("overlap", {"others": grant(application=SHOP)}, None),
    ("overlap", {"others": grant(state=RequestState.DENIED)}, None),
    ("overlap", {"others": grant(state=RequestState.UNKNOWN)}, "warning"),
    ("overlap", {"others": grant(rows=(), unread_rows=(HALF_READ,))}, "warning"),
    ("overlap", {"others": None}, "warning"),
    ("continues", {"others": grant(), "schedule": at(2 * HOUR)}, "warning"),
    ("continues", {"others": grant(), "schedule": at(2 * HOUR + SECOND)}, None),
    (
        "continues",
        {"others": grant(rows=(RoleGrant(ALICE, OTHER_ROLE),)), "schedule": at(HOUR)},
        None,
    ),
    ("continues", {"others": None}, "note"),
    ("stale", {"created_at": NOW - DAY - SECOND}, "warning"),
    ("stale", {"created_at": NOW - DAY}, None),
    ("stale", {"created_at": None}, "note"),
    ("not-an-approver", {"is_approver": False}, "warning"),
    ("not-an-approver", {}, None),
    ("not-an-approver", {"is_approver": None}, "note"),
    (
        "not-an-approver",
        {"is_approver": False, "caller": BOB._replace(kind="servicePrincipal")},
        "note",
    ),
    (
        "acts-through",
        {"roles": {READER.guid: defined("Microsoft.Compute/virtualMachines/runCommand/action")}},
        "note",
    ),
    ("acts-through", {}, None),
    ("acts-through", {"roles": {}}, "note"),
    ("standing-access", {"reading_application": APPLICATION._replace(policy=None)}, "note"),
    ("standing-access", {}, None),
    (
        "standing-access",
        {"reading_application": APPLICATION._replace(is_read=False)},
        "note",
    ),
    ("policy-exempt", {}, "note"),
    ("policy-exempt", {"publisher_tenant": "Contoso"}, None),
    ("policy-exempt", {"publisher_tenant": None}, "note"),
]


def judged(world: dict[str, Any]) -> Sheet:
    return sheet_of(reading_of(world))


def reading_of(world: dict[str, Any]) -> Reading:
    world = dict(world)
    told = (
        {"application": world.pop("reading_application")} if "reading_application" in world else {}
    )
    of_request = {"application": world.pop("application")} if "application" in world else {}
    read = read_of(**world)
    return read._replace(request=read.request._replace(**of_request), **told)


def report_of(world: dict[str, Any]) -> RequestReport:
    sheet, read = judged(world), reading_of(world)
    return RequestReport(read.request, NOW, read.application, {}, None, sheet=sheet)


def lines_of(report: RequestReport) -> list[Line]:
    return list(concern_lines(report, DisplayContext(UTC, NOW)))


def sheet_of_case(case: Case) -> Sheet:
    assert case.report is not None
    assert case.report.sheet is not None
    return case.report.sheet


@pytest.mark.parametrize(("code", "world", "level"), WORLDS)
def test_a_concern_has_its_level(code: str, world: dict[str, Any], level: str | None) -> None:
    assert levels(judged(world)).get(code) == level


@pytest.mark.parametrize(("code", "world", "level"), WORLDS)
def test_a_concern_is_the_same_wherever_it_is_told(
    code: str, world: dict[str, Any], level: str | None
) -> None:
    report = report_of(world)
    assert report.sheet is not None
    concerns = report.sheet.concerns

    in_json = {one["code"]: one["level"] for one in encode(REQUEST, report)["concerns"]}
    in_view = {line.text.partition(":")[0]: line.title.lower() for line in lines_of(report)}

    assert in_json.get(code) == level
    # The line under the role says it in the view.
    assert in_view.get(code) == (level if code != "acts-through" else None)
    worst = concerns[0] if concerns else None
    is_read = report.request.unreadable is None
    is_heavy = worst is not None and worst.level is not Level.NOTE and is_read
    assert worst_cell(report) == (f"{worst.level}: {worst.code}" if worst and is_heavy else "-")


@pytest.mark.parametrize(("code", "world", "level"), WORLDS)
def test_what_holds_up_an_approval_does_so_only_where_nobody_is_asked(
    code: str, world: dict[str, Any], level: str | None
) -> None:
    case = Case("x", "approve", report_of(world))
    concerns = case.concerns
    holding = {each.code for each in concerns if each.level.holds_up}
    has_blocker = any(each.level is Level.BLOCKER for each in concerns)

    held = case.held_by(concerns)
    accepted = case._replace(accepted=frozenset(holding))

    assert (held is not None and f"({code})" in held.message) is (level in {"blocker", "warning"})
    assert accepted.held_by(concerns) is None
    # In a batch a blocker is accepted by nothing.
    assert (accepted._replace(is_alone=False).held_by(concerns) is not None) is has_blocker
    for asked in (case._replace(attended=True), case._replace(action="deny")):
        assert asked.held_by(concerns) is None
    if level == "refused":
        with pytest.raises(Refused):
            judge(Verdict.APPROVE, case.request, sheet_of_case(case))


def test_each_concern_has_its_worlds() -> None:
    told: dict[str, set[str | None]] = {}
    for code, _, level in WORLDS:
        told.setdefault(code, set()).add(level)

    for each in CODES:
        assert {each.level.value, None} <= told[each.code] or each.code == "unreadable"
        assert each.unknown is None or each.unknown.value in told[each.code]
    assert set(told) == {each.code for each in CODES}


def test_an_ordinary_request_has_only_the_note_that_its_publisher_is_exempt() -> None:
    assert levels(sheet_of(read_of())) == {"policy-exempt": "note"}


def test_the_heaviest_concern_comes_first() -> None:
    sheet = judged({"schedule": at(2 * DAY, 9 * HOUR), "created_by": BOB.id})

    assert [each.level for each in sheet.concerns] == sorted(
        (each.level for each in sheet.concerns), key=lambda level: level.rank
    )
    assert sheet.worst is not None
    assert sheet.worst.code == "own-request"


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ({}, {"schedule": at(HOUR, 9 * HOUR)}, ["over-maximum"]),
        ({"schedule": at(HOUR, 9 * HOUR)}, {"schedule": at(HOUR, 9 * HOUR)}, []),
        ({"schedule": at(2 * DAY)}, {"schedule": at(31 * DAY)}, ["far-start"]),
        ({"schedule": at(31 * DAY)}, {"schedule": at(2 * DAY)}, []),
        ({}, {"roles": {}}, ["can-give-access"]),
        ({"created_at": None}, {"created_at": NOW - 2 * DAY}, ["stale"]),
        ({}, {"created_at": None}, []),
    ],
)
def test_a_concern_appears_that_was_not_there_or_was_lighter(
    before: dict[str, Any], now: dict[str, Any], new: list[str]
) -> None:
    assert [each.code for each in appeared(judged(before), judged(now))] == new


def test_the_latest_end_counts_from_the_approval_and_the_time_left_from_the_start() -> None:
    facts = judged({"schedule": at(-HOUR)}).facts

    assert facts.latest_end == NOW + 2 * HOUR
    assert facts.left == HOUR


def test_what_continues_a_chain_of_grants_is_told_with_the_joint_length() -> None:
    older = request_of("grant001", state=RequestState.APPROVED, schedule=at(-8 * HOUR, 4 * HOUR))
    newer = request_of("grant002", state=RequestState.APPROVED, schedule=at(-4 * HOUR, 4 * HOUR))

    sheet = judged({"others": Grants([older, newer])})

    (told,) = [each for each in sheet.concerns if each.code == "continues"]
    assert "grant002, grant001, 10 h together; the maximum is 8 h" in told.text


def test_plain_facts_have_seconds_times_and_claims() -> None:
    facts = plain_facts(judged({"tags": {"azjit-reason": "index"}, "schedule": at(HOUR)}).facts)

    assert facts["lengthSeconds"] == 7200
    assert facts["maximumSeconds"] == 28800
    assert facts["startsInSeconds"] == 3600
    assert facts["latestEnd"] == "2026-03-02T12:00:00Z"
    assert facts["roles"] == [
        {"roleId": READER.guid, "roleName": "Reader", "powers": ["read-only"]}
    ]
    assert facts["claims"] == {"reason": "index", "ticket": None}
