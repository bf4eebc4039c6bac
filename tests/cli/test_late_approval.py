"""Access that was approved after its start ends as asked, or runs its whole length."""

from __future__ import annotations

import pytest

from harness import Cli


@pytest.fixture(params=["ends-as-asked", "runs-whole-length"])
def late(request: pytest.FixtureRequest, cli: Cli) -> tuple[str, bool]:
    """A request of an hour, approved 40 minutes late, past its computed end; whether it runs on."""
    cli.world.set_switch("orders", "late-approval", request.param)
    name = cli.file("orders")
    cli.later(minutes=40)
    cli.approve(name, "--accept", "little-time-left")
    cli.later(minutes=30)
    return name, request.param == "runs-whole-length"


def test_the_end_is_waited_for_where_access_runs_on(cli: Cli, late: tuple[str, bool]) -> None:
    name, runs_on = late
    wait = ("publisher", "wait", name, "--for", "ended", "--timeout")

    soon, after = cli(*wait, "1m"), cli(*wait, "1h")

    assert soon.code == (8 if runs_on else 0)
    assert after.code == 0


def test_access_that_runs_on_can_be_revoked(cli: Cli, late: tuple[str, bool]) -> None:
    name, runs_on = late

    done = cli("consumer", "revoke", name, "--reason", "over")

    assert done.code == (0 if runs_on else 5), done.err


def test_the_sheet_counts_the_latest_end(cli: Cli) -> None:
    name = cli.file("orders")
    cli.later(minutes=20)

    facts = cli("consumer", "show", name, "-o", "json").json["facts"]

    assert (facts["leftSeconds"], facts["lengthSeconds"]) == (40 * 60, 60 * 60)
    assert facts["latestEnd"] == "2026-03-02T10:20:00Z"


def test_an_exported_world_keeps_the_end(cli: Cli, late: tuple[str, bool]) -> None:
    name, runs_on = late
    exported = cli("sandbox", "export").out
    file = cli.state / "world.yaml"
    file.write_text(exported)

    seeded = cli("sandbox", "seed", "--file", str(file))

    assert seeded.code == 0, seeded.err
    done = cli("consumer", "revoke", name, "--reason", "over")
    assert done.code == (0 if runs_on else 5), done.err
