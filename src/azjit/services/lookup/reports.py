"""Joins requests with names: of roles from Azure or the cache, of principals from what is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from azjit.context import Context
from azjit.domain.access import Access
from azjit.domain.applications import Application
from azjit.domain.ids import PrincipalId
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Phase
from azjit.errors import AzjitError
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.omissions import ends_all

if TYPE_CHECKING:
    from azjit.services.lookup.decided import DecisionSources

# Rows wait for each other only this far; names are asked for at most a thousand at once.
_BATCH = 200


class Reporter:
    """Makes reports of requests."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access = context.service(AccessReader)
        self._directory = context.service(Directory)
        self._revocations: dict[str, datetime] | None = None
        self._applications: dict[str, Application | None] = {}

    def request(
        self,
        request: JitRequest,
        application: Application | None = None,
        access: Access | None = None,
        *,
        to_decide: bool = False,
    ) -> RequestReport:
        """Report one request; if it is to decide by, with names of roles that Azure tells now."""
        group = request.id.group_id
        names = {
            row.role.guid: self._access.role_name(group, row.role, anew=to_decide)
            for row in request.rows
        }
        principals = _principals(request)
        self._directory.learn(principals, request.publisher_tenant)
        names |= {each.key: self.principal_name(each) for each in principals}
        known = {key: name for key, name in names.items() if name is not None}
        now = self._context.now()
        revoked_at = self.revoked_at(request) if request.phase(now) is Phase.OPEN else None
        report = RequestReport(request, now, application, known, access, revoked_at=revoked_at)
        if request.state.may_wait:
            return report
        return report._replace(decision=self._decision_sources.of(request, application))

    @cached_property
    def _decision_sources(self) -> DecisionSources:
        from azjit.services.lookup.decided import DecisionSources  # noqa: PLC0415 - 10 ms

        return self._context.service(DecisionSources)

    def requests(
        self, requests: Iterable[JitRequest], application: Application | None = None
    ) -> Iterator[RequestReport]:
        """Report many, as they come; where names are asked for, some at a time."""
        if not self._directory.is_asked:
            yield from (self.request(each, application) for each in requests)
            return
        for batch in _batches(requests):
            self.learn(batch)
            yield from (self.request(each, application) for each in batch)

    def application_of(self, request: JitRequest) -> Application | None:
        """Read the application of a request, once; None if there is none that can be read."""
        if request.application is None:
            return None
        key = request.application.key
        if key not in self._applications:
            try:
                self._applications[key] = self._context.solutions.application(request.application)
            except AzjitError as error:
                if ends_all(error):
                    raise
                self._applications[key] = None  # the request is shown without it
        return self._applications[key]

    def learn(self, requests: Iterable[JitRequest]) -> None:
        """Look up at once the names that the reports of many requests will need."""
        homes: dict[str | None, set[PrincipalId]] = {}
        for each in requests:
            homes.setdefault(each.publisher_tenant, set()).update(_principals(each))
        for tenant, principals in homes.items():
            self._directory.learn(principals, tenant)

    def revoked_at(self, request: JitRequest) -> datetime | None:
        """Give when the access of a request was revoked; None if the receipts do not show it."""
        if self._revocations is None and not self._context.may_have_receipts:
            self._revocations = {}
        if self._revocations is None:
            from azjit.services.receipt_index import revocations  # noqa: PLC0415 - 7 ms

            try:
                self._revocations = revocations(self._context.receipts)
            except AzjitError:
                self._revocations = {}
        return self._revocations.get(request.id.key)

    def principal_name(self, principal: PrincipalId) -> str | None:
        """Give a principal's name, if it is known."""
        caller = self._context.caller
        if principal == caller.id:
            return caller.name
        told = self._directory.name(principal)
        return told or self._context.known.principal_name(principal.key, self._context.cloud.arm)


def _principals(request: JitRequest) -> set[PrincipalId]:
    found = {row.principal for row in request.rows}
    return found if request.created_by is None else {*found, request.created_by}


def _batches(requests: Iterable[JitRequest]) -> Iterator[list[JitRequest]]:
    left = iter(requests)
    while batch := list(islice(left, _BATCH)):
        yield batch
