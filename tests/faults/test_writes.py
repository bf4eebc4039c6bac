"""Commands whose write lost its answer report what a read shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from azure.core.exceptions import ServiceResponseError

from azjit.sandbox.core import Response, Sandbox
from harness import Cli

_HANDLE = Sandbox.handle
RESET = ServiceResponseError("Connection aborted: reset by peer")


class Wire:
    """What lies between the command and the world: it counts, and breaks as told."""

    def __init__(self, world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world = world
        self.sent: list[str] = []
        self.method = ""
        self.breaks: Callable[[Callable[[], Response]], Response] = lambda go: go()
        monkeypatch.setattr(world.__class__, "handle", lambda _, *call: self._carry(*call))

    def _carry(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        def go() -> Response:
            return _HANDLE(self._world, method, url, headers, body)

        is_write = method != "GET" and "oauth2" not in url
        if is_write:
            self.sent.append(method)
        return self.breaks(go) if is_write and method == self.method else go()


def reset_before(go: Callable[[], Response]) -> Response:
    del go
    raise RESET


def reset_after(go: Callable[[], Response]) -> Response:
    go()
    raise RESET


def page_before(go: Callable[[], Response]) -> Response:
    del go
    return Response(502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>")


def page_after(go: Callable[[], Response]) -> Response:
    go()
    return Response(504, {"Content-Type": "text/html"}, b"<html>timeout</html>")


def cut_after(go: Callable[[], Response]) -> Response:
    go()
    return Response(200, {"Content-Type": "application/json"}, b'{"status": "Ele')


def foreign_after(go: Callable[[], Response]) -> Response:
    go()
    return Response(202, {"Location": "https://evil.example/operation"}, b"")


def lost_operation(go: Callable[[], Response]) -> Response:
    go()
    missing = "https://management.azure.com/subscriptions/nowhere/operation"
    return Response(202, {"Location": missing, "x-ms-retry-after-ms": "20"}, b"")


def names(cli: Cli) -> set[str]:
    listed = cli("publisher", "history", "orders", "-o", "json").json
    return {each["name"] for each in listed}


AFTER = [reset_after, page_after, cut_after, foreign_after, lost_operation]
BEFORE = [reset_before, page_before]


@pytest.fixture
def wire(world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(world, monkeypatch)


@pytest.mark.parametrize("breaks", AFTER)
@pytest.mark.parametrize(("verb", "state"), [("approve", "approved"), ("deny", "denied")])
def test_decision_whose_answer_is_lost_is_told_by_a_read(
    cli: Cli, wire: Wire, breaks: Callable[..., Response], verb: str, state: str
) -> None:
    name = cli.file()
    wire.sent.clear()
    wire.method, wire.breaks = "POST", breaks

    result = cli("consumer", verb, name, "--reason", "agreed", "--yes", "-o", "json")

    assert result.code == 0, result.err
    assert cli.state_of(name) == state
    assert wire.sent == ["POST"]
    assert cli.receipts()[-1]["outcome"] == "confirmed"


@pytest.mark.parametrize("breaks", BEFORE)
@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_decision_that_never_arrived_is_unconfirmed_and_not_sent_again(
    cli: Cli, wire: Wire, breaks: Callable[..., Response], verb: str
) -> None:
    name = cli.file()
    wire.sent.clear()
    wire.method, wire.breaks = "POST", breaks

    result = cli("consumer", verb, name, "--reason", "agreed", "--yes")

    assert result.code == 9, result.err
    assert cli.state_of(name) == "pending"
    assert wire.sent == ["POST"]
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"
    assert "portal" in result.err


@pytest.mark.parametrize("breaks", [reset_after, page_after, cut_after])
def test_request_whose_answer_is_lost_is_one_request(
    cli: Cli, wire: Wire, breaks: Callable[..., Response]
) -> None:
    before = names(cli)
    wire.method, wire.breaks = "PUT", breaks

    name = cli.file()

    assert names(cli) - before == {name}
    assert set(wire.sent) == {"PUT"}


def test_change_of_settings_whose_answer_is_lost_is_told_by_a_read(cli: Cli, wire: Wire) -> None:
    wire.method, wire.breaks = "PATCH", cut_after

    result = cli("consumer", "configure", "orders", "--max-duration", "2h", "--yes", "-o", "json")

    assert result.code == 0, result.err
    assert wire.sent == ["PATCH"]


def test_withdrawal_whose_answer_is_lost_is_told_by_a_read(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    wire.sent.clear()
    wire.method, wire.breaks = "DELETE", reset_after

    result = cli("publisher", "cancel", name, "--yes", "-o", "json")

    assert result.code == 0, result.err
    assert set(wire.sent) == {"DELETE"}
    assert json.dumps(result.json).count("withdrawn") == 1
