"""What publishers changed: in the time of a request, and outside of all of them."""

from __future__ import annotations

from typing import Any

import pytest

from behind import People, Wire, fails
from harness import Cli, unwrapped

LOG = "Microsoft.Insights/eventtypes"
OUTSIDE = ("consumer", "history", "orders", "--activity", "--outside-grants")
TAGS = "Microsoft.Resources/tags/write"


def tag(cli: Cli, value: str, app: str = "orders") -> None:
    """Let Alice change a tag of the managed group."""
    group = cli("consumer", "show", app, "-o", "json").json["managedResourceGroupId"]
    path = f"{group}/providers/Microsoft.Resources/tags/default"
    body = {"operation": "Merge", "properties": {"tags": {"night": value}}}
    People(cli.world).call("alice", "PATCH", path, body, version="2021-04-01")


@pytest.fixture
def granted(cli: Cli) -> str:
    """A request of Alice's whose access is active."""
    name = cli.file("orders", "--duration", "1h")
    cli.approve(name)
    cli.later(minutes=6)
    return name


def operations(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["operation"], each["by"]["name"]) for each in told]


def test_a_request_shows_what_was_changed_in_its_time(cli: Cli, granted: str) -> None:
    tag(cli, "a")

    done = cli("consumer", "show", granted, "--activity", "-o", "json")
    shown = cli("consumer", "show", granted, "--activity", tty=True, width=140)

    assert done.code == 0, done.err
    assert operations(done.json["activity"]) == [(TAGS, "alice@fabrikam.example")]
    assert done.json["name"] == granted
    assert "Changed in its time" in shown.out
    assert TAGS in unwrapped(shown.out)
    assert cli(*OUTSIDE, "-o", "json").json == []


def test_what_was_changed_without_a_grant_is_told(cli: Cli, granted: str) -> None:
    tag(cli, "a")
    cli.later(hours=2)
    tag(cli, "b", "ledger")  # deployed without JIT: the publisher's access is standing

    done = cli("consumer", "history", "--activity", "--outside-grants", "-o", "json")
    late = cli(*OUTSIDE, "--since", "1h", "-o", "json")

    assert done.code == 0, done.err
    assert operations(done.json) == [(TAGS, "alice@fabrikam.example")]
    assert [each["application"]["name"] for each in done.json] == ["ledger"]
    assert late.json == []
    assert "no reads" in done.err
    assert cli("consumer", "show", granted, "--activity", "-o", "json").json["activity"] != []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_log_that_cannot_be_read_leaves_the_request(
    cli: Cli, granted: str, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    wire = Wire(monkeypatch)
    wire.on("GET", LOG, fails(status, "No"))

    done = cli("consumer", "show", granted, "--activity", "-o", "json")
    outside = cli(*OUTSIDE, "-o", "json")

    shown = cli("consumer", "show", granted, "--activity", tty=True)

    assert (done.code, done.json["name"], done.json["activity"]) == (7, granted, None)
    assert (shown.code, "Changed in its time" in shown.out) == (7, False)
    assert (outside.code, outside.json) == (7, [])


def test_a_request_that_has_not_begun_has_no_activity(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+3h")

    assert cli("consumer", "show", name, "--activity", "-o", "json").json["activity"] == []


@pytest.mark.parametrize("argv", [("--outside-grants",), (*OUTSIDE[3:], "--state", "denied")])
def test_a_wrong_command_line_asks_nothing(cli: Cli, argv: tuple[str, ...]) -> None:
    done = cli("consumer", "history", *argv)

    assert (done.code, done.out) == (2, "")
    assert "--outside-grants needs --activity" in done.err


def test_of_an_old_request_the_log_has_no_more(cli: Cli, granted: str) -> None:
    cli.later(days=95)

    done = cli("consumer", "show", granted, "--activity", "-o", "json")

    assert (done.code, done.json["activity"]) == (0, [])
    assert "90 days only" in done.err
