"""Which application an event of the log concerns, and which roles no JIT request gave."""

from __future__ import annotations

from collections.abc import Iterable

from azjit.context import Context
from azjit.domain.access import PUBLISHER_OPERATOR
from azjit.domain.activity import ActivityEvent, ActivityKind
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.ids import ApplicationId
from azjit.domain.reports import RequestReport
from azjit.errors import AzjitError
from azjit.services.lookup.eligible_roles import told_rows, whole
from azjit.services.lookup.omissions import ends_all

# Microsoft's own services, by the ids that the log has for them in every tenant.
SERVICES = {
    "ba4bc2bd-843f-4d61-9d33-199178eae34e": "Managed Applications service",
    "01fc33a7-78ba-4d2f-a4b7-768e336e890e": "Privileged Identity Management",
}
_ROLES = {ActivityKind.GIVEN, ActivityKind.TAKEN}
_ASSIGNMENT = "/providers/microsoft.authorization/roleassignments/"


class AffectedApplications:
    """Tells which of the applications an event affects, by its scope and by the role's holder.

    `unread` are the errors of definitions that could not be read.
    """

    def __init__(
        self,
        context: Context,
        applications: Iterable[Application],
        reports: Iterable[RequestReport],
    ) -> None:
        self._context = context
        self._applications = list(applications)
        self.unread: list[AzjitError] = []
        self._asked: dict[str, set[str]] = {}
        self._publishers: dict[str, set[str]] = {}
        for report in reports:
            if report.request.application is not None:
                rows = {row.principal.key for row in report.request.rows}
                self._asked.setdefault(report.request.application.key, set()).update(rows)

    def concerned(self, event: ActivityEvent) -> list[Application]:
        """Give the applications that an event is about.

        A role that is given above an application is about those whose publisher gets it; where
        the log does not tell who does, it may be any of them.
        """
        inside = self._inside(event.target.lower())
        if inside is not None or event.kind not in _ROLES:
            return [inside] if inside is not None else []
        scope = event.target.lower().partition(_ASSIGNMENT)[0]
        above = [each for each in self._applications if scope in _scopes_of(each)]
        if event.row is None:
            return above if event.kind is ActivityKind.GIVEN else []
        return [each for each in above if self._is_publisher(each, event)]

    def at(self, application: ApplicationId | None) -> Application | None:
        """Give the application by its id, if it is one of these."""
        return next((each for each in self._applications if each.id == application), None)

    def is_standing(self, event: ActivityEvent, concerned: Iterable[Application]) -> bool:
        """Tell whether somebody gave the publisher a role without a JIT request."""
        row = event.row
        if event.kind is not ActivityKind.GIVEN or event.has_failed or row is None:
            return False
        is_by_service = (event.caller or "").lower() in SERVICES
        if is_by_service or row.role.guid == PUBLISHER_OPERATOR:
            return False
        return any(self._is_publisher(each, event) for each in concerned)

    def _inside(self, target: str) -> Application | None:
        for application in self._applications:
            group = application.managed_group
            places = [application.id.key, *([group.key] if group is not None else [])]
            if any(target == place or target.startswith(f"{place}/") for place in places):
                return application
        return None

    def _is_publisher(self, application: Application, event: ActivityEvent) -> bool:
        key = application.id.key
        if key not in self._publishers:
            rows = self._eligible_rows(application)
            eligible = {row.principal.key for row in rows}
            self._publishers[key] = eligible | self._asked.get(key, set())
        return event.row is not None and event.row.principal.key in self._publishers[key]

    def _eligible_rows(self, application: Application) -> tuple[RoleGrant, ...]:
        try:
            return whole(told_rows(self._context, application)) or ()
        except AzjitError as error:
            if ends_all(error):
                raise
            self.unread.append(error)
            return ()


def _scopes_of(application: Application) -> set[str]:
    """Give the scopes above an application, whose roles apply to it too."""
    home = application.id.group_id
    subscription = f"/subscriptions/{application.id.subscription}".lower()
    return {subscription, home.key} if home is not None else {subscription}
