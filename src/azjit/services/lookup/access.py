"""Who has access in a managed resource group now, and how that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from azjit.context import Context
from azjit.domain.access import Access, Proof, RoleAssignment, RoleDefinition, has_every_block
from azjit.domain.applications import RoleGrant
from azjit.domain.ids import GroupId, ResourceId, RoleId, is_guid
from azjit.domain.requests import JitRequest, Phase
from azjit.errors import AzjitError, Unavailable
from azjit.services.lookup.built_in_roles import BuiltInRoles
from azjit.services.lookup.omissions import ends_all
from azjit.services.parallel import SharedReads


class AccessReader:
    """Reads role assignments and, for the caller, permissions; remembers the names of roles."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: SharedReads[tuple[GroupId, str], RoleDefinition] = SharedReads(self._definition)
        self._built_in: dict[str, RoleDefinition] = {}
        self._asked: dict[str, Event] = {}
        self._told: dict[tuple[GroupId | None, RoleId], str] = {}

    def of_rows(self, group: GroupId, request: JitRequest) -> Access:
        """Tell whether every row of a request is held now; unknown if it is for one of them."""
        found = [self.of_row(group, row) for row in (*request.rows, *request.unread_rows)]
        unknown = next((each for each in found if each.held is None), None)
        if unknown is not None or not found:
            return unknown or Access(held=None, proof=Proof.UNKNOWN)
        missing = next((each for each in found if not each.held), None)
        return missing or found[0]

    def of_request(self, request: JitRequest) -> Access:
        """Tell whether any role of a request is held now; unknown if that holds for one of them."""
        group = request.id.group_id
        rows = (*request.rows, *request.unread_rows)
        found = [self.of_row(group, row) for row in rows] if group is not None else []
        for wanted in (True, None):
            of_that = [each for each in found if each.held is wanted]
            if of_that:
                return of_that[0]
        return found[0] if found else Access(held=None, proof=Proof.UNKNOWN)

    def if_readable(self, read: Callable[[], Access]) -> Access:
        """Give the access that a read shows; after an error warn, and give unknown access."""
        try:
            return read()
        except AzjitError as error:
            if ends_all(error):
                raise
            self._context.notes.warn(f"{error.message}; whether there is access is unknown")
            return Access(held=None, proof=Proof.UNKNOWN)

    def of_row(self, group: GroupId, row: RoleGrant) -> Access:
        """Tell whether a principal holds a role in the group now."""
        caller = self._context.caller
        if not row.role.text or not is_guid(row.principal.text):
            return Access(held=None, proof=Proof.UNKNOWN)
        tenant = caller.tenant if row.principal == caller.id else None
        try:
            held = self._context.authorization.assignments(group, row.principal, tenant)
        except AzjitError as error:
            if ends_all(error) or isinstance(error, Unavailable):
                raise
            return self._by_permissions(group, row)
        if any(RoleGrant(a.principal, a.role) == row for a in held if a.applies_in(group)):
            return Access(held=True, proof=Proof.ASSIGNMENT)
        if not all(each.is_whole for each in held):
            return Access(held=None, proof=Proof.UNKNOWN)
        return Access(held=False, proof=Proof.ASSIGNMENT)

    def assignments(self, group: GroupId) -> list[RoleAssignment] | None:
        """List all role assignments that apply in the group; None if they cannot be read."""
        try:
            return self._context.authorization.assignments(group)
        except AzjitError as error:
            if ends_all(error):
                raise
            return None

    def row_of(self, assignment: ResourceId) -> RoleGrant | None:
        """Give who holds which role by an assignment; None if it is gone or cannot be read."""
        try:
            found = self._context.authorization.assignment(assignment)
        except AzjitError:
            return None
        is_read = found is not None and found.is_whole
        return RoleGrant(found.principal, found.role) if found is not None and is_read else None

    def role_name(self, group: GroupId | None, role: RoleId, *, anew: bool = False) -> str | None:
        """Give a role's name, from a command of the last day or from Azure; None if it has none.

        For a decision it is read `anew`; else a built-in role that cannot be read has the name that
        is known offline. The result is useful without it, so that no error of its read is raised.
        """
        told = None if anew else self._told.get((group, role))
        if told is None:
            told = self._find_name(group, role, anew=anew)
        if told is not None:
            self._told[group, role] = told
        return told

    def _find_name(self, group: GroupId | None, role: RoleId, *, anew: bool) -> str | None:
        known = None if anew else self._known_name(group, role)
        if known is not None:
            return known
        found = self.definition(group, role)
        if found is not None or anew:
            return found.name if found is not None else None
        return self._context.service(BuiltInRoles).names.get(role.guid)

    def definition(self, group: GroupId | None, role: RoleId) -> RoleDefinition | None:
        """Read a role's definition in a group, once for a command; None if it cannot be read."""
        if group is None or not is_guid(role.guid):
            return None
        try:
            with self._first_of(role):
                return self._built_in.get(role.guid) or self._read.get((group, role.guid))
        except AzjitError:
            return None

    @contextmanager
    def _first_of(self, role: RoleId) -> Iterator[None]:
        """Let one thread read a role first: the others need not read a built-in role again."""
        mine = Event()
        first = self._asked.setdefault(role.guid, mine)
        if first is not mine:
            first.wait()
        try:
            yield
        finally:
            mine.set()

    def _known_name(self, group: GroupId | None, role: RoleId) -> str | None:
        places = self._place(), *([self._place(group)] if group is not None else [])
        return self._context.known.role_name(role.guid, *places)

    def _place(self, scope: GroupId | None = None) -> str:
        """Name the place in which a role has one name; a custom role has one by scope."""
        place = f"{self._context.cloud.arm}|{self._context.caller.tenant}"
        return place if scope is None else f"{place}|{scope.key}"

    def _by_permissions(self, group: GroupId, row: RoleGrant) -> Access:
        # `permissions` is about the caller only, and needs no right to read assignments.
        if row.principal != self._context.caller.id or not is_guid(row.role.guid):
            return Access(held=None, proof=Proof.UNKNOWN)
        try:
            definition = self._definition((group, row.role.guid))
            held = self._context.authorization.permissions(group)
        except AzjitError as error:
            if ends_all(error) or isinstance(error, Unavailable):
                raise
            return Access(held=None, proof=Proof.UNKNOWN)
        return Access(held=has_every_block(definition, held), proof=Proof.PERMISSIONS)

    def _definition(self, wanted: tuple[GroupId, str]) -> RoleDefinition:
        group, guid = wanted
        definition = self._context.authorization.role(group, guid)
        if definition.is_built_in:
            self._built_in[guid] = definition
        place = self._place(None if definition.is_built_in else group)
        self._context.known.remember_roles(place, {guid: definition.name})
        return definition


def explains(request: JitRequest, held: RoleAssignment, group: GroupId, now: datetime) -> bool:
    """Tell whether a request explains an assignment, so that it ends with the request."""
    row = RoleGrant(held.principal, held.role)
    filed, made = request.created_at, held.created_at
    is_here = held.scope.lower() in {"", group.key}
    is_older = made is not None and filed is not None and made < filed
    return request.phase(now) is Phase.OPEN and row in request.rows and is_here and not is_older
