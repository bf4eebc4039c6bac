"""Reads the applications, eligible roles and requests of a publisher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from azjit.context import Context
from azjit.domain.access import Access, Caller, Proof
from azjit.domain.applications import Application, JitState, NamedGrant, RoleGrant
from azjit.domain.inputs import RequestFilter
from azjit.domain.reports import MayRequest, RequestReport, RoleReport
from azjit.domain.request_rules import only_by_group
from azjit.domain.requests import JitRequest, Phase, RequestState
from azjit.errors import AzjitError, NotFound
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.eligible_roles import every_row
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.requesting.own import OwnRequests

_WORDS = {
    Phase.OPEN: "approved",
    Phase.SCHEDULED: "scheduled",
    Phase.PENDING: "pending",
}


class PublisherReads:
    """Reads applications, roles and requests for a publisher."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)
        self._directory = context.service(Directory)
        self._omissions = context.service(PartialResults)

    def apps(self) -> Iterator[Application]:
        """Give the managed applications that the caller can reach."""
        self._omissions.say_unseen()
        return self._finder.applications()

    def roles(self, app: str) -> list[RoleReport]:
        """Give the eligible roles of an application, and the state of each.

        Raises:
            NotFound: neither the application nor its definition has the roles.
        """
        application = self._finder.application(app)
        rows = every_row(self._context, application)
        if rows is None:
            more = (
                "its definition shows none"
                if application.definition
                else "neither does its definition"
            )
            raise NotFound(
                f"{application.name} does not list its eligible roles, and {more}",
                hint="request a role by its GUID: azjit publisher request APP --role GUID",
            )
        requests = self._requests_or_none(application)
        self._directory.learn([row.principal for row in rows], application.publisher_tenant)
        caller = self._context.caller
        caller = self._directory.placed(caller, [row.principal for row in rows if row.is_whole])
        found = [self._role_report(application, row, requests, caller) for row in rows]
        self._explain(found, caller)
        return found

    def _explain(self, found: list[RoleReport], caller: Caller) -> None:
        """Warn of roles that the caller cannot request, because only a group is named."""
        named = {each.grant.role for each in found if each.may_request is MayRequest.EXPLICIT}
        for each in found:
            if each.may_request is MayRequest.GROUP_ONLY and each.grant.role not in named:
                said = only_by_group(each.grant, caller, each.grant.principal_name)
                self._context.notes.warn(
                    f"{each.grant.role_name or each.grant.role}: {said.message}"
                )
                self._context.notes.say(f"  {said.hint}")

    def history(self, app: str | None, request_filter: RequestFilter) -> Iterator[RequestReport]:
        """Give past and current requests of one application, or of all that can be reached."""
        if app is None:
            self._omissions.say_unseen()
        application = self._finder.application(app) if app is not None else None
        requests = self._omissions.noted(self._finder.requests(application))
        reports = self._reporter.requests(requests, application)
        caller = self._context.caller if request_filter.mine else None
        for report in reports:
            mine = caller is None or report.request.concerns(caller.id)
            if mine and request_filter.matches(report):
                yield report

    def show(self, text: str) -> RequestReport:
        """Give a request with its application and its access; open access is read.

        Of an application it is the newest of the caller's.
        """
        request = self._context.service(OwnRequests).newest(text)
        now = self._context.now()
        group = request.id.group_id
        access = None
        if group is not None and request.phase(now) is Phase.OPEN:
            access = self._access.if_readable(partial(self._access.of_rows, group, request))
        return self._reporter.request(request, self._reporter.application_of(request), access)

    def _role_report(
        self,
        application: Application,
        row: RoleGrant,
        requests: list[JitRequest] | None,
        caller: Caller,
    ) -> RoleReport:
        group = self._finder.managed_group(application)
        access = self._access.if_readable(partial(self._access.of_row, group, row))
        now = self._context.now()
        # A request whose access was revoked does not explain access that exists.
        giving = [r for r in requests or () if not (access.held and self._reporter.revoked_at(r))]
        live = _live_request(giving, row, now)
        state, known_by = _role_state(live, access, now, application.jit)
        timed = live if live is not None and live.state is RequestState.APPROVED else None
        return RoleReport(
            grant=NamedGrant(
                role=row.role,
                role_name=self._access.role_name(group, row.role),
                principal=row.principal,
                principal_name=self._reporter.principal_name(row.principal),
            ),
            may_request=_may_request(row, caller),
            state=state,
            known_by=known_by,
            since=timed.schedule.start if timed is not None else None,
            until=timed.schedule.end if timed is not None else None,
            request=live.id if live is not None else None,
            access=access,
        )

    def _requests_or_none(self, application: Application) -> list[JitRequest] | None:
        try:
            return list(self._finder.requests(application))
        except AzjitError as error:
            if ends_all(error):
                raise
            self._context.notes.warn(f"the states do not include requests: {error.message}")
            return None


def _may_request(row: RoleGrant, caller: Caller) -> MayRequest:
    if not row.is_whole:
        return MayRequest.UNKNOWN
    if row.principal == caller.id:
        return MayRequest.EXPLICIT
    inside = caller.is_in(row.principal)
    if inside is None:
        return MayRequest.UNKNOWN
    return MayRequest.GROUP_ONLY if inside else MayRequest.NOT_MINE


def _live_request(requests: list[JitRequest], row: RoleGrant, now: datetime) -> JitRequest | None:
    """Give the most relevant request for a row: open, then scheduled, then pending."""
    mine = [r for r in requests if any(row == each for each in r.rows)]
    for phase in (Phase.OPEN, Phase.SCHEDULED, Phase.PENDING):
        found = [r for r in mine if r.phase(now) is phase]
        if found:
            return max(found, key=lambda r: r.schedule.end or now)
    return None


def _role_state(
    live: JitRequest | None, access: Access, now: datetime, jit: JitState
) -> tuple[str, Proof]:
    """Give the state of a role, and its proof; "active" only if a read shows it."""
    phase = live.phase(now) if live is not None else Phase.UNKNOWN
    if access.held:
        if phase is Phase.OPEN:
            return "active", access.proof
        # With JIT, a grant whose request was deleted looks the same.
        word = "standing access" if jit is JitState.OFF else "active, end not known"
        return word, access.proof
    doubt = ", access unknown" if access.held is None else ""
    if live is None or phase not in _WORDS:
        return f"eligible{doubt}", access.proof
    if phase is Phase.OPEN and not doubt:
        word = "no access now" if live.is_overdue(now) else "not yet effective"
        return f"approved, {word}", access.proof
    return f"{_WORDS[phase]}{doubt}", Proof.REQUEST
