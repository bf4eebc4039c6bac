"""Reads what the judgement of a request rests on, each thing once per command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TypeVar

from azjit.context import Context
from azjit.domain.access import Caller, RoleDefinition
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.concerns import Sheet, sheet_of
from azjit.domain.facts import Grants, Reading, is_approver
from azjit.domain.ids import ApplicationId, GroupId
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.built_in_roles import BuiltInRoles
from azjit.services.lookup.eligible_roles import whole
from azjit.services.lookup.omissions import ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import SharedReads, each

_T = TypeVar("_T")


class Judging:
    """Judges requests; what cannot be read counts as not known."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access = context.service(AccessReader)
        self._directory = context.service(Directory)
        self._listed = SharedReads[GroupId, list[JitRequest]](
            lambda group: list(context.solutions.requests_in(group))
        )
        # Made once: a group may have thousands of requests.
        self._grants = SharedReads[GroupId, Grants](
            lambda group: self.grants(self._listed.get(group))
        )
        self._applications = SharedReads[ApplicationId, Application](context.solutions.application)
        self._again = SharedReads[tuple[ApplicationId, int], Application](
            lambda asked: context.solutions.application(asked[0])
        )
        self._defined = SharedReads[str, tuple[RoleGrant, ...] | None](
            context.solutions.definition_roles
        )

    def prepare(self, request: JitRequest, *, at_once: bool = True) -> None:
        """Read what the sheet of a request needs, so that later it is there; it raises no error.

        For one request all reads are made `at_once`; of many each is prepared in its own thread.
        """
        group, application = request.id.group_id, request.application
        reads: list[Callable[[], object]] = []
        if application is not None:
            reads.append(lambda: self._applications.get(application))
        if group is not None and at_once:
            reads.append(lambda: self._listed.get(group))
        roles = {row.role for row in request.rows}
        reads += [partial(self._access.definition, group, role) for role in roles]

        def attempt(read: Callable[[], object]) -> None:
            with suppress(AzjitError):
                read()

        list(each(attempt, reads, self._context.stop) if at_once else map(attempt, reads))

    def application(self, application: ApplicationId) -> Application:
        """Read an application, once for all requests of a command."""
        return self._applications.get(application)

    def application_or_none(self, request: JitRequest) -> Application | None:
        """Read the application of a request; None if it has none, or it cannot be read."""
        wanted = request.application
        return _or_none(lambda: self.application(wanted)) if wanted is not None else None

    def application_again(self, application: ApplicationId) -> Application:
        """Read an application now; the decisions of one second share the read."""
        second = int(self._context.clock.now().timestamp())
        return self._again.get((application, second))

    def requests_in(self, group: GroupId) -> list[JitRequest]:
        """List the requests of a managed resource group, once for all requests of a command."""
        return self._listed.get(group)

    def grants_around(self, request: JitRequest) -> Grants | None:
        """Give the grants of a request's application; None if they cannot be listed."""
        group = request.id.group_id
        if group is None:
            return None
        return _or_none(lambda: self._grants.get(group))

    def grants(self, listed: Iterable[JitRequest]) -> Grants:
        """Give the grants among listed requests; one that was revoked for sure is none."""
        revoked_at = self._context.service(Reporter).revoked_at
        return Grants(each for each in listed if revoked_at(each) is None)

    def sheet(
        self,
        request: JitRequest,
        application: Application | None,
        others: Grants | None,
        *,
        attended: bool,
        anew: bool = False,
    ) -> Sheet:
        """Judge a request; `anew` asks again for the groups that it may be for."""
        caller = self._directory.placed(self._context.caller, request.possible_groups, anew=anew)
        return sheet_of(
            Reading(
                request,
                application,
                caller,
                self._context.now(),
                roles=self._roles(request),
                eligible=self._eligible(application),
                others=others,
                kinds=self._kinds(request, caller),
                built_in=self._context.service(BuiltInRoles).names,
                is_approver=self._is_approver(application),
                attended=attended,
            )
        )

    def listed(
        self, request: JitRequest, application: Application | None, others: Grants | None
    ) -> Sheet:
        """Judge a request of a list, for somebody who may decide it later."""
        attended = self._context.process.may_prompt
        return self.sheet(request, application, others, attended=attended)

    def place(self, request: JitRequest, application: Application) -> Sheet:
        """Judge only whether a request belongs to its application; all else is not known."""
        return sheet_of(Reading(request, application, self._context.caller, self._context.now()))

    def _roles(self, request: JitRequest) -> dict[str, RoleDefinition]:
        group = request.id.group_id
        found = {row.role.guid: self._access.definition(group, row.role) for row in request.rows}
        return {guid: role for guid, role in found.items() if role is not None}

    def _eligible(self, application: Application | None) -> tuple[RoleGrant, ...] | None:
        if application is None:
            return None
        if application.roles is not None:
            return whole(application.roles)
        defined_by = application.definition
        return _or_none(lambda: whole(self._defined.get(defined_by))) if defined_by else None

    def _is_approver(self, application: Application | None) -> bool | None:
        if application is None:
            return None
        caller = self._context.caller
        policy = application.policy
        groups = [each.id for each in (policy.approvers if policy is not None else ())]
        if caller.groups is None and caller.id not in groups:
            caller = self._directory.placed(caller, groups)
        return is_approver(application, caller)

    def _kinds(self, request: JitRequest, caller: Caller) -> Mapping[str, str]:
        """Give the kinds of principals that may be groups; another tenant's are not known."""
        possible = request.possible_groups
        home = request.publisher_tenant
        inside = {each.key: "group" for each in possible if caller.is_in(each)}
        if not possible or (home is not None and home.lower() != caller.tenant.lower()):
            return inside
        return {**(self._directory.kinds(possible) or {}), **inside}


def _or_none(read: Callable[[], _T]) -> _T | None:
    try:
        return read()
    except AzjitError as error:
        if ends_all(error):
            raise
        return None
