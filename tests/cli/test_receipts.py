"""`azjit receipts`: what was changed can be read back, checked and handed on."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from azjit.domain.receipts import Copy, Receipt
from azjit.output.results.ocsf import EVENT
from azjit.output.results.receipts import Row
from harness import Cli, Prepared, unwrapped

HEAD = "1:" + 64 * "0"
FIRST = "338a9a54-872d-5f1a-965a-c46f21c219fc"


def decide(cli: Cli) -> None:
    assert cli("consumer", "approve", FIRST, "--reason", "CHG-1").code == 0
    cli.later(hours=1)
    name = cli.file("orders")
    assert cli("consumer", "deny", name, "--reason", "no window").code == 0
    assert cli("consumer", "configure", "orders", "--max-duration", "4h").code == 0


@pytest.fixture
def decided(cli: Cli, prepared: Prepared) -> Cli:
    """A machine that approved one request, an hour later denied another, and set a maximum."""
    prepared(cli, decide)
    return cli


def actions(cli: Cli, *options: str) -> list[str]:
    done = cli("receipts", "list", "-o", "json", *options)
    assert done.code == 0, done.err
    return [each["action"] for each in done.json]


def test_each_change_is_listed_with_its_reason_and_outcome(decided: Cli) -> None:
    done = decided("receipts", "list", "-o", "json")

    assert [(each["action"], each["reason"], each["outcome"]) for each in done.json] == [
        ("approve", "CHG-1", "confirmed"),
        ("request", None, "confirmed"),
        ("deny", "no window", "confirmed"),
        ("configure", None, "confirmed"),
    ]
    assert [each["actor"]["name"].split("@")[0] for each in done.json] == [
        "bob",
        "alice",
        "bob",
        "bob",
    ]
    assert "SANDBOX" in done.err


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--application", "orders"), ["request", "deny", "configure"]),
        (("--application", "ORDERS-rg/orders"), []),
        (("--application", "order"), []),
        (("--request", FIRST[:8]), ["approve"]),
        (("--request", FIRST[:7]), []),
        (("--since", "30m"), ["request", "deny", "configure"]),
        (("--until", "30m"), ["approve"]),
        (("--actor", "BOB@contoso.example"), ["approve", "deny", "configure"]),
        (("--actor", "alice"), []),
        (("--actor", "alice@fabrikam.example"), ["request"]),
    ],
)
def test_a_list_is_narrowed(decided: Cli, options: tuple[str, ...], found: list[str]) -> None:
    assert actions(decided, *options) == found


def test_an_application_is_named_by_its_id_and_group(decided: Cli) -> None:
    told = decided("receipts", "list", "-o", "json").json[3]["application"]
    group = told.split("/")[4]

    assert actions(decided, "--application", told) == ["request", "deny", "configure"]
    assert actions(decided, "--application", f"{group}/orders") == ["request", "deny", "configure"]


def test_a_terminal_shows_short_names(decided: Cli) -> None:
    done = decided("receipts", "list", tty=True, width=130)
    filed = decided("receipts", "list", "-o", "json").json[1]
    shown = decided("receipts", "show", filed["id"], tty=True, width=300)

    rows = [line.split() for line in done.out.splitlines()[1:5]]
    assert [(row[1], row[2]) for row in rows] == [
        ("approve", "shop"),
        ("request", "orders"),
        ("deny", "orders"),
        ("configure", "orders"),
    ]
    assert rows[0][3].startswith(FIRST[:8])
    assert [row[4].partition("@")[0] for row in rows] == ["bob", "alice", "bob", "bob"]
    assert f"Application {filed['application']}" in unwrapped(shown.out)


def test_one_receipt_is_shown_by_its_beginning(decided: Cli) -> None:
    wanted = decided("receipts", "list", "-o", "json").json[0]

    assert decided("receipts", "show", wanted["id"], "-o", "json").json == wanted
    text = decided("receipts", "show", wanted["id"], "-o", "table").out
    assert "CHG-1" in text
    assert wanted["target"] in text
    done = decided("receipts", "show", "ffffffff")
    assert (done.code, done.error) == (3, "no receipt 'ffffffff'")
    several = decided("receipts", "show", wanted["id"][:8])
    assert several.code == 2
    assert wanted["id"] in several.err


def test_receipts_that_nobody_touched_are_intact(decided: Cli) -> None:
    done = decided("receipts", "verify", "-o", "json")

    assert done.code == 0
    (found,) = done.json
    assert (found["ok"], found["count"], found["withoutOutcome"]) == (True, 8, [])


def _flip(lines: Path) -> None:
    lines.write_bytes(lines.read_bytes().replace(b"CHG-1", b"CHG-2"))


def _merge(lines: Path) -> None:
    lines.write_bytes(lines.read_bytes().replace(b"}\n{", b"}{", 1))


def _remove(lines: Path) -> None:
    whole = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(b"".join(whole[:1] + whole[2:]))


def _cut(lines: Path) -> None:
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:-2]))


def _no_head(lines: Path) -> None:
    lines.with_suffix(".head").unlink()


def _bad_head(lines: Path) -> None:
    lines.with_suffix(".head").write_text("{}")


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (_flip, 1, "it was changed after it was written"),
        (_merge, 1, "it was changed after it was written"),
        (_remove, 2, "receipts 2 to 2 are missing before it"),
        (_cut, 7, "the last 2 of 8 receipts are missing"),
        (_no_head, 1, "the head is missing, and there are 8"),
        (_bad_head, None, "the head is unreadable"),
    ],
)
def test_a_change_is_named_and_nothing_is_exported(
    decided: Cli, change: Callable[[Path], None], line: int | None, why: str
) -> None:
    change(decided.state / "sandbox" / "receipts.jsonl")

    done = decided("receipts", "verify", "-o", "json")
    exported = decided("receipts", "export")

    at = f" at line {line}" if line is not None else ""
    assert (done.code, exported.code, exported.out) == (1, 1, "")
    assert (done.json[0]["brokenLine"], done.json[0]["why"]) == (line, why)
    assert done.error == exported.error == f"the receipts of this machine are not whole{at}: {why}"


def test_a_copied_head_shows_that_everything_was_rewritten(decided: Cli, tmp_path: Path) -> None:
    kept = tmp_path / "head.json"
    kept.write_text(decided("receipts", "head", "-o", "json").out)
    head = json.loads(kept.read_text())[0]
    text = f"{head['count']}:{head['hash']}"
    assert decided("consumer", "configure", "orders", "--max-duration", "5h").code == 0
    for copy in (str(kept), text):
        assert decided("receipts", "verify", "--against", copy).code == 0

    for file in (decided.state / "sandbox").glob("receipts.*"):
        file.unlink()

    assert decided("receipts", "verify").code == 0
    for copy in (str(kept), text):
        done = decided("receipts", "verify", "--against", copy)
        assert (done.code, "there are 0" in done.error) == (1, True)


@pytest.mark.parametrize("text", ["", "6", "6:abc", "nothing.json", "."])
def test_what_is_no_head_is_refused(decided: Cli, text: str) -> None:
    done = decided("receipts", "verify", "--against", text)

    assert done.code == 2
    assert "next: use COUNT:HASH" in done.err


def test_a_change_without_outcome_is_named(decided: Cli) -> None:
    folder = decided.state / "sandbox"
    lines = (folder / "receipts.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "receipts.jsonl").write_bytes(b"".join(lines[:-1]))
    last = json.loads(lines[-2])
    head = {"version": 1, "count": 7, "hash": last["hash"], "size": sum(map(len, lines[:-1]))}
    (folder / "receipts.head").write_text(json.dumps(head) + "\n")

    done = decided("receipts", "verify", "-o", "json")

    assert (done.code, done.json[0]["ok"]) == (0, True)
    assert [each["action"] for each in done.json[0]["withoutOutcome"]] == ["configure"]
    assert (
        f"configure of orders in the receipts of this machine has no outcome: receipt {last['id']}"
        in (done.err)
    )


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_an_export_carries_the_head(decided: Cli, form: str) -> None:
    head = decided("receipts", "head", "-o", "json").json[0]
    done = decided("receipts", "export", "--format", form)

    assert done.code == 0
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(done.out)))
    else:
        rows = done.json if form == "json" else list(map(json.loads, done.out.splitlines()))
    assert [row["action"] for row in rows] == ["approve", "request", "deny", "configure"]
    assert {row["head"] for row in rows} == {f"{head['count']}:{head['hash']}"}


def test_ocsf_has_an_event_for_each_receipt(decided: Cli) -> None:
    rows = decided("receipts", "export").json

    done = decided("receipts", "export", "--format", "ocsf")

    events = [json.loads(line) for line in done.out.splitlines()]
    assert [each["metadata"]["uid"] for each in events] == [row["id"] for row in rows]
    for event, row in zip(events, rows, strict=True):
        assert event["class_uid"] == 6003
        assert event["category_uid"] == 6
        assert event["type_uid"] == 600300 + event["activity_id"]
        assert event["time"] == datetime.fromisoformat(row["at"]).timestamp() * 1000
        assert event["end_time"] >= event["time"]
        assert event["actor"]["user"]["uid"] == row["actor"]["id"]
        assert event["unmapped"]["reason"] == row["reason"]
        assert event["unmapped"]["head"] == row["head"]
        assert {"operation"} <= event["api"].keys()
        assert event["src_endpoint"]["name"]
    assert [each["activity_id"] for each in events] == [3, 1, 3, 3]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("confirmed", 1), ("refused", 2), ("failed", 2), ("unconfirmed", 0), (None, 0)],
)
def test_ocsf_calls_only_what_a_read_showed_a_success(outcome: str | None, status: int) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    told = Receipt("1", "here", at, "approve", "/x", None, "2", "Bob", "3", "4", None, {}, outcome)

    event = EVENT.encode(Row(told, Copy("here", 1, "5", 6)))

    assert (event["status_id"], event["end_time"]) == (status, None)


def test_an_unknown_format_is_refused(cli: Cli) -> None:
    done = cli("receipts", "export", "--format", "cvs")

    assert (done.code, done.error) == (2, "no format named 'cvs'")
    assert "did you mean csv?" in done.err


def test_receipts_of_several_machines_are_read_together(decided: Cli, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    for name in ("night", "day"):
        shutil.copytree(decided.state / "sandbox", shared / name)
    (shared / "notes").mkdir()
    _flip(shared / "day" / "receipts.jsonl")
    places = ("--from", str(shared))

    listed = decided("receipts", "list", "-o", "json", *places).json
    done = decided("receipts", "verify", "-o", "json", *places)

    assert [each["source"] for each in listed if each["action"] == "deny"] == ["day", "night"]
    assert [(each["source"], each["ok"]) for each in done.json] == [("day", False), ("night", True)]
    assert (done.code, "receipts of day" in done.error) == (1, True)
    alone = decided("receipts", "list", "-o", "json", "--from", str(shared / "night")).json
    assert {each["source"] for each in alone} == {"night"}


@pytest.mark.parametrize(("name", "code"), [("nowhere", 2), ("file", 2), ("empty", 3)])
def test_a_folder_without_receipts_is_named(cli: Cli, tmp_path: Path, name: str, code: int) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()

    done = cli("receipts", "list", "--from", str(tmp_path / name))

    assert done.code == code
    assert str(tmp_path / name) in done.error


@pytest.mark.parametrize("told", [None, "{}", "no json", "[1]", '[{"source": "elsewhere"}]'])
def test_a_copied_head_that_cannot_be_read_is_refused(
    decided: Cli, tmp_path: Path, told: str | None
) -> None:
    copy = tmp_path / "head.json"
    if told is not None:
        copy.write_text(told)

    done = decided("receipts", "verify", "--against", str(copy))

    assert (done.code, done.out) == (2, "")
    assert "receipts head -o json" in done.err


def test_a_text_is_the_head_of_one_source_only(decided: Cli, tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(decided.state / "sandbox", tmp_path / "all" / name)

    several = decided("receipts", "verify", "--from", str(tmp_path / "all"), "--against", HEAD)
    twice = decided("receipts", "list", *2 * ("--from", str(tmp_path / "all" / "one")))

    assert (several.code, several.error) == (
        2,
        "COUNT:HASH is the head of one source, and there are several",
    )
    assert (twice.code, twice.error) == (2, "two folders have receipts of one")


def test_an_unreadable_head_is_said(decided: Cli) -> None:
    (decided.state / "sandbox" / "receipts.head").write_text("?")

    done = decided("receipts", "head")

    assert (done.code, done.error) == (
        1,
        "the head of the receipts of this machine is unreadable",
    )


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that several machines share."""
    monkeypatch.setattr("platform.node", lambda: "laptop 7.contoso.example")
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


