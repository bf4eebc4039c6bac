"""`publisher show|wait|cancel APP` takes the caller's own request, where that is one."""

from __future__ import annotations

import pytest

from behind import People, Wire
from harness import Cli

SHOW, WAIT, CANCEL = ("publisher", "show"), ("publisher", "wait"), ("publisher", "cancel")


def newest(cli: Cli) -> str:
    """File two requests and give the name of the later one."""
    cli.file("orders", "--start", "+5h")
    cli.clock.sleep(60)
    return cli.file("orders", "--start", "+2h")


@pytest.mark.parametrize("app", ["orders", "contoso-apps/orders"])
def test_an_application_shows_the_newest_of_mine(both: Cli, app: str) -> None:
    name = newest(both)

    done = both(*SHOW, app, "-o", "json")

    assert done.json["name"] == name
    assert f"request {name} is the newest of your 4 requests for contoso-apps/orders" in done.err


def test_a_wait_takes_the_newest_of_mine(cli: Cli) -> None:
    name = newest(cli)
    cli.approve(name)

    done = cli(*WAIT, "orders", "-o", "json")

    assert (done.code, done.json["name"]) == (0, name)
    assert f"request {name} is the newest" in done.err


def test_nothing_of_mine_is_not_found(cli: Cli) -> None:
    done = cli(*SHOW, "reports")

    assert done.code == 3
    assert done.error == "no request for reports was filed by you or for you"


def test_the_only_pending_one_of_mine_is_cancelled(cli: Cli) -> None:
    name = cli.file("orders")

    done = cli(*CANCEL, "orders", "-o", "json")

    assert done.code == 0, done.err
    assert cli(*SHOW, name).code == 3


def test_several_pending_ones_are_listed_and_none_is_cancelled(cli: Cli) -> None:
    names = [cli.file("orders", "--start", "+5h"), cli.file("orders", "--start", "+2h")]

    done = cli(*CANCEL, "orders")

    assert done.code == 2
    assert "2 of your requests for orders are pending" in done.error
    assert all(name in done.error for name in names)
    assert [cli.state_of(name) for name in names] == ["pending", "pending"]


def test_no_pending_one_is_no_request_to_cancel(cli: Cli) -> None:
    done = cli(*CANCEL, "orders")

    assert done.code == 2
    assert done.error == "0 of your requests for orders are pending"


def test_another_ones_request_is_not_taken(cli: Cli, people: People) -> None:
    cli.file("orders", "--principal", people.id_of("alice"))

    done = cli(*CANCEL, "orders", environ={"AZJIT_AS": "fabrikam-ci"})

    assert done.code != 0
    assert len(cli("consumer", "pending", "orders", "-o", "json").json) == 1


@pytest.mark.parametrize("command", [SHOW, WAIT, CANCEL])
def test_a_name_of_both_is_refused(cli: Cli, wire: Wire, command: tuple[str, str]) -> None:
    name = cli.file("orders")
    mine = name[:8]

    def renamed(body: dict[str, object]) -> None:
        if body.get("name") == "orders":
            body["name"] = mine
            body["id"] = str(body["id"]).replace("/orders", f"/{mine}")
        if str(body.get("managedBy", "")).endswith("/orders"):
            body["managedBy"] = str(body["managedBy"]).replace("/orders", f"/{mine}")

    for place in ("/Microsoft.Solutions/applications", "/resourcegroups", "/resourceGroups"):
        wire.rewrite(place, renamed)

    done = cli(*command, mine)

    assert done.code == 2
    assert "names an application and a request" in done.error
