"""Whether a caller may do something: by role assignments, then by deny assignments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from azjit.sandbox.base.ids import ANYONE, bare_role, scopes_above
from azjit.sandbox.base.messages import Problem
from azjit.sandbox.entra.tokens import TokenCaller
from azjit.sandbox.world.people import Role
from azjit.sandbox.world.rights import DenyAssignment
from azjit.sandbox.world.world import APPLICATION, DEFINITION, Resource, World


def require(world: World, caller: TokenCaller, action: str, scope: str) -> None:
    """Refuse a caller that may not do something."""
    if not is_granted(world, caller, action, scope):
        raise failed(caller, action, scope)
    denial = denial_of(world, caller, action, scope)
    if denial is not None:
        raise Problem(
            403,
            "DenyAssignmentAuthorizationFailed",
            f"The client '{caller.label}' with object id '{caller.oid}' has permission to perform"
            f" action '{action}' on scope '{scope}'; however, the access is denied because of the"
            f" deny assignment with name '{denial.name}' and Id '{denial.id}' at scope"
            f" '{denial.scope}'.",
        )


def failed(caller: TokenCaller, action: str, scope: str) -> Problem:
    """Give the 403 for an action that no role grants."""
    text = (
        f"The client '{caller.label}' with object id '{caller.oid}' does not have authorization to"
        f" perform action '{action}' over scope '{scope}' or the scope is invalid. If access was"
        " recently granted, please refresh your credentials."
    )
    return Problem(403, "AuthorizationFailed", text)


def may(world: World, caller: TokenCaller, action: str, scope: str) -> bool:
    """Whether the caller may do something."""
    granted = is_granted(world, caller, action, scope)
    return granted and denial_of(world, caller, action, scope) is None


def is_granted(world: World, caller: TokenCaller, action: str, scope: str) -> bool:
    """Whether a role grants the action at a scope, apart from deny assignments."""
    for role in roles_held(world, caller, scope):
        if _matches(role.actions, action) and not _matches(role.not_actions, action):
            return True
    return action.lower().endswith("/read") and _is_publishers(world, caller, scope, action)


def denial_of(world: World, caller: TokenCaller, action: str, scope: str) -> DenyAssignment | None:
    """The deny assignment that forbids the action, if one does."""
    here = scope.lower().rstrip("/") or "/"
    for denial in world.denials(scopes_above(scope)):
        if denial.is_here_only and denial.scope != here:
            continue
        if not _matches(denial.actions, action) or _matches(denial.not_actions, action):
            continue
        if set(caller.principals) & set(denial.excluded):
            continue
        if ANYONE in denial.principals or set(caller.principals) & set(denial.principals):
            return denial
    return None


def roles_held(world: World, caller: TokenCaller, scope: str) -> list[Role]:
    """The roles that the caller holds at a scope now, inherited and through groups."""
    held = world.assignments(scopes=scopes_above(scope), principals=caller.principals)
    found = (world.directory.role(assignment.role) for assignment in held)
    return [role for role in found if role is not None]


def subscriptions_of(world: World, caller: TokenCaller) -> list[tuple[str, str, str]]:
    """Give those of its tenant, or of a customer, in which the caller holds any role."""
    is_listed = world.switch("publisher-lists-subscriptions") == "yes"
    return [
        (key, name, tenant)
        for key, name, tenant in world.directory.subscriptions()
        if (is_listed or tenant == caller.tenant) and world.holds_anything(caller.principals, key)
    ]


def authorizations_of(application: Resource) -> list[dict[str, str]]:
    """The publisher's rows for an application: principal and role."""
    rows: list[dict[str, str]] = application.private["authorizations"]
    return rows


def is_publisher_of(caller: TokenCaller, application: Resource) -> bool:
    """Whether a row of the application names the caller or a group the caller is in."""
    rows = authorizations_of(application)
    return any(bare_role(row["principalId"]) in caller.principals for row in rows)


def _is_publishers(world: World, caller: TokenCaller, scope: str, action: str) -> bool:
    """Whether the resource is an application of the caller, or the definition of one.

    Assumes:
        [M] a publisher may GET the application without a role on it
        [U] a publisher may GET the definition of its applications in the consumer's catalog
    """
    resource = world.resource(scope)
    if resource is None:
        return False
    if resource.type == APPLICATION and action.lower() == f"{APPLICATION}/read":
        applications = [resource]
    elif resource.type == DEFINITION and action.lower() == f"{DEFINITION}/read":
        applications = world.applications_of(resource.key)
    else:
        return False
    return any(
        is_publisher_of(caller, application)
        and world.switch("publisher-read-application", application.key) == "allowed"
        for application in applications
    )


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(_pattern(pattern).fullmatch(action) for pattern in patterns)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*"), re.IGNORECASE)