def test_each_machine_copies_its_receipts_and_all_are_read_together(cli: Cli, shared: Path) -> None:
    options = ("--receipts-shared", str(shared))
    assert cli("consumer", "approve", FIRST, "--reason", "CHG-1", *options).code == 0
    (copy,) = shared.iterdir()
    own = cli.state / "sandbox"
    assert copy.name.startswith("laptop-7.contoso.example-")
    assert (copy / "receipts.jsonl").read_bytes() == (own / "receipts.jsonl").read_bytes()
    assert (copy / "receipts.head").read_bytes() == (own / "receipts.head").read_bytes()

    other = shared / "jumpbox-11111111"
    copytree_of(cli, other, "carol")
    done = cli("receipts", "list", "-o", "json", *options)
    checked = cli("receipts", "verify", "-o", "json", *options)

    assert [each["source"] for each in done.json].count("this machine") == 1
    assert {each["source"] for each in done.json} == {"this machine", other.name}
    assert {each["source"]: each["ok"] for each in checked.json} == {
        "this machine": True,
        other.name: True,
    }


def copytree_of(cli: Cli, folder: Path, alias: str) -> None:
    """Let another machine, with a state directory of its own, leave its receipts in a folder."""
    folder.mkdir()
    state = cli.state.parent / alias
    done = replace(cli, state=state)("publisher", "request", "orders", "--role", "Contributor")
    assert done.code == 0, done.err
    for name in ("receipts.jsonl", "receipts.head"):
        shutil.copy(state / "sandbox" / name, folder / name)


