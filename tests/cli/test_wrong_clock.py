"""A machine whose clock is wrong: azjit goes by Azure's time, and says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response, Sandbox
from behind import Proceed, Wire, fails
from harness import Cli, Result, unwrapped

REASON = ("--reason", "x")


class Away(Cli):
    """A cloud on this machine that does not say that it is a sandbox: its clock is not followed."""

    def __call__(self, *argv: str, **kwargs: Any) -> Result:
        return super().__call__(*argv, environ={"AZJIT_AS": ""}, **kwargs)


@pytest.fixture
def away(served: Cli, wire: Wire) -> Away:
    wire.rewrite("/metadata/endpoints", lambda cloud: cloud.update(name="Elsewhere"))
    return Away(served.state, served.clock, served.world, served.transport)


def person(cli: Cli, *argv: str, **kwargs: Any) -> Result:
    """Run a command at a terminal, where somebody says yes."""
    return cli(*argv, tty=True, answer="y\n", **kwargs)


def says(done: Result, words: str) -> bool:
    said = f"this machine's clock is {words} Azure's: azjit uses Azure's time"
    return unwrapped(done.err).count(said) == 1


def test_a_right_clock_is_not_spoken_of(away: Away) -> None:
    name = away.file()
    away.approve(name)

    assert "clock" not in away("publisher", "show", name).err


def test_no_ended_request_is_approved_by_a_slow_clock(away: Away) -> None:
    name = away.file()
    away.later(hours=3)

    done = person(away, "consumer", "approve", name, *REASON)

    assert done.code == 5
    assert says(done, "3 h behind")


def test_a_live_request_is_approved_by_a_person_with_a_fast_clock(away: Away) -> None:
    name = away.file("orders", "--start", "+30m")
    away.clock.at = away.clock.at.replace(hour=14)
    away.later(hours=-5)

    done = person(away, "consumer", "approve", name, *REASON)

    assert done.code == 0, done.err
    assert says(done, "4 h 59 min 59 s ahead of")


@pytest.mark.parametrize("hours", [2, -2])
def test_no_approval_is_unattended_while_the_clock_is_wrong(away: Away, hours: int) -> None:
    name = away.file("orders", "--start", "+8h")
    away.later(hours=hours)

    done = away("consumer", "approve", name, *REASON)
    sure = person(away, "consumer", "approve", name, "--yes", *REASON)
    denied = away("consumer", "deny", name, *REASON)

    assert (done.code, sure.code, denied.code) == (5, 5, 0)
    assert "this machine's clock is wrong, and nobody is asked to confirm" in done.error
    assert "next: set the clock, or approve at a terminal without --yes" in done.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--max-duration", "9h"), 5),
        (("--mode", "automatic"), 5),
        (("--add-approver", "carol@contoso.example"), 5),
        (("--max-duration", "2h"), 0),
        (("--remove-approver", "Contoso Approvers"), 0),
    ],
)
def test_no_settings_are_loosened_unattended_while_the_clock_is_wrong(
    away: Away, wire: Wire, options: tuple[str, ...], code: int
) -> None:
    away.later(hours=2)

    done = away("consumer", "configure", "orders", *options)

    assert done.code == code, done.err
    assert (wire.writes == []) is (code == 5)
    assert ("this machine's clock is wrong, and nobody is asked" in done.err) is (code == 5)
    if code == 5:
        assert person(away, "consumer", "configure", "orders", *options).code == 0


@pytest.mark.parametrize("hour", [20, 7])
def test_live_access_is_revoked_whatever_the_clock_says(away: Away, hour: int) -> None:
    name = away.file("orders", "--duration", "8h")
    away.approve(name)
    away.clock.at = away.clock.at.replace(hour=hour)
    away.later(hours=10 - hour)

    done = away("consumer", "revoke", name, *REASON, "-o", "json")

    assert done.code == 0, done.err
    assert done.json[0]["result"] == "revoked"


def test_access_that_ended_is_not_revoked(away: Away) -> None:
    name = away.file()
    away.approve(name)
    away.later(hours=2)

    done = away("consumer", "revoke", name, *REASON)

    assert done.code == 5
    assert "has already ended" in done.error


def approved(cli: Cli) -> str:
    """An approved request, whose time is over, and which the cache knows."""
    name = cli.file()
    cli.approve(name)
    return name


def test_ended_needs_a_read_that_shows_no_access(cli: Cli, wire: Wire) -> None:
    name = approved(cli)
    kept: list[bytes] = []

    def still(proceed: Proceed) -> Response:
        answer = proceed()
        kept.append(answer.body)
        return Response(answer.status, answer.headers, kept[0])

    wire.on("GET", "/roleAssignments", still, times=1000)
    cli("publisher", "show", name)
    cli.later(hours=2)

    held = cli("publisher", "wait", name, "--for", "ended", "--timeout", "5m")

    assert held.code == 8
    assert "is ended, but a read still shows its access after 5 min" in held.error


def test_ended_is_not_told_while_access_cannot_be_read(cli: Cli, wire: Wire) -> None:
    name = approved(cli)
    cli.later(hours=2)
    is_down = [True]

    def maybe(proceed: Proceed) -> Response:
        return fails(503, "ServerTimeout")(proceed) if is_down else proceed()

    wire.on("GET", "/roleAssignments", maybe)
    cut = cli("publisher", "wait", name, "--for", "ended", "--timeout", "1s")
    is_down.clear()

    seen = cli("publisher", "wait", name, "--for", "ended", "--timeout", "5m")

    assert (cut.code, seen.code) == (8, 0)
    assert "is ended, but its access is unknown" in cut.error


@pytest.mark.parametrize("hours", [3, -3])
def test_a_request_from_now_starts_by_azures_clock(away: Away, hours: int) -> None:
    away.later(hours=hours)

    done = away("publisher", "request", "orders", "--role", "Contributor", "-o", "json")
    later = away(
        *("publisher", "request", "orders", "--role", "Contributor", "--new", "-o", "json"),
        *("--start", "+30m"),
    )

    assert (done.code, later.code) == (0, 0), done.err + later.err
    for shown, minutes in ((done, 0), (later, 30)):
        start = shown.json["start"]
        wanted = away.world.now().replace(microsecond=0)
        at = wanted.fromisoformat(start)
        assert abs((at - wanted).total_seconds() - minutes * 60) <= 5
        assert "azjit uses Azure's time" in shown.err


def test_one_answer_is_made_sure_by_another(away: Away, wire: Wire) -> None:
    name = away.file()
    away.approve(name)
    away.later(hours=3)
    shown = away("publisher", "show", name, "-o", "json").json
    wire.sent.clear()

    done = away("publisher", "wait", shown["id"], "--for", "approved")

    assert done.code == 5
    assert "was approved, but ended" in done.error
    assert [each.path for each in wire.sent if each.path == "/subscriptions"]


ODD_DATES = ["odd", "", "Mon, 02 Mar 2026 09:00:00 -0000", "Mon Mar  2 09:00:00 2026", "doubled"]


@pytest.mark.parametrize("date", ODD_DATES)
@pytest.mark.parametrize("where", ["served", "away"])
def test_no_odd_date_crashes(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, where: str, date: str
) -> None:
    cli = request.getfixturevalue(where)
    answer = Sandbox.handle

    def handle(world: Sandbox, *call: Any) -> Response:
        told = answer(world, *call)
        own = told.headers.get("Date", "")
        told.headers["Date"] = f"{own}, {own}" if date == "doubled" else date
        return told

    monkeypatch.setattr(Sandbox, "handle", handle)

    for line in ("consumer pending", "publisher history", "doctor --side consumer"):
        done = cli(*line.split(), "-o", "json")
        assert "bug in azjit" not in done.err
        assert json.loads(done.out)
