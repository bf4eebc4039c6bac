"""`azjit doctor`: findings about an application and its approvers."""

from __future__ import annotations

from typing import Any

import pytest

from behind import GraphWatch, People, Wire, fails
from checkup import (
    APPROVERS,
    CI,
    NINA,
    PLATFORM,
    SOMEBODY,
    application_id,
    examined,
    give,
    named,
    of,
    severity,
    take_standing,
)
from harness import Cli


def test_an_approver_who_is_gone_is_a_problem_with_its_id(cli: Cli) -> None:
    changed = cli(
        "consumer", "configure", "orders", "--add-approver", f"user:{SOMEBODY}=Ada", "--yes"
    )
    assert changed.code == 0, changed.err

    found = examined(cli, "--app", "orders", code=5)

    told = of(found, "DOC203")
    assert told["message"] == "user Ada is not in the directory"
    fix = f"azjit consumer configure contoso-apps/orders --remove-approver user:{SOMEBODY}"
    assert told["fix"] == f"{fix}, and name another approver"
    assert severity(found, "DOC202") == "ok"


def test_an_approver_without_a_right_is_a_warning(cli: Cli, people: People, wire: Wire) -> None:
    named(wire, ("user", people.id_of("rita")))

    told = of(examined(cli, "--app", "orders", code=0), "DOC204")

    assert told["severity"] == "warning"
    assert told["message"] == "user one0 holds no role that allows updateAccess"


@pytest.mark.parametrize(
    ("kind", "who", "told"),
    [
        ("user", NINA, "user one0 is disabled"),
        ("user", CI, "user one0 is a service principal"),
        ("user", SOMEBODY, "user one0 is not in the directory"),
    ],
)
def test_a_sole_approver_who_cannot_decide_leaves_nobody(
    cli: Cli, wire: Wire, kind: str, who: str, told: str
) -> None:
    named(wire, (kind, who))

    found = examined(cli, "--app", "orders", code=5)

    assert told in {f["message"] for f in found if f["code"] in {"DOC203", "DOC204"}}
    assert of(found, "DOC202")["message"] == "approval is manual, and no named approver can decide"


def test_a_disabled_approver_beside_another_is_a_warning(
    cli: Cli, people: People, wire: Wire
) -> None:
    named(wire, ("user", NINA), ("user", people.id_of("bob")))

    found = examined(cli, "--app", "orders", code=0)

    assert of(found, "DOC204")["fix"].startswith("enable the account")
    assert severity(found, "DOC202") == "ok"


@pytest.mark.parametrize(
    ("left", "told"),
    [("", "group one0 has no members"), ("nina", "group one0 has only disabled members")],
)
def test_an_empty_group_cannot_approve(
    cli: Cli, wire: Wire, graph: GraphWatch, left: str, told: str
) -> None:
    people = [{"@odata.type": "#microsoft.graph.user", "id": NINA, "accountEnabled": False}]
    graph.on("/transitiveMembers", {"value": people if left else []})
    named(wire, ("group", APPROVERS))

    found = examined(cli, "--app", "orders", code=5)

    assert of(found, "DOC204")["message"] == told
    assert severity(found, "DOC202") == "problem"


@pytest.mark.parametrize("group", [APPROVERS, PLATFORM])
def test_a_group_may_decide_through_its_people(both: Cli, wire: Wire, group: str) -> None:
    """Carol is a Contributor; she is in the one by itself, in the other through that."""
    named(wire, ("group", group))

    told = of(examined(both, "--app", "orders", code=0), "DOC204")

    assert told["severity"] == "ok"
    assert told["message"] == "1 of 1 in group one0 hold a role that allows updateAccess"


def test_people_may_decide_through_another_group_that_holds_the_role(
    cli: Cli, people: People, wire: Wire
) -> None:
    give(cli, application_id(cli, "orders"), APPROVERS)
    take_standing(cli, people.id_of("carol"))
    named(wire, ("group", PLATFORM), ("group", APPROVERS))

    found = examined(cli, "--app", "orders", code=0)

    assert {f["severity"] for f in found if f["code"] == "DOC204"} == {"ok"}


