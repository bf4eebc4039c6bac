"""The doctor's rules about the caller's rights; `permissions` has the actions and scopes."""

from __future__ import annotations

from typing import Final

from azjit.domain.findings import Rule, Severity

_PROBLEM, _WARNING, _NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
_ASK: Final = "azjit publisher request"
_DECIDE: Final = ("azjit consumer approve", "azjit consumer deny")
_GRANT = "get a role with this permission; docs/how-to/least-privilege.md defines the roles"

SEE = Rule(
    "DOC101",
    "right-to-see",
    _PROBLEM,
    "applications or their requests cannot be read",
    _GRANT,
    ("azjit consumer show", "azjit consumer history"),
)
DECIDE = Rule(
    "DOC102",
    "right-to-decide",
    _WARNING,
    "this principal cannot decide by updateAccess; no problem if others can",
    _GRANT,
    (*_DECIDE, "azjit consumer revoke"),
)
CONFIGURE = Rule(
    "DOC103",
    "right-to-configure",
    _WARNING,
    "this principal cannot change JIT settings; no problem if others can",
    _GRANT,
    ("azjit consumer configure",),
)
QUERY = Rule(
    "DOC104",
    "right-to-query",
    _WARNING,
    "Resource Graph cannot be read: lists over all subscriptions are slower and may be incomplete",
    _GRANT,
    ("azjit consumer pending --all",),
)
LOG = Rule(
    "DOC105",
    "right-to-log",
    _WARNING,
    "the activity log cannot be read: what others did is not shown",
    _GRANT,
    ("azjit consumer history --activity",),
)
LIST = Rule(
    "DOC106",
    "right-to-list",
    _WARNING,
    "a subscription's applications or requests cannot be listed: lists leave them out, and changes"
    " need GROUP/NAME or an id",
    _GRANT,
    ("azjit consumer apps", "azjit consumer pending", "azjit consumer history"),
)
VERIFY = Rule(
    "DOC107",
    "right-to-verify",
    _WARNING,
    "role assignments in the managed resource group cannot be read: who has access is not shown,"
    " and a revocation cannot be confirmed",
    _GRANT,
    ("azjit consumer revoke",),
)
POLL = Rule(
    "DOC108",
    "right-to-poll",
    _NOTE,
    "Azure's progress with a change cannot be polled: azjit reads until the change shows",
    _GRANT,
)
REQUEST = Rule(
    "DOC111",
    "right-to-request",
    _PROBLEM,
    "requests cannot be filed in the managed resource group",
    "the managed application service gives this right to the principals of the offer: ask for it"
    " as one of them, or have the definition's rows changed",
    (_ASK,),
)
FOLLOW = Rule(
    "DOC112",
    "right-to-follow",
    _PROBLEM,
    "requests in the managed resource group cannot be read",
    "the managed application service gives this right to the principals of the offer",
    ("azjit publisher history", "azjit publisher wait"),
)
EXPLICIT = Rule(
    "DOC113",
    "explicit-principal",
    _PROBLEM,
    "only a principal that the definition names can request; according to Microsoft's article, one"
    " that is eligible only through a group cannot",
    "ask the publisher to add your object id to the definition, then: azjit publisher"
    " refresh-permissions APP",
    (_ASK,),
)
READ = Rule(
    "DOC114",
    "right-to-read",
    _WARNING,
    "the application's settings, or what is in its managed resource group, cannot be read: roles,"
    " limits and access are not shown",
    "ask the consumer for Reader on the application; the managed application service assigns the"
    " rest to the principals of the offer",
    ("azjit publisher apps", "azjit publisher roles", "azjit publisher wait --for active"),
)
REFRESH = Rule(
    "DOC115",
    "right-to-refresh",
    _NOTE,
    "this principal cannot refresh the permissions; no problem if others can",
    _GRANT,
    ("azjit publisher refresh-permissions",),
)
WITHDRAW = Rule(
    "DOC116",
    "right-to-withdraw",
    _WARNING,
    "requests cannot be withdrawn, nor access given back",
    "the managed application service gives this right to the principals of the offer",
    ("azjit publisher cancel",),
)
