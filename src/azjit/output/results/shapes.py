"""The JSON of every result: our keys, what each holds, and the schema that `azjit schema` prints.

Keys are only ever added. Instants are UTC, `2026-12-01T21:00:00Z`; lengths are ISO 8601, `PT1H30M`.
"""

from __future__ import annotations

from typing import Annotated, TypedDict


class ApproverItem(TypedDict):
    """A user or group that may decide."""

    id: Annotated[str, "Entra object id, in the consumer's tenant"]
    kind: Annotated[str, "user, group, or what Azure wrote"]
    name: Annotated[str | None, "display name as the settings carry it"]


class SettingsItem(TypedDict):
    """An application's JIT settings."""

    approvalMode: Annotated[str | None, "automatic, manual, not specified, or what Azure wrote"]
    maximumDuration: Annotated[str | None, "the longest access, ISO 8601"]
    approvers: list[ApproverItem]


class ApplicationItem(SettingsItem):
    """A managed application."""

    id: Annotated[str, "resource id"]
    name: str
    resourceGroup: str | None
    subscriptionId: str
    managedResourceGroupId: Annotated[str | None, "where the publisher gets access"]
    kind: Annotated[str | None, "MarketPlace or ServiceCatalog"]
    location: str | None
    publisherTenantId: str | None
    jit: Annotated[str, "on, off, or unknown where it could not be read"]
    standingAccess: Annotated[
        bool | None, "deployed without JIT: the publisher's access never ends"
    ]
    hasIdentity: Annotated[bool | None, "has a managed identity, which listTokens lends out"]


class RowItem(TypedDict):
    """A role for a principal."""

    roleId: Annotated[str, "role definition, as Azure wrote it"]
    roleName: str | None
    principalId: Annotated[str, "Entra object id"]
    principalName: str | None


class AccessItem(TypedDict):
    """Whether access is there now."""

    held: Annotated[bool | None, "null where no read could tell"]
    proof: Annotated[str, "role assignment, permissions, or unknown"]


class KnownItem(TypedDict):
    """How a state is known."""

    knownBy: Annotated[
        str, "how the state is known: request state, role assignment, permissions, PIM, or unknown"
    ]


class RoleItem(RowItem, KnownItem):
    """An eligible role and what it is now."""

    mayRequest: Annotated[str, "yes, group only, not mine, or unknown"]
    state: Annotated[
        str,
        "eligible; pending; scheduled; active; active, end not known; standing access; approved,"
        " not yet effective; approved, no access now; where access could not be read: eligible,"
        " pending, scheduled or approved, each with: , access unknown",
    ]
    since: Annotated[str | None, "start of the approved time"]
    until: Annotated[str | None, "end of the approved time"]
    requestId: Annotated[str | None, "the request that the state comes from"]
    access: AccessItem | None


class ApplicationOfItem(TypedDict):
    """The application that a request is for."""

    id: Annotated[str, "resource id as the request carries it"]
    name: str | None
    resourceGroup: str | None


class PersonItem(TypedDict):
    """Who did something."""

    id: Annotated[str, "Entra object id"]
    name: str | None


class RequestItem(KnownItem):
    """A JIT request."""

    id: Annotated[str, "resource id"]
    name: Annotated[str, "usually a GUID"]
    state: Annotated[
        str, "pending, approved, denied, failed, canceled, expired, timed out, or Azure's own word"
    ]
    phase: Annotated[
        str, "state and time together: pending, scheduled, approved, ended, closed, or unknown"
    ]
    application: ApplicationOfItem
    managedResourceGroupId: str | None
    roles: list[RowItem]
    scheduleType: Annotated[str, "once, recurring, or what Azure wrote"]
    start: Annotated[str | None, "instant, or what Azure wrote"]
    end: str | None
    duration: Annotated[str | None, "ISO 8601"]
    createdAt: str | None
    createdBy: PersonItem | None
    publisherTenantId: str | None
    reasonClaim: Annotated[str | None, "the publisher's reason, from a tag: a claim, not a fact"]
    ticketClaim: Annotated[str | None, "the publisher's ticket, from a tag: a claim, not a fact"]
    access: Annotated[AccessItem | None, "null where nobody looked"]
    revokedAt: Annotated[
        str | None,
        "when a read showed that its access was taken back, by a receipt on this machine; only"
        " while its approved time runs",
    ]
    digest: Annotated[str, "fingerprint of all that an approver judges"]
    routes: Annotated[
        list[str] | None,
        "through what it can be decided: application, pim, or portal only; null: nobody looked",
    ]


class HolderItem(RowItem, KnownItem):
    """Who has access now."""

    until: Annotated[str | None, "null where it has no end, or none that is known"]
    standing: Annotated[
        bool, "known to have no end: deployed without JIT, and no request bounds it"
    ]
    requestId: str | None


class ApplicationReportItem(ApplicationItem):
    """An application with what waits and who has access."""

    waiting: Annotated[list[RequestItem] | None, "null where it could not be read"]
    access: Annotated[list[HolderItem] | None, "null where it could not be read"]


class PlannedItem(TypedDict):
    """A call that `--dry-run` shows and does not send."""

    method: str
    url: str
    body: dict[str, object] | None


class NamedItem(TypedDict):
    """An application, named."""

    id: str
    name: str


class ChangeItem(TypedDict):
    """Settings before and after."""

    application: NamedItem
    changed: bool
    sent: Annotated[bool, "false for --dry-run, and where nothing changed"]
    before: SettingsItem
    after: Annotated[SettingsItem, "as a read showed them, if sent"]
    planned: PlannedItem | None


class DecisionItem(TypedDict):
    """What became of one request of a batch."""

    asked: Annotated[str, "the request as it was named"]
    action: Annotated[str, "approve, deny, revoke or cancel"]
    result: Annotated[
        str,
        "approved, denied, revoked, withdrawn, already ..., refused, unconfirmed, not found, not"
        " allowed, malformed, failed, or not sent",
    ]
    exit: Annotated[int, "the exit code that this row alone would give"]
    message: str | None
    hint: str | None
    errorCode: Annotated[str | None, "Azure's own error code"]
    azureRequestId: Annotated[str | None, "Azure's id of the failed call"]
    request: RequestItem | None
    planned: PlannedItem | None
    route: Annotated[str | None, "through what it was decided: application or pim"]
    knownBy: Annotated[
        str | None,
        "how the result is known: request state, role assignment, or permissions; null where the"
        " result is no new state",
    ]


class ContextItem(TypedDict):
    """A named context of the configuration file."""

    name: str
    current: Annotated[bool, "used where no --context is said"]
    settings: Annotated[dict[str, object], "what it keeps, by the option's name"]


class SettingItem(TypedDict):
    """What a context keeps for one option."""

    key: str
    value: str


class ConfigFileItem(TypedDict):
    """The configuration file."""

    path: str
    exists: bool


class ExplainedItem(TypedDict):
    """What holds for one option, and why."""

    setting: Annotated[str, "the option's name"]
    value: Annotated[str | int | bool | None, "null where nothing is said"]
    source: Annotated[str, "flag, variable, context, default or none"]
    where: Annotated[str | None, "the flag, the variable, or file and line"]


class InstallationItem(TypedDict):
    """Where a completion script was put."""

    shell: str
    path: str
    result: Annotated[str, "written, unchanged, or would be written for --dry-run"]
    next: Annotated[str | None, "what is left to do, if anything"]


class ScriptItem(TypedDict):
    """A completion script."""

    shell: str
    script: str
