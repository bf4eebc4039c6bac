"""`consumer show` shows an application, or a request as an approver judges it."""

from __future__ import annotations

import json
from typing import Any

import pytest

import result_keys
from azjit.sandbox.core import Response
from behind import Proceed, Wire, fails
from harness import Cli, unwrapped

SHOW = ("consumer", "show")


@pytest.mark.parametrize("length", [8, 13, 36])
def test_a_guid_or_its_beginning_is_a_request(both: Cli, length: int) -> None:
    name = both.file("orders", "--start", "+26h")

    done = both(*SHOW, name[:length], "-o", "json")

    assert done.code == 0, done.err
    assert list(done.json) == result_keys.REQUEST
    assert done.json["name"] == name
    assert "far-start" in {each["code"] for each in done.json["concerns"]}


def test_an_id_tells_what_it_is(cli: Cli) -> None:
    name = cli.file("orders")
    request = cli(*SHOW, name, "-o", "json").json

    by_id = cli(
        *SHOW, request["id"].upper().replace("/SUBSCRIPTIONS", "/subscriptions"), "-o", "json"
    )
    application = cli(*SHOW, request["application"]["id"], "-o", "json")

    assert by_id.json["name"].lower() == name
    assert application.json["name"] == "orders"


def test_what_is_shown_may_be_decided(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+26h")

    shown = cli(*SHOW, name, tty=True)

    assert shown.code == 0
    assert "far-start: it starts in 1 day" in unwrapped(shown.out)
    assert cli("consumer", "deny", name, "--reason", "no").code == 0


def test_a_decided_request_has_its_access_and_no_concerns(cli: Cli) -> None:
    name = cli.file("orders")
    cli.approve(name)

    told = cli(*SHOW, name, "-o", "json").json

    assert (told["state"], told["concerns"]) == ("approved", None)
    assert told["access"]["held"] is True


def hexadecimal(wire: Wire, name: str) -> None:
    """Give the application orders a name that might begin a GUID."""

    def act(proceed: Proceed) -> Response:
        answer = proceed()
        text = answer.body.decode().replace("applications/orders", f"applications/{name}")
        body = json.loads(text)
        for one in body.get("value", [body]):
            one["name"] = name if one.get("name") == "orders" else one.get("name")
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    wire.on("GET", "/Microsoft.Solutions/applications", act)


def test_a_name_that_might_be_both_is_refused_where_it_is(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    hexadecimal(wire, name[:8])

    done = cli(*SHOW, name[:8])

    assert done.code == 2
    assert "names an application and a request" in done.error
    assert "/applications/" in done.err
    assert "/jitRequests/" in done.err


@pytest.mark.parametrize(("name", "told"), [("99999999", "request"), ("nothing", "application")])
def test_nothing_of_the_name_is_not_found(cli: Cli, name: str, told: str) -> None:
    done = cli(*SHOW, name)

    assert done.code == 3
    assert told in done.error


def test_a_request_is_shown_though_applications_cannot_be_listed(cli: Cli, wire: Wire) -> None:
    name = cli.file("orders")
    wire.on("GET", "/Microsoft.Solutions/applications", fails(403, "AuthorizationFailed"))

    done = cli(*SHOW, name, "-o", "json")

    told: Any = done.json
    assert told["name"] == name
    assert {"over-maximum", "other-place"} <= {each["code"] for each in told["concerns"]}