def test_a_share_that_is_down_changes_no_outcome_and_is_caught_up(cli: Cli, shared: Path) -> None:
    options = ("--receipts-shared", str(shared))
    shared.rename(shared.with_name("away"))
    down = cli("consumer", "approve", FIRST, "--reason", "CHG-1", *options)
    shared.with_name("away").rename(shared)
    cli.file("orders", *options)

    assert down.code == 0
    assert "the receipts were not copied to" in down.err
    (copy,) = shared.iterdir()
    assert len((copy / "receipts.jsonl").read_text().splitlines()) == 4
    assert cli("receipts", "verify", "--from", str(shared)).code == 0


@pytest.mark.parametrize("change", ["shorter", "other", "longer"])
def test_a_copy_is_only_ever_continued(cli: Cli, shared: Path, change: str) -> None:
    options = ("--receipts-shared", str(shared))
    cli.file("orders", *options)
    (copy,) = shared.iterdir()
    lines = copy / "receipts.jsonl"
    was = lines.read_bytes()
    changed = {
        "shorter": was[:100],
        "other": was.replace(b"request", b"reqvest"),
        "longer": was * 2,
    }
    lines.write_bytes(changed[change])

    done = cli("consumer", "approve", FIRST, "--reason", "CHG-1", *options)

    assert done.code == 0
    whole = (cli.state / "sandbox" / "receipts.jsonl").read_bytes()
    if change == "shorter":  # a copy that was cut is continued
        assert (lines.read_bytes(), "not copied" in done.err) == (whole, False)
    else:
        assert lines.read_bytes() == changed[change]
        assert "has others than this machine" in done.err


def test_a_context_names_the_shared_folder_in_either_form(cli: Cli, shared: Path) -> None:
    cli.config.parent.mkdir(exist_ok=True)
    cli.config.write_text(f'[contexts.a]\nreceipts.shared = "{shared}"\n')
    read = cli("config", "get", "receipts.shared", "--context", "a")
    told = cli("config", "explain", "--context", "a", "-o", "json").json
    set_ = cli("config", "set", f"receipts.shared={shared}/x", "--context", "a")
    again = cli("config", "get", "receipts-shared", "--context", "a")
    cli("config", "unset", "receipts.shared", "--context", "a")

    assert read.out.strip() == str(shared)
    (row,) = [each for each in told if each["setting"] == "receipts-shared"]
    assert row["where"].endswith("config.toml:2 is not for the sandbox")
    assert (set_.code, again.out.strip()) == (0, f"{shared}/x")
    assert "shared" not in cli.config.read_text()


def test_a_relative_shared_folder_is_refused(cli: Cli) -> None:
    done = cli("receipts", "list", "--receipts-shared", "share")

    assert done.code == 2
    assert "accepts the whole path of a folder" in done.err
