"""One listing that shows many decisions of a batch, when Azure's limits leave few reads for it.

A listing is only believed where it confirms a decision. Whatever else it shows, absence above all,
is asked again by a read of the one request.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from threading import Lock

from azjit.context import Context
from azjit.domain.decisions import Case
from azjit.domain.ids import RequestId
from azjit.domain.requests import JitRequest
from azjit.domain.rules import LEADS_TO
from azjit.errors import AzjitError

# How long decisions are gathered for one listing.
_GATHER_SECONDS = 0.5
# A listing is worth it if it takes less than one page for so many decisions.
_DECISIONS_PER_PAGE = 2

Group = dict[RequestId, "Future[JitRequest | None]"]


class _TooLong(Exception):
    """The listing has too many pages."""


class SharedListing:
    """Lists the requests of a subscription once for all decisions that wait for it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._waiting: dict[str, Group] = {}
        self._pages: dict[str, int] = {}

    def confirmed(self, case: Case) -> JitRequest | None:
        """Give the request of a case if a listing that begins now shows it decided, and unchanged.

        None if it shows anything else, or if there are reads enough to ask for the one request.
        """
        request = case.request.id
        if not self._context.solutions.is_short_of_reads(request):
            return None
        mine: Future[JitRequest | None] = Future()
        with self._lock:
            group = self._waiting.setdefault(request.subscription, {})
            is_first = not group
            group[request] = mine
        if is_first:
            self._list(request.subscription)
        seen = mine.result()
        if seen is None or seen.digest() != case.request.digest():
            return None
        return seen if seen.state is LEADS_TO[case.action] else None

    def _list(self, subscription: str) -> None:
        group: Group = {}
        found: dict[RequestId, JitRequest] = {}
        try:
            self._context.clock.sleep(_GATHER_SECONDS)
        finally:
            with self._lock:
                group = self._waiting.pop(subscription)
            try:
                found = self._found(subscription, group)
            finally:
                for request, waiting in group.items():
                    waiting.set_result(found.get(request))

    def _found(self, subscription: str, group: Group) -> dict[RequestId, JitRequest]:
        most = len(group) // _DECISIONS_PER_PAGE
        if self._pages.get(subscription, 1) > most:
            return {}
        found: dict[RequestId, JitRequest] = {}
        pages = 0

        def count() -> None:
            nonlocal pages
            pages += 1
            if pages > most:
                raise _TooLong

        # Without a listing, or beyond its end, each is asked by a read of its own.
        with suppress(AzjitError, _TooLong):
            for each in self._context.solutions.requests_of(subscription, count):
                if each.id in group:
                    found[each.id] = each
                if len(found) == len(group):
                    break
        self._pages[subscription] = pages
        return found
