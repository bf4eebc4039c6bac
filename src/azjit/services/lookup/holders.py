"""Who holds a role on the managed resource groups, now or at another time.

Role assignments are read from Resource Manager, group by group: the index of Resource Graph never
proves an absence. Where a group cannot be read, the rows of the index are given, and marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from azjit.azure.resource_graph import SearchScope
from azjit.context import Context
from azjit.domain.access import PUBLISHER_OPERATOR, Proof, RoleAssignment
from azjit.domain.applications import Application, JitState, NamedGrant, RoleGrant
from azjit.domain.holders import Basis, GroupMember, HeldRole, basis_of, held_by_requests, not_begun
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.pim import PimRole
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader, explains
from azjit.services.lookup.eligible_roles import eligible_rows
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, ends_all, short
from azjit.services.lookup.reports import Reporter
from azjit.services.lookup.subscriptions import ChosenSubscriptions
from azjit.services.parallel import SharedReads, each

_GROUPS = {"group", "foreigngroup"}
_NOT_COVERED = (
    "not covered: delegations of Azure Lighthouse, roles on single resources in the group, and what"
    " an application's own identity does for its publisher"
)
_PAST = (
    "of the past, azjit knows the approved requests and the role assignments that are still there;"
    " an assignment that was removed since is not listed"
)


class _Read(NamedTuple):
    """What was read of a managed resource group; None if Azure did not show it."""

    application: Application
    group: GroupId
    assignments: list[RoleAssignment]
    known_by: Proof
    instances: list[PimRole]
    publishers: set[str] | None


class Holders:
    """Lists who holds a role on managed resource groups."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)
        self._directory = context.service(Directory)
        self._omissions = context.service(PartialResults)
        self._index = SharedReads[str, list[RoleAssignment]](self._indexed)
        self._without_pim = set[str]()
        self._closed_groups = set[str]()

    def at(self, app: str | None, at: datetime | None) -> Iterator[HeldRole]:
        """Give the roles held at an instant, or now, and those that are approved and not begun.

        Application by application; of each the publisher's principals come first.
        """
        application = self._finder.application(app) if app is not None else None
        found = [application] if application is not None else list(self._finder.applications())
        return self.of(found, self._finder.requests(application), at)

    def of(
        self,
        applications: Iterable[Application],
        listed: Iterable[JitRequest],
        at: datetime | None = None,
    ) -> Iterator[HeldRole]:
        """Give the same for some applications, whose requests are `listed`."""
        requests: dict[GroupId | None, list[JitRequest]] = {}
        for request in self._omissions.noted(listed):
            requests.setdefault(request.id.group_id, []).append(request)
        now = self._context.now()
        for read in each(self._read, self._with_groups(applications)):
            self._learn(read, requests.get(read.group, []))
            rows = self._rows(read, requests.get(read.group, []), now, at or now)
            yield from sorted(rows, key=_order)
        self._say_limits(requests.values(), now, at)

    def _with_groups(self, applications: Iterable[Application]) -> Iterator[Application]:
        for application in applications:
            if application.unreadable is None and application.managed_group is not None:
                yield application
                continue
            why = application.unreadable or "Azure shows no managed resource group"
            label = f"application {application.name or '?'}"
            self._omissions.note(label, f"{label}: {why}")

    def _read(self, application: Application) -> _Read:
        group = application.managed_group
        assert group is not None  # others are left out before
        known_by = Proof.ASSIGNMENT
        try:
            listed = self._context.authorization.assignments(group)
        except AzjitError as error:
            if ends_all(error):
                raise
            known_by, listed = Proof.INDEX, self._index.get("")
            said = "as of the index only, which may be behind and lack some"
            label = f"access of {application.label}"
            self._omissions.note(label, f"{label} is {said}: {short(error)}")
        held = [assignment for assignment in listed if assignment.applies_in(group)]
        rows = eligible_rows(self._context, application)
        return _Read(
            application,
            group,
            held,
            known_by,
            self._instances(group),
            {row.principal.key for row in rows} if rows is not None else None,
        )

    def _indexed(self, _: str) -> list[RoleAssignment]:
        scope = SearchScope(self._context.service(ChosenSubscriptions).ids)
        try:
            found, cuts = self._context.resource_graph.assignments(scope)
        except AzjitError as error:
            if ends_all(error):
                raise
            self._omissions.note("Resource Graph", error.message)
            return []
        for cut in cuts:
            self._omissions.note("Resource Graph", cut)
        return found

    def _instances(self, group: GroupId) -> list[PimRole]:
        try:
            return self._context.pim.held(group)
        except AzjitError as error:
            if ends_all(error):
                raise
            self._without_pim.add(short(error))
            return []

    def _learn(self, read: _Read, requests: list[JitRequest]) -> None:
        asked = {row.principal for request in requests for row in request.rows}
        held = {each.principal for each in read.assignments}
        theirs = {each for each in held if self._is_publisher(read, each, requests)}
        self._directory.learn(asked | theirs, read.application.publisher_tenant)
        self._directory.learn(held - theirs)

    def _rows(
        self, read: _Read, requests: list[JitRequest], now: datetime, at: datetime
    ) -> Iterator[HeldRole]:
        covered = set[tuple[str, str]]()
        for assignment in read.assignments:
            if at < now and assignment.created_at is not None and at < assignment.created_at:
                continue
            held = self._held(read, assignment, requests, now)
            if held.until is not None and held.until <= at:
                continue
            covered.add((assignment.principal.key, assignment.role.guid))
            yield held
        if at != now:
            for request in held_by_requests(requests, at):
                revoked_at = self._reporter.revoked_at(request)
                if revoked_at is None or at < revoked_at:
                    yield from self._by_request(read, request, Basis.JIT, covered)
        for request in not_begun(requests, at):
            yield from self._by_request(read, request, Basis.SCHEDULED, set())

    def _held(
        self,
        read: _Read,
        assignment: RoleAssignment,
        requests: list[JitRequest],
        now: datetime,
    ) -> HeldRole:
        giving = [r for r in requests if explains(r, assignment, read.group, now)]
        # A revoked request does not explain access that still exists.
        grants = [r for r in giving if self._reporter.revoked_at(r) is None]
        grant = max(grants, key=lambda r: r.schedule.end or now, default=None)
        is_publisher = self._is_publisher(read, assignment.principal, requests)
        if grant is not None:
            basis, until = Basis.JIT, grant.schedule.end
        else:
            may_be_jit = (
                is_publisher is not False
                and read.application.jit is not JitState.OFF
                and assignment.role.guid != PUBLISHER_OPERATOR
            )
            basis, until = basis_of(assignment, read.instances, may_be_jit=may_be_jit)
        named = RoleGrant(assignment.principal, assignment.role)
        return HeldRole(
            read.application,
            self._named(read, named),
            basis,
            read.known_by,
            scope=assignment.scope or None,
            kind=(assignment.principal_kind or "").lower() or None,
            is_publisher=is_publisher,
            since=assignment.created_at,
            until=until,
            request=grant.id if grant is not None else None,
            members=self._members(
                assignment, read.application.publisher_tenant, is_publisher=is_publisher
            ),
        )

    def _by_request(
        self, read: _Read, request: JitRequest, basis: Basis, covered: set[tuple[str, str]]
    ) -> Iterator[HeldRole]:
        for row in request.rows:
            if (row.principal.key, row.role.guid) not in covered:
                yield HeldRole(
                    read.application,
                    self._named(read, row),
                    basis,
                    Proof.REQUEST,
                    is_publisher=True,
                    since=request.schedule.start,
                    until=request.schedule.end,
                    request=request.id,
                )

    def _is_publisher(
        self, read: _Read, principal: PrincipalId, requests: list[JitRequest]
    ) -> bool | None:
        asked = {row.principal.key for request in requests for row in request.rows}
        if principal.key in asked or principal.key in (read.publishers or ()):
            return True
        return None if read.publishers is None else False

    def _named(self, read: _Read, row: RoleGrant) -> NamedGrant:
        return NamedGrant(
            role=row.role,
            role_name=self._access.role_name(read.group, row.role),
            principal=row.principal,
            principal_name=self._reporter.principal_name(row.principal),
        )

    def _members(
        self, assignment: RoleAssignment, tenant: str | None, *, is_publisher: bool | None
    ) -> tuple[GroupMember, ...] | None:
        if (assignment.principal_kind or "").lower() not in _GROUPS:
            return None
        if is_publisher and tenant != self._context.caller.tenant:
            self._closed_groups.add(assignment.principal.key)
            return None
        try:
            found = self._directory.members(assignment.principal)
        except AzjitError as error:
            if ends_all(error):
                raise
            self._closed_groups.add(assignment.principal.key)
            return None
        return tuple(GroupMember(entry.id.text, entry.name) for entry in found)

    def _say_limits(
        self, requests: Iterable[list[JitRequest]], now: datetime, at: datetime | None
    ) -> None:
        notes = self._context.notes
        notes.say(_NOT_COVERED)
        if self._closed_groups:
            count = len(self._closed_groups)
            groups = "a group" if count == 1 else f"{count} groups"
            notes.say(f"not covered: the members of {groups}, which could not be read")
        for why in sorted(self._without_pim):
            notes.warn(f"PIM does not tell which access ends: {why}")
        if at is not None and at < now:
            notes.say(_PAST)
            doubtful = [r for each in requests for r in each if _may_have_held(r, at)]
            if doubtful:
                notes.warn(
                    f"{len(doubtful)} requests of that time are expired or of an unknown state:"
                    " whether they gave access is not known"
                )


def _may_have_held(request: JitRequest, at: datetime) -> bool:
    start, end = request.schedule.start, request.schedule.end
    if start is None or end is None or not start <= at < end:
        return False
    return request.state in {RequestState.EXPIRED, RequestState.UNKNOWN}


def _order(held: HeldRole) -> tuple[bool, str, str]:
    grant = held.grant
    name = grant.principal_name or grant.principal.text
    return held.is_publisher is False, name.lower(), grant.role_name or grant.role.text
