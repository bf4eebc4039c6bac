"""Who decided a request, and why, is told where the request is shown."""

from __future__ import annotations

import json

import pytest

from azjit.domain.times import parse_instant
from azjit.store.chain import Head, encode_entry, head_after
from behind import Wire, fails
from harness import Cli, unwrapped

LOG = "Microsoft.Insights/eventtypes"


@pytest.fixture
def decided(cli: Cli) -> str:
    """A request that Bob approved with azjit."""
    name = cli.file("orders")
    assert cli("consumer", "approve", name, "--reason", "CHG-1").code == 0
    return name


def forget_receipts(cli: Cli) -> None:
    for file in (cli.state / "sandbox").glob("receipts.*"):
        file.unlink()


def test_a_receipt_tells_who_why_and_how(cli: Cli, decided: str) -> None:
    denied = cli.file("reports")
    assert cli("consumer", "deny", denied, "--reason", "no window").code == 0

    rows = {
        each["name"]: each["decision"] for each in cli("consumer", "history", "-o", "json").json
    }

    assert rows[decided] == {
        "by": {"id": rows[decided]["by"]["id"], "name": "bob@contoso.example"},
        "at": "2026-03-02T09:00:00Z",
        "reason": "CHG-1",
        "route": "application",
        "knownBy": "receipt",
        "others": [],
    }
    assert (rows[denied]["reason"], rows[denied]["by"]) == ("no window", rows[decided]["by"])


def test_a_waiting_request_has_no_decision_and_an_old_one_none_that_is_known(cli: Cli) -> None:
    name = cli.file("orders")
    rows = {each["name"]: each for each in cli("consumer", "history", "-o", "json").json}

    old = [each["decision"] for each in rows.values() if each["state"] == "denied"]
    assert rows[name]["decision"] is None
    assert [(each["by"], each["knownBy"]) for each in old] == [(None, "unknown")]
    table = cli("consumer", "history", tty=True, width=160).out
    assert "Decided by" not in table


def test_the_activity_log_tells_where_no_receipt_does(cli: Cli, decided: str) -> None:
    forget_receipts(cli)

    told = cli("consumer", "show", decided, "-o", "json").json["decision"]

    assert (told["by"]["name"], told["knownBy"]) == ("bob@contoso.example", "activity log")
    assert (told["at"], told["reason"]) == ("2026-03-02T09:00:00Z", None)


def test_two_sources_that_name_different_people_are_both_shown(cli: Cli, decided: str) -> None:
    rewrite(cli, "bob", "carol")

    done = cli("consumer", "show", decided, "-o", "json")
    shown = cli("consumer", "show", decided, tty=True)

    told = done.json["decision"]
    assert (told["by"]["name"], told["knownBy"]) == ("carol@contoso.example", "receipt")
    (other,) = told["others"]
    assert (other["by"]["name"], other["knownBy"]) == ("bob@contoso.example", "activity log")
    assert "or" in shown.out
    assert "known by: activity log" in unwrapped(shown.out)


def rewrite(cli: Cli, was: str, now: str) -> None:
    """Write the receipts anew, as whole ones, with another person."""
    people = {person.alias: person for person in cli.world.people()}
    head, lines = Head(), []
    for entry in cli.receipts():
        body = json.dumps(entry).replace(f"{was}@", f"{now}@")
        body = body.replace(people[was].object_id, people[now].object_id)
        told = json.loads(body)
        seals = ("sequence", "at", "id", "kind", "previous", "hash", "version")
        at = parse_instant(told["at"])
        assert at is not None
        kept = {key: value for key, value in told.items() if key not in seals}
        lines.append(encode_entry(head, at=at, name=told["id"], kind=told["kind"], body=kept))
        following = head_after(head, lines[-1])
        assert following is not None
        head = following
    folder = cli.state / "sandbox"
    (folder / "receipts.jsonl").write_bytes(b"".join(lines))
    written = {"version": 1, "count": head.count, "hash": head.hash, "size": head.size}
    (folder / "receipts.head").write_text(json.dumps(written) + "\n")


def test_receipts_that_are_not_whole_name_nobody(cli: Cli, decided: str) -> None:
    lines = cli.state / "sandbox" / "receipts.jsonl"
    lines.write_text(lines.read_text().replace("CHG-1", "CHG-9"))

    done = cli("consumer", "history", "-o", "json")

    (told,) = [each["decision"] for each in done.json if each["name"] == decided]
    assert (told["by"], told["knownBy"]) == (None, "unknown")
    assert "are not whole, so they name nobody" in unwrapped(done.err)


def test_an_automatic_approval_is_nobodys(cli: Cli) -> None:
    assert cli("consumer", "configure", "orders", "--mode", "automatic").code == 0
    name = cli.file("orders", "--start", "+2h")
    cli.later(minutes=2)

    told = cli("consumer", "show", name, "-o", "json").json["decision"]
    table = cli("consumer", "history", "orders", tty=True, width=160).out

    assert (told["by"], told["knownBy"], told["others"]) == (None, "settings", [])
    assert "automatic" in table


def test_a_log_that_cannot_be_read_leaves_the_rest(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, decided: str
) -> None:
    wire = Wire(monkeypatch)
    wire.on("GET", LOG, fails(500, "InternalServerError"))

    done = cli("consumer", "show", decided, "-o", "json")

    assert (done.code, done.json["decision"]["reason"]) == (0, "CHG-1")
    assert "the activity log is not complete" in unwrapped(done.err)


def test_receipts_that_cannot_be_read_name_nobody(cli: Cli, decided: str) -> None:
    shared = ("--receipts-shared", "/nowhere")

    done = cli("consumer", "history", "-o", "json", *shared)

    (told,) = [each["decision"] for each in done.json if each["name"] == decided]
    assert (done.code, told["knownBy"]) == (0, "unknown")
    assert "who decided is not known" in unwrapped(done.err)
    assert cli("consumer", "report", "--format", "json", *shared).code == 7


def test_an_application_that_is_gone_has_no_log(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, decided: str
) -> None:
    wire = Wire(monkeypatch)
    wire.on("GET", "applications/orders", fails(404, "ResourceNotFound"))

    done = cli("consumer", "show", decided, "-o", "json")

    assert (done.code, done.json["decision"]["reason"]) == (0, "CHG-1")
    assert "the activity log is not included" in unwrapped(done.err)
