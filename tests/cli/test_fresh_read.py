"""The read before a decision: after the intent, and at most two seconds before the call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from azjit.sandbox.core import InjectedFault, Response
from azjit.services.deciding import decide
from behind import Act, Proceed, Wire, fails
from harness import Cli

APPROVE = ("--reason", "agreed", "-o", "json")


def late(cli: Cli, seconds: float, then: Act = lambda proceed: proceed()) -> Act:
    """Answer after some seconds."""

    def act(proceed: Proceed) -> Response:
        answer = then(proceed)
        cli.clock.at += timedelta(seconds=seconds)
        return answer

    return act


def after(times: int, act: Act) -> Act:
    """Let some calls pass first: the reads of the plan, say."""
    left = iter(range(times))
    return lambda proceed: proceed() if next(left, None) is not None else act(proceed)


def steps(wire: Wire, name: str) -> list[str]:
    """The reads of a request and its decision, in their order."""
    of_it = [
        each
        for each in wire.sent
        if each.path.endswith(f"/{name}") or each.path.lower().endswith("/updateaccess")
    ]
    return [each.method for each in of_it]


def outcomes(cli: Cli) -> list[tuple[str, str]]:
    found = [each for each in cli.receipts() if each["kind"] == "outcome"]
    return [(each["outcome"], each["detail"]) for each in found]


def test_a_decision_is_read_once_before_and_once_after(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.sent.clear()

    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 0, done.err
    assert steps(wire, name) == ["GET", "GET", "POST", "GET"]


def test_the_read_begins_after_the_intent_is_on_the_disk(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    written: list[int] = []

    def note(proceed: Proceed) -> Response:
        written.append(sum(each.get("action") == "approve" for each in cli.receipts()))
        return proceed()

    wire.on("GET", f"/{name}", note)
    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 0, done.err
    assert written == [0, 1, 1]


@pytest.mark.parametrize(("seconds", "reads"), [(2.0, 1), (2.1, 2)])
def test_a_slow_answer_is_read_again(cli: Cli, wire: Wire, seconds: float, reads: int) -> None:
    name = cli.file("orders")
    wire.sent.clear()
    wire.on("GET", f"/{name}", after(1, late(cli, seconds)), times=2)

    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 0, done.err
    assert steps(wire, name) == ["GET", *["GET"] * reads, "POST", "GET"]


@pytest.mark.parametrize("action", ["approve", "deny"])
def test_what_changes_during_a_slow_answer_is_not_decided(
    cli: Cli, wire: Wire, action: str
) -> None:
    name = cli.file("orders")

    def decide_meanwhile(proceed: Proceed) -> Response:
        answer = late(cli, 3)(proceed)
        other = "deny" if action == "approve" else "approve"
        cli("consumer", other, name, "--reason", "by somebody else", "--yes")
        wire.sent.clear()
        return answer

    wire.on("GET", f"/{name}", after(1, decide_meanwhile), times=2)
    done = cli("consumer", action, name, *APPROVE)

    assert done.code == 5
    assert "POST" not in steps(wire, name)
    assert outcomes(cli)[-1][0] == "refused"


def test_what_somebody_else_approved_meanwhile_is_not_credited(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", f"/{name}", after(1, lambda proceed: _approved(proceed())))

    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 0, done.err
    assert done.json[0]["result"] == "already approved"
    assert wire.decisions == []
    assert outcomes(cli)[-1] == ("refused", "nothing was sent: it was approved already")
    again = cli("consumer", "approve", name, *APPROVE)
    assert "not in these receipts" in again.json[0]["message"]


def _approved(answer: Response) -> Response:
    return answer._replace(body=answer.body.replace(b'"Pending"', b'"Approved"'))


def test_azure_that_is_always_slow_decides_nothing(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.sent.clear()
    wire.on("GET", f"/{name}", after(1, late(cli, 3)))

    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 6
    assert "more than 2 seconds" in done.error
    assert steps(wire, name) == ["GET"] * 6
    assert outcomes(cli)[-1][0] == "failed"


def test_a_request_that_cannot_be_read_again_is_not_decided(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", f"/{name}", after(1, fails(404, "ResourceNotFound")))

    done = cli("consumer", "approve", name, *APPROVE)

    assert done.code == 3
    assert wire.decisions == []
    assert outcomes(cli)[-1][0] == "refused"


def test_a_call_waits_for_its_turn_before_its_read_and_not_after(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "BATCH_THREADS", 1)
    names = [cli.file("orders", "--start", f"+{at}h", "--duration", "30m") for at in range(1, 9)]
    cli.world.add_fault(InjectedFault("buckets", left=None, tokens=4))
    waits: list[tuple[str, int]] = []

    def noting(what: str) -> Act:
        def act(proceed: Proceed) -> Response:
            waits.append((what, len(cli.clock.slept)))
            return proceed()

        return act

    wire.on("GET", "/jitRequests/", noting("read"))
    wire.on("POST", "/updateAccess", noting("write"))
    done = cli("consumer", "approve", *names, *APPROVE)

    assert done.code == 0, done.err
    writes = [at for at, (what, _) in enumerate(waits) if what == "write"]
    assert len(writes) == 8
    assert cli.clock.slept
    assert all(waits[at - 1] == ("read", waits[at][1]) for at in writes)
