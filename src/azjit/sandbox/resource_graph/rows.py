"""The tables of Resource Graph: this world's resources and their containers as rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from azjit.sandbox.authorization.access import may
from azjit.sandbox.authorization.assignments import body_of
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import group_id, place_of, subscription_id
from azjit.sandbox.entra.tokens import TokenCaller
from azjit.sandbox.kusto.values import Row
from azjit.sandbox.solutions.request_state import state_at
from azjit.sandbox.world.rights import Assignment
from azjit.sandbox.world.world import APPLICATION, DEFINITION, GROUP, JIT_REQUEST, Resource, World

COLUMNS = (
    "id",
    "name",
    "type",
    "tenantId",
    "kind",
    "location",
    "resourceGroup",
    "subscriptionId",
    "managedBy",
    "sku",
    "plan",
    "properties",
    "tags",
    "identity",
    "zones",
    "extendedLocation",
)
_RESOURCES = (APPLICATION, DEFINITION, JIT_REQUEST)
_GROUPS = "microsoft.resources/subscriptions/resourcegroups"
_SUBSCRIPTIONS = "microsoft.resources/subscriptions"
_ASSIGNMENTS = "microsoft.authorization/roleassignments"
AUTHORIZATION = "authorizationresources"
TABLES: Mapping[str, Sequence[str]] = {
    "resources": COLUMNS,
    "resourcecontainers": COLUMNS,
    AUTHORIZATION: COLUMNS,
}
# Which role assignments a query finds: those on a subscription, below it, and above it.
SCOPE_FILTERS: Mapping[str, frozenset[str]] = {
    "AtScopeAndBelow": frozenset({"at", "below"}),
    "AtScopeAndAbove": frozenset({"at", "above"}),
    "AtScopeExact": frozenset({"at"}),
    "AtScopeAboveAndBelow": frozenset({"at", "above", "below"}),
}
_STORED_AS = {_GROUPS: GROUP} | {kind: kind for kind in _RESOURCES}
_TYPE_OF = {stored: shown for shown, stored in _STORED_AS.items()}


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads tables for a caller, over some subscriptions, with a lag behind the world."""

    world: World
    caller: TokenCaller
    subscriptions: Sequence[tuple[str, str, str]]
    lag: timedelta = timedelta(0)
    scope_filter: str = "AtScopeAndBelow"
    _fills: dict[str, bool] = field(default_factory=dict)

    def rows(self, table: str, types: Collection[str] | None) -> Iterator[Row]:
        """Give the rows of a table by id, only of these types if any are given."""
        if table == AUTHORIZATION:
            if types is None or _ASSIGNMENTS in types:
                yield from self._assignments()
            return
        kinds = _RESOURCES if table == "resources" else (_GROUPS, _SUBSCRIPTIONS)
        wanted = [kind for kind in kinds if types is None or kind in types]
        if _SUBSCRIPTIONS in wanted:
            yield from (_subscription(*row) for row in self.subscriptions)
        rights = _ReadRights(self.world, self.caller)
        tenants = {key: tenant for key, _name, tenant in self.subscriptions}
        for resource in self._resources([_STORED_AS[k] for k in wanted if k in _STORED_AS]):
            tenant = tenants.get(resource.subscription.lower())
            if tenant is not None and rights.may_read(resource):
                yield self._row(resource, tenant)

    def _assignments(self) -> Iterator[Row]:
        """Give the role assignments that held a lag ago, where the caller may read them.

        Assumes:
            [H] without an authorizationScopeFilter, what is assigned above is left out
            [M] only role assignments are in the table, in the form of Resource Manager
        """
        wanted = SCOPE_FILTERS[self.scope_filter]
        subscriptions = {subscription_id(key): (key, of) for key, _name, of in self.subscriptions}
        at = stamp(self.world.now - self.lag)
        rights: dict[str, bool] = {}
        for held in sorted(self.world.every_assignment(), key=lambda item: item.id):
            place = place_of(held.scope)[0].lower()
            own = subscription_id(place) if place else ""
            where = "above" if not place else "at" if held.scope == own else "below"
            if not held.starts <= at < held.ends or where not in wanted:
                continue
            if place and own not in subscriptions:
                continue
            if held.scope not in rights:
                action = f"{_ASSIGNMENTS}/read"
                rights[held.scope] = may(self.world, self.caller, action, held.scope)
            if rights[held.scope]:
                yield self._assignment(held, *subscriptions.get(own, ("", self.caller.tenant)))

    def _assignment(self, held: Assignment, subscription: str, tenant: str) -> Row:
        body = body_of(self.world, held)
        row: Row = dict.fromkeys(COLUMNS)
        return row | {
            "id": body["id"],
            "name": body["name"],
            "type": _ASSIGNMENTS,
            "tenantId": tenant,
            "subscriptionId": subscription,
            "resourceGroup": place_of(held.scope)[1].lower(),
            "location": "",
            "kind": "",
            "managedBy": "",
            "properties": body["properties"],
        }

    def _resources(self, kinds: Sequence[str]) -> Iterator[Resource]:
        if not self.lag:
            for kind in kinds:
                yield from self.world.every(kind)
            return
        changed = _before(self.world, stamp(self.world.now - self.lag))
        for kind in kinds:
            unchanged = (item for item in self.world.every(kind) if item.key not in changed)
            was = (item for item in changed.values() if item is not None and item.type == kind)
            yield from sorted([*unchanged, *was], key=lambda item: item.key)

    def _row(self, resource: Resource, tenant: str) -> Row:
        """Give a resource as a row.

        Assumes:
            [M] resourceGroup and type are in lower case, other texts as in ARM
        """
        body = resource.body
        row: Row = dict.fromkeys(COLUMNS)
        row |= {key: value for key, value in body.items() if key in row}
        row |= {
            "type": _TYPE_OF[resource.type],
            "tenantId": tenant,
            "resourceGroup": resource.group.lower(),
            "subscriptionId": resource.subscription.lower(),
            "kind": body.get("kind", ""),
            "managedBy": body.get("managedBy", ""),
        }
        if resource.type == JIT_REQUEST:
            row["properties"] = self._request(resource)
        return row

    def _request(self, request: Resource) -> dict[str, Any]:
        shown = dict(request.properties)
        if not self._is_filled(shown["applicationResourceId"].lower()):
            shown.pop("jitRequestState", None)
            return shown
        return shown | {"jitRequestState": state_at(request, self.world.now - self.lag)}

    def _is_filled(self, application: str) -> bool:
        """Whether the state is visible, checked once for each application."""
        if application not in self._fills:
            switch = self.world.switch("resource-graph-state", application)
            self._fills[application] = switch == "filled"
        return self._fills[application]


