"""`azjit sandbox seed`, `export` and `fault`, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

from harness import Cli


def test_seed_makes_a_larger_world_and_forgets_the_old_one(cli: Cli) -> None:
    name = cli.file()

    seeded = cli("sandbox", "seed", "--apps", "12", "--requests", "40", "-o", "json")

    assert seeded.json == {"applications": 12, "requests": 40}
    assert cli("consumer", "show", "fleet-0001", "-o", "json").json["name"] == "fleet-0001"
    assert cli("publisher", "show", name).code == 3


def test_seed_refuses_without_harm(cli: Cli) -> None:
    name = cli.file()

    refused = cli("sandbox", "seed", "--apps", "3")

    assert (refused.code, refused.error) == (2, "a world has 7 to 1000 applications, not 3")
    assert cli.state_of(name) == "pending"


def test_exported_world_is_seeded_again(cli: Cli, tmp_path: Path) -> None:
    name = cli.file()
    file = tmp_path / "world.yaml"
    file.write_text(cli("sandbox", "export").out)

    seeded = cli("sandbox", "seed", "--file", str(file), "--switch", "page-size=3")

    assert seeded.code == 0, seeded.err
    assert cli("publisher", "show", name, "-o", "json").json["name"] == name
    assert cli("sandbox", "export").out == file.read_text().replace(
        "switches: {}", 'switches:\n  page-size: "3"'
    )


def test_world_may_come_from_stdin(cli: Cli) -> None:
    told = "version: 1\nfleet: {applications: 2}\n"

    seeded = cli("sandbox", "seed", "--file", "-", "-o", "json", answer=told)

    assert seeded.json == {"applications": 2, "requests": 0}


def test_files_that_cannot_be_read_are_named(cli: Cli, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")

    missing = cli("sandbox", "seed", "--file", str(tmp_path / "no.yaml"))
    wrong = cli("sandbox", "seed", "--file", str(broken))

    assert (missing.code, wrong.code) == (3, 2)
    assert "no.yaml" in missing.error
    assert "is not YAML" in wrong.error


def test_schema_is_published(cli: Cli) -> None:
    assert json.loads(cli("sandbox", "seed", "--schema").out)["title"] == "A world of azjit sandbox"


def test_fault_meets_the_next_call(both: Cli) -> None:
    added = both("sandbox", "fault", "add", "500", "--match", "PUT jitRequests", "-o", "json")

    failed = both("publisher", "request", "orders", "--role", "Contributor", "--reason", "x")

    assert added.json[0]["left"] == 1
    assert both("sandbox", "fault", "list", "-o", "json").json == []
    assert failed.code == 0, failed.err


def test_fault_that_stays_makes_azure_unavailable(cli: Cli) -> None:
    cli("sandbox", "fault", "add", "503", "--always")

    failed = cli("publisher", "apps")

    assert failed.code == 6
    assert cli("sandbox", "fault", "clear").code == 0
    assert cli("publisher", "apps").code == 0


def test_one_fault_is_cleared_by_its_number(cli: Cli) -> None:
    first, second = (
        cli("sandbox", "fault", "add", kind, "-o", "json").json[0] for kind in ("500", "slow")
    )

    left = cli("sandbox", "fault", "clear", str(first["id"]), "-o", "json").json

    assert [item["id"] for item in left] == [second["id"]]
    assert cli("sandbox", "fault", "clear", "99").code == 3


def test_faults_are_shown_to_a_person(cli: Cli) -> None:
    cli("sandbox", "fault", "add", "buckets")
    cli("sandbox", "fault", "add", "slow", "--next", "2", "--skip", "1", "--match", "GET")

    shown = cli("sandbox", "fault", "list", tty=True, width=120).out

    assert [line.split()[:2] for line in shown.splitlines()[1:]] == [
        ["1", "buckets"],
        ["2", "slow"],
    ]
    assert "next 2 after 1" in shown
    assert "claims-challenge" in cli("sandbox", "fault", "list", "--kinds").out


def test_faults_that_make_no_sense_are_usage(cli: Cli) -> None:
    unknown = cli("sandbox", "fault", "add", "explode")
    both_said = cli("sandbox", "fault", "add", "500", "--always", "--next", "2")

    assert (unknown.code, both_said.code) == (2, 2)
    assert unknown.error.startswith("no fault is named 'explode'")


def test_reset_reaches_a_server_that_has_the_world_open(served: Cli) -> None:
    name = served.file()

    served("sandbox", "reset")

    assert served("publisher", "show", name).code == 3


def test_only_loopback_is_served(cli: Cli) -> None:
    refused = cli("sandbox", "serve", "--host", "0.0.0.0", "--port", "0")

    assert (refused.code, refused.error) == (
        2,
        "the sandbox listens on loopback only, not on 0.0.0.0",
    )


def test_a_switch_without_its_equals_sign_is_explained(cli: Cli) -> None:
    done = cli("sandbox", "switch", "update-access", "ignored")

    assert done.code == 2
    assert "only one application at a time, not update-access, ignored" in done.err
    assert "KEY=VALUE" in done.err
