"""Makes reports with many requests, and with texts that attack a page.

`python tests/reported.py COUNT [ZONE] > page.html` writes the page of one.
"""

from __future__ import annotations

import random
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from azjit.domain.access import Proof
from azjit.domain.access_report import (
    AccessReport,
    ApplicationActivity,
    Chart,
    Lane,
    Span,
    total,
    used_in,
)
from azjit.domain.applications import Application, NamedGrant, RoleGrant
from azjit.domain.decided import Decided, ToldBy
from azjit.domain.holders import Basis, HeldRole
from azjit.domain.ids import ApplicationId, PrincipalId, RequestId, RoleId
from azjit.domain.receipts import Receipt
from azjit.domain.reports import RequestReport
from azjit.domain.requests import REASON_TAG, TICKET_TAG, JitRequest, RequestState, Schedule
from azjit.output.cells import DisplayContext
from azjit.output.results.access_page import page_view

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)  # in many zones the clocks change within it
ATTACKS = (
    "</script><script>document.title = 'attacked'</script>",
    "<!--<script>",
    "<img src=x onerror=\"document.title = 'attacked'\">",
    "\u2028\u2029 \u202egnp.exe\u202c \ud800 \x00\x1b[31m",
    "]]> &lt;b&gt; ' \" \\ \\u003c",
    "javascript:alert(1) https://attacker.example/ =cmd|' /C calc'!A1",
)
_PEOPLE = ("alice@fabrikam.example", "carol@fabrikam.example", "Night shift", "deploy-bot")
_ROLES = {"Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c", "Reader": "acdd72a7-3385-48ef"}
_STATES = (RequestState.APPROVED,) * 5 + (
    RequestState.DENIED,
    RequestState.EXPIRED,
    RequestState.CANCELED,
    RequestState.PENDING,
)
_GROUP = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups"
_KIND = "providers/Microsoft.Solutions"


def report_of(count: int, *, applications: int = 40, attacks: bool = True) -> AccessReport:
    """Give a report with so many requests; the same each time."""
    chance = random.Random(14)
    found: list[list[RequestReport]] = [[] for _ in range(applications)]
    for number in range(count):
        at = number % applications
        found[at].append(_report(chance, at, number, attacks=attacks))
    activities = tuple(_activity(at, tuple(its)) for at, its in enumerate(found))
    missing = ("subscription 00000000-0000-0000-0000-00000000000b: you may not read it",)
    return AccessReport(SINCE, NOW, NOW, activities, missing if attacks else ())


def page_of(report: AccessReport, zone: str = "Europe/Berlin") -> str:
    """Give the page of a report."""
    return "\n".join(page_view(report, DisplayContext(ZoneInfo(zone), NOW)).items) + "\n"


def lane_of(spans: list[tuple[float, ...]], *, hours: int) -> Chart:
    """Give a chart of one principal: spans in hours from its start, with True if automatic."""
    start = NOW - timedelta(hours=hours)
    found = tuple(
        Span(start + timedelta(hours=first), start + timedelta(hours=last), bool(automatic))
        for first, last, *automatic in spans
    )
    grant = NamedGrant(RoleId(_ROLES["Reader"]), "Reader", PrincipalId("alice"), "alice")
    return Chart(start, NOW, (Lane("shop/orders", grant, found),))


def _application(at: int) -> Application:
    return Application(ApplicationId(f"{_GROUP}/shop-{at}/{_KIND}/applications/orders"), "orders")


def _activity(at: int, its: tuple[RequestReport, ...]) -> ApplicationActivity:
    application = _application(at)
    used = total(used_in(each, SINCE, NOW) for each in its)
    held = tuple(_standing(application)) if at % 5 == 0 else ()
    settings = (_receipt(application),) if at % 7 == 0 else ()
    label = application.label
    return ApplicationActivity(application.id, label, application, its, used, held, settings)


def _report(chance: random.Random, at: int, number: int, *, attacks: bool) -> RequestReport:
    filed = SINCE + (NOW - SINCE) * chance.random()
    state = chance.choice(_STATES)
    person = chance.choice(_PEOPLE)
    role = chance.choice(list(_ROLES))
    name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    attack = ATTACKS[number % len(ATTACKS)] if attacks and number % 5 == 0 else "rotate the keys"
    request = JitRequest(
        id=RequestId(f"{_GROUP}/managed-{at}/{_KIND}/jitRequests/{name}"),
        application=_application(at).id,
        application_text=_application(at).id.text,
        rows=(RoleGrant(PrincipalId(person), RoleId(_ROLES[role])),),
        schedule=Schedule("once", filed, timedelta(hours=chance.choice((1, 2, 4, 8)))),
        state=state,
        created_at=filed,
        tags={REASON_TAG: attack, TICKET_TAG: f"CHG{number:05}"},
    )
    names = {_ROLES[role]: role, PrincipalId(person).key: person}
    return RequestReport(request, NOW, names=names, decision=_decision(chance, request, attack))


def _decision(chance: random.Random, request: JitRequest, attack: str) -> Decided | None:
    if request.state not in {RequestState.APPROVED, RequestState.DENIED}:
        return None
    if request.state is RequestState.APPROVED and chance.random() < 0.3:
        return Decided(ToldBy.SETTINGS)
    who = PrincipalId("00000000-0000-0000-0000-0000000000b0")
    return Decided(ToldBy.RECEIPT, who, "bob@contoso.example", request.created_at, attack)


def _standing(application: Application) -> Iterator[HeldRole]:
    grant = NamedGrant(
        RoleId(_ROLES["Reader"]), "Reader", PrincipalId("operations"), "Operations of Fabrikam"
    )
    since = SINCE - timedelta(days=90)
    yield HeldRole(application, grant, Basis.STANDING, Proof.ASSIGNMENT, since=since)


def _receipt(application: Application) -> Receipt:
    return Receipt(
        id="20261101T090000Z-1",
        source="here",
        began=NOW - timedelta(days=9),
        action="configure",
        target=application.id.text,
        application=application.id.text,
        actor_id="00000000-0000-0000-0000-0000000000b0",
        actor_name="bob@contoso.example",
        actor_tenant="00000000-0000-0000-0000-0000000000c0",
        cloud="public",
        reason=None,
        details={},
        outcome="confirmed",
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(page_of(report_of(int(sys.argv[1])), *sys.argv[2:]))