def test_a_group_of_which_nobody_holds_a_role_is_a_warning(
    cli: Cli, people: People, wire: Wire
) -> None:
    take_standing(cli, people.id_of("carol"))
    named(wire, ("group", APPROVERS))

    told = of(examined(cli, "--app", "orders", code=0), "DOC204")

    assert told["message"] == "no member of group one0 holds a role that allows updateAccess"


@pytest.mark.parametrize(
    ("named_as", "is_really"), [("group", "user"), ("user", "group")], ids=["user", "group"]
)
def test_an_approver_of_another_kind_is_told_with_its_own(
    cli: Cli, people: People, wire: Wire, named_as: str, is_really: str
) -> None:
    key = people.id_of("bob") if is_really == "user" else APPROVERS
    named(wire, (named_as, key))

    told = of(examined(cli, "--app", "orders", code=0), "DOC204")

    assert told["message"] == f"{named_as} one0 is a {is_really}"
    assert f"--remove-approver {named_as}:{key} --add-approver {is_really}:{key}" in told["fix"]


def test_a_group_is_listed_once_for_all_applications(
    cli: Cli, wire: Wire, graph: GraphWatch
) -> None:
    named(wire, ("group", APPROVERS))

    examined(cli, code=5)

    assert len([path for path in graph.paths if "/transitiveMembers" in path]) == 1
    # The caller's own name shows that names are told.
    assert len([path for path in graph.paths if path.endswith("/getByIds")]) == 2


def test_a_directory_that_throttles_is_asked_again(cli: Cli, graph: GraphWatch) -> None:
    graph.fails(429, "TooManyRequests", part="/getByIds", Retry_After="2")

    found = examined(cli, "--app", "orders", code=0)

    assert severity(found, "DOC203") == "ok"
    assert cli.clock.slept == [2.0]


@pytest.mark.parametrize("part", ["/getByIds", "/transitiveMembers"])
def test_why_the_directory_did_not_tell_is_in_the_finding(
    cli: Cli, graph: GraphWatch, part: str
) -> None:
    graph.on(part, {"error": {"code": "Oops", "message": "told so"}}, status=500)

    found = examined(cli, "--app", "orders", code=0)

    code = "DOC203" if part == "/getByIds" else "DOC204"
    assert severity(found, code) == "not checked"
    assert "told so" in of(found, code)["message"]
    shown = cli("doctor", "--app", "orders", tty=True)
    assert "told so" in " ".join(shown.out.split())


def test_without_a_directory_a_group_is_judged_by_its_own_role_only(
    cli: Cli, people: People, wire: Wire
) -> None:
    cli.world.set_switch(None, "graph", "forbidden")
    named(wire, ("group", APPROVERS), ("user", people.id_of("bob")))

    told = [f["message"] for f in examined(cli, "--app", "orders") if f["code"] == "DOC204"]

    assert told == [
        "not checked: group one0 holds no role that allows updateAccess; its members may",
        "user one1 holds a role that allows updateAccess",
    ]


@pytest.mark.parametrize("kind", ["user", "group"])
def test_whether_an_account_is_enabled_is_not_guessed(
    cli: Cli, people: People, wire: Wire, graph: GraphWatch, kind: str
) -> None:
    """With the least right to read people, Graph does not tell it."""
    key = people.id_of("bob") if kind == "user" else APPROVERS
    carol = {"@odata.type": "#microsoft.graph.user", "id": people.id_of("carol")}
    entry = {"@odata.type": f"#microsoft.graph.{kind}", "id": key}
    graph.on("/getByIds", {"value": [entry]})
    graph.on("/transitiveMembers", {"value": [carol]})
    named(wire, (kind, key))

    told = of(examined(cli, "--app", "orders", code=0), "DOC204")

    assert told["message"].startswith("not checked: the directory does not show whether")


def test_a_closed_directory_is_not_checked(cli: Cli) -> None:
    cli.world.set_switch(None, "graph", "forbidden")

    found = examined(cli, "--app", "orders", code=0)

    assert {severity(found, code) for code in ("DOC203", "DOC012")} == {"not checked"}


