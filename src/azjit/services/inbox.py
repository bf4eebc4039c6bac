"""Every request that waits, over all subscriptions, in one list.

Resource Graph says where to look, Resource Manager confirms: it reads each row that the index has,
and lists the managed resource group of each application with manual approval, for the index may
be behind. What PIM lists for the caller is added; what several of them have is one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from azjit.azure.resource_graph import Index, Within
from azjit.domain.access import Proof
from azjit.domain.applications import Application, ApprovalMode, JitState, RoleRow
from azjit.domain.ids import GroupId, RequestId
from azjit.domain.pim import Inbox as PimInbox
from azjit.domain.pim import PimRequest, Route
from azjit.domain.reports import RequestReport
from azjit.domain.requests import REASON_TAG, TICKET_TAG, JitRequest, RequestState, Schedule
from azjit.errors import Failed, NotAllowed, NotFound, PartlyDone, Refused, Unavailable
from azjit.services.parallel import each
from azjit.services.ports import Ports
from azjit.services.reporter import Reporter
from azjit.services.routing import routes_of
from azjit.store.names import KnownRequest

_PERSON = "user"
# One in a state that azjit does not know may wait too: better shown than missed.
_WAITING = {RequestState.PENDING, RequestState.UNKNOWN, RequestState.NOT_SPECIFIED}
_ENDED_BY = (NotAllowed, NotFound, Unavailable)


@dataclass
class _Found:
    """What has been found so far: applications by their managed group, and the rows shown."""

    applications: dict[GroupId, Application] = field(default_factory=dict)
    requests: dict[RequestId, JitRequest] = field(default_factory=dict)

    def add(self, applications: Iterable[Application]) -> None:
        for app in applications:
            if app.managed_group is not None:
                self.applications[app.managed_group] = app

    def is_new(self, request: JitRequest) -> bool:
        if request.id in self.requests or request.state not in _WAITING:
            return False
        self.requests[request.id] = request
        return True


class Inbox:
    """What waits anywhere; once it has been listed, `gaps` says what could not be looked at."""

    def __init__(self, ports: Ports, reporter: Reporter) -> None:
        self._ports = ports
        self._reporter = reporter
        self.gaps: list[str] = []

    def waiting(self, management_group: str | None) -> Iterator[RequestReport]:
        """Give the requests that wait, each as soon as it is confirmed.

        Raises:
            AzjitError: a management group was named, and Resource Graph cannot be asked.
        """
        within = Within(self._ports.subscriptions, management_group)
        pim = self._pim()
        found = _Found()
        index = self._index(within)
        requests = self._by_subscription(found) if index is None else self._by_index(index, found)
        for request in requests:
            application = found.applications.get(request.id.group_id or _nowhere(request))
            yield self._shown(request, application, routes_of(pim, request))
        yield from self._only_in_pim(pim, found)

    def incomplete(self) -> PartlyDone | None:
        """Give the error to end with where the list is known to be incomplete."""
        if not self.gaps:
            return None
        return PartlyDone(
            "the list is incomplete: " + "; ".join(self.gaps),
            hint="look into one part: --management-group G, --subscription ID, or APP",
        )

    def _index(self, within: Within) -> Index | None:
        self._ports.ear.progress("asking Resource Graph what waits")
        try:
            index = self._ports.resource_graph.index(within)
        except (NotAllowed, Failed, Refused, Unavailable) as error:
            if within.management_group is not None:
                raise
            self._ports.ear.warn(
                f"Resource Graph cannot be used, so each subscription is listed: {error.message}"
            )
            return None
        if index.cut is not None:
            self.gaps.append(index.cut)
        return index

    def _by_index(self, index: Index, found: _Found) -> Iterator[JitRequest]:
        found.add(index.applications)
        told = [hit.id for hit in index.undecided if hit.has_state]
        for request, gap in each(self._confirmed, told):
            self._note(gap)
            if request is not None and found.is_new(request):
                yield request
        groups = dict.fromkeys(
            [*_manual_groups(index.applications), *_stateless_groups(index, told)]
        )
        for listed, gap in each(self._in_group, groups):
            self._note(gap)
            yield from filter(found.is_new, listed)

    def _by_subscription(self, found: _Found) -> Iterator[JitRequest]:
        subscriptions = self._ports.seen_subscriptions()
        for applications, listed, gap in each(self._in_subscription, subscriptions):
            self._note(gap)
            found.add(applications)
            yield from filter(found.is_new, listed)

    def _confirmed(self, request: RequestId) -> tuple[JitRequest | None, str | None]:
        try:
            return self._ports.solutions.find_request(request), None
        except (NotAllowed, Unavailable) as error:
            return None, error.message

    def _in_group(self, group: GroupId) -> tuple[list[JitRequest], str | None]:
        try:
            return list(self._ports.solutions.requests_in(group)), None
        except _ENDED_BY as error:
            return [], error.message

    def _in_subscription(
        self, subscription: str
    ) -> tuple[list[Application], list[JitRequest], str | None]:
        applications: list[Application] = []
        try:
            applications = list(self._ports.solutions.applications(subscription))
            return applications, list(self._ports.solutions.requests_of(subscription)), None
        except _ENDED_BY as error:
            return applications, [], error.message

    def _note(self, gap: str | None) -> None:
        if gap is not None:
            self._ports.ear.warn(f"left out: {gap}")
            self.gaps.append(gap)

    def _pim(self) -> PimInbox:
        if self._ports.caller().kind != _PERSON:
            return PimInbox()
        try:
            return self._ports.pim.inbox()
        except Unavailable as error:
            self._note(error.message)
        except (NotAllowed, NotFound, Refused, Failed) as error:
            self._ports.ear.say(f"PIM is left out: {error.message}")
        return PimInbox()

    def _only_in_pim(self, pim: PimInbox, found: _Found) -> Iterator[RequestReport]:
        count = 0
        for each_one in pim.unmatched(found.requests.values()):
            application = found.applications.get(GroupId(each_one.scope.text))
            if application is not None:
                count += 1
                request = _as_request(each_one, application)
                shown = self._shown(request, application, (Route.PIM.value,))
                yield replace(shown, known_by=Proof.PIM)
        if count:
            self._ports.ear.say(
                f"known to PIM only: {count}; decide in the portal, PIM > Approve requests"
            )

    def _shown(
        self, request: JitRequest, application: Application | None, routes: tuple[str, ...]
    ) -> RequestReport:
        known = self._ports.known
        known.remember_requests(
            [KnownRequest(request.id.text, request.name, request.application_text)]
        )
        known.remember_shown(request.id.text, request.digest(), self._ports.now())
        return replace(self._reporter.request(request, application), routes=routes)


def _manual_groups(applications: Iterable[Application]) -> list[GroupId]:
    """Give the groups where requests wait for people.

    Where Resource Graph shows no settings at all, each may be one.
    """
    listed = list(applications)
    blind = not any(app.policy is not None for app in listed)
    return [
        app.managed_group
        for app in listed
        if app.managed_group is not None and (blind or _may_wait(app))
    ]


def _may_wait(application: Application) -> bool:
    policy = application.policy
    if policy is None or application.jit is JitState.OFF:
        return False
    return policy.mode is not ApprovalMode.AUTOMATIC


def _stateless_groups(index: Index, told: list[RequestId]) -> list[GroupId]:
    # One list of a group is cheaper than a read of each request that may wait in it.
    known = set(told)
    ids = (hit.id for hit in index.undecided if hit.id not in known)
    return [group for each_id in ids if (group := each_id.group_id) is not None]


def _nowhere(request: JitRequest) -> GroupId:
    return GroupId(f"/subscriptions/{request.id.subscription}")


def _as_request(told: PimRequest, application: Application) -> JitRequest:
    claims = {REASON_TAG: told.justification, TICKET_TAG: told.ticket}
    return JitRequest(
        id=RequestId(told.id.text),
        application=application.id,
        application_text=application.id.text,
        rows=(RoleRow(told.principal, told.role),),
        schedule=Schedule("once", told.start, told.duration),
        state=RequestState.PENDING,
        state_text=told.state_text,
        created_by=told.requestor,
        created_at=told.created_at,
        tags={key: value for key, value in claims.items() if value is not None},
    )
