"""Who may call updateAccess, by role assignments at an application and above."""

from __future__ import annotations

from azjit.context import Context
from azjit.domain.access import RoleAssignment
from azjit.domain.ids import ApplicationId, PrincipalId, RoleId
from azjit.domain.permissions import UPDATE_ACCESS
from azjit.errors import AzjitError

# An assignment, and whether it allows updateAccess; None if its role could not be read.
Held = list[tuple[RoleAssignment, bool | None]]


class Deciders:
    """Reads the assignments of each application, and each role, once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._roles: dict[str, bool] = {}
        self._held: dict[ApplicationId, Held] = {}

    def at(self, application: ApplicationId) -> Held:
        """Give all assignments at an application and above."""
        if application not in self._held:
            self._held[application] = self.of(application, None)
        return self._held[application]

    def of(self, application: ApplicationId, principal: PrincipalId | None) -> Held:
        """Give a principal's assignments at an application, also through groups; None for all."""
        held = self._context.authorization.assignments(application, principal)
        return [(each, self._allows(application, each.role)) for each in held]

    def _allows(self, application: ApplicationId, role: RoleId) -> bool | None:
        if role.guid not in self._roles:
            if not role.guid:
                return None
            try:
                blocks = self._context.authorization.role(application, role.guid).blocks
            except AzjitError:
                return None
            self._roles[role.guid] = any(block.allows(UPDATE_ACCESS) for block in blocks)
        return self._roles[role.guid]
