"""Which decisions are allowed: by state, scope, tenant, time and caller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from azjit.domain.access import Caller
from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy, RoleGrant
from azjit.domain.concerns import sheet_of
from azjit.domain.denial_effects import affected_by_denial
from azjit.domain.facts import Reading
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, RequestId, RoleId
from azjit.domain.requests import JitRequest, RequestState, Schedule
from azjit.domain.rules import (
    Judgement,
    Verdict,
    check_manual_has_approver,
    check_not_gone,
    check_policy_change,
    judge,
)
from azjit.errors import Refused

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SUBSCRIPTION = "/subscriptions/11111111-0000-4000-8000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/mrg-orders"
ORDERS = ApplicationId(
    f"{SUBSCRIPTION}/resourceGroups/apps/providers/Microsoft.Solutions/applications/orders"
)
ALICE = PrincipalId("aaaaaaaa-0000-4000-8000-000000000001")
TEAM = PrincipalId("aaaaaaaa-0000-4000-8000-000000000002")
ROW = RoleGrant(ALICE, RoleId("b24988ac-6180-42a0-ab88-20f7382dd24c"))
OTHER_ROW = RoleGrant(TEAM, RoleId("9980e02c-c2be-4d73-94e8-173b1dc7cf3c"))
BOB = Caller(
    PrincipalId("bbbbbbbb-0000-4000-8000-000000000001"),
    "bob@contoso.example",
    "user",
    "contoso",
    frozenset({"bbbbbbbb-0000-4000-8000-000000000009"}),
)
POLICY = JitPolicy(
    enabled=True,
    mode=ApprovalMode.MANUAL,
    approvers=(Approver(BOB.id, "user"),),
    maximum=timedelta(hours=8),
)
APPLICATION = Application(
    ORDERS, "orders", GroupId(GROUP), policy=POLICY, publisher_tenant="Fabrikam"
)
ONCE = Schedule("once", NOW, timedelta(hours=1))


def _request(name: str = "req-0001", **changed: object) -> JitRequest:
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
    )
    return request._replace(**changed)  # type: ignore[arg-type]  # a test's own fields


def _judge(
    verdict: Verdict,
    request: JitRequest,
    now: datetime = NOW,
    application: Application = APPLICATION,
) -> Judgement:
    return judge(verdict, request, sheet_of(Reading(request, application, BOB, now)))


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.DENY])
def test_a_pending_request_in_its_place_may_be_decided(verdict: Verdict) -> None:
    assert _judge(verdict, _request()) is Judgement.GO


def test_an_open_grant_may_be_revoked() -> None:
    assert _judge(Verdict.REVOKE, _request(state=RequestState.APPROVED)) is Judgement.GO


@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Verdict.APPROVE, RequestState.APPROVED), (Verdict.DENY, RequestState.DENIED)],
)
def test_what_is_decided_so_is_decided_already(verdict: Verdict, state: RequestState) -> None:
    assert _judge(verdict, _request(state=state)) is Judgement.ALREADY


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("state", list(RequestState))
def test_every_other_state_is_refused(verdict: Verdict, state: RequestState) -> None:
    goes = {
        Verdict.APPROVE: {RequestState.PENDING, RequestState.APPROVED},
        Verdict.DENY: {RequestState.PENDING, RequestState.DENIED},
        Verdict.REVOKE: {RequestState.APPROVED},
    }
    if state in goes[verdict]:
        return

    with pytest.raises(Refused):
        _judge(verdict, _request(state=state))


def test_an_unknown_state_is_told_in_azures_word() -> None:
    request = _request(state=RequestState.UNKNOWN, state_text="Deliberating")

    with pytest.raises(Refused, match="it is Deliberating"):
        _judge(Verdict.APPROVE, request)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize(
    "changed",
    [
        {"application": ApplicationId(f"{ORDERS}-2")},
        {"application": None},
        {
            "id": RequestId(
                f"{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Solutions/jitRequests/r"
            )
        },
        {"publisher_tenant": "adatum"},
    ],
    ids=["another application", "no application", "another group", "another tenant"],
)
def test_what_is_out_of_place_is_refused(verdict: Verdict, changed: dict[str, object]) -> None:
    state = RequestState.APPROVED if verdict is Verdict.REVOKE else RequestState.PENDING

    with pytest.raises(Refused):
        _judge(verdict, _request(state=state, **changed))


def test_an_application_without_a_known_group_decides_nothing() -> None:
    with pytest.raises(Refused, match="not in the managed resource group"):
        _judge(Verdict.APPROVE, _request(), application=APPLICATION._replace(managed_group=None))


@pytest.mark.parametrize("side", ["request", "application"])
def test_a_tenant_that_azure_does_not_tell_is_not_compared(side: str) -> None:
    request = _request(publisher_tenant=None) if side == "request" else _request()
    application = APPLICATION if side == "request" else APPLICATION._replace(publisher_tenant=None)

    assert _judge(Verdict.APPROVE, request, application=application) is Judgement.GO


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": ()},
        {"unread_rows": (RoleGrant(PrincipalId(""), ROW.role),)},
        {"schedule": Schedule("once", None, timedelta(hours=1), start_text="soon")},
        {"schedule": Schedule("once", NOW, None, duration_text="P1M")},
    ],
    ids=["no rows", "a row unread", "no start", "no duration"],
)
def test_what_cannot_be_shown_whole_is_not_approved_but_may_be_denied(
    changed: dict[str, object],
) -> None:
    request = _request(**changed)

    with pytest.raises(Refused):
        _judge(Verdict.APPROVE, request)
    assert _judge(Verdict.DENY, request) is Judgement.GO


def test_what_is_over_is_neither_approved_nor_revoked() -> None:
    later = NOW + timedelta(hours=1)

    with pytest.raises(Refused, match="has passed"):
        _judge(Verdict.APPROVE, _request(), later)
    with pytest.raises(Refused, match="has already ended"):
        check_not_gone(_request(state=RequestState.APPROVED), APPLICATION, later, held=False)
    assert _judge(Verdict.DENY, _request(), later) is Judgement.GO


@pytest.mark.parametrize("held", [True, None])
def test_access_that_a_read_does_not_show_gone_can_be_revoked(*, held: bool | None) -> None:
    request, later = _request(state=RequestState.APPROVED), NOW + timedelta(hours=1)

    check_not_gone(request, APPLICATION, later, held=held)

    assert _judge(Verdict.REVOKE, request, later) is Judgement.GO


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.DENY])
@pytest.mark.parametrize(
    "changed",
    [
        {"created_by": PrincipalId(BOB.id.text.upper())},
        {"rows": (RoleGrant(PrincipalId(BOB.id.text.replace("-", "")), ROW.role),)},
        {"rows": (ROW, RoleGrant(PrincipalId("bbbbbbbb-0000-4000-8000-000000000009"), ROW.role))},
    ],
    ids=["filed by me", "for me", "for my group"],
)
def test_my_own_is_decided_by_another(verdict: Verdict, changed: dict[str, object]) -> None:
    with pytest.raises(Refused, match="is your own"):
        _judge(verdict, _request(**changed))


def test_my_own_access_i_may_give_back() -> None:
    request = _request(state=RequestState.APPROVED, created_by=BOB.id)

    assert _judge(Verdict.REVOKE, request) is Judgement.GO


def test_a_denial_endangers_grants_of_the_same_principal_on_the_application() -> None:
    request = _request()
    approved = {"state": RequestState.APPROVED}
    active = _request("active-1", **approved)
    scheduled = _request(
        "sched-01",
        schedule=Schedule("once", NOW + timedelta(days=1), timedelta(hours=1)),
        **approved,
    )
    safe = [
        request._replace(state=RequestState.APPROVED),
        _request("pending1"),
        _request("others-1", rows=(OTHER_ROW,), **approved),
        _request("ended-01", schedule=ONCE._replace(start=NOW - timedelta(days=1)), **approved),
        _request("elsewher", application=ApplicationId(f"{ORDERS}-2"), **approved),
    ]

    found = affected_by_denial(request, [active, scheduled, *safe], NOW)

    assert found == ([active, scheduled], [])


def test_a_denial_may_endanger_what_cannot_be_read() -> None:
    request = _request()
    approved = {"state": RequestState.APPROVED}
    part = RoleGrant(PrincipalId(""), ROW.role)
    unsure = [
        _request("rows-001", rows=(), unread_rows=(part,), **approved),
        _request("rows-002", rows=(OTHER_ROW,), unread_rows=(part,), **approved),
        _request("state-01", state=RequestState.UNKNOWN),
        _request("place-01", application=None, **approved),
        _request("noid-001", rows=(OTHER_ROW,), unreadable="it has no id", **approved),
    ]
    safe = [
        _request("rows-003", unread_rows=(part,), state=RequestState.DENIED),
        _request("state-02", rows=(OTHER_ROW,), state=RequestState.UNKNOWN),
    ]

    assert affected_by_denial(request, [*unsure, *safe], NOW) == ([], unsure)
    assert affected_by_denial(request._replace(rows=()), safe[1:], NOW).unsure == safe[1:]


def test_jit_cannot_be_enabled_later() -> None:
    assert check_policy_change(POLICY, "orders") is POLICY
    for before in (None, POLICY._replace(enabled=False)):
        with pytest.raises(Refused, match="JIT access was not enabled"):
            check_policy_change(before, "ledger")


def test_manual_mode_needs_an_approver_or_a_word() -> None:
    nobody = POLICY._replace(approvers=())

    check_manual_has_approver(POLICY, allowed=False)
    check_manual_has_approver(nobody, allowed=True)
    check_manual_has_approver(nobody._replace(mode=ApprovalMode.AUTOMATIC), allowed=False)
    with pytest.raises(Refused, match="manual approval without approvers"):
        check_manual_has_approver(nobody, allowed=False)


def test_a_verdict_has_its_word() -> None:
    assert [verdict.done for verdict in Verdict] == ["approved", "denied", "revoked"]
