"""Rules that compare an application with its definition; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from azjit.domain.access import Caller, RoleDefinition
from azjit.domain.applications import Application, JitState, RoleGrant
from azjit.domain.findings import Finding, Rule, Severity, rules_in
from azjit.domain.ids import PrincipalId
from azjit.domain.powers import Power, gives_access

_REQUEST: Final = "azjit publisher request"

JIT_OFF = Rule(
    "APP001",
    "jit-off",
    Severity.ERROR,
    "JIT can only be enabled at deployment; without it, the publisher has standing access",
    "deploy the application again with JIT enabled, or use the standing access",
    (_REQUEST,),
)
ONLY_BY_GROUP = Rule(
    "APP002",
    "only-by-group",
    Severity.ERROR,
    "Azure requires the principal itself in the definition; a principal that is eligible only"
    " through a group cannot request the role (a known issue in Microsoft's article)",
    "add the principal itself to the authorizations of the definition, then refresh the"
    " permissions",
    (_REQUEST,),
)
GROUP_ROW = Rule(
    "APP003",
    "group-row",
    Severity.NOTE,
    "members of the group that the definition does not name cannot request the role",
    "name the principals that need the role",
)
GRANTS_ACCESS = Rule(
    "APP004",
    "grants-access",
    Severity.WARNING,
    "a role that can write role assignments can assign itself any role, for any time",
    "use a role without * and without Microsoft.Authorization/*/write, e.g. Contributor",
)
PRINCIPAL_GONE = Rule(
    "APP005",
    "principal-gone",
    Severity.ERROR,
    "a principal that no longer exists in the publisher's directory cannot request a role",
    "remove its authorization from the definition, or name another principal",
    (_REQUEST,),
)
ROLE_GONE = Rule(
    "APP006",
    "role-gone",
    Severity.ERROR,
    "a role that does not exist in the consumer's subscription cannot be assigned",
    "use a built-in role, because custom roles of the publisher do not exist there",
    (_REQUEST,),
)
NOT_TAKEN_OVER = Rule(
    "APP007",
    "not-taken-over",
    Severity.ERROR,
    "a deployed application keeps the authorizations that the definition had at deployment",
    "apply the new ones: azjit publisher refresh-permissions APP",
    (_REQUEST,),
)
NO_LONGER_DEFINED = Rule(
    "APP008",
    "no-longer-defined",
    Severity.NOTE,
    "the application still has an authorization that its definition no longer has",
    "remove it: azjit publisher refresh-permissions APP",
)
DEFINITION_UNREAD = Rule(
    "APP009",
    "definition-unread",
    Severity.NOTE,
    "the definition of a marketplace application, or of one that you may not read, cannot be"
    " compared",
    "compare the authorizations with those of the offer: azjit publisher offer show",
)
APPLICATION_UNREAD = Rule(
    "APP010",
    "application-unread",
    Severity.NOTE,
    "you cannot read the application, so its settings and authorizations are unknown",
    "ask the consumer for Microsoft.Solutions/applications/read, or to run this check",
)
PRINCIPALS_UNCHECKED = Rule(
    "APP011",
    "principals-unchecked",
    Severity.NOTE,
    "only the publisher's directory shows whether each principal still exists",
    "sign in to the publisher's tenant with permission to read its directory",
)
ROWS_HIDDEN = Rule(
    "APP012",
    "authorizations-hidden",
    Severity.NOTE,
    "an application that does not show its authorizations may lack a new one of its definition",
    "if a request fails with JitAuthorizationNotFound: azjit publisher refresh-permissions APP",
)

RULES: Final = rules_in(globals())


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read about an application.

    `deployed` and `defined` are None if they could not be read. `kinds` gives the known kinds of
    principals by key. `gone` is None if the directory could not be read. A role is None if Azure
    has no role with its id; a role that could not be read is missing. `present` are the principals
    with a role assignment on the managed group, which shows authorizations that the application
    hides.
    """

    application: Application
    deployed: tuple[RoleGrant, ...] | None
    defined: tuple[RoleGrant, ...] | None
    caller: Caller
    kinds: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] | None = None
    roles: Mapping[str, RoleDefinition | None] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    present: frozenset[str] | None = None

    @property
    def rows(self) -> tuple[RoleGrant, ...]:
        """Every row of the application and its definition, each once."""
        return tuple(dict.fromkeys([*(self.deployed or ()), *(self.defined or ())]))


def judge(facts: Facts) -> list[Finding]:
    """Give the findings, the most severe kinds first."""
    subject = facts.application.label
    faults = [
        *_settings(facts),
        *_groups(facts),
        *_roles(facts),
        *_principals(facts),
        *_differences(facts),
    ]
    return [
        Finding(rule, rule.severity, text, subject=subject, advice=fix)
        for rule, text, fix in faults
    ]


