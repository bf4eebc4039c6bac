"""Rules about the draft of a plan: whether its applications can have JIT access; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from azjit.domain.findings import Finding, Rule, Severity, rules_in
from azjit.domain.offers import PackageConfiguration

_REQUEST: Final = ("azjit publisher request",)
_ROWS: Final = "in Technical configuration, Authorizations"

JIT_NOT_ALLOWED = Rule(
    "OFF001",
    "jit-not-allowed",
    Severity.ERROR,
    "the consumer is not offered JIT access, and a package with the JIT output can fail to deploy",
    "azjit publisher offer enable-jit, then publish the offer",
    _REQUEST,
)
JIT_UNKNOWN = Rule(
    "OFF002",
    "jit-unknown",
    Severity.ERROR,
    "Partner Center's answer does not contain allowJitAccess",
    "look at the checkbox in Technical configuration",
)
NO_ROW = Rule(
    "OFF003",
    "no-authorization",
    Severity.ERROR,
    "only a principal of an authorization can request access",
    f"name the principals and their roles {_ROWS}",
    _REQUEST,
)
ROW_UNREADABLE = Rule(
    "OFF004",
    "authorization-unreadable",
    Severity.ERROR,
    "an authorization without a principal or a role gives nobody access",
    f"complete or remove it {_ROWS}",
    _REQUEST,
)
ONLY_GROUPS = Rule(
    "OFF005",
    "only-groups",
    Severity.ERROR,
    "a principal that is eligible only through a group cannot request the role (a known issue in"
    " Microsoft's article)",
    f"name the principals themselves {_ROWS}",
    _REQUEST,
)
GROUP_ROW = Rule(
    "OFF006",
    "group-row",
    Severity.NOTE,
    "members of the group that no other authorization names cannot request the role",
    f"name the principals that need the role {_ROWS}",
)
PRINCIPAL_GONE = Rule(
    "OFF007",
    "principal-gone",
    Severity.ERROR,
    "a principal that is not in the publisher's directory cannot request a role",
    f"remove it, or name another principal, {_ROWS}",
    _REQUEST,
)
PRINCIPALS_UNCHECKED = Rule(
    "OFF008",
    "principals-unchecked",
    Severity.NOTE,
    "only the directory of the offer's tenant shows whether a principal exists, and is a group",
    "sign in to that tenant with permission to read its directory",
)
GRANTS_ACCESS = Rule(
    "OFF009",
    "grants-access",
    Severity.WARNING,
    "a role that can write role assignments can assign itself any role, for any time",
    f"name a role without that right, e.g. Contributor, {_ROWS}",
)
ROLE_UNKNOWN = Rule(
    "OFF010",
    "role-unknown",
    Severity.NOTE,
    "custom roles of the publisher do not exist in the consumer's subscription",
    f"name a built-in role {_ROWS}",
    _REQUEST,
)

# The built-in roles that can write any role assignment.
_GRANTING = {
    "Owner",
    "User Access Administrator",
    "Role Based Access Control Administrator",
}

RULES: Final = rules_in(globals())


class DraftFacts(NamedTuple):
    """A draft, the kinds and names of its principals by key, and the names of built-in roles.

    `kinds` is None if the directory could not be read; `roles` is empty if they are not known.
    """

    draft: PackageConfiguration
    kinds: Mapping[str, str] | None
    names: Mapping[str, str]
    roles: Mapping[str, str]


def judge(facts: DraftFacts, subject: str) -> list[Finding]:
    """Give the findings on a draft."""
    ids = facts.draft.draft
    enable = f"azjit publisher offer enable-jit --product {ids.product} --instance {ids.instance}"
    advice = {JIT_NOT_ALLOWED: f"{enable}, then publish the offer"}
    faults = [*_flag(facts.draft), *_rows(facts)]
    return [
        Finding(rule, rule.severity, text, subject=subject, advice=advice.get(rule))
        for rule, text in faults
    ]


Fault = tuple[Rule, str]


def _flag(draft: PackageConfiguration) -> Iterator[Fault]:
    if draft.allows_jit is None:
        yield JIT_UNKNOWN, "whether the draft allows JIT access is not known"
    elif not draft.allows_jit:
        yield JIT_NOT_ALLOWED, "the draft does not allow JIT access"


def _rows(facts: DraftFacts) -> Iterator[Fault]:
    rows = [row for row in facts.draft.rows if row.is_whole]
    unreadable = len(facts.draft.rows) - len(rows)
    if unreadable:
        yield ROW_UNREADABLE, f"{unreadable} of the authorizations cannot be read"
    for guid in dict.fromkeys(row.role.guid for row in rows):
        name = facts.roles.get(guid)
        if name in _GRANTING:
            yield GRANTS_ACCESS, f"{name} can give access to others"
        elif name is None and facts.roles:
            yield ROLE_UNKNOWN, f"role {guid} is not a built-in role that azjit knows"
    if not rows:
        yield NO_ROW, "the draft has no authorization that can be read"
    elif facts.kinds is None:
        yield PRINCIPALS_UNCHECKED, "azjit could not look up the principals"
    else:
        yield from _principals(facts, facts.kinds)


def _principals(facts: DraftFacts, kinds: Mapping[str, str]) -> Iterator[Fault]:
    rows = [row for row in facts.draft.rows if row.is_whole]
    for key in dict.fromkeys(row.principal.key for row in rows):
        if key not in kinds:
            yield PRINCIPAL_GONE, f"principal {key} is not in the directory"
    for role in dict.fromkeys(row.role for row in rows):
        named = [row.principal.key for row in rows if row.role == role]
        groups = [key for key in named if kinds.get(key) == "group"]
        listed = ", ".join(facts.names.get(key, key) for key in groups)
        word = facts.roles.get(role.guid, role.guid)
        if groups and len(groups) == len(named):
            yield ONLY_GROUPS, f"only the group {listed} is eligible for {word}"
        elif groups:
            yield GROUP_ROW, f"the group {listed} is also eligible for {word}"