class _ReadRights:
    """What a caller may read, checked once for each resource group and kind."""

    def __init__(self, world: World, caller: TokenCaller) -> None:
        self._world = world
        self._caller = caller
        self._known: dict[tuple[str, str], bool] = {}
        held = world.assignments(principals=caller.principals)
        self._held = {assignment.scope for assignment in held}

    def may_read(self, resource: Resource) -> bool:
        kind = _TYPE_OF[resource.type]
        place = group_id(resource.subscription, resource.group).lower()
        asked = (place, kind)
        if asked not in self._known:
            self._known[asked] = may(self._world, self._caller, f"{kind}/read", place)
        if self._known[asked] or resource.key not in self._held:
            return self._known[asked]
        return may(self._world, self._caller, f"{kind}/read", resource.key)


def _before(world: World, since: str) -> dict[str, Resource | None]:
    """Give the resources that were written after an instant as they were then; none if absent."""
    rows = world.connection.execute(
        "SELECT target, before FROM activity WHERE at > ? ORDER BY at DESC", (since,)
    )
    found: dict[str, Resource | None] = {}
    for target, before in rows:
        found[target] = None if before is None else Resource(target, **json.loads(before))
    return found


def _subscription(key: str, name: str, tenant: str) -> Row:
    row: Row = dict.fromkeys(COLUMNS)
    return row | {
        "id": subscription_id(key),
        "name": name,
        "type": _SUBSCRIPTIONS,
        "tenantId": tenant,
        "subscriptionId": key,
        "resourceGroup": "",
        "location": "",
        "kind": "",
        "managedBy": "",
        "properties": {
            "state": "Enabled",
            "managementGroupAncestorsChain": [{"name": tenant, "displayName": "Tenant Root Group"}],
        },
    }
