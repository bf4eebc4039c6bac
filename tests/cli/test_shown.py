"""What was shown is what is decided: what counts as shown, where, and what binds a decision."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azjit.sandbox.core import Response
from azjit.store import disk
from behind import MACHINES, Act, Proceed, Wire, fails, first
from harness import Cli, Result, Stream

CHANGED = "changed since azjit showed it to you"
# What shows all of each request: a table at a terminal, rows and documents anywhere.
TABLE = {"tty": True, "terminal": "one", "width": 140}
FORMS = ("json", "jsonl", "yaml", "csv", "tsv")


@pytest.fixture
def owner(wire: Wire) -> Callable[[str], None]:
    """A function that lets a request ask for another role from then on."""

    def change(name: str) -> None:
        def edit(body: Any) -> None:
            if body.get("name") == name:
                (row,) = body["properties"]["jitAuthorizationPolicies"]
                row["roleDefinitionId"] = MACHINES

        wire.rewrite("/jitRequests", edit)

    return change


def approve(cli: Cli, name: str, *more: str, **kwargs: Any) -> Result:
    return cli("consumer", "approve", name, "--reason", "agreed", *more, **kwargs)


def digest_of(cli: Cli, name: str) -> str:
    return str(cli("consumer", "history", "--query", f"[?name=='{name}'].digest | [0]").out.strip())


def shows(name: str) -> dict[str, tuple[str, ...]]:
    return {
        "pending": ("consumer", "pending"),
        "pending of one": ("consumer", "pending", "orders"),
        "pending of all": ("consumer", "pending", "--all"),
        "history": ("consumer", "history"),
        "application": ("consumer", "show", "orders"),
        "request": ("publisher", "show", name),
        "dry run": ("consumer", "approve", name, "--dry-run"),
        "dry run of a denial": ("consumer", "deny", name, "--dry-run"),
    }


@pytest.mark.parametrize("what", shows(""))
@pytest.mark.parametrize("form", ["json", "table"])
def test_what_was_shown_and_changed_is_not_decided(
    cli: Cli, wire: Wire, owner: Any, *, what: str, form: str
) -> None:
    name = cli.file()
    where = TABLE if form == "table" else {"terminal": "one"}
    assert cli(*shows(name)[what], "-o", form, **where).code == 0
    owner(name)

    done = approve(cli, name, "--yes", terminal="one")

    assert (done.code, wire.decisions) == (5, [])
    assert CHANGED in done.error


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_whole_rows_counts(cli: Cli, wire: Wire, owner: Any, form: str) -> None:
    name = cli.file()
    assert cli("consumer", "pending", "-o", form).code == 0
    owner(name)

    assert (approve(cli, name).code, wire.decisions) == (5, [])


def test_what_was_seen_at_a_prompt_that_was_refused_counts(cli: Cli, owner: Any) -> None:
    name = cli.file()
    no = approve(cli, name, tty=True, answer="n\n", terminal="one")
    owner(name)

    done = approve(cli, name, "--yes", terminal="one")

    assert (no.code, done.code) == (1, 5)
    assert CHANGED in done.error


UNSEEN = {
    "none": {"argv": ("-o", "none")},
    "a query": {"argv": ("--query", "[].name")},
    "a query of all": {"argv": ("-o", "json", "--query", "[]")},
    "a table in a file": {"argv": ("-o", "table")},
    "another terminal": {**TABLE, "terminal": "two"},
    "another terminal's rows": {"argv": ("-o", "json"), "terminal": "two"},
    "no terminal": {"argv": ("-o", "json"), "terminal": ""},
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_nobody_here_saw_replaces_nothing(cli: Cli, wire: Wire, owner: Any, case: str) -> None:
    name = cli.file()
    cli("consumer", "pending", **TABLE)
    owner(name)
    again = {"terminal": "one", **UNSEEN[case]}
    assert cli("consumer", "pending", *again.pop("argv", ()), **again).code == 0

    done = approve(cli, name, "--yes", terminal="one")

    assert (done.code, wire.decisions) == (5, [])


@pytest.mark.parametrize("case", UNSEEN)
def test_what_nobody_here_saw_does_not_count(cli: Cli, owner: Any, case: str) -> None:
    name = cli.file()
    shown = {"terminal": "one", **UNSEEN[case]}
    cli("consumer", "pending", *shown.pop("argv", ()), **shown)
    owner(name)

    assert approve(cli, name, "--yes", terminal="one").code == 0


def test_what_is_shown_again_is_decided(cli: Cli, owner: Any) -> None:
    name = cli.file()
    cli("consumer", "pending", **TABLE)
    owner(name)
    cli("consumer", "pending", **TABLE)

    assert approve(cli, name, "--yes", terminal="one").code == 0


def test_rows_beyond_the_limit_were_not_shown(cli: Cli, owner: Any) -> None:
    name, newer = cli.file(), cli.file("orders", "--start", "+1h")
    shown = cli("consumer", "pending", "orders", "-o", "json", "--limit", "1").json
    hidden = ({name, newer} - {each["name"] for each in shown}).pop()
    owner(hidden)

    assert approve(cli, hidden).code == 0


def test_a_listing_whose_reader_has_gone_was_not_shown(cli: Cli, owner: Any) -> None:
    class Gone(Stream):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    name = cli.file()
    cli("consumer", "pending", "-o", "json", out=Gone())
    owner(name)

    assert approve(cli, name).code == 0


def test_what_is_written_to_nowhere_was_not_shown_and_replaces_nothing(
    cli: Cli, wire: Wire, owner: Any
) -> None:
    """A closed stdout is the null device, too: `real_process` opens it there."""

    class Nowhere(Stream):
        def fileno(self) -> int:
            return null.fileno()

    name = cli.file()
    cli("consumer", "pending", "-o", "json")
    owner(name)
    with Path(os.devnull).open("w", encoding="utf-8") as null:
        cli("consumer", "pending", "-o", "json", out=Nowhere())

    done = approve(cli, name)

    assert (done.code, wire.decisions) == (5, [])
    assert CHANGED in done.error


# What cannot be remembered


def shown_file(cli: Cli) -> Path:
    return cli.state / "sandbox" / "shown" / "none.json"


def test_that_nothing_could_be_remembered_is_said(cli: Cli) -> None:
    cli.file()
    shown_file(cli).parent.write_text("in the way")

    listed = cli("consumer", "pending", "-o", "json")

    assert (listed.code, len(listed.json) > 0) == (0, True)
    assert "warning: what was shown could not be remembered" in listed.err


def test_that_another_azjit_holds_the_file_is_said(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("azjit.store.shown.LOCK_SECONDS", 0.0)
    cli.file()
    cli("consumer", "pending", "-o", "json")

    with disk.locked(shown_file(cli).with_suffix(".lock"), seconds=1):
        listed = cli("consumer", "pending", "-o", "json")

    assert "could not be remembered: another azjit has locked it" in listed.err


@pytest.mark.parametrize("content", [b"", b'{"version":1,"sho', b"[]", b'{"version":1}', b"\xff"])
def test_a_damaged_file_is_said_where_it_matters(cli: Cli, content: bytes) -> None:
    name = cli.file()
    cli("consumer", "pending", "-o", "json")
    shown_file(cli).write_bytes(content)

    done = approve(cli, name)
    listed = cli("consumer", "history", "-o", "json")

    assert done.code == 0
    assert "what was shown before is not known" in done.err
    assert f"{shown_file(cli)} is damaged" in done.err
    assert listed.code == 0


def test_a_damaged_file_is_said_and_mended_by_the_next_list(cli: Cli, owner: Any) -> None:
    name = cli.file()
    cli("consumer", "pending", "-o", "json")
    shown_file(cli).write_bytes(b"{")

    listed, again = (cli("consumer", "pending", "-o", "json") for _ in range(2))
    owner(name)

    assert "is damaged" in listed.err
    assert "damaged" not in again.err
    assert approve(cli, name).code == 5


def test_a_file_of_a_newer_azjit_is_left_alone(cli: Cli) -> None:
    cli.file()
    content = b'{"version":2,"shown":"otherwise"}'
    shown_file(cli).parent.mkdir(mode=0o700)
    shown_file(cli).write_bytes(content)

    listed = cli("consumer", "pending", "-o", "json")

    assert "was written by a newer azjit" in listed.err
    assert shown_file(cli).read_bytes() == content


def test_only_the_owner_may_read_what_was_shown(cli: Cli) -> None:
    cli.file()
    cli("consumer", "pending", "-o", "json")

    modes = [path.stat().st_mode & 0o777 for path in (shown_file(cli), shown_file(cli).parent)]

    assert modes == [0o600, 0o700]


# What binds a decision


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_the_right_digest_is_decided(cli: Cli, verb: str) -> None:
    name = cli.file()
    argv = ("consumer", verb, name, "--reason", "agreed", "--expect-digest", digest_of(cli, name))

    assert cli(*argv).code == 0


@pytest.mark.parametrize("verb", ["approve", "deny", "revoke"])
def test_another_digest_is_refused(cli: Cli, wire: Wire, verb: str) -> None:
    name = cli.file()
    if verb == "revoke":
        cli.approve(name)
        wire.sent.clear()

    argv = ("consumer", verb, name, "--reason", "agreed", "--expect-digest", "0" * 64)
    done = cli(*argv)

    assert (done.code, wire.decisions) == (5, [])
    assert f"has the digest {digest_of(cli, name)}, not {'0' * 64}:" in done.error


def test_a_digest_binds_up_to_the_call(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    digest = digest_of(cli, name)
    reads = iter(range(10))

    def edit(body: Any) -> None:
        if next(reads) > 0:
            body["properties"]["jitSchedulingPolicy"]["duration"] = "PT8H"

    wire.rewrite(f"/jitRequests/{name}", edit)

    done = approve(cli, name, "--expect-digest", digest)

    assert (done.code, wire.decisions) == (5, [])


def test_a_revocation_is_bound_up_to_the_call(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    cli.approve(name)
    digest, reads = digest_of(cli, name), iter(range(10))
    wire.sent.clear()

    def edit(body: Any) -> None:
        if next(reads) > 0:
            body["tags"] = {"azjit-reason": "another"}

    wire.rewrite(f"/jitRequests/{name}", edit)
    argv = ("consumer", "revoke", name, "--reason", "done", "--expect-digest", digest)

    assert (cli(*argv).code, wire.decisions) == (5, [])


def test_a_digest_takes_the_place_of_what_was_shown(cli: Cli, owner: Any) -> None:
    name = cli.file()
    cli("consumer", "pending", "-o", "json")
    owner(name)

    assert approve(cli, name, "--expect-digest", digest_of(cli, name)).code == 0


@pytest.mark.parametrize("digest", ["", " ", "0" * 16, "x" * 64, "0" * 65])
def test_a_malformed_digest_is_usage(cli: Cli, wire: Wire, digest: str) -> None:
    name = cli.file()

    done = approve(cli, name, "--expect-digest", digest)

    assert (done.code, wire.decisions) == (2, [])


def test_one_digest_is_for_one_request(cli: Cli, wire: Wire) -> None:
    names = [cli.file(), cli.file("orders", "--new")]

    done = cli("consumer", "approve", *names, "--reason", "x", "--expect-digest", "0" * 64)

    assert (done.code, wire.decisions) == (2, [])


# Many at once, from stdin


def lines(cli: Cli, *, bound: bool = True, only: set[str] | None = None) -> str:
    rows = cli("consumer", "history", "-o", "json", "--state", "pending", "--query", "[]").json
    picked = [row for row in rows if only is None or row["name"] in only]
    return "".join(f"{row['id']}{' ' + row['digest'] if bound else ''}\n" for row in picked)


def of_stdin(cli: Cli, verb: str, text: str, *more: str) -> Result:
    more = more if "--max" in more else (*more, "--max", "9")
    return cli("consumer", verb, "-", "--reason", "agreed", "-o", "json", *more, answer=text)


@pytest.mark.parametrize(("verb", "word"), [("approve", "approved"), ("deny", "denied")])
def test_lines_of_ids_and_digests_are_decided(cli: Cli, verb: str, word: str) -> None:
    names = {cli.file(), cli.file("orders", "--start", "+2h")}

    done = of_stdin(cli, verb, lines(cli, only=names))

    assert done.code == 0, done.err
    assert {row["request"]["name"]: row["result"] for row in done.json} == dict.fromkeys(
        names, word
    )


def test_tsv_of_a_query_is_read_as_it_is_written(cli: Cli) -> None:
    name = cli.file()
    query = f"[?name=='{name}'].[id,digest]"
    told = cli("consumer", "pending", "--query", query, "-o", "tsv").out

    assert of_stdin(cli, "approve", f"\ufeff{told}\r\n\n").code == 0


def test_a_line_of_another_digest_is_refused_and_the_others_are_decided(cli: Cli) -> None:
    good, bad = cli.file(), cli.file("orders", "--start", "+2h")
    text = lines(cli, only={good})
    (other,) = lines(cli, only={bad}, bound=False).split()

    done = of_stdin(cli, "approve", f"{text}{other} {'0' * 64}\n")

    assert done.code == 7
    assert [row["result"] for row in done.json] == ["approved", "refused"]


def test_an_id_that_was_never_shown_is_refused(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    text = lines(cli, only={name}, bound=False)

    unseen = of_stdin(cli, "approve", text, "--max", "1")
    cli("consumer", "pending", "-o", "json")
    seen = of_stdin(cli, "approve", text, "--max", "1")

    assert (unseen.code, seen.code, len(wire.decisions)) == (5, 0, 1)
    assert "was never shown here" in unseen.error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("57511795 {digest}\n", "not a complete id"),
        ("{id} {digest} {digest}\n", "has 3 words"),
        ("{id} 0123\n", "malformed digest"),
        ("{id} {digest}\n{id} {other}\n", "with another digest"),
    ],
)
def test_lines_that_cannot_be_meant_send_nothing(
    cli: Cli, wire: Wire, text: str, said: str
) -> None:
    told, digest = lines(cli, only={cli.file()}).split()

    done = of_stdin(cli, "approve", text.format(id=told, digest=digest, other="0" * 64))

    assert (done.code, wire.decisions) == (2, [])
    assert said in done.err


@pytest.mark.parametrize(
    "argv", [("-", "a0000000"), ("-", "--expect-digest", "0" * 64), ("-", "--max", "0")]
)
def test_stdin_stands_alone(cli: Cli, wire: Wire, argv: tuple[str, ...]) -> None:
    done = cli("consumer", "approve", *argv, "--reason", "x", answer=lines(cli))

    assert (done.code, wire.decisions) == (2, [])


def test_more_than_the_limit_is_refused_whole(cli: Cli, wire: Wire) -> None:
    names = {cli.file(), cli.file("orders", "--start", "+2h")}

    done = of_stdin(cli, "approve", lines(cli, only=names), "--max", "1")

    assert (done.code, wire.decisions) == (2, [])
    assert "2 requests are named, and --max is 1" in done.error


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_a_list_that_nobody_is_asked_about_needs_a_limit(cli: Cli, wire: Wire, verb: str) -> None:
    text = lines(cli, only={cli.file()})

    done = cli("consumer", verb, "-", "--reason", "agreed", answer=text)

    assert (done.code, wire.decisions) == (2, [])
    assert "add --max N" in done.err


def test_a_short_digest_of_an_older_version_counts_as_not_shown(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    (request,) = cli("consumer", "pending", "orders", "-o", "json").json
    (file,) = (cli.state / "sandbox" / "shown").glob("*.json")
    file.write_text(file.read_text().replace(request["digest"], request["digest"][:16]))

    listed = of_stdin(cli, "approve", lines(cli, only={name}, bound=False))
    named = cli("consumer", "approve", name, "--reason", "x")

    assert (listed.code, named.code, len(wire.decisions)) == (5, 0, 1)
    assert "was never shown here" in listed.error


def test_no_line_decides_nothing(cli: Cli) -> None:
    done = of_stdin(cli, "approve", "\n")

    assert (done.code, json.loads(done.out)) == (0, [])


# Another originRequestId


@pytest.mark.parametrize(
    "spell", [str, str.upper, lambda name: name.replace("-", ""), "/x/{}".format]
)
@pytest.mark.parametrize("verb", ["approve", "deny", "revoke"])
def test_an_origin_that_names_another_request_is_refused(
    cli: Cli, wire: Wire, verb: str, spell: Callable[[str], str]
) -> None:
    name, other = cli.file(), cli.file("orders", "--duration", "8h", "--new")
    if verb == "revoke":
        cli.approve(name)
    wire.sent.clear()

    done = cli("consumer", verb, name, "--reason", "x", "--origin-request-id", spell(other))

    assert (done.code, wire.decisions) == (2, [])
    assert "names another request: " in done.error
    assert other in done.error


def test_an_origin_that_is_the_id_of_another_request_is_refused(cli: Cli, wire: Wire) -> None:
    name, other = cli.file(), cli.file("shop-eu/shop")
    told = cli("publisher", "show", other, "-o", "json").json["id"]

    for origin in (told, f"{told.rpartition('/')[0]}/{name}"):
        done = approve(cli, name, "--origin-request-id", origin)

        assert (done.code, wire.decisions) == (2, [])


def test_a_request_that_is_filed_under_the_origin_meanwhile_is_not_decided(
    cli: Cli, wire: Wire
) -> None:
    name, other = cli.file(), "57511795-dbe0-4f1c-8d5e-0123456789ab"
    late = first(lambda: cli.file("orders", "--name", other, "--duration", "8h"))
    wire.on("GET", f"/jitRequests/{name}", lambda go: go(), times=1)
    wire.on("GET", f"/jitRequests/{name}", late, times=1)

    done = approve(cli, name, "--origin-request-id", other)

    assert (done.code, wire.decisions) == (2, [])


def test_an_origin_that_cannot_be_checked_is_refused(cli: Cli, wire: Wire) -> None:
    name = cli.file()
    wire.on("GET", "mrg-orders/providers/Microsoft.Solutions/jitRequests", _not_one(name))

    done = approve(cli, name, "--origin-request-id", "anything")

    assert (done.code, wire.decisions) == (5, [])


@pytest.mark.parametrize("own", ["name", "id"])
def test_its_own_name_or_id_may_be_its_origin(cli: Cli, own: str) -> None:
    told = cli("publisher", "show", cli.file(), "-o", "json").json

    assert approve(cli, told["name"], "--origin-request-id", told[own]).code == 0


def _not_one(name: str) -> Act:
    """Refuse the list of a group, and not one of its requests."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        is_list = b'"value"' in answer.body and name.encode() in answer.body
        return fails(403, "AuthorizationFailed")(proceed) if is_list else answer

    return act
