"""Subscriptions and resource groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.azure_time import read_date
from azjit.azure.wire.values import Body, items, mapping, text
from azjit.domain.calls import Call
from azjit.domain.ids import ApplicationId, GroupId, ResourceId

PROVIDER = "Microsoft.Solutions"
# A state that is not told is no reason to leave the subscription out.
_LISTED_STATES = {"", "enabled", "warned", "pastdue"}


class ManagedGroup(NamedTuple):
    """A resource group and the application that manages it.

    `unreadable` says why the application is not known, though there may be one.
    """

    id: GroupId | None
    application: ApplicationId
    unreadable: str | None = None


class Subscription(NamedTuple):
    """A subscription that the caller sees; without an `id` if Azure's answer has none."""

    id: str
    state: str
    name: str = ""

    @property
    def may_be_listed(self) -> bool:
        """Whether Azure lists what is in it: not in one that is disabled or deleted."""
        return bool(self.id) and self.state.lower() in _LISTED_STATES


class Probe(NamedTuple):
    """What a first call shows: Azure's clock, and the tenant of each subscription in reach."""

    date: datetime | None
    tenants: Mapping[str, str]


class Resources:
    """Reads subscriptions and resource groups."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self.names: dict[str, str] = {}
        """The names of the subscriptions that were listed, by their ids in lower case."""

    def probe(self) -> Probe:
        """Read one page of subscriptions: the cheapest call that needs sign-in and network."""
        what = "list the subscriptions"
        call = Call("GET", self._arm.url(routes.ALL_SUBSCRIPTIONS, routes.SUBSCRIPTIONS), what)
        answer = self._arm.send(call)
        listed = items(mapping(answer.body).get("value"))
        found = {text(each.get("subscriptionId")): text(each.get("tenantId")) for each in listed}
        tenants = {sub.lower(): tenant.lower() for sub, tenant in found.items() if sub and tenant}
        return Probe(read_date(answer.headers.get("date", "")), tenants)

    def subscriptions(self) -> Iterator[Subscription]:
        """List the subscriptions that the caller sees."""
        what = "list the subscriptions"
        for each in self._arm.list(routes.ALL_SUBSCRIPTIONS, routes.SUBSCRIPTIONS, what):
            told = (text(each.get(key)) or "" for key in ("subscriptionId", "state", "displayName"))
            found = Subscription(*told)
            if found.name:
                self.names[found.id.lower()] = found.name
            yield found

    def registration(self, subscription: str) -> str:
        """Give the state of Microsoft.Solutions in a subscription, in Azure's word."""
        what = f"read provider {PROVIDER} of subscription {subscription}"
        provider = self._arm.operate(
            subscription, what, lambda client: client.providers.get(PROVIDER)
        )
        return provider.registration_state or "unknown"

    def managed_groups(self, subscription: str) -> Iterator[ManagedGroup]:
        """List the resource groups that an application manages."""
        what = f"list the resource groups of subscription {subscription}"
        for body in self._arm.list(routes.groups_of(subscription), routes.RESOURCES, what):
            manager, told = _manager(body), body.get("managedBy")
            group = GroupId.try_parse(body.get("id"))
            if manager is not None:
                yield ManagedGroup(group, manager)
            elif not body or (told and ResourceId.try_parse(told) is None):
                why = (
                    f"its group is managed by {told!r:.200}" if body else "its group has no content"
                )
                yield ManagedGroup(group, ApplicationId.unusable(told), why)

    def manager_of(self, group: GroupId) -> ApplicationId | None:
        """Read which application manages a resource group; None if none does."""
        what = f"read resource group {group.name}"
        return _manager(self._arm.read(group.text, routes.RESOURCES, what))


def _manager(group: Body) -> ApplicationId | None:
    found = ApplicationId.try_parse(group.get("managedBy"))
    is_application = found is not None and found.kind == "microsoft.solutions/applications"
    return found if is_application else None
