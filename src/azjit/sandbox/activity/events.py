"""One event of the activity log, in the form in which Azure Monitor shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from azjit.sandbox.base.clock import read_instant
from azjit.sandbox.base.ids import place_of

_EPOCH_OF_TICKS = datetime(1, 1, 1, tzinfo=UTC)
_CLAIM = "http://schemas.microsoft.com/identity/claims"
# Microsoft's own services, by the client ids of their service principals in every tenant.
APPLIANCES = "ba4bc2bd-843f-4d61-9d33-199178eae34e"
PIM = "01fc33a7-78ba-4d2f-a4b7-768e336e890e"


class EventActor(NamedTuple):
    """The caller, as the log and the token name it."""

    label: str
    oid: str
    tenant: str
    app_id: str

    def claims(self) -> dict[str, str]:
        """The claims of the token that the log keeps."""
        found = {
            "appid": self.app_id,
            f"{_CLAIM}/objectidentifier": self.oid,
            f"{_CLAIM}/tenantid": self.tenant,
        }
        if "@" in self.label:
            name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
            found |= {f"{name}/upn": self.label, f"{name}/name": self.label}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An operation on a resource at an instant."""

    id: str
    at: str
    operation: str
    target: str
    actor: EventActor
    correlation: str
    sub_status: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subscription(self) -> str:
        """The subscription of the resource; empty when it is in none."""
        return place_of(self.target)[0].lower()

    @property
    def provider(self) -> str:
        """The resource provider that did it."""
        return self.operation.split("/")[0]

    def body(self) -> dict[str, Any]:
        """The event as the log shows it."""
        ticks = (read_instant(self.at) - _EPOCH_OF_TICKS).total_seconds() * 10_000_000
        kind = "/".join(self.operation.split("/")[:2])
        return {
            "authorization": {"action": self.operation, "scope": self.target},
            "caller": self.actor.label,
            "category": _named("Administrative"),
            "channels": "Operation",
            "claims": self.actor.claims(),
            "correlationId": self.correlation,
            "description": "",
            "eventDataId": self.id,
            "eventName": _named("EndRequest", "End request"),
            "eventTimestamp": self.at,
            "id": f"{self.target}/events/{self.id}/ticks/{ticks:.0f}",
            "level": "Informational",
            "operationId": self.correlation,
            "operationName": _named(self.operation),
            "properties": {
                "entity": self.target,
                "message": self.operation,
                "hierarchy": self.subscription,
                **self.properties,
            },
            "resourceGroupName": place_of(self.target)[1],
            "resourceId": self.target,
            "resourceProviderName": _named(self.provider),
            "resourceType": _named(kind),
            "status": _named("Succeeded"),
            "subStatus": _named(self.sub_status),
            "submissionTimestamp": self.at,
            "subscriptionId": self.subscription,
            "tenantId": self.actor.tenant,
        }


def _named(value: str, label: str | None = None) -> dict[str, str]:
    return {"value": value, "localizedValue": label or value}
