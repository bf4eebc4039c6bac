"""`azjit doctor` looks at this machine too: the place of the receipts and the time zone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from checkup import examined, of
from harness import Cli


def test_a_machine_that_is_in_order(cli: Cli) -> None:
    found = examined(cli, "--app", "orders", code=0)

    assert of(found, "DOC006")["message"].startswith(f"receipts are kept in {cli.state}")
    assert of(found, "DOC006")["severity"] == "ok"


def test_a_full_disk_is_a_problem_and_the_rest_is_checked(
    served: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    found = examined(served, "--app", "orders", code=5)

    state = of(found, "DOC006")
    assert state["severity"] == "problem"
    assert state["message"].endswith("cannot be written: No space left on device")
    assert "--state-dir" in state["fix"]
    assert "azjit consumer approve" in state["breaks"]
    assert of(found, "DOC202")["severity"] == "ok"


def test_a_state_directory_that_is_refused_is_the_first_finding(both: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = both("doctor", "-o", "json", "--state-dir", str(tmp_path / "file"))

    assert done.json[0]["code"] == "DOC006"
    assert "it is not a directory" in done.json[0]["message"]
    assert "--state-dir" in done.json[0]["fix"]
    assert done.code in {2, 5}


@pytest.mark.parametrize(
    ("zone", "argv", "severity", "words"),
    [
        ("Europe/Berlin", (), "ok", "local times are read in Europe/Berlin, by TZ"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", (), "ok", "CET-1CEST,M3.5.0,M10.5.0/3, by TZ"),
        ("CEST", ("--timezone", "Asia/Tokyo"), "ok", "read in Asia/Tokyo, by --timezone"),
        ("CEST", (), "warning", "TZ is 'CEST', which is no time zone here: times are shown in UTC"),
    ],
)
def test_the_zone_of_local_times_is_told_with_its_source(
    cli: Cli, zone: str, argv: tuple[str, ...], severity: str, words: str
) -> None:
    done = cli("doctor", "--as", "nobody", *argv, "-o", "json", environ={"TZ": zone})

    told = of(done.json, "DOC007")
    assert (told["severity"], words in told["message"]) == (severity, True)
    assert of(done.json, "DOC001")["severity"] == "problem"
