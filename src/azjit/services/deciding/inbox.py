"""Lists the pending requests of all subscriptions.

Resource Graph shows where to look, and Resource Manager confirms. azjit reads each request of the
index. The index may be behind, so azjit also lists the applications of each subscription that has
any, and the managed resource group of each application with manual approval. It adds the requests
that only PIM lists for the caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from azjit.azure.resource_graph import Index, SearchScope
from azjit.context import Context
from azjit.domain.access import Proof
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.concerns import Sheet
from azjit.domain.facts import Grants
from azjit.domain.ids import ApplicationId, GroupId, RequestId
from azjit.domain.pim import PimInbox, PimRequest
from azjit.domain.reports import RequestReport
from azjit.domain.requests import REASON_TAG, TICKET_TAG, JitRequest, RequestState, Schedule
from azjit.errors import AzjitError, NotAllowed, NotFound, Refused
from azjit.services.deciding.inbox_scope import InboxScope
from azjit.services.deciding.judging import Judging
from azjit.services.deciding.routes import routes_of
from azjit.services.lookup.omissions import PartialResults, collected, ends_all, is_gone
from azjit.services.lookup.reports import Reporter
from azjit.services.lookup.subscriptions import ChosenSubscriptions
from azjit.services.parallel import SharedReads, as_completed
from azjit.store.names import KnownRequest

# The route of a request that only PIM lists: no rule of its application can be checked.
_PORTAL = "portal"
Listed = tuple[list[JitRequest], AzjitError | None]


class Inbox:
    """Lists pending requests; the `PartialResults` of the command say what is missing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._reporter = context.service(Reporter)
        self._omissions = context.service(PartialResults)
        self._judging = context.service(Judging)
        self._scope = InboxScope(context, self._omissions)
        self._found: dict[RequestId, JitRequest] = {}
        self._lists = SharedReads(self._list)
        self._listed: dict[GroupId, Listed] = {}
        self._grants: dict[GroupId, Grants | None] = {}

    def waiting(self, management_group: str | None) -> Iterator[RequestReport]:
        """Give the pending requests, each as soon as it is confirmed."""
        scope = SearchScope(self._context.service(ChosenSubscriptions).ids, management_group)
        pim = self._pim()
        index = self._index(scope)
        requests = self._by_subscription() if index is None else self._by_index(index, scope)
        for request in chain(requests, self._in_groups_of_pim(pim, scope)):
            application = self._scope.managing(request.id.group_id)
            routes = routes_of(pim, request, self._in_its_group(request))
            yield self._shown(request, application, routes)
        yield from self._only_in_pim(pim, scope)

    def _index(self, scope: SearchScope) -> Index | None:
        self._context.notes.progress("querying Resource Graph")
        try:
            index = self._context.resource_graph.index(scope)
        except AzjitError as error:
            if ends_all(error):
                raise
            if scope.management_group is not None:
                raise
            self._context.notes.warn(
                f"Resource Graph cannot be used, so each subscription is listed: {error.message}"
            )
            return None
        for cut in index.cuts:
            self._omissions.note("Resource Graph", cut)
        return index

    def _by_index(self, index: Index, scope: SearchScope) -> Iterator[JitRequest]:
        self._scope.add(index.applications)
        pending = [hit.id for hit in index.undecided if hit.has_state]
        doubtful: dict[RequestId, AzjitError] = {}
        for number, (name, request, error) in enumerate(as_completed(self._confirmed, pending), 1):
            self._context.notes.progress(f"confirming requests: {number} of {len(pending)}")
            if error is not None:
                doubtful[name] = error
            if request is not None and self._is_new(request):
                yield request
        groups = self._scope.to_list(index, scope)
        groups |= dict.fromkeys(each.group_id for each in doubtful if each.group_id is not None)
        yield from self._in_groups(groups)
        for name, error in doubtful.items():
            if not self._is_whole(name.group_id) and name not in self._found:
                self._omissions.note(name.name, error.message)

    def _in_groups(self, groups: dict[GroupId, None]) -> Iterator[JitRequest]:
        for number, (group, listed) in enumerate(as_completed(self._in_group, groups), 1):
            self._context.notes.progress(f"looking for more: {number} of {len(groups)} groups")
            requests, error = self._listed[group] = listed
            if error is not None:
                self._omissions.note(group.name, error.message)
            yield from self._omissions.noted(filter(self._is_new, requests))

    def _by_subscription(self) -> Iterator[JitRequest]:
        for name, applications, (requests, error) in as_completed(
            self._in_subscription, self._omissions.subscriptions()
        ):
            self._scope.add(applications)
            if error is not None:
                self._omissions.note(name, error.message)
            yield from self._omissions.noted(filter(self._is_new, requests))

    def _confirmed(
        self, request: RequestId
    ) -> tuple[RequestId, JitRequest | None, AzjitError | None]:
        try:
            found = self._context.solutions.find_request(request)
        except AzjitError as error:
            if ends_all(error):
                raise
            return request, None, error
        if found is not None and found.state.may_wait:
            self._judging.prepare(found, at_once=False)
            if found.id.group_id is not None:
                self._in_group(found.id.group_id)
        return request, found, None

    def _in_group(self, group: GroupId) -> tuple[GroupId, Listed]:
        return group, self._lists.get(group)

    def _list(self, group: GroupId) -> Listed:
        requests, error = collected(partial(self._context.solutions.requests_in, group))
        for each in requests:
            if each.state.may_wait:
                self._judging.prepare(each, at_once=False)
        # The index may show a deleted group, in which no request is pending.
        return requests, None if error is not None and is_gone(error) else error

    def _is_whole(self, group: GroupId | None) -> bool:
        return group in self._listed and self._listed[group][1] is None

    def _in_subscription(self, subscription: str) -> tuple[str, list[Application], Listed]:
        solutions = self._context.solutions
        # The applications only add names to the rows: without them no row is missing.
        applications, _ = collected(partial(solutions.applications, subscription))
        return subscription, applications, collected(partial(solutions.requests_of, subscription))

    def _is_new(self, request: JitRequest) -> bool:
        if not request.state.may_wait:
            return False
        if request.unreadable is not None:
            return True  # each of these, because nothing tells them apart
        if request.id in self._found:
            return False
        self._found[request.id] = request
        return True

    def _in_its_group(self, request: JitRequest) -> Iterator[JitRequest]:
        group = request.id.group_id
        if group is not None:
            _, self._listed[group] = self._in_group(group)
            requests, error = self._listed[group]
            yield from requests if error is None else ()

    def _pim(self) -> PimInbox:
        if not self._context.caller.is_person:
            return PimInbox()
        try:
            return self._context.pim.inbox()
        except (NotAllowed, NotFound, Refused) as error:
            self._context.notes.say(f"PIM is not included: {error.message}")
        except AzjitError as error:
            if ends_all(error):
                raise
            self._omissions.note("PIM", error.message)
        return PimInbox()

    def _in_groups_of_pim(self, pim: PimInbox, scope: SearchScope) -> Iterator[JitRequest]:
        # PIM may list a request that neither the index nor a list has shown yet.
        unknown = pim.unmatched(self._found.values())
        apps = (self._scope.of_pim(each, scope) for each in unknown)
        groups = (app.managed_group for app in apps if app is not None)
        yield from self._in_groups(
            {group: None for group in groups if group is not None and group not in self._listed}
        )

    def _only_in_pim(self, pim: PimInbox, scope: SearchScope) -> Iterator[RequestReport]:
        count = 0
        for listed in pim.unmatched(self._found.values()):
            application = self._scope.of_pim(listed, scope)
            if listed.unreadable is not None:
                why = f"a request that PIM lists: {listed.unreadable}"
                self._omissions.note("a request in PIM", why)
            if application is not None or listed.unreadable is not None:
                count += 1
                request = _as_request(listed, application.id if application is not None else None)
                shown = self._reported(request, application, (_PORTAL,))
                yield shown._replace(known_by=Proof.PIM)
        if count:
            self._context.notes.say(
                f"only in PIM: {count}; decide in the portal, PIM > Approve requests"
            )

    def _shown(
        self, request: JitRequest, application: Application | None, routes: tuple[str, ...]
    ) -> RequestReport:
        if request.unreadable is None:
            self._context.known.remember_requests(
                [KnownRequest(request.id.text, request.name, request.application_text)]
            )
        return self._reported(request, application, routes)

    def _reported(
        self, request: JitRequest, application: Application | None, routes: tuple[str, ...]
    ) -> RequestReport:
        report = self._reporter.request(request, application)
        sheet = self._sheet(request) if routes != (_PORTAL,) else None
        self._context.notes.clear()
        return report._replace(routes=routes, sheet=sheet)

    def _sheet(self, request: JitRequest) -> Sheet:
        # By the application itself: the index may be behind, and lacks a part of it.
        application = self._judging.application_or_none(request)
        return self._judging.listed(request, application, self._grants_in(request.id.group_id))

    def _grants_in(self, group: GroupId | None) -> Grants | None:
        if group is None:
            return None
        if group not in self._grants:
            _, self._listed[group] = self._in_group(group)
            requests, error = self._listed[group]
            self._grants[group] = self._judging.grants(requests) if error is None else None
        return self._grants[group]


def _as_request(listed: PimRequest, application: ApplicationId | None) -> JitRequest:
    row = RoleGrant(listed.principal, listed.role)
    claims = {REASON_TAG: listed.justification, TICKET_TAG: listed.ticket}
    return JitRequest(
        id=RequestId.unusable(listed.id.text),
        application=application,
        application_text=application.text if application is not None else "",
        rows=(row,) if row.is_whole else (),
        unread_rows=() if row.is_whole else (row,),
        schedule=Schedule("once", listed.start, listed.duration),
        state=RequestState.PENDING,
        state_text=listed.state_text,
        created_by=listed.requestor,
        created_at=listed.created_at,
        tags={key: value for key, value in claims.items() if value is not None},
        unreadable=listed.unreadable,
    )
