"""Makes the report of a time: requests, decisions, access and settings, by application."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from azjit.context import Context, Side
from azjit.domain.access_report import (
    AccessReport,
    ApplicationActivity,
    Chart,
    is_of,
    lanes_of,
    total,
    used_in,
)
from azjit.domain.applications import Application
from azjit.domain.holders import Basis, HeldRole
from azjit.domain.inputs import RequestFilter
from azjit.domain.receipts import Receipt, ReceiptFilter
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.holders import Holders
from azjit.services.lookup.omissions import PartialResults, ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.receipts import ReceiptReads

_SETTINGS = {"configure", "refresh-permissions"}


class Reporting:
    """Reports what happened in a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._reporter = context.service(Reporter)
        self._omissions = context.service(PartialResults)

    def report(self, app: str | None, since: datetime, until: datetime) -> AccessReport:
        """Report a time, of one application or of all in reach.

        What is missing is in it, and noted in the `PartialResults` of the command.
        """
        found, listed, read = self._read(app)
        known = {each.id.key: each for each in found}
        reports: dict[str, list[RequestReport]] = {}
        for report in read:
            if is_of(report, since, until):
                reports.setdefault(_key(report.request), []).append(report)
        standing = self._standing(found, listed)
        settings = self._settings(since, until)
        rows = []
        for key in sorted({*known, *reports}):
            its = tuple(sorted(reports.get(key, ()), key=lambda each: each.request.age_key))
            place = known[key].id if key in known else next(iter(its)).request.application
            label = known[key].label if key in known else (place.name if place else "not known")
            used = total(used_in(each, since, until) for each in its)
            changed = tuple(each for each in settings if (each.application or "").lower() == key)
            held = standing.get(key, ()) if standing is not None else None
            rows.append(ApplicationActivity(place, label, known.get(key), its, used, held, changed))
        missing = self._omissions.reasons
        return AccessReport(since, until, self._context.now(), tuple(rows), missing)

    def chart(self, app: str | None, request_filter: RequestFilter) -> Chart:
        """Give who had which role until now, from a time or from the first access.

        A request that was filed before that time may have given a part of the access.
        """
        chosen = request_filter._replace(since=None)
        caller = self._context.caller if chosen.mine else None
        _, _, read = self._read(app)
        reports = [
            each
            for each in read
            if chosen.matches(each) and (caller is None or each.request.concerns(caller.id))
        ]
        return lanes_of(reports, request_filter.since, self._context.now())

    def _read(
        self, app: str | None
    ) -> tuple[list[Application], list[JitRequest], list[RequestReport]]:
        """Give applications and their requests, each with its application and its revocation."""
        if app is None and self._context.side is Side.PUBLISHER:
            self._omissions.say_unseen()
        one = self._finder.application(app) if app is not None else None
        found = [one] if one is not None else list(self._finder.applications())
        listed = list(self._omissions.noted(self._finder.requests(one)))
        known = {each.id.key: each for each in found}
        reports = (self._reporter.request(each, known.get(_key(each))) for each in listed)
        # A list shows a revocation until the end of the request; here it matters later, too.
        revoked = self._reporter.revoked_at
        return found, listed, [each._replace(revoked_at=revoked(each.request)) for each in reports]

    def _standing(
        self, applications: list[Application], listed: list[JitRequest]
    ) -> dict[str, tuple[HeldRole, ...]] | None:
        """Give the publisher's access without an end by application; a publisher cannot read it."""
        if self._context.side is not Side.CONSUMER:
            return None
        found: dict[str, list[HeldRole]] = {}
        for held in self._context.service(Holders).of(applications, listed):
            if held.basis is Basis.STANDING and held.is_publisher and not held.is_operators:
                found.setdefault(held.application.id.key, []).append(held)
        return {key: tuple(each) for key, each in found.items()}

    def _settings(self, since: datetime, until: datetime) -> list[Receipt]:
        return list(self._read_settings(since, until))

    def _read_settings(self, since: datetime, until: datetime) -> Iterator[Receipt]:
        reads = ReceiptReads(self._context)
        try:
            whole = {each.source for each in reads.checks(None) if each.ok}
            for receipt in reads.matching(ReceiptFilter(since=since, until=until)):
                if receipt.action in _SETTINGS and receipt.source in whole:
                    yield receipt
        except AzjitError as error:
            if ends_all(error):
                raise
            self._omissions.note("the receipts", error.message)


def _key(request: JitRequest) -> str:
    return request.application.key if request.application is not None else ""
