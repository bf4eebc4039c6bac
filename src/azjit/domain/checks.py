"""The doctor's checks: every code, what it means, how to mend it, and what fails meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from azjit.domain.checkup import Check, Severity

_PROBLEM, _WARNING, _NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
_ALL = ("every command",)
_ASK: Final = "azjit publisher request"
_DECIDE: Final = ("azjit consumer approve", "azjit consumer deny")
_GRANT = "ask for a role with it; the least roles are in the documentation, how-to/least-privilege"

SIGN_IN = Check(
    "DOC001",
    "sign-in",
    _PROBLEM,
    "without a sign-in Azure tells nothing",
    "az login, or another kind of azjit help sign-in",
    _ALL,
)
ENDPOINT = Check(
    "DOC002",
    "endpoint",
    _PROBLEM,
    "Resource Manager, or where its endpoints are told, was not reached",
    "check --cloud, the network, the proxy, and REQUESTS_CA_BUNDLE for a private authority",
    _ALL,
)
PROXY = Check(
    "DOC003",
    "proxy",
    _NOTE,
    "calls go through a proxy: what it cuts or rewrites looks like a failure of Azure",
    "nothing, while calls work; NO_PROXY names hosts to be reached directly",
)
CLOCK = Check(
    "DOC004",
    "clock",
    _PROBLEM,
    "this clock and Azure's differ by more than five minutes: tokens may be refused, and starts"
    " and waits are wrong by as much",
    "set the clock, or let it follow a time server",
    ("azjit publisher request", "azjit publisher wait"),
)
TENANT = Check(
    "DOC010",
    "tenant",
    _PROBLEM,
    "the sign-in is of another tenant than the one whose side this is",
    "sign in to the right tenant: az login --tenant ID, or --tenant ID",
    ("azjit consumer approve", "azjit consumer configure", "azjit publisher request"),
)
PROVIDER = Check(
    "DOC011",
    "provider",
    _PROBLEM,
    "the subscription does not know Microsoft.Solutions, so it has no applications and no requests",
    "register it once, azjit never does: az provider register --namespace Microsoft.Solutions",
    (_ASK, "azjit consumer apps"),
)
LICENCE = Check(
    "DOC012",
    "licence",
    _PROBLEM,
    "JIT access needs Microsoft Entra ID P2 or Entra ID Governance in the consumer's tenant; it"
    " is missed only when a request is filed or approved",
    "get one of the licences for the consumer's tenant; one in the tenant is enough to try",
    (_ASK, *_DECIDE),
)
REACH = Check(
    "DOC013",
    "reach",
    _NOTE,
    "no application is in reach, so little could be looked at",
    "check --subscription and the tenant; a publisher may name the managed group's id as --app",
)

SEE = Check(
    "DOC101",
    "right-to-see",
    _PROBLEM,
    "applications or their requests cannot be read",
    _GRANT,
    ("azjit consumer show", "azjit consumer pending", "azjit consumer history"),
)
DECIDE = Check(
    "DOC102",
    "right-to-decide",
    _WARNING,
    "this principal cannot decide by updateAccess; well if others do",
    _GRANT,
    (*_DECIDE, "azjit consumer revoke"),
)
CONFIGURE = Check(
    "DOC103",
    "right-to-configure",
    _WARNING,
    "this principal cannot change JIT settings; well if others do",
    _GRANT,
    ("azjit consumer configure",),
)
QUERY = Check(
    "DOC104",
    "right-to-query",
    _WARNING,
    "Resource Graph cannot be asked: lists over all subscriptions are slower and may miss some",
    _GRANT,
    ("azjit consumer pending --all",),
)
LOG = Check(
    "DOC105",
    "right-to-log",
    _WARNING,
    "the activity log cannot be read: what others did is not told",
    _GRANT,
    ("azjit consumer history --activity",),
)
REQUEST = Check(
    "DOC111",
    "right-to-request",
    _PROBLEM,
    "requests can be neither filed nor withdrawn in the managed resource group",
    "the managed application service gives this right to the principals of the offer: ask for it"
    " as one of them, or have the definition's rows changed",
    (_ASK, "azjit publisher cancel"),
)
FOLLOW = Check(
    "DOC112",
    "right-to-follow",
    _PROBLEM,
    "requests in the managed resource group cannot be read",
    "the managed application service gives this right to the principals of the offer",
    ("azjit publisher history", "azjit publisher wait"),
)
EXPLICIT = Check(
    "DOC113",
    "explicit-principal",
    _PROBLEM,
    "only a principal that a row of the definition names can request: one that is in through a"
    " group cannot, as Microsoft's article says",
    "have the publisher add a row with your object id to the definition, then: azjit publisher"
    " refresh-permissions APP",
    (_ASK,),
)

JIT_OFF = Check(
    "DOC201",
    "no-jit",
    _PROBLEM,
    "deployed without JIT: the publisher's access never ends, and nothing can be requested",
    "JIT can be enabled only while deploying: deploy the application anew with it",
    (_ASK, "azjit consumer configure"),
)
NOBODY = Check(
    "DOC202",
    "no-approver",
    _PROBLEM,
    "approval is manual and nobody named can decide: requests wait until they expire",
    "azjit consumer configure APP --add-approver user:ID",
    (*_DECIDE, "azjit publisher wait"),
)
GONE = Check(
    "DOC203",
    "approver-gone",
    _PROBLEM,
    "an approver is no longer in the consumer's directory",
    "azjit consumer configure APP --remove-approver KIND:ID, and name somebody else",
    _DECIDE,
)
UNABLE = Check(
    "DOC204",
    "approver-unable",
    _WARNING,
    "an approver who holds no right to updateAccess can decide in the portal at most; a disabled"
    " account, an empty group or a service principal not even there",
    "give the approver the role of how-to/least-privilege, or name another",
    _DECIDE,
)
IDENTITY = Check(
    "DOC205",
    "identity",
    _WARNING,
    "the application has a managed identity, which its publisher can act as by listTokens"
    " without any request",
    "give the identity no more than it needs, or remove it",
)
SELF_APPROVAL = Check(
    "DOC206",
    "self-approval",
    _PROBLEM,
    "the publisher holds the right to updateAccess: it could approve its own requests",
    "take the role away from the publisher's principal on the application and above",
)
STANDING = Check(
    "DOC207",
    "standing-access",
    _WARNING,
    "a principal of the publisher holds a role in the managed resource group that no request"
    " bounds in time",
    "find out who gave it: azjit consumer history APP --activity; remove it where nobody needs it",
)
STALE = Check(
    "DOC208",
    "stale-request",
    _WARNING,
    "a request waits though its start has passed, or for more than a day: approved now it gives"
    " less than was asked for, or nothing",
    "decide it, or have the publisher cancel it and ask again",
    ("azjit consumer approve",),
)

CHECKS: tuple[Check, ...] = (
    SIGN_IN,
    ENDPOINT,
    PROXY,
    CLOCK,
    TENANT,
    PROVIDER,
    LICENCE,
    REACH,
    SEE,
    DECIDE,
    CONFIGURE,
    QUERY,
    LOG,
    REQUEST,
    FOLLOW,
    EXPLICIT,
    JIT_OFF,
    NOBODY,
    GONE,
    UNABLE,
    IDENTITY,
    SELF_APPROVAL,
    STANDING,
    STALE,
)


@dataclass(frozen=True, slots=True)
class Right:
    """The actions that commands need, and where: at the application or its managed group.

    Source: azure-docs managed-applications; names are published, that they suffice is inferred.
    """

    check: Check
    where: Literal["application", "group"]
    actions: tuple[str, ...]


UPDATE_ACCESS: Final = "Microsoft.Solutions/applications/updateAccess/action"
_READ = "Microsoft.Solutions/applications/read"
_FOLLOW_UP = "Microsoft.Solutions/locations/operationStatuses/read"
_REQUESTS = "Microsoft.Solutions/jitRequests"

CONSUMER_RIGHTS: tuple[Right, ...] = (
    Right(SEE, "application", (_READ,)),
    Right(SEE, "group", (f"{_REQUESTS}/read",)),
    Right(DECIDE, "application", (UPDATE_ACCESS, _FOLLOW_UP)),
    Right(CONFIGURE, "application", ("Microsoft.Solutions/applications/write", _FOLLOW_UP)),
    Right(QUERY, "application", ("Microsoft.ResourceGraph/resources/read",)),
    Right(LOG, "application", ("Microsoft.Insights/eventtypes/values/read",)),
)
PUBLISHER_RIGHTS: tuple[Right, ...] = (
    Right(REQUEST, "group", (f"{_REQUESTS}/write", f"{_REQUESTS}/delete")),
    Right(FOLLOW, "group", (f"{_REQUESTS}/read",)),
)
