"""The doctor's rules: the code, the meaning, the fix and the failing commands of each."""

from __future__ import annotations

from typing import Final

from azjit.domain import right_checks
from azjit.domain.findings import Rule, Severity, rules_in

_PROBLEM, _WARNING, _NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
_ALL = ("every command",)
_ASK: Final = "azjit publisher request"
_DECIDE: Final = ("azjit consumer approve", "azjit consumer deny")

SIGN_IN = Rule(
    "DOC001",
    "sign-in",
    _PROBLEM,
    "without a sign-in Azure answers nothing",
    "run az login, or sign in another way: azjit help sign-in",
    _ALL,
)
ENDPOINT = Rule(
    "DOC002",
    "endpoint",
    _PROBLEM,
    "Resource Manager, or the list of its endpoints, was not reached",
    "check --cloud, the network, the proxy, and REQUESTS_CA_BUNDLE for a private authority",
    _ALL,
)
PROXY = Rule(
    "DOC003",
    "proxy",
    _NOTE,
    "calls go through a proxy, whose errors may look like errors of Azure",
    "none while calls work; NO_PROXY lists the hosts to reach directly",
)
CLOCK = Rule(
    "DOC004",
    "clock",
    _PROBLEM,
    "this machine's clock differs from Azure's by more than two minutes: azjit uses Azure's time,"
    " and approves only what a person confirms; Azure may refuse tokens",
    "set the clock, or synchronise it with a time server",
    ("azjit consumer approve --yes", "azjit publisher request"),
)
TOKEN_CACHE = Rule(
    "DOC005",
    "token-cache",
    _NOTE,
    "the place for access tokens is not private, so each command signs in again",
    "let only its owner read it, mode 0700, or use --no-token-cache",
)
STATE = Rule(
    "DOC006",
    "state-directory",
    _PROBLEM,
    "receipts cannot be kept, and nothing that changes Azure is sent without one",
    "free disk space, fix the permissions, or name another directory: --state-dir DIR",
    (*_DECIDE, _ASK, "azjit consumer configure"),
)
ZONE = Rule(
    "DOC007",
    "time-zone",
    _WARNING,
    "the time zone that is set cannot be used, so that a local time such as 22:00 is refused",
    "use a name such as Europe/Berlin, with --timezone or TZ",
    ("azjit publisher request --start 22:00",),
)
TENANT = Rule(
    "DOC010",
    "tenant",
    _PROBLEM,
    "you are signed in to another tenant than that of the side you act for",
    "sign in to the right tenant: az login --tenant ID, or use --tenant ID",
    ("azjit consumer approve", "azjit consumer configure", "azjit publisher request"),
)
PROVIDER = Rule(
    "DOC011",
    "provider",
    _PROBLEM,
    "Microsoft.Solutions is not registered in the subscription, which then has no applications",
    "register it once; azjit never does: az provider register --namespace Microsoft.Solutions",
    (_ASK, "azjit consumer apps"),
)
LICENCE = Rule(
    "DOC012",
    "licence",
    _PROBLEM,
    "JIT access needs Microsoft Entra ID P2 or Entra ID Governance in the consumer's"
    " tenant; without one, filing or approving a request fails",
    "get one of the licences for the consumer's tenant; one in the tenant is enough for a trial",
    (_ASK, *_DECIDE),
)
REACH = Rule(
    "DOC013",
    "reach",
    _NOTE,
    "no application is in reach, so most checks were skipped",
    "check --subscription and the tenant; a publisher can use the id of the managed resource"
    " group as --app",
)
PERSON = Rule(
    "DOC014",
    "person",
    _NOTE,
    "Privileged Identity Management lets people decide and activate, but not service principals",
    "use --route application, or decide as a person",
    ("azjit consumer approve --route pim", "azjit consumer deny --route pim"),
)
NAMES = Rule(
    "DOC015",
    "right-to-names",
    _WARNING,
    "the directory cannot be read: people are shown by ids, and approvers must be named by ids",
    "get Microsoft Graph's User.ReadBasic.All and GroupMember.Read.All",
    ("azjit consumer configure --add-approver NAME",),
)

JIT_OFF = Rule(
    "DOC201",
    "no-jit",
    _PROBLEM,
    "deployed without JIT: the publisher's access never ends, and nothing can be requested",
    "JIT can be enabled only while deploying: deploy the application again with JIT enabled",
    (_ASK, "azjit consumer configure"),
)
NOBODY = Rule(
    "DOC202",
    "no-approver",
    _PROBLEM,
    "approval is manual and no named approver can decide: requests wait until they expire",
    "azjit consumer configure APP --add-approver user:ID",
    (*_DECIDE, "azjit publisher wait"),
)
GONE = Rule(
    "DOC203",
    "approver-gone",
    _PROBLEM,
    "an approver is no longer in the consumer's directory",
    "azjit consumer configure APP --remove-approver KIND:ID, and name another approver",
    _DECIDE,
)
UNABLE = Rule(
    "DOC204",
    "approver-unable",
    _WARNING,
    "an approver without the right to updateAccess can only decide in the portal; a disabled"
    " account, an empty group or a service principal cannot decide at all",
    "give the approver the role in how-to/least-privilege, or name another",
    _DECIDE,
)
IDENTITY = Rule(
    "DOC205",
    "identity",
    _WARNING,
    "the application has a managed identity, whose tokens its publisher can get by listTokens"
    " without a request",
    "limit the permissions of the identity, or remove it",
)
SELF_APPROVAL = Rule(
    "DOC206",
    "self-approval",
    _PROBLEM,
    "the publisher holds the right to updateAccess: it could approve its own requests",
    "take the role away from the publisher's principal on the application and above",
)
STANDING = Rule(
    "DOC207",
    "standing-access",
    _WARNING,
    "a principal of the publisher holds a role in the managed resource group that no request"
    " limits in time",
    "find out who gave it: azjit consumer history APP --activity; remove it if nobody needs it",
)
STALE = Rule(
    "DOC208",
    "stale-request",
    _WARNING,
    "a request waits past its start, or for more than a day: an approval now gives less access"
    " than requested, or none",
    "decide it, or have the publisher cancel it and file a new one",
    ("azjit consumer approve",),
)

CHECKS = rules_in({**vars(right_checks), **globals()})
