"""Finds the eligible roles of an application, and the one that a person names."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from azjit.context import Context
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.ids import GroupId, RoleId, is_guid
from azjit.errors import AzjitError, NotFound, PartlyDone, Usage
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.built_in_roles import BuiltInRoles
from azjit.services.lookup.omissions import ends_all


def eligible_rows(context: Context, application: Application) -> tuple[RoleGrant, ...] | None:
    """Give the eligible roles of the application, or of its definition; None if both lack them.

    A row that cannot be read is left out, because no rule may depend on it.
    """
    return whole(every_row(context, application))


def told_rows(context: Context, application: Application) -> tuple[RoleGrant, ...] | None:
    """Give what Azure wrote of the eligible roles; None if it wrote nothing.

    Raises:
        AzjitError: the definition has them, and cannot be read.
    """
    if application.roles is not None or application.definition is None:
        return application.roles
    return context.solutions.definition_roles(application.definition)


def whole(rows: tuple[RoleGrant, ...] | None) -> tuple[RoleGrant, ...] | None:
    """Give the rows that could be read."""
    return tuple(row for row in rows if row.is_whole) if rows is not None else None


def every_row(context: Context, application: Application) -> tuple[RoleGrant, ...] | None:
    """Give the eligible roles of the application, or of its definition, as Azure wrote them.

    None, with a warning, if the definition cannot be read.
    """
    try:
        return told_rows(context, application)
    except AzjitError as error:
        if ends_all(error):
            raise
        context.notes.warn(f"{error.message}; the eligible roles are unknown")
        return None


class RoleNamer:
    """Turns a role's name, GUID or id into the role that an application's rows name."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access = context.service(AccessReader)

    def role(
        self,
        text: str,
        group: GroupId,
        rows: tuple[RoleGrant, ...] | None,
        listing: str = "azjit publisher roles APP",
        told: Mapping[RoleId, str | None] | None = None,
    ) -> RoleId:
        """Find the role that a person typed; `listing` is the command that lists the rows.

        `told` has names that came with the rows.

        Raises:
            NotFound: no eligible role has that name.
            PartlyDone: none has it, but not all names could be read.
            Usage: several have it, or the text is no role.
        """
        text = text.strip()
        if is_guid(text) or text.startswith("/"):
            return _typed_id(text)
        if not text:
            raise Usage("the role is empty", hint="use a role, such as --role Contributor")
        if rows is None:
            return self._by_azure(text, group)
        named = {
            row.role: (told or {}).get(row.role) or self._access.role_name(group, row.role)
            for row in rows
        }
        found = [role for role, name in named.items() if name and name.lower() == text.lower()]
        if len(found) > 1:
            listed = ", ".join(role.guid for role in found)
            raise Usage(
                f"{len(found)} eligible roles are named {text!r}: {listed}",
                hint="use the GUID of one of them",
            )
        unread = [role.guid for role, name in named.items() if name is None and is_guid(role.guid)]
        if not found and unread:
            raise PartlyDone(
                f"no role {text!r} among the eligible roles whose names could be read; those of"
                f" {len(unread)} could not",
                hint=f"use the GUID of the role: {', '.join(unread)}",
            )
        if not found:
            names = sorted({name or role.guid for role, name in named.items()})
            raise _no_role(text, names, listing)
        return found[0]

    def _by_azure(self, text: str, group: GroupId) -> RoleId:
        known = self._context.service(BuiltInRoles).named(text)
        if known is not None:
            return RoleId(known)
        found = self._context.authorization.roles_named(group, text)
        if len(found) != 1:
            raise NotFound(
                f"no single role named {text!r} in {group.name}", hint="use the GUID of the role"
            )
        return RoleId(found[0].id.guid)


def _typed_id(text: str) -> RoleId:
    role = RoleId(text.rstrip("/"))
    if not is_guid(role.guid) or (text.startswith("/") and "/roledefinitions/" not in text.lower()):
        raise Usage(f"malformed role {text!r}", hint="use a name, a GUID or a role definition id")
    return role


def _no_role(text: str, names: list[str], listing: str) -> AzjitError:
    spelled = {name.lower(): name for name in names}
    near = get_close_matches(text.lower(), spelled, n=1, cutoff=0.5)
    meant = f"did you mean {spelled[near[0]]!r}? " if near else ""
    return NotFound(
        f"role {text!r} is not among the eligible roles: {', '.join(names) or 'there are none'}",
        hint=f"{meant}list them with: {listing}",
    )
