"""Streamed lists: rows are written before the next page arrives, and a closed pipe ends them."""

from __future__ import annotations

from threading import Condition

import pytest

from azjit.sandbox.core import Response
from behind import Act, Proceed, Wire, fails
from harness import Cli, Stream

FORMATS = ("jsonl", "csv", "tsv")
PATIENCE = 5.0
ORDERS = "mrg-orders/providers/microsoft.solutions/jitrequests"


class Out(Stream):
    """A stdout whose rows can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._told = Condition()

    def write(self, text: str) -> int:
        with self._told:
            written = super().write(text)
            self._told.notify_all()
        return written

    @property
    def rows(self) -> int:
        return self.getvalue().count("\n")

    def wait_for(self, rows: int) -> int:
        with self._told:
            self._told.wait_for(lambda: self.rows >= rows, PATIENCE)
        return self.rows


class Pages:
    """How many rows stood on stdout when each page was asked for."""

    def __init__(self, out: Out, *, size: int, head: int = 0) -> None:
        self._out = out
        self._size = size
        self._head = head
        self.seen: list[int] = []

    @property
    def act(self) -> Act:
        def act(proceed: Proceed) -> Response:
            answer = proceed()
            wanted = self._head + len(self.seen) * self._size
            waits = self.seen and self.seen[-1] >= wanted - self._size
            self.seen.append(self._out.wait_for(wanted) if waits else self._out.rows)
            return answer

        return act


@pytest.fixture
def paged(both: Cli) -> Cli:
    """The command line over a world whose pages hold one thing each."""
    both.file("orders", "--start", "+2h")
    both.file("orders", "--start", "+5h")
    both.world.set_switch(None, "page-size", "1")
    return both


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("side", ["publisher", "consumer"])
def test_rows_of_a_page_are_written_before_the_next_page_is_there(
    paged: Cli, wire: Wire, side: str, form: str
) -> None:
    out = Out()
    pages = Pages(out, size=1, head=1 if form == "csv" else 0)
    wire.on("GET", ORDERS, pages.act)

    done = paged(side, "history", "orders", "-o", form, out=out)

    assert done.code == 0, done.err
    assert len(pages.seen) > 2
    assert pages.seen[1:] == [pages._head + at for at in range(1, len(pages.seen))]


def test_many_lists_at_once_stream_page_by_page_too(paged: Cli, wire: Wire) -> None:
    first, second = _subscriptions(paged)
    out = Out()
    pages = Pages(out, size=1)
    wire.on("GET", f"{first}/providers/microsoft.solutions/jitrequests", pages.act)

    done = paged("consumer", "history", "-o", "jsonl", out=out)

    assert done.code == 0, done.err
    assert any(each.path.startswith(f"{second}/providers") for each in wire.sent)
    assert len(pages.seen) > 2
    assert pages.seen[1:] == list(range(1, len(pages.seen)))


def test_applications_stream_page_by_page(paged: Cli, wire: Wire) -> None:
    first = _subscriptions(paged)[0]
    out = Out()
    pages = Pages(out, size=1)
    wire.on("GET", f"{first}/providers/microsoft.solutions/applications", pages.act)

    done = paged("consumer", "apps", "-o", "tsv", out=out)

    assert done.code == 0, done.err
    assert len(pages.seen) > 2
    assert pages.seen[1:] == list(range(1, len(pages.seen)))


def test_enough_rows_ask_for_no_further_page(paged: Cli, wire: Wire) -> None:
    done = paged("consumer", "history", "orders", "-o", "jsonl", "--limit", "1")

    assert done.code == 0, done.err
    assert done.out.count("\n") == 1
    assert sum(ORDERS in each.path.lower() for each in wire.sent) == 1


def test_order_is_that_of_the_subscriptions(paged: Cli) -> None:
    rows = [paged("consumer", "history", "-o", "jsonl").out for _ in range(3)]

    assert len(set(rows)) == 1


def test_list_that_fails_later_leaves_its_rows_and_its_code(paged: Cli, wire: Wire) -> None:
    calls = []

    def act(proceed: Proceed) -> Response:
        calls.append(None)
        return proceed() if len(calls) < 3 else fails(403, "AuthorizationFailed")(proceed)

    wire.on("GET", ORDERS, act)

    done = paged("consumer", "history", "orders", "-o", "jsonl")

    assert done.code == 4
    assert done.out.count("\n") == 2


def _subscriptions(cli: Cli) -> list[str]:
    listed = cli("consumer", "apps", "-o", "json").json
    return [f"/subscriptions/{each}" for each in dict.fromkeys(a["subscriptionId"] for a in listed)]


def test_a_person_is_told_which_requests_a_limit_takes(cli: Cli) -> None:
    said = "with jsonl --limit keeps the first rows, not the newest"

    at_terminal = cli("publisher", "history", "--limit", "1", "-o", "jsonl", tty=True)
    in_pipe = cli("publisher", "history", "--limit", "1", "-o", "jsonl")
    as_table = cli("publisher", "history", "--limit", "1", tty=True)

    assert said in at_terminal.err
    assert said not in in_pipe.err
    assert "comes first" not in as_table.err
