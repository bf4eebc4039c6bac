"""What a consumer can read: applications, who has access, pending and past requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from azjit.context import Context
from azjit.domain.access import PUBLISHER_OPERATOR, RoleAssignment
from azjit.domain.applications import Application, JitState, NamedGrant
from azjit.domain.ids import GroupId
from azjit.domain.inputs import RequestFilter
from azjit.domain.reports import ApplicationReport, Holder, RequestReport
from azjit.domain.requests import JitRequest, Phase
from azjit.errors import AzjitError, NotFound
from azjit.services.deciding.judging import Judging
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader, explains
from azjit.services.lookup.approvers import all_named, named
from azjit.services.lookup.decided import DecisionSources
from azjit.services.lookup.either import EitherFinder
from azjit.services.lookup.eligible_roles import eligible_rows
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import each as each_of


class ConsumerReads:
    """Reads applications, access and requests for a consumer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)
        self._directory = context.service(Directory)
        self._omissions = context.service(PartialResults)
        self._judging = context.service(Judging)

    def apps(self) -> Iterator[Application]:
        """Give the managed applications in the chosen subscriptions."""
        return all_named(self._directory, self._finder.applications())

    def show(self, found: Application) -> ApplicationReport:
        """Give an application's settings, its pending requests, and who has access now."""
        application = named(self._directory, found)
        requests = self._requests_or_none(application)
        waiting = None
        if requests is not None:
            pending = [r for r in requests if r.state.may_wait]
            waiting = tuple(self._judged(pending, requests, application))
        holders = self._holders(application, requests)
        return ApplicationReport(application, self._context.now(), waiting, holders)

    def find(self, text: str) -> ApplicationReport | RequestReport:
        """Give what APP or REQUEST names, a request as an approver judges it.

        Raises:
            NotFound: neither has the name.
            Usage: both have it, or several of one.
        """
        try:
            found = self._context.service(EitherFinder).find(text)
        except NotFound:
            if (gone := self._gone(text)) is None:
                raise
            return gone
        return self._one(found) if isinstance(found, JitRequest) else self.show(found)

    def _gone(self, text: str) -> RequestReport | None:
        """Give what the receipts, or the activity log, have of a request that was deleted."""
        from azjit.services.lookup.gone import GoneRequests  # noqa: PLC0415 - seldom needed

        found = self._context.service(GoneRequests).find(text)
        if found is None:
            return None
        request, group = found.request, found.request.id.group_id
        told = f": it was deleted {found.told}" if found.told else ""
        self._context.notes.warn(f"request {request.name} does not exist any more{told}")
        access = None
        if group is not None and request.rows and not request.has_ended(self._context.now()):
            reader = self._context.service(AccessReader)
            access = reader.if_readable(partial(reader.of_rows, group, request))
        application = self._judging.application_or_none(request)
        report = self._reporter.request(request, application, access, to_decide=True)
        return report._replace(known_by=found.known_by)

    def _one(self, request: JitRequest) -> RequestReport:
        access = sheet = None
        if request.state.may_wait:
            self._judging.prepare(request)
        application = self._judging.application_or_none(request)
        if request.state.may_wait:
            others = self._judging.grants_around(request)
            sheet = self._judging.listed(request, application, others)
        group = request.id.group_id
        if group is not None and request.phase(self._context.now()) is Phase.OPEN:
            reader = self._context.service(AccessReader)
            access = reader.if_readable(partial(reader.of_rows, group, request))
        report = self._reporter.request(request, application, access, to_decide=True)
        decision = self._context.service(DecisionSources).with_log(request, application)
        return report._replace(sheet=sheet, decision=decision)

    def pending(self, app: str | None) -> Iterator[RequestReport]:
        """Give the pending requests, including those in a state that azjit does not know.

        They come when all requests have been read, because a request is judged by the others.
        """
        application = self._finder.application(app) if app is not None else None
        waiting, grants, trouble = list[JitRequest](), list[JitRequest](), None
        try:
            for request in self._finder.requests(application):
                if request.state.may_wait:
                    waiting += self._omissions.noted([request])
                elif not request.state.is_refused:
                    grants.append(request)
        except AzjitError as error:
            trouble = error
        yield from self._judged(waiting, [*waiting, *grants], application, is_whole=not trouble)
        if trouble is not None:
            raise trouble

    def _judged(
        self,
        waiting: list[JitRequest],
        listed: Iterable[JitRequest],
        application: Application | None,
        *,
        is_whole: bool = True,
    ) -> Iterator[RequestReport]:
        """Report requests with what an approver judges, from one listing of all requests."""
        around: dict[GroupId | None, list[JitRequest]] = {}
        for request in listed:
            around.setdefault(request.id.group_id, []).append(request)
        nowhere = around.get(None, [])
        grants = {each: self._judging.grants([*found, *nowhere]) for each, found in around.items()}

        def judged(request: JitRequest) -> RequestReport:
            found = application or self._reporter.application_of(request)
            report = self._reporter.request(request, found)
            is_listed = is_whole and not self._omissions.lacks(request.id.subscription)
            others = grants.get(request.id.group_id) if is_listed else None
            return report._replace(sheet=self._judging.listed(request, found, others))

        self._reporter.learn(waiting)
        homes = {each.application: each for each in waiting if application is None}
        list(each_of(self._reporter.application_of, homes.values()))
        return each_of(judged, waiting)

    def history(self, app: str | None, request_filter: RequestFilter) -> Iterator[RequestReport]:
        """Give past and present requests, of one application or of all subscriptions."""
        application = self._finder.application(app) if app is not None else None
        requests = self._omissions.noted(self._finder.requests(application))
        reports = self._reporter.requests(requests, application)
        return (report for report in reports if request_filter.matches(report))

    def _requests_or_none(self, application: Application) -> list[JitRequest] | None:
        try:
            return list(self._omissions.noted(self._finder.requests(application)))
        except AzjitError as error:
            if ends_all(error):
                raise
            self._context.notes.warn(f"{error.message}; its pending requests are unknown")
            return None

    def _holders(
        self, application: Application, requests: list[JitRequest] | None
    ) -> tuple[Holder, ...] | None:
        group = application.managed_group
        held = self._access.assignments(group) if group is not None else None
        if group is None or held is None:
            self._context.notes.warn("the role assignments could not be read: access is unknown")
            return None
        asked = {row.principal.key for request in requests or () for row in request.rows}
        rows = eligible_rows(self._context, application)
        if rows is None:
            self._context.notes.warn(
                "the application does not list its publisher's principals: only those of"
                " requests are checked"
            )
        wanted = asked | {row.principal.key for row in rows or ()}
        # One that cannot be read may be theirs.
        theirs_now = [
            each
            for each in held
            if not each.is_whole
            or (each.principal.key in wanted and each.role.guid != PUBLISHER_OPERATOR)
        ]
        if not all(each.is_whole for each in held):
            self._context.notes.warn("a role assignment could not be read: whose it is, is unknown")
        principals = [assignment.principal for assignment in theirs_now]
        self._directory.learn(principals, application.publisher_tenant)
        # Where JIT is on, PIM may end it, or a request that was deleted.
        endless = application.jit is JitState.OFF and requests is not None
        return tuple(
            self._holder(group, assignment, requests, endless=endless) for assignment in theirs_now
        )

    def _holder(
        self,
        group: GroupId,
        assignment: RoleAssignment,
        requests: list[JitRequest] | None,
        *,
        endless: bool,
    ) -> Holder:
        now = self._context.now()
        giving = [r for r in requests or () if explains(r, assignment, group, now)]
        # A revoked request does not explain access that still exists, which would get a wrong end.
        grants = [r for r in giving if self._reporter.revoked_at(r) is None]
        grant = max(grants, key=lambda r: r.schedule.end or now, default=None)
        return Holder(
            grant=NamedGrant(
                role=assignment.role,
                role_name=self._access.role_name(group, assignment.role),
                principal=assignment.principal,
                principal_name=self._reporter.principal_name(assignment.principal),
            ),
            until=grant.schedule.end if grant is not None else None,
            request=grant.id if grant is not None else None,
            standing=endless and grant is None and assignment.is_whole,
        )
