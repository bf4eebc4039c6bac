"""The JSON keys of results that several commands give, in their order."""

from __future__ import annotations

REQUEST = [
    "id",
    "name",
    "state",
    "phase",
    "application",
    "managedResourceGroupId",
    "roles",
    "scheduleType",
    "start",
    "end",
    "duration",
    "durationSeconds",
    "createdAt",
    "createdBy",
    "publisherTenantId",
    "reasonClaim",
    "ticketClaim",
    "access",
    "digest",
    "routes",
    "revokedAt",
    "knownBy",
    "unreadable",
]
DECISION = [
    "asked",
    "action",
    "result",
    "exit",
    "message",
    "hint",
    "errorCode",
    "azureRequestId",
    "request",
    "planned",
    "route",
    "knownBy",
]
