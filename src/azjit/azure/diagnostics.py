"""What only a checkup reads: deny assignments, provider registrations, Azure's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azjit.azure import routes
from azjit.azure.activity_log import ActivityLog, Window
from azjit.azure.arm import Arm
from azjit.azure.wire.access import decode_block
from azjit.azure.wire.values import items, mapping, principal, text
from azjit.domain.calls import Call
from azjit.domain.deny_assignments import DenyAssignment
from azjit.domain.ids import PrincipalId, ResourceId

PROVIDER = "Microsoft.Solutions"


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the first answer tells: Azure's clock, and the tenant of each subscription in it."""

    date: datetime | None
    tenants: Mapping[str, str]


class Checkups:
    """Reads for the doctor; it writes nothing, and registers nothing."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def pulse(self) -> Pulse:
        """Ask for the subscriptions once: the cheapest call that needs all of the way there."""
        what = "list the subscriptions"
        call = Call("GET", self._arm.url(routes.ALL_SUBSCRIPTIONS, routes.SUBSCRIPTIONS), what)
        answer = self._arm.send(call)
        listed = items(mapping(answer.body).get("value"))
        found = {text(each.get("subscriptionId")): text(each.get("tenantId")) for each in listed}
        tenants = {sub.lower(): tenant.lower() for sub, tenant in found.items() if sub and tenant}
        return Pulse(_instant(answer.headers.get("date", "")), tenants)

    def registration(self, subscription: str) -> str:
        """Give the state of Microsoft.Solutions in a subscription, as Azure words it."""
        what = f"read provider {PROVIDER} of subscription {subscription}"
        path = routes.registration(subscription, PROVIDER)
        body = self._arm.read(path, routes.RESOURCES, what)
        return text(body.get("registrationState")) or "unknown"

    def try_log(self, subscription: str, now: datetime) -> None:
        """Read a minute of the activity log, to see that it can be.

        Raises:
            AzjitError: it cannot.
        """
        window = Window(subscription, now - timedelta(minutes=1), now)
        next(ActivityLog(self._arm).events(window), None)

    def denials(self, scope: ResourceId) -> list[DenyAssignment]:
        """List the deny assignments that hold at a scope, from there or from above."""
        path = routes.deny_assignments(scope)
        what = f"list the deny assignments in {scope.name}"
        query = {"$filter": "atScope()"}
        listed = self._arm.list(path, routes.AUTHORIZATION, what, query)
        return [_denial(each) for each in listed]


def _denial(body: Mapping[str, Any]) -> DenyAssignment:
    inside = mapping(body.get("properties"))
    return DenyAssignment(
        name=text(inside.get("denyAssignmentName")) or text(body.get("name")) or "",
        blocks=tuple(decode_block(each) for each in items(inside.get("permissions"))),
        principals=_principals(inside.get("principals")),
        excluded=_principals(inside.get("excludePrincipals")),
    )


def _principals(told: Any) -> tuple[PrincipalId, ...]:
    found = (principal(each.get("id")) for each in items(told))
    return tuple(each for each in found if each is not None)


def _instant(told: str) -> datetime | None:
    try:
        return parsedate_to_datetime(told)
    except ValueError:
        return None
