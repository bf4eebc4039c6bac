"""The JSON of what `azjit sandbox` shows: the world, its clock, switches and faults."""

from __future__ import annotations

from typing import Annotated, TypedDict


class ClockItem(TypedDict):
    """The world's time."""

    now: Annotated[str, "the world's time"]
    real: str
    offsetSeconds: Annotated[float, "how far the world is ahead"]


class CountsItem(TypedDict):
    """How large a world is."""

    applications: int
    requests: int


class TenantItem(TypedDict):
    """A tenant of the world."""

    id: str
    name: str
    domain: str


class SubscriptionItem(TypedDict):
    """A subscription of the world."""

    id: str
    name: str
    tenantId: str


class InhabitantItem(TypedDict):
    """A person or service principal that --as signs in as."""

    alias: Annotated[str, "what --as takes"]
    name: str
    upn: str
    kind: Annotated[str, "user or servicePrincipal"]
    side: Annotated[str, "publisher or consumer"]
    tenantId: str
    objectId: str
    appId: Annotated[str | None, "of a service principal"]


class GroupItem(TypedDict):
    """A group of the world."""

    id: str
    name: str
    tenantId: str
    members: Annotated[list[str], "object ids"]


class WorldApplicationItem(TypedDict):
    """An application as the world keeps it, in Azure's own words."""

    id: str
    name: str
    kind: str
    managedResourceGroupId: str
    publisherTenantId: str
    jitAccessPolicy: dict[str, object] | None
    authorizations: list[dict[str, object]]
    switches: Annotated[dict[str, object], "how its switches stand"]


class WorldRequestItem(TypedDict):
    """A request as the world keeps it, in Azure's own words."""

    id: str
    name: str
    applicationResourceId: str
    state: str
    authorizations: list[dict[str, object]]
    schedule: dict[str, object]
    createdBy: str | None
    createdAt: str | None


class WorldItem(TypedDict):
    """The whole world; of a large one the first applications and requests."""

    clock: ClockItem
    switches: Annotated[dict[str, object], "how the switches of the world stand"]
    tenants: list[TenantItem]
    subscriptions: list[SubscriptionItem]
    people: list[InhabitantItem]
    groups: list[GroupItem]
    counts: Annotated[CountsItem, "of all that there are"]
    applications: list[WorldApplicationItem]
    requests: list[WorldRequestItem]


class SwitchItem(TypedDict):
    """A switch: something that Microsoft leaves open."""

    key: str
    value: str
    default: str
    takes: Annotated[str, "its values, or the least and the most"]
    confidence: Annotated[str, "how sure the default is, as the page on the wire says"]
    meaning: str


class FaultItem(TypedDict):
    """A fault that waits for calls."""

    id: Annotated[int, "what fault clear takes"]
    kind: str
    match: Annotated[str | None, "null: any call"]
    left: Annotated[int | None, "so many calls; null: every call"]
    skip: Annotated[int, "so many pass first"]
    seconds: float | None
    status: int | None
    retryAfter: int | None
    tokens: int | None
    acted: Annotated[bool, "the call is carried out first"]
    meaning: str


class FaultKindItem(TypedDict):
    """A kind of fault."""

    kind: str
    meaning: str


class VariableItem(TypedDict):
    """A variable that points a client at a served sandbox."""

    name: str
    value: str
