"""`consumer show` and `revoke` of a request that its publisher deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import People, Proceed, Wire, cut_after, fails, fails_after, while_asked
from harness import Cli, Result

MRG = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/mrg-orders"
REQUESTS = f"{MRG}/providers/Microsoft.Solutions/jitRequests"
OTHER = "99999999-9999-4999-8999-999999999999"


def deleted(cli: Cli, *more: str) -> str:
    """Approve a request, and let its publisher delete it; the access stays."""
    cli.world.set_switch("orders", "delete-request", "keeps-grant")
    name = cli.file("orders", *more)
    cli.approve(name)
    assert cli("publisher", "cancel", name, "--delete").code == 9
    return name


def forget(cli: Cli) -> None:
    """Leave no receipts, as on another machine."""
    for file in (cli.state / "sandbox").glob("receipts*"):
        file.unlink()


def shown(cli: Cli, name: str, code: int = 0) -> Result:
    done = cli("consumer", "show", name, "-o", "json")
    assert done.code == code, done.err
    return done


def revoked(cli: Cli, name: str, *more: str, **kwargs: Any) -> Result:
    return cli("consumer", "revoke", name, "--reason", "over", *more, **kwargs)


def heeded(wire: Wire) -> None:
    """Let Azure end what Remove names, which the sandbox does not for what was deleted."""

    def act(_: Proceed) -> Response:
        wire.on("GET", "/roleAssignments", lambda _: Response(200, {}, b'{"value": []}'))
        return Response(200, {}, b"{}")

    wire.on("POST", "/updateAccess", act, times=1)


@pytest.mark.parametrize("text", ["{}", "{:.8}", REQUESTS + "/{}"])
def test_receipts_show_what_was_deleted(both: Cli, text: str) -> None:
    name = deleted(both)

    done = shown(both, text.format(name))

    told = done.json
    assert (told["name"], told["state"], told["knownBy"]) == (name, "deleted", "receipt")
    assert (told["start"], told["end"]) == ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")
    assert told["roles"][0]["roleName"] == "Contributor"
    assert told["access"] == {"held": True, "proof": "role assignment"}
    assert f"request {name} does not exist any more: it was deleted by alice@" in done.err


def test_the_log_shows_what_no_receipt_has(cli: Cli) -> None:
    name = deleted(cli)
    forget(cli)

    by_name, by_id = shown(cli, name), shown(cli, f"{REQUESTS}/{name}")

    told = by_name.json
    assert (told["state"], told["knownBy"], told["roles"]) == ("deleted", "activity log", [])
    assert told["application"]["name"] == "orders"
    assert told["createdBy"]["name"] == "alice@fabrikam.example"
    assert by_id.json == told


def test_an_application_that_cannot_be_found_leaves_the_rest(cli: Cli, wire: Wire) -> None:
    name = deleted(cli)
    forget(cli)
    group = fails(403, "AuthorizationFailed")

    def refused(proceed: Proceed) -> Response:
        return group(proceed) if wire.sent[-1].path.lower() == MRG.lower() else proceed()

    wire.on("GET", MRG, refused)

    told = shown(cli, f"{REQUESTS}/{name}").json

    assert (told["application"]["name"], told["knownBy"]) == (None, "activity log")


def test_what_nothing_knows_is_not_found(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/eventtypes/", fails(403, "AuthorizationFailed"))

    done = shown(cli, OTHER, code=3)
    before = len(wire.sent)
    shown(cli, "no-such-application", code=3)

    assert "the activity log is not complete: " in done.err
    assert not [each for each in wire.sent[before:] if "/eventtypes/" in each.path]


def test_two_of_one_beginning_are_listed(cli: Cli) -> None:
    names = [f"aaaaaaaa-0000-4000-8000-00000000000{digit}" for digit in (1, 2)]
    for name, start in zip(names, ("+1h", "+3h"), strict=True):
        cli.file("orders", "--name", name, "--start", start)
        cli("publisher", "cancel", name)

    done = shown(cli, "aaaaaaaa", code=2)

    assert all(name in done.error for name in names)


def test_what_may_be_there_is_not_called_deleted(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    cli("consumer", "deny", name, "--reason", "no")
    wire.on("GET", f"/jitRequests/{name}", fails(403, "AuthorizationFailed"))
    wire.on("GET", "/jitRequests", lambda _: Response(200, {}, b'{"value": []}'))

    done = cli("consumer", "show", name, "-o", "json")

    assert (done.code, done.out) == (4, "")


@pytest.mark.parametrize("has_receipts", [True, False])
def test_a_person_sees_every_grant_and_is_asked(
    cli: Cli,
    wire: Wire,
    has_receipts: bool,  # noqa: FBT001 a row
) -> None:
    name = deleted(cli)
    People(cli.world).give(MRG.rpartition("/resourceGroups")[0])
    later = cli.file("orders", "--start", "+3h", "--new")
    cli.approve(later)
    if not has_receipts:
        forget(cli)
    before = len(wire.writes)

    no = revoked(cli, name, tty=True, answer="n\n", width=400)
    planned = revoked(cli, name, "--dry-run", "-o", "json", sure=False)
    untouched = len(wire.writes) == before
    heeded(wire)
    yes = revoked(cli, name, tty=True, answer="y\n", width=400)

    assert (no.code, untouched) == (1, True)
    for line in (
        f"request {name} was deleted by alice@fabrikam.example at 2026-03-02 09:00 UTC",
        f"this may end: Contributor of alice@fabrikam.example at {MRG}",
        f"this may end: what request {later} gives until 2026-03-02 13:00 UTC",
    ):
        assert f"warning: {line}" in no.err
        assert line in planned.err
    assert "this may end: Contributor of alice@fabrikam.example at /subscriptions/fa11" in no.err
    assert "revoke the access of this deleted request, and maybe all" in no.err
    assert planned.json[0]["body"]["metadata"]["originRequestId"] == name
    assert yes.code == 0, yes.err
    assert "revoked" in yes.out
    intent, outcome = cli.receipts()[-2:]
    assert (intent["action"], intent["target"].rpartition("/")[2]) == ("revoke", name)
    assert outcome["outcome"] == "confirmed"


def test_nobody_asked_is_refused(cli: Cli, wire: Wire) -> None:
    name = deleted(cli)
    before = len(wire.writes)

    sure = revoked(cli, name, "-o", "json")
    unsure = revoked(cli, name, "-o", "json", sure=False)

    assert (sure.code, unsure.code, len(wire.writes)) == (5, 5, before)
    (row,) = sure.json
    assert (row["result"], row["request"]["name"]) == ("refused", name)
    assert "because nobody was asked: this may end: Contributor of alice@" in sure.error


def test_a_digest_and_another_ones_name_are_refused(cli: Cli) -> None:
    name = deleted(cli)
    other = cli.file("orders", "--start", "+3h", "--new")

    bound = revoked(cli, name, "--expect-digest", "a" * 64, tty=True, answer="y\n", width=200)
    named = revoked(cli, name, "--origin-request-id", other, tty=True, answer="y\n", width=200)

    assert (bound.code, "its digest cannot be compared any more" in bound.err) == (5, True)
    assert (named.code, "names another request" in named.err) == (2, True)


# What happens at the call, and the exit code; access that stays is never called revoked.
FATES = {
    "the sandbox does not know it": (None, 3),
    "Azure does nothing": (lambda _: Response(200, {}, b"{}"), 9),
    "Azure forbids it": (fails(403, "AuthorizationFailed"), 4),
    "the answer is lost": (cut_after, 9),
    "a gateway fails": (fails_after(502, "BadGateway"), 9),
}


@pytest.mark.parametrize("fate", FATES)
def test_access_that_stays_is_not_called_revoked(cli: Cli, wire: Wire, fate: str) -> None:
    name = deleted(cli)
    act, code = FATES[fate]
    if act is not None:
        wire.on("POST", "/updateAccess", act, times=1)

    done = revoked(cli, name, "--timeout", "10s", tty=True, answer="y\n")

    assert done.code == code, done.err
    assert cli.receipts()[-1]["outcome"] in {"refused", "unconfirmed"}


def test_a_grant_that_appears_after_the_question_stops_it(
    cli: Cli, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = deleted(cli)
    before = len(wire.decisions)
    people = People(cli.world)
    while_asked(monkeypatch, lambda: people.give(MRG.rpartition("/resourceGroups")[0]))

    done = revoked(cli, name, tty=True, answer="y\n")

    assert done.code == 5
    assert "has changed since azjit showed it to you" in " ".join(done.err.split())
    assert len(wire.decisions) == before


@pytest.mark.parametrize("has_receipts", [True, False])
def test_what_gives_no_access_is_refused(
    cli: Cli,
    has_receipts: bool,  # noqa: FBT001 a row
) -> None:
    name = cli.file("orders")
    cli("publisher", "cancel", name)
    if not has_receipts:
        forget(cli)

    done = revoked(cli, name, tty=True, answer="y\n", width=200)

    assert done.code == 5
    assert f"request {name} was deleted, and a read shows no access that it gave" in done.err


def test_one_of_another_place_or_without_a_principal_is_refused(cli: Cli, wire: Wire) -> None:
    name = deleted(cli)
    forget(cli)

    def nobody(proceed: Proceed) -> Response:
        body = json.loads(proceed().body)
        for event in body["value"]:
            event.pop("claims", None)
        return Response(200, {}, json.dumps(body).encode())

    wire.on("GET", "/eventtypes/", nobody)

    unknown = revoked(cli, name, "--yes")
    wire.on("GET", "/resourceGroups/mrg-orders", fails(403, "AuthorizationFailed"))
    unread = revoked(cli, name, "--yes")

    assert (unknown.code, "for whom it was is not known" in unknown.error) == (5, True)
    assert unread.code != 0


def test_grants_that_cannot_be_read_are_not_guessed(cli: Cli, wire: Wire) -> None:
    name = deleted(cli)
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))

    done = revoked(cli, name, tty=True, answer="y\n")

    assert done.code == 4
