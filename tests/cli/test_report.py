"""The report of a time: counts, decisions, hours of access, standing access and settings."""

from __future__ import annotations

import csv
import io
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from azjit.output.render.streams import make_private
from behind import Wire, fails
from harness import Cli, unwrapped


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """Orders: one approved, one denied, settings changed. Reports: one approved automatically."""
    name = cli.file("orders", "--duration", "2h", "--reason", "=cmd|' /C calc'!A1;@x `|` <b>")
    cli.approve(name)
    denied = cli.file("sensors")
    assert cli("consumer", "deny", denied, "--reason", "no `window` | <i>").code == 0
    assert cli("consumer", "configure", "reports", "--max-duration", "6h").code == 0
    cli.file("reports", "--duration", "1h")
    cli.later(hours=3)
    return cli


def told(cli: Cli, *argv: str) -> dict[str, Any]:
    done = cli("consumer", "report", "--format", "json", *argv)
    assert done.code == 0, done.err
    return {each["application"]: each for each in done.json["applications"]}


def test_the_counts_and_the_hours_are_those_of_the_time(busy: Cli) -> None:
    found = told(busy, "--since", "5h")

    orders, reports = found["contoso-apps/orders"], found["contoso-apps/reports"]
    assert (orders["requested"], orders["approved"], orders["usedSeconds"]) == (1, 1, 7200)
    assert (reports["automatic"], reports["approved"], reports["usedSeconds"]) == (1, 0, 3600)
    assert found["sensors-rg/sensors"]["denied"] == 1
    assert [each["action"] for each in reports["settings"]] == ["configure"]
    assert orders["requests"][0]["decision"]["reason"] == "agreed"
    assert {each["roleName"] for each in found["contoso-apps/ledger"]["standing"]} == {
        "Contributor"
    }


def test_access_that_began_before_and_ends_after_counts_only_inside(busy: Cli) -> None:
    found = told(busy, "--since", "150m", "--until", "90m")["contoso-apps/orders"]

    assert (found["requested"], found["usedSeconds"]) == (1, 3600)


def test_a_revocation_ends_the_hours(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "8h")
    cli.approve(name)
    cli.later(hours=1)
    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
    cli.later(hours=1)

    assert told(cli, "--since", "5h")["contoso-apps/orders"]["usedSeconds"] == 3600


def test_a_revocation_ends_the_hours_also_after_the_end_of_the_request(cli: Cli) -> None:
    name = cli.file("orders", "--duration", "2h")
    cli.approve(name)
    cli.later(hours=1)
    assert cli("consumer", "revoke", name, "--reason", "done").code == 0
    cli.later(hours=5)

    found = told(cli, "--since", "8h")["contoso-apps/orders"]

    assert found["usedSeconds"] == 3600
    assert [each["revokedAt"] for each in found["requests"]] == ["2026-03-02T10:00:00Z"]


def test_a_publisher_is_told_that_applications_may_be_missing(cli: Cli) -> None:
    assert "may be incomplete" in unwrapped(cli("publisher", "report").err)
    assert "may be incomplete" not in unwrapped(cli("publisher", "report", "orders").err)


def test_markdown_keeps_foreign_text_in_code_spans(busy: Cli) -> None:
    done = busy("consumer", "report", "--since", "5h")

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert "| `contoso-apps/orders` | 1 | 1 | 0 | 0 | 0 | 0 | 2 h |" in lines
    (row,) = [line for line in lines if "window" in line]
    assert "``no `window` \\| <i>``" in row
    assert "Settings changed:" in lines
    assert "- `alice@fabrikam.example`: `Contributor`" in lines


def test_csv_has_no_formula(busy: Cli) -> None:
    done = busy("consumer", "report", "--since", "5h", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(done.out)))
    (claim,) = [row["reasonClaim"] for row in rows if row["reasonClaim"]]
    assert claim.startswith("'=cmd")
    assert ";'@x" in claim
    assert {row["decidedBy"] for row in rows} >= {"bob@contoso.example", "automatic"}


def test_a_publisher_reports_its_own(busy: Cli) -> None:
    done = busy("publisher", "report", "orders", "--format", "json")

    assert done.code == 0, done.err
    (orders,) = done.json["applications"]
    assert (orders["standing"], orders["approved"]) == (None, 2)


