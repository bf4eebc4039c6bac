"""Checks that the definition names the caller for each role, not only a group of the caller."""

from __future__ import annotations

from collections.abc import Iterator

from azjit.context import Context
from azjit.domain.access import Caller
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.findings import Finding, Subject
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.request_rules import only_by_group
from azjit.domain.right_checks import EXPLICIT
from azjit.errors import AzjitError
from azjit.services.directory_names import Directory
from azjit.services.doctor.rights import rows_or_why
from azjit.services.lookup.access import AccessReader


class EligibilityDoctor:
    """Checks the rows of a publisher's definition."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._roles = context.service(AccessReader)
        self._directory = context.service(Directory)

    def look(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Check for which roles the caller can file a request."""
        rows = rows_or_why(self._context, application)
        if isinstance(rows, str):
            yield subject.unknown(EXPLICIT, rows)
            return
        caller = self._context.caller
        own = {row.role for row in rows if row.principal == caller.id}
        others = [row for row in rows if row.role not in own]
        # Groups only matter for roles that do not name the caller.
        caller = self._directory.placed(caller, [row.principal for row in others])
        if own:
            named = self._words(application, own)
            yield subject.ok(EXPLICIT, f"a row names {caller.name} for {named}")
        through = {row.role: row for row in others if caller.is_in(row.principal)}
        for row in through.values():
            yield self._only_by_group(application, subject, row, caller)
        left = {row.role for row in others} - set(through)
        if any(caller.is_in(row.principal) is None for row in others if row.role in left):
            named = self._words(application, left)
            why = "neither the token nor the directory shows its groups"
            text = f"no row names {caller.name} for {named}, and {why}"
            yield subject.unknown(EXPLICIT, text)
        elif not own and not through:
            yield subject.found(EXPLICIT, f"no row names {caller.name}")

    def _only_by_group(
        self, application: Application, subject: Subject, row: RoleGrant, caller: Caller
    ) -> Finding:
        told = only_by_group(row, caller, self._group_name(row.principal))
        role = self._words(application, {row.role})
        advice = f"{told.hint}; then: azjit publisher refresh-permissions APP"
        return subject.found(EXPLICIT, f"{role}: {told.message}", advice)

    def _group_name(self, group: PrincipalId) -> str | None:
        try:
            entry = self._directory.entries([group]).get(group.key)
        except AzjitError:
            return None  # the finding is useful without the name
        return entry.name if entry is not None else None

    def _words(self, application: Application, roles: set[RoleId]) -> str:
        group = application.managed_group
        names = {self._roles.role_name(group, role) or role.guid for role in roles}
        return ", ".join(sorted(names))
