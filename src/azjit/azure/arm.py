"""Resource Manager's client: sends calls, lists all pages, follows operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from azjit.azure.clouds import Cloud
from azjit.azure.error_codes import is_absent
from azjit.azure.exchange import exchange, operate
from azjit.azure.operations import has_ended, is_by_location, poll_wait, status_address
from azjit.azure.pacing import Pace, Room
from azjit.azure.responses import Answer, all_pages, check_host, lost
from azjit.azure.wire.values import Json
from azjit.domain.calls import Call
from azjit.domain.polling import Clock, poll
from azjit.errors import AnswerLost, AzjitError, NotAllowed, NotFound, NotSignedIn

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.mgmt.resource.resources import ResourceManagementClient


_T = TypeVar("_T")

OPERATION_TIME = timedelta(minutes=5)
_SAFE = "/:()-_.~!$&'*+,;=@"


class Arm:
    """Sends calls through Microsoft's pipeline to one cloud's Resource Manager."""

    def __init__(
        self,
        client: PipelineClient[Any, Any],
        cloud: Cloud,
        clock: Clock,
        pace: Pace,
        fit: Callable[[AzjitError], None] = lambda _: None,
        manager: Callable[[str], ResourceManagementClient] | None = None,
    ) -> None:
        self._client = client
        self._cloud = cloud
        self._clock = clock
        self._pace = pace
        self._fit = fit
        self._manager = manager

    def url(self, path: str, api: str, query: Mapping[str, str] | None = None) -> str:
        """Give the whole address of a path."""
        parameters = urlencode({"api-version": api, **(query or {})}, quote_via=quote, safe="'()$")
        return f"{self._cloud.arm}{quote(path, safe=_SAFE)}?{parameters}"

    def room(self, call: Call) -> Room:
        """Give the place of a call in its bucket, to wait for before the reads that it needs."""
        return Room(self._pace, call.method, urlsplit(call.url).path)

    def is_short_of_reads(self, path: str) -> bool:
        """Tell whether Azure's limits leave room for a few reads of a path only."""
        return self._pace.is_short("GET", path)

    def send(
        self, call: Call, leaving: Callable[[], None] | None = None, room: Room | None = None
    ) -> Answer:
        """Send a call; `leaving` runs right before each attempt, and may raise to prevent it."""
        try:
            return exchange(self._client, self._cloud, call, leaving=leaving, room=room)
        except (NotSignedIn, NotAllowed) as error:
            self._fit(error)
            raise

    def read(
        self, path: str, api: str, what: str, leaving: Callable[[], None] | None = None
    ) -> Json:
        """Read one object.

        Raises:
            NotFound: there is none.
        """
        call = Call("GET", self.url(path, api), what)
        body = self.send(call, leaving).body
        if not isinstance(body, dict):
            raise lost(call, "the answer is not a JSON object")
        return body

    def operate(
        self, subscription: str, what: str, run: Callable[[ResourceManagementClient], _T]
    ) -> _T:
        """Run a read of Microsoft's own client in a subscription."""
        assert self._manager is not None  # only tests of the wire have none
        client = self._manager(subscription)
        try:
            return operate(partial(run, client), self._cloud, Call("GET", self._cloud.arm, what))
        except (NotSignedIn, NotAllowed) as error:
            self._fit(error)
            raise

    def get(self, target: str, what: str) -> object:
        """Read any JSON; `target` is a path with its query, quoted."""
        return self.send(Call("GET", f"{self._cloud.arm}{target}", what)).body

    def find(self, path: str, api: str, what: str) -> Json | None:
        """Read one object, or None where Azure has none.

        Raises:
            NotFound: it is in a subscription that Azure does not find.
        """
        try:
            return self.read(path, api, what)
        except NotFound as error:
            if not is_absent(error):
                raise
            return None

    def list(
        self,
        path: str,
        api: str,
        what: str,
        query: Mapping[str, str] | None = None,
        leaving: Callable[[], None] | None = None,
    ) -> Iterator[Json]:
        """Give the items of all pages, page by page; `leaving` runs before each read of one."""
        first = Call("GET", self.url(path, api, query), what)
        return all_pages(first, self._cloud, partial(self.send, leaving=leaving))

    def settle(self, answer: Answer, what: str, timeout: timedelta = OPERATION_TIME) -> bool:
        """Follow a long-running operation to its end; False if it does not end in time."""
        url = status_address(answer)
        if url is None:
            return True
        by_location = is_by_location(answer)
        deadline = self._clock.now() + timeout
        self._clock.sleep(poll_wait(answer).total_seconds())
        last = poll(
            lambda: self._operation(url, what),
            lambda seen: has_ended(seen, what, by_location=by_location),
            poll_wait,
            deadline,
            self._clock,
        )
        return has_ended(last, what, by_location=by_location)

    def _operation(self, url: str, what: str) -> Answer:
        call = Call("GET", url, f"follow Azure's operation to {what}")
        try:
            check_host(call, self._cloud)
            return self.send(call)
        except AzjitError as error:
            # Azure accepted the write: only a read of its target can tell whether it was done.
            raise AnswerLost(
                error.message,
                hint="Azure accepted the call; read the state before trying again",
                code=error.code,
                request_id=error.request_id,
            ) from error