def test_what_cannot_be_read_is_told_and_the_rest_reported(
    busy: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    wire.on("GET", "mrg-ledger/providers/Microsoft.Authorization/roleAssignments", fails(403, "No"))

    done = busy("consumer", "report", "--since", "5h", "--format", "json")

    assert done.code == 7
    assert len(done.json["applications"]) == 7
    assert "as of the index only" in unwrapped(done.err)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--since", "1d", "--until", "2d"), "--since is not before --until"),
        (("--format", "pdf"), "no format named 'pdf'"),
        (("--since", "tomorrow"), "malformed time"),
    ],
)
def test_a_wrong_command_line_asks_nothing(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    done = cli("consumer", "report", *argv)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_page_is_written_for_its_owner_only_and_whole(busy: Cli, tmp_path: Path) -> None:
    page = tmp_path / "access.html"
    page.write_text("old")
    page.chmod(0o644)

    done = busy(
        *("consumer", "report", "--since", "5h", "--format", "html"),
        *("--outfile", str(page), "--limit", "1"),
    )

    assert (done.code, done.out) == (0, ""), done.err
    assert f"wrote {page}" in unwrapped(done.err)
    assert page.stat().st_mode & 0o777 == 0o600
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")
    assert "bob@contoso.example" in text
    assert "<b>" not in text
    assert [each.name for each in tmp_path.iterdir() if "html" in each.name] == ["access.html"]


def test_a_page_on_stdout_is_the_same_as_in_a_file(busy: Cli, tmp_path: Path) -> None:
    page = tmp_path / "access.html"
    argv = ("consumer", "report", "--since", "5h", "--format", "html")

    told, written = busy(*argv), busy(*argv, "--outfile", str(page))

    assert (told.code, written.code) == (0, 0)
    assert told.out == page.read_text("utf-8")


def test_a_new_file_that_stdout_leads_to_is_private_for_a_page(tmp_path: Path) -> None:
    new, log, pipe = tmp_path / "new", tmp_path / "log", StringIO()
    log.write_text("old\n")
    for each in (new, log):
        each.touch(0o644)
        with each.open("a") as stream:
            make_private(stream)
    make_private(pipe)

    assert [each.stat().st_mode & 0o777 for each in (new, log)] == [0o600, 0o644]


def test_an_incomplete_report_says_so_in_its_file(
    busy: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wire = Wire(monkeypatch)
    wire.on("GET", "mrg-ledger/providers/Microsoft.Authorization/roleAssignments", fails(403, "No"))
    argv = ("consumer", "report", "--since", "5h")
    for form in ("md", "html", "json"):
        done = busy(*argv, "--format", form, "--outfile", str(tmp_path / form))
        assert done.code == 7

    said = {form: (tmp_path / form).read_text("utf-8") for form in ("md", "html", "json")}
    assert "Incomplete: `" in said["md"]
    assert all("as of the index only" in each for each in said.values())


@pytest.mark.parametrize("kind", ["folder", "link", "no folder", "device"])
def test_what_is_no_regular_file_is_not_replaced(cli: Cli, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "kept"
    target.write_text("kept")
    places = {
        "folder": tmp_path,
        "link": tmp_path / "link",
        "no folder": tmp_path / "none" / "page.html",
        "device": Path("/dev/null"),
    }
    places["link"].symlink_to(target)

    done = cli("consumer", "report", "--format", "html", "--outfile", str(places[kind]))

    assert (done.code, done.out) == (1, "")
    assert "could not be written" in done.err
    assert target.read_text() == "kept"
    assert not Path("/dev/null").is_file()


def test_a_page_for_a_terminal_names_the_flag(cli: Cli) -> None:
    done = cli("consumer", "report", "--format", "html", tty=True)

    assert (done.code, done.out) == (2, "")
    assert "--outfile FILE" in done.err


def test_a_query_selects_from_json(busy: Cli) -> None:
    told = busy("consumer", "report", "--query", "applications[].application | length(@)")
    refused = busy("consumer", "report", "--query", "applications", "--format", "html")

    assert (told.code, told.json) == (0, 7)
    assert (refused.code, refused.out) == (2, "")
    assert "--format json" in refused.err