def test_an_approver_whose_roles_cannot_be_read_is_not_checked(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/roleAssignments", fails(403, "AuthorizationFailed"))

    found = examined(cli, "--app", "orders", code=0)

    told = {severity(found, code) for code in ("DOC204", "DOC206", "DOC207")}
    assert told == {"not checked"}


def test_roles_that_cannot_be_read_are_not_checked(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/roleDefinitions", fails(403, "AuthorizationFailed"))

    assert severity(examined(cli, "--app", "orders", code=0), "DOC204") == "not checked"


def test_an_identity_is_lent_out_by_list_tokens(cli: Cli, wire: Wire) -> None:
    def identified(body: Any) -> None:
        body["identity"] = {"type": "SystemAssigned", "principalId": SOMEBODY}

    wire.rewrite("/applications", identified)

    told = of(examined(cli, "--app", "orders", code=0), "DOC205")

    assert told["severity"] == "warning"
    assert "listTokens" in told["meaning"]


def test_a_publisher_that_may_decide_is_a_problem_for_both(cli: Cli, people: People) -> None:
    give(cli, application_id(cli, "orders"), people.id_of("alice"))

    seen = of(examined(cli, "--app", "orders", code=5), "DOC206")
    own = of(examined(cli, "--app", "orders", "--side", "publisher", who="alice"), "DOC206")

    assert "may call updateAccess" in seen["message"]
    assert own["message"] == "you hold updateAccess on the application"


def test_a_role_that_no_request_bounds_is_standing_access(cli: Cli, people: People) -> None:
    group = cli("consumer", "show", "orders", "-o", "json").json["managedResourceGroupId"]
    give(cli, group, people.id_of("alice"))

    told = of(examined(cli, "--app", "orders", code=0), "DOC207")

    assert told["severity"] == "warning"
    assert "holds Contributor and no JIT request says until when" in told["message"]


def test_a_grant_is_no_standing_access(cli: Cli) -> None:
    cli.approve(cli.file("orders"))

    assert severity(examined(cli, "--app", "orders"), "DOC207") == "ok"


def test_a_publisher_whose_principals_are_not_told_is_not_checked(cli: Cli, wire: Wire) -> None:
    def untold(body: Any) -> None:
        body.get("properties", {}).pop("authorizations", None)
        body.get("properties", {}).pop("managedResourceGroupId", None)

    wire.rewrite("/applications", untold)

    found = examined(cli, "--app", "orders")

    assert {severity(found, code) for code in ("DOC206", "DOC207")} == {"not checked"}


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [("+1h", 2, "its start has passed"), ("+40h", 30, "waits for 30 hours"), ("+1h", 0, "ok")],
)
def test_a_request_that_waits_too_long_is_a_warning(
    cli: Cli, start: str, hours: int, expected: str
) -> None:
    cli.file("orders", "--start", start, "--duration", "4h")
    cli.later(hours=hours)

    told = of(examined(cli, "--app", "orders", code=0), "DOC208")

    assert expected in (
        told["severity"],
        told["message"].partition(", and ")[2],
        told["message"][-18:],
    )


def test_requests_that_cannot_be_listed_are_not_checked(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/jitRequests", fails(403, "AuthorizationFailed"))

    found = examined(cli, "--app", "orders", code=0)

    assert {severity(found, code) for code in ("DOC207", "DOC208")} == {"not checked"}


def test_a_publisher_that_may_not_read_the_application_is_told_so(cli: Cli) -> None:
    group = cli("consumer", "show", "orders", "-o", "json").json["managedResourceGroupId"]
    cli.world.set_switch(None, "publisher-read-application", "forbidden")

    found = examined(cli, "--app", group, "--side", "publisher", code=0, who="alice")

    told = {severity(found, code) for code in ("DOC010", "DOC201", "DOC205", "DOC113")}
    assert told == {"not checked"}
    assert severity(found, "DOC111") == "ok"


def test_an_approval_mode_that_is_new_is_not_checked(cli: Cli, wire: Wire) -> None:
    def new(body: Any) -> None:
        policy = body.get("properties", {}).get("jitAccessPolicy")
        if policy is not None:
            policy["jitApprovalMode"] = "ByLot"

    wire.rewrite("/applications", new)

    assert severity(examined(cli, "--app", "orders"), "DOC202") == "not checked"