Fault = tuple[Rule, str, str | None]


def missing_rows(facts: Facts) -> tuple[RoleGrant, ...]:
    """Give the rows of the definition that the application certainly lacks."""
    if facts.defined is None:
        return ()
    if facts.deployed is not None:
        return tuple(row for row in facts.defined if row not in facts.deployed)
    if facts.present is None:
        return ()
    # The service assigns a standing role to each principal of a row: no role means no row.
    return tuple(row for row in facts.defined if row.principal.key not in facts.present)


def row_text(row: RoleGrant, names: Mapping[str, str]) -> str:
    """Give a row as text: its role and its principal."""
    role = names.get(row.role.guid, row.role.guid)
    return f"{role} for {_name(row.principal, names)}"


def _settings(facts: Facts) -> Iterator[Fault]:
    application = facts.application
    if not application.is_read:
        yield APPLICATION_UNREAD, "the application could not be read", None
    elif application.jit is JitState.OFF:
        yield JIT_OFF, f"{application.name} was deployed without JIT access", None


def _groups(facts: Facts) -> Iterator[Fault]:
    for role in dict.fromkeys(row.role for row in facts.rows):
        named = [row.principal for row in facts.rows if row.role == role]
        groups = [each for each in named if _is_group(each, facts)]
        if not groups:
            continue
        role_name = facts.names.get(role.guid, role.guid)
        listed = ", ".join(_name(each, facts.names) for each in groups)
        is_mine = any(facts.caller.is_in(each) for each in groups)
        if facts.caller.id not in named and is_mine:
            text = f"{facts.caller.name} is eligible for {role_name} only through group {listed}"
            fix = f"add principal {facts.caller.id} with role {role.guid} to the definition"
            yield ONLY_BY_GROUP, text, f"{fix}, then refresh the permissions"
        elif len(groups) == len(named):
            yield ONLY_BY_GROUP, f"only the group {listed} is eligible for {role_name}", None
        else:
            yield GROUP_ROW, f"the group {listed} is also eligible for {role_name}", None


def _roles(facts: Facts) -> Iterator[Fault]:
    for guid, role in facts.roles.items():
        if role is None:
            yield ROLE_GONE, f"the role {facts.names.get(guid, guid)} does not exist", None
        elif gives_access(role):
            yield GRANTS_ACCESS, f"{role.name} {Power.GIVE_ACCESS.words}", None


def _principals(facts: Facts) -> Iterator[Fault]:
    principals = dict.fromkeys(row.principal for row in facts.rows)
    if facts.gone is None:
        if principals:
            text = "azjit could not check whether the principals still exist"
            yield PRINCIPALS_UNCHECKED, text, None
        return
    for each in principals:
        if each.key in facts.gone:
            yield PRINCIPAL_GONE, f"principal {_name(each, facts.names)} no longer exists", None


def _differences(facts: Facts) -> Iterator[Fault]:
    if facts.defined is None:
        is_of_offer = (facts.application.kind or "").lower() == "marketplace"
        text = f"{facts.application.name} comes from a marketplace offer, and has no definition"
        yield DEFINITION_UNREAD, text if is_of_offer else "the definition could not be read", None
        return
    name = facts.application.label
    missing = missing_rows(facts)
    unknown = len(facts.defined) - len(missing) if facts.deployed is None else 0
    if unknown:
        rows = "1 row" if unknown == 1 else f"{unknown} rows"
        text = f"{name} does not show its authorizations: whether it has {rows} of the definition"
        yield ROWS_HIDDEN, f"{text} is not known", None
    for row in missing:
        text = f"{name} does not have the definition's {row_text(row, facts.names)} yet"
        yield NOT_TAKEN_OVER, text, f"apply it: azjit publisher refresh-permissions {name}"
    for row in facts.deployed or ():
        if row not in facts.defined:
            text = f"the definition no longer has {row_text(row, facts.names)}"
            yield NO_LONGER_DEFINED, text, None


def _is_group(principal: PrincipalId, facts: Facts) -> bool:
    kind = facts.kinds.get(principal.key, "").lower()
    return kind in {"group", "foreigngroup"} or facts.caller.is_in(principal) is True


def _name(principal: PrincipalId, names: Mapping[str, str]) -> str:
    return names.get(principal.key, principal.text)


def principals_of(rows: Iterable[RoleGrant]) -> list[PrincipalId]:
    """Give the principals of rows, each once."""
    return list(dict.fromkeys(row.principal for row in rows))
