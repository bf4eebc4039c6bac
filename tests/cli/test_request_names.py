"""A name that several requests have, or could seem to have, never picks one of them."""

from __future__ import annotations

from typing import Any

import pytest

from azjit.sandbox.core import Response
from behind import People, Wire, fails
from harness import Cli

GUID = "57511795-dbe0-4f1c-8d5e-0123456789ab"
SHOWN = "57511795"
VERBS = [("consumer", "approve"), ("consumer", "deny"), ("publisher", "cancel")]
REASON = ("--reason", "agreed")


@pytest.fixture
def place(cli: Cli) -> Any:
    """The application orders, as its consumer sees it."""
    return cli("consumer", "show", "orders", "-o", "json").json


@pytest.fixture
def shop(cli: Cli) -> Any:
    """Another application of the same publisher."""
    return cli("consumer", "show", "shop-eu/shop", "-o", "json").json


def filed(people: People, place: Any, name: str) -> str:
    return people.file(place["id"], place["managedResourceGroupId"], name)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("text", [SHOWN, f"{SHOWN}-DBE0"])
def test_a_name_and_a_longer_one_that_begins_with_it_are_two(
    cli: Cli, wire: Wire, people: People, place: Any, *, verb: tuple[str, str], text: str
) -> None:
    ids = [filed(people, place, name) for name in (GUID, text)]
    cli("consumer", "pending", "orders")
    wire.sent.clear()

    done = cli(*verb, text, *REASON)

    assert (done.code, wire.writes) == (2, [])
    assert f"2 requests match {text!r}" in done.err
    assert f"next: use the id of one: {', '.join(sorted(ids))}\n" in done.err


@pytest.mark.parametrize("verb", VERBS)
def test_a_whole_guid_goes_before_a_longer_name(
    cli: Cli, people: People, place: Any, verb: tuple[str, str]
) -> None:
    filed(people, place, f"{GUID}-2")
    filed(people, place, GUID)

    done = cli(*verb, GUID, *REASON, "-o", "json")

    assert done.code == 0, done.err
    assert [row["request"]["name"] for row in done.json] == [GUID]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("text", [GUID, SHOWN])
def test_a_namesake_in_another_group_is_seen_although_one_is_known(
    cli: Cli, wire: Wire, people: People, place: Any, shop: Any, *, verb: Any, text: str
) -> None:
    ids = [filed(people, each, GUID) for each in (place, shop)]
    cli("consumer", "pending", "orders")
    wire.sent.clear()

    done = cli(*verb, text, *REASON)

    assert (done.code, wire.writes) == (2, [])
    assert all(each in done.err for each in ids)


def test_the_printed_ids_can_be_pasted(cli: Cli, people: People, place: Any, shop: Any) -> None:
    ids = [filed(people, each, GUID) for each in (place, shop)]
    refused = cli("consumer", "approve", SHOWN, *REASON)
    printed = refused.err.partition("the id of one: ")[2].strip().split(", ")

    done = cli("consumer", "approve", printed[0], *REASON, "-o", "json")

    assert sorted(ids) == printed
    assert (done.code, [row["request"]["id"] for row in done.json]) == (0, printed[:1])


def test_a_prefix_that_is_known_is_checked_by_reading_commands_too(
    cli: Cli, people: People, place: Any, shop: Any
) -> None:
    filed(people, place, GUID)
    cli("publisher", "history", "orders")
    filed(people, shop, GUID)

    assert cli("publisher", "show", SHOWN).code == 2


def test_what_is_known_is_refused_by_name_where_nothing_can_be_listed(
    cli: Cli, wire: Wire, people: People, place: Any
) -> None:
    told = filed(people, place, GUID)
    cli("consumer", "pending", "orders")
    for subscription in {told.split("/")[2], "e5d838b1-d7d0-5855-98ec-242ecd64dacd"}:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Solutions/jitRequests"
        wire.on("GET", path, fails(403, "AuthorizationFailed"))

    done = cli("consumer", "approve", GUID, *REASON)

    assert (done.code, wire.decisions) == (2, [])
    assert f"  next: use the id: {told}\n" in done.err


@pytest.mark.parametrize("failure", [(403, "DisallowedOperation"), (409, "Busy"), (500, "Down")])
def test_what_is_known_is_read_where_nothing_can_be_listed(
    cli: Cli, wire: Wire, people: People, place: Any, failure: tuple[int, str]
) -> None:
    told = filed(people, place, GUID)
    cli("publisher", "history", "orders")
    wire.on("GET", told, lambda proceed: proceed())
    wire.on("GET", "/subscriptions", fails(*failure))

    done = cli("publisher", "show", SHOWN, "-o", "json")

    assert (done.code, done.json["name"]) == (0, GUID), done.err
    assert "warning: could not list the subscriptions" in done.err


@pytest.mark.parametrize("failure", [(409, "Busy"), (500, "InternalServerError")])
def test_a_known_request_that_cannot_be_read_is_shown_as_it_is_listed(
    cli: Cli, wire: Wire, people: People, place: Any, failure: tuple[int, str]
) -> None:
    told = filed(people, place, GUID)
    cli("publisher", "history", "orders")
    wire.on("GET", told, fails(*failure))

    shown, changed = cli("publisher", "show", SHOWN), cli("publisher", "cancel", SHOWN)

    assert shown.code == 0, shown.err
    assert f"warning: could not read request {GUID}" in shown.err
    assert changed.code in {5, 6}
    assert {each.method for each in wire.writes} == {"PUT"}


def test_what_a_listing_lacks_but_is_known_is_found(
    cli: Cli, wire: Wire, people: People, place: Any
) -> None:
    told = filed(people, place, GUID)
    cli("consumer", "pending", "orders")
    listing = f"/subscriptions/{told.split('/')[2]}/providers/Microsoft.Solutions/jitRequests"
    wire.on("GET", listing, lambda _: Response(200, {}, b'{"value": []}'))

    done = cli("consumer", "approve", GUID, *REASON, "-o", "json")

    assert done.code == 0, done.err


@pytest.mark.parametrize(
    "name", [SHOWN, "5751l795", "57511795...", "57511795-dbe0", "5751179\u0430"]
)
def test_a_name_that_could_pass_for_a_cut_guid_is_shown_whole_and_marked(
    cli: Cli, people: People, place: Any, name: str
) -> None:
    filed(people, place, name)

    listed = cli("consumer", "pending", "orders", tty=True, width=140)
    planned = cli("consumer", "approve", place["managedResourceGroupId"] + _tail(name), "--dry-run")

    assert f"(no GUID) {name} " in listed.out
    assert f"(no GUID) {name}\n" in planned.err
    assert cli("consumer", "pending", "orders").out.splitlines()[-1].split("\t")[0] == name


@pytest.mark.parametrize("name", ["myJitRequest", "nightly-2026"])
def test_another_name_is_shown_as_it_is(cli: Cli, people: People, place: Any, name: str) -> None:
    filed(people, place, name)

    listed = cli("consumer", "pending", "orders", tty=True, width=140)

    assert f"\n{name} " in listed.out


def test_two_names_with_the_same_beginning_are_not_cut_to_it_in_notes(
    cli: Cli, people: People, place: Any
) -> None:
    ids = [filed(people, place, f"{SHOWN}-{end}") for end in ("one", "two")]

    for each, end in zip(ids, ("one", "two"), strict=True):
        planned = cli("consumer", "approve", each, "--dry-run", tty=True, width=140)

        assert f"{SHOWN}-{end}: through its application" in planned.err


def _tail(name: str) -> str:
    return f"/providers/Microsoft.Solutions/jitRequests/{name}"
