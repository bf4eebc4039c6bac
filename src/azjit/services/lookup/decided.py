"""Who decided a request: from receipts that are whole, the settings, and the activity log."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.decided import Decided, ToldBy, together
from azjit.domain.ids import PrincipalId
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.lookup.omissions import ends_all

if TYPE_CHECKING:
    from azjit.domain.receipts import Receipt

_ACTIONS = {RequestState.APPROVED: "approve", RequestState.DENIED: "deny"}


class DecisionSources:
    """Tells who decided requests."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, request: JitRequest, application: Application | None) -> Decided | None:
        """Give the decision of a request, without a call to Azure; None if it is not decided."""
        if request.state not in _ACTIONS:
            return None
        return together(list(self._told_here(request, application)))

    def with_log(self, request: JitRequest, application: Application | None) -> Decided | None:
        """Give the decision of a request, also as the activity log tells it.

        A log that cannot be read is warned of.
        """
        if request.state not in _ACTIONS:
            return None
        told = [*self._told_here(request, application), *self._in_log(request)]
        return together(sorted(told, key=lambda each: each.known_by is ToldBy.SETTINGS))

    def _told_here(self, request: JitRequest, application: Application | None) -> Iterator[Decided]:
        for receipt in reversed(self._receipts.get(request.id.key, [])):
            if receipt.action == _ACTIONS[request.state]:
                route = receipt.details.get("route")
                yield Decided(
                    ToldBy.RECEIPT,
                    PrincipalId(receipt.actor_id),
                    receipt.actor_name or None,
                    # A command that settled it later tells only when it was begun.
                    receipt.began if receipt.is_reconciled else receipt.ended,
                    receipt.reason,
                    route if isinstance(route, str) else None,
                )
        if request.is_automatic(application):
            yield Decided(ToldBy.SETTINGS)

    @cached_property
    def _receipts(self) -> dict[str, list[Receipt]]:
        """The confirmed decisions by request, from the receipts that are whole."""
        found: dict[str, list[Receipt]] = {}
        if not self._context.may_have_receipts:
            return found
        from azjit.domain.receipts import ReceiptFilter  # noqa: PLC0415 - 10 ms
        from azjit.services.receipts import ReceiptReads  # noqa: PLC0415 - the same

        try:
            reads = ReceiptReads(self._context)
            checks = {each.source: each for each in reads.checks(None)}
            for receipt in reads.matching(ReceiptFilter()):
                is_sure = receipt.outcome == "confirmed" and checks[receipt.source].ok
                if is_sure and receipt.action in _ACTIONS.values():
                    found.setdefault(receipt.target.lower(), []).append(receipt)
        except AzjitError as error:
            self._context.notes.warn(f"{error.message}; who decided is not known")
            return {}
        for check in checks.values():
            if not check.ok:
                whose = f"the receipts of {check.source} are not whole"
                self._context.notes.warn(f"{whose}, so they name nobody: {check.why}")
        return found

    def _in_log(self, request: JitRequest) -> Iterator[Decided]:
        from azjit.domain.activity import ActivityKind  # noqa: PLC0415 - only one request's view
        from azjit.domain.inputs import RequestFilter  # noqa: PLC0415 - the same
        from azjit.services.activity.history import ActivityHistory  # noqa: PLC0415 - the same

        if request.application is None:
            return
        kinds = {
            RequestState.APPROVED: ActivityKind.APPROVED,
            RequestState.DENIED: ActivityKind.DENIED,
        }
        history = self._context.service(ActivityHistory)
        look = RequestFilter(since=request.created_at)
        try:
            report = history.report(request.application.text, look)
        except AzjitError as error:
            if ends_all(error):
                raise
            self._context.notes.warn(f"the activity log is not included: {error.message}")
            return
        for unread in report.unread:
            self._context.notes.warn(f"the activity log is not complete: {unread.message}")
        for row in report.rows:
            is_of_it = row.request == request.id and row.kind is kinds[request.state]
            if is_of_it and row.event is not None and row.who is not None:
                yield Decided(ToldBy.LOG, row.who, row.who_name, row.at)
