"""`azjit doctor`: each finding has a code, a meaning, a fix and the failing commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azjit.domain.checks import CHECKS
from azjit.sandbox.core import Response
from azjit.sandbox.world.rights import ALWAYS, Assignment
from behind import People, Wire, cut_before, fails
from checkup import (
    SOMEBODY,
    application_id,
    examined,
    give,
    of,
    severity,
)
from harness import Cli

ROOT = Path(__file__).parents[2]
KEYS = {
    "code",
    "check",
    "severity",
    "checked",
    "application",
    "subject",
    "message",
    "meaning",
    "fix",
    "breaks",
}
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


# The whole


def test_everything_is_looked_at_with_all_keys(both: Cli) -> None:
    found = examined(both, code=5)

    assert [set(each) for each in found] == [KEYS] * len(found)
    problems = {(f["code"], f["application"]["name"]) for f in found if f["severity"] == "problem"}
    assert problems == {("DOC201", "ledger"), ("DOC202", "sensors")}
    ledger = of(found, "DOC201")
    assert ledger["breaks"] == ["azjit publisher request", "azjit consumer configure"]
    assert ledger["fix"].startswith("JIT can be enabled only while deploying")
    assert "sensors-rg/sensors" in of(found, "DOC202")["fix"]


def test_one_healthy_application_ends_well(both: Cli) -> None:
    found = examined(both, "--app", "orders", code=0)

    assert {f["application"]["name"] for f in found if f["application"]} == {"orders"}
    assert {f["severity"] for f in found} <= {"ok", "not checked"}
    assert "bob@contoso.example" in of(found, "DOC001")["message"]


def test_what_is_not_checked_is_never_ok_and_says_why(cli: Cli) -> None:
    found = examined(cli, "--app", "orders", "--side", "publisher", who="alice")

    licence = of(found, "DOC012")
    assert (licence["severity"], licence["checked"]) == ("not checked", False)
    assert licence["message"] == "not checked: only the consumer's own tenant shows it"
    assert (licence["fix"], licence["breaks"]) == (None, [])


@pytest.mark.parametrize("width", [80, 140])
def test_a_person_reads_paragraphs(cli: Cli, width: int) -> None:
    done = cli("doctor", tty=True, width=width)

    assert done.code == 5
    text = " ".join(done.out.split())
    assert "problem DOC202 sensors-rg/sensors: approval is manual" in text
    assert "means: approval is manual and no named approver can decide" in text
    assert "fails: azjit consumer approve" in text
    assert "next: azjit consumer configure sensors-rg/sensors --add-approver" in text
    assert "orders: JIT is on" not in text
    assert all(len(line) <= width for line in done.out.splitlines() if "/" not in line)
    assert "checked 7 of 7 applications" in done.err
    assert "2 problems found" in done.error


@pytest.mark.parametrize("width", [80, 140])
def test_a_person_reads_each_code_once(cli: Cli, width: int) -> None:
    """Four lines for each of seven applications would bury what differs."""
    done = cli("doctor", tty=True, width=width, environ={"AZJIT_AS": "rita"})

    text = " ".join(done.out.split())
    assert text.count("DOC103") == 1
    assert text.count("means: this principal cannot change JIT settings") == 1
    assert (
        "warning DOC103 contoso-apps/archive, contoso-apps/ledger, contoso-apps/orders,"
        " contoso-apps/reports and 3 more: no role of yours allows" in text
    )
    assert all(len(line) <= width for line in done.out.splitlines() if "/" not in line)
    everything = cli("doctor", "-o", "json", environ={"AZJIT_AS": "rita"}).json
    assert len([f for f in everything if f["code"] == "DOC103"]) == 7


def test_fixes_that_differ_are_told_each(cli: Cli) -> None:
    for app, who in (("orders", SOMEBODY), ("archive", SOMEBODY.replace("1", "2"))):
        cli("consumer", "configure", app, "--add-approver", f"user:{who}=Ada", "--yes")

    text = " ".join(cli("doctor", tty=True).out.split())

    assert text.count("DOC203") == 1
    for app, who in (("orders", SOMEBODY), ("archive", SOMEBODY.replace("1", "2"))):
        assert f"configure contoso-apps/{app} --remove-approver user:{who}" in text


@pytest.mark.parametrize(
    ("options", "who", "told"),
    [
        ((), "bob", "checked 7 applications and the connection: "),
        (("--app", "orders"), "bob", "checked 1 application and the connection: "),
        (
            ("--app", "orders"),
            "nobody",
            "checked this machine and the connection to Azure only: 2 ok",
        ),
    ],
)
def test_the_last_line_says_what_was_looked_at(
    cli: Cli, options: tuple[str, ...], who: str, told: str
) -> None:
    done = cli("doctor", *options, tty=True, width=200, environ={"AZJIT_AS": who})

    assert told in done.err


def test_what_is_well_has_no_meaning(cli: Cli) -> None:
    found = examined(cli, code=5)

    assert {f["meaning"] is None for f in found if f["severity"] in {"ok", "not checked"}} == {True}
    assert None not in {f["meaning"] for f in found if f["severity"] == "problem"}


def test_one_application_is_shown_with_what_is_ok(cli: Cli) -> None:
    done = cli("doctor", "--app", "orders", tty=True)

    assert done.code == 0
    assert "JIT is on, approval manual" in " ".join(done.out.split())


def test_a_pipe_gets_a_line_for_each(cli: Cli) -> None:
    done = cli("doctor")

    lines = [line.split("\t") for line in done.out.splitlines()]
    assert ["problem", "DOC201", "contoso-apps/ledger"] in [line[:3] for line in lines]
    assert {line[0] for line in lines} <= {"ok", "note", "warning", "problem", "not checked"}
    assert "looked at 7 of 7" not in done.err


def test_an_unknown_side_is_usage(cli: Cli) -> None:
    done = cli("doctor", "--side", "both")

    assert done.code == 2
    assert "use consumer or publisher" in done.err


HERE = ["DOC006", "DOC007"]
WAY = [*HERE, "DOC001", "DOC002", "DOC003", "DOC004"]


def test_an_unknown_application_is_not_found_and_the_way_is_told(cli: Cli) -> None:
    done = cli("doctor", "--app", "ordres", "-o", "json")

    assert done.code == 3
    assert [f["code"] for f in done.json][:6] == WAY
    assert of(done.json, "DOC013")["message"] == "no application named 'ordres' in reach"
    assert "did you mean orders" in done.err


def test_a_malformed_application_is_usage(cli: Cli) -> None:
    assert cli("doctor", "--app", "a/b/c").code == 2


def test_an_application_that_may_not_be_read_is_a_finding(cli: Cli, wire: Wire) -> None:
    app = application_id(cli, "orders")
    wire.on("GET", "/applications/orders", fails(403, "AuthorizationFailed"))

    done = cli("doctor", "--app", app, "-o", "json")

    assert done.code == 4
    assert [f["code"] for f in done.json][:6] == WAY
    assert severity(done.json, "DOC101") == "problem"
    assert severity(done.json, "DOC010") == "ok"
    assert len([f for f in done.json if f["code"] == "DOC010"]) == 1


def test_another_tenant_than_expected_is_a_finding_and_refused(cli: Cli, wire: Wire) -> None:
    done = cli("doctor", "--expect-tenant", SOMEBODY, "-o", "json")

    assert done.code == 5
    assert [(f["code"], f["severity"]) for f in done.json if f["code"] not in HERE] == [
        ("DOC001", "ok"),
        ("DOC002", "not checked"),
        ("DOC003", "ok"),
        ("DOC004", "not checked"),
        ("DOC010", "problem"),
    ]
    assert of(done.json, "DOC010")["fix"] == f"az login --tenant {SOMEBODY}"
    assert wire.sent == []


# The way there


def test_without_a_sign_in_only_this_machine_is_looked_at(cli: Cli) -> None:
    found = examined(cli, code=4, who="nobody")

    here = [(code, "ok") for code in HERE]
    assert [(f["code"], f["severity"]) for f in found] == [*here, ("DOC001", "problem")]


def test_a_refused_token_is_no_sign_in(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/subscriptions", fails(401, "InvalidAuthenticationToken"))

    assert severity(examined(cli, code=4), "DOC001") == "problem"


def test_an_azure_that_is_not_reached_is_a_problem(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/subscriptions", cut_before)

    assert severity(examined(cli, code=5), "DOC002") == "problem"


def test_endpoints_that_cannot_be_read_are_a_problem(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/metadata/endpoints", cut_before)

    found = examined(cli, code=5)

    assert [f["code"] for f in found] == [*HERE, "DOC002", "DOC003"]


def test_why_an_endpoint_was_not_reached_is_one_clear_line(cli: Cli) -> None:
    environ = {"AZJIT_SANDBOX": "", "AZJIT_CLOUD": "https://127.0.0.1:9", "AZJIT_AS": ""}

    done = cli("doctor", "-o", "json", environ=environ)

    assert done.code == 5
    assert of(done.json, "DOC002")["message"] == (
        "the cloud's endpoints could not be read: 127.0.0.1:9 was not reached: no connection was"
        " made"
    )


def test_a_proxy_is_named_without_its_password(cli: Cli) -> None:
    environ = {"HTTPS_PROXY": "http://me:geheim@proxy.example:8080", "NO_PROXY": "localhost"}
    done = cli("doctor", "--app", "orders", "-o", "json", environ=environ)

    told = of(done.json, "DOC003")
    assert told["severity"] == "note"
    assert told["message"] == (
        "calls to management.azure.com, login.microsoftonline.com and graph.microsoft.com go"
        " through proxy.example:8080"
    )
    assert "geheim" not in done.out + done.err
    assert done.code == 0


@pytest.mark.parametrize(
    ("spared", "severity_told", "told"),
    [
        (
            ".azure.com",
            "note",
            (
                "calls to login.microsoftonline.com and graph.microsoft.com go through"
                " proxy.example:8080, those to management.azure.com go past it"
            ),
        ),
        (
            "azure.com,login.microsoftonline.com,graph.microsoft.com",
            "ok",
            (
                "a proxy is set, and calls to management.azure.com, login.microsoftonline.com and"
                " graph.microsoft.com go past it"
            ),
        ),
    ],
)
def test_a_proxy_is_told_for_each_host(
    cli: Cli, spared: str, severity_told: str, told: str
) -> None:
    environ = {"HTTPS_PROXY": "http://proxy.example:8080", "NO_PROXY": spared}

    done = cli("doctor", "--app", "orders", "-o", "json", environ=environ)

    found = of(done.json, "DOC003")
    assert (found["severity"], found["message"]) == (severity_told, told)


def test_a_proxy_that_no_call_goes_through_is_none(served: Cli) -> None:
    environ = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost,127.0.0.1"}

    done = served("doctor", "--app", "orders", "-o", "json", environ=environ)

    assert severity(done.json, "DOC003") == "ok"


def test_the_sandboxs_clock_is_followed(cli: Cli) -> None:
    cli.later(hours=2)

    told = of(examined(cli, "--app", "reports"), "DOC004")

    assert told["severity"] == "ok"
    assert "2 h ahead" in told["message"]


@pytest.mark.parametrize(("hours", "expected"), [(2, "problem"), (-2, "problem"), (0, "ok")])
def test_a_clock_that_is_wrong_is_a_problem(
    cli: Cli, wire: Wire, hours: int, expected: str
) -> None:
    """Another cloud than the sandbox: its clock is not followed."""

    def renamed(proceed: Any) -> Response:
        answer = proceed()
        return Response(
            answer.status, answer.headers, answer.body.replace(b"AzjitSandbox", b"AzureStack")
        )

    wire.on("GET", "/metadata/endpoints", renamed)
    cli.later(hours=hours)

    found = examined(cli, "--app", "reports", who="")

    assert severity(found, "DOC004") == expected


def test_an_unregistered_provider_is_a_problem(cli: Cli, wire: Wire) -> None:
    def unregistered(body: Any) -> None:
        body["registrationState"] = "NotRegistered"

    wire.rewrite("/providers/Microsoft.Solutions", unregistered)

    told = of(examined(cli, "--app", "orders", code=5), "DOC011")

    assert "Microsoft.Solutions is not registered" in told["message"]
    assert "az provider register" in told["fix"]
    assert wire.writes == []


def test_an_unregistered_provider_can_be_rehearsed(cli: Cli) -> None:
    cli.world.set_switch(None, "solutions-provider", "unregistered")

    assert severity(examined(cli, "--app", "orders", code=5), "DOC011") == "problem"
    asked = cli("publisher", "request", "orders", "--role", "Contributor")
    assert asked.code != 0
    assert "azure: MissingSubscriptionRegistration" in asked.err
    assert "az provider register" in asked.err


def test_the_wrong_tenant_is_the_only_problem(cli: Cli, people: People) -> None:
    """An approver of another directory is not gone, and its licence is not the consumer's."""
    found = examined(cli, "--app", application_id(cli, "orders"), code=5, who="alice")

    assert {f["code"] for f in found if f["severity"] in {"problem", "warning"}} == {"DOC010"}
    assert f"az login --tenant {people.tenant_of('bob')}" in of(found, "DOC010")["fix"]
    for code in ("DOC012", "DOC203", "DOC204"):
        assert of(found, code)["message"] == "not checked: signed in to another tenant"


@pytest.mark.parametrize("options", [(), ("--app", "orders")])
def test_the_wrong_tenant_is_told_where_nothing_can_be_listed(
    cli: Cli, people: People, options: tuple[str, ...]
) -> None:
    environ = {"AZJIT_AS": "alice"}
    done = cli("doctor", *options, "-o", "json", environ=environ)

    assert done.code == 4
    assert [f["code"] for f in done.json][:6] == WAY
    assert {f["code"] for f in done.json if f["severity"] == "problem"} == {"DOC010"}
    assert severity(done.json, "DOC012") == "not checked"
    assert f"next: sign in to that tenant: az login --tenant {people.tenant_of('bob')}" in done.err


def test_an_unknown_subscription_is_no_matter_of_the_sign_in(cli: Cli) -> None:
    done = cli("doctor", "--subscription", SOMEBODY, "-o", "json")

    assert done.code == 4
    assert severity(done.json, "DOC010") == "not checked"
    assert "next: check the subscription id" in done.err
    assert "help sign-in" not in done.err


def test_a_subscription_whose_tenant_is_not_told_is_not_judged(cli: Cli) -> None:
    cli.world.set_switch(None, "publisher-lists-subscriptions", "no")

    found = examined(cli, "--app", application_id(cli, "orders"), code=0, who="alice")

    assert {severity(found, code) for code in ("DOC010", "DOC012", "DOC203")} == {"not checked"}


def test_a_licence_is_read_in_the_consumers_tenant(both: Cli) -> None:
    assert severity(examined(both, "--app", "orders", code=0), "DOC012") == "ok"


def test_a_missing_licence_is_a_problem(cli: Cli) -> None:
    cli.world.set_switch(None, "licence", "none")

    told = of(examined(cli, "--app", "orders", code=5), "DOC012")

    assert told["severity"] == "problem"
    assert told["breaks"][0] == "azjit publisher request"


def test_nothing_in_reach_is_a_note(cli: Cli, wire: Wire) -> None:
    def nothing(proceed: Any) -> Response:
        answer = proceed()
        return Response(answer.status, answer.headers, json.dumps({"value": []}).encode())

    wire.on("GET", "/providers/Microsoft.Solutions/applications", nothing)

    assert severity(examined(cli, code=0), "DOC013") == "note"


def test_not_allowed_to_look_at_all_ends_so(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/providers/Microsoft.Solutions/applications", fails(403, "AuthorizationFailed"))

    assert severity(examined(cli, code=4), "DOC013") == "not checked"


def test_an_answer_without_a_date_leaves_the_clock_unchecked(cli: Cli, wire: Wire) -> None:
    def dateless(proceed: Any) -> Response:
        answer = proceed()
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "date"}
        return Response(answer.status, {**headers, "Date": "today"}, answer.body)

    wire.on("GET", "/subscriptions", dateless, times=1)

    assert severity(examined(cli, "--app", "orders", code=0), "DOC004") == "not checked"


@pytest.mark.parametrize(("status", "code"), [(404, "SubscriptionNotFound"), (403, "Forbidden")])
def test_a_provider_that_is_not_shown_is_not_checked(
    cli: Cli, wire: Wire, status: int, code: str
) -> None:
    def refused(proceed: Any) -> Response:
        return fails(status, code)(proceed)

    app = application_id(cli, "orders")
    name = app.rpartition("/")[2]
    calls: list[str] = []

    def only_the_provider(proceed: Any) -> Response:
        path = wire.sent[-1].path
        calls.append(path)
        return refused(proceed) if path.lower().endswith("/microsoft.solutions") else proceed()

    wire.on("GET", "/providers/Microsoft.Solutions", only_the_provider)

    found = examined(cli, "--app", app, code=0)

    assert severity(found, "DOC011") == "not checked"
    assert any(name in path for path in calls)


def test_a_proxy_with_a_strange_port_is_still_named(cli: Cli) -> None:
    environ = {"HTTPS_PROXY": "proxy.example:port"}
    done = cli("doctor", "--app", "orders", "-o", "json", environ=environ)

    assert of(done.json, "DOC003")["message"].endswith("go through proxy.example")


def test_a_publisher_without_an_application_sees_all_in_reach(cli: Cli) -> None:
    found = examined(cli, "--side", "publisher", code=5, who="alice")

    names = {f["application"]["name"] for f in found if f["application"]}
    assert {"orders", "ledger", "sensors"} <= names


def test_a_publisher_that_may_not_decide_is_well(cli: Cli, people: People) -> None:
    scope = application_id(cli, "orders")
    with cli.world._world() as world:
        world.assign(Assignment(SOMEBODY, scope, people.id_of("alice"), READER, ALWAYS))

    found = examined(cli, "--app", "orders", "--side", "publisher", code=0, who="alice")

    assert of(found, "DOC206")["message"] == "you may not call updateAccess"


# Answers that fail


@pytest.mark.parametrize(
    "loss",
    [
        ("/applicationDefinitions", "consumer", "DOC206"),
        ("/applicationDefinitions", "publisher", "DOC113"),
        ("/providers/Microsoft.Solutions/applications/orders", "publisher", "DOC201"),
        ("/jitRequests", "consumer", "DOC208"),
        ("/roleDefinitions", "consumer", "DOC207"),
    ],
)
@pytest.mark.parametrize("status", [500, 400])
def test_one_bad_answer_costs_one_finding(
    cli: Cli, wire: Wire, people: People, loss: tuple[str, str, str], status: int
) -> None:
    """Whatever it is, the report is whole, and says why this was not seen."""
    part, side, lost = loss
    group = cli("consumer", "show", "orders", "-o", "json").json["managedResourceGroupId"]
    give(cli, group, people.id_of("alice"))
    wire.on("GET", part, fails(status, "InternalServerError"))
    wire.rewrite("/providers/Microsoft.Solutions/applications", _without_roles)
    who = "bob" if side == "consumer" else "alice"

    found = examined(cli, "--side", side, who=who)

    told = [f for f in found if f["application"] and f["application"]["name"] == "orders"]
    assert of(told, lost)["severity"] == "not checked"
    assert of(told, lost)["message"] != "not checked: "
    assert severity(told, "DOC205") in {"ok", "not checked"}
    names = {f["application"]["name"] for f in found if f["application"]}
    assert {"orders", "ledger", "sensors"} <= names


def _without_roles(body: Any) -> None:
    body.get("properties", {}).pop("authorizations", None)


@pytest.mark.parametrize(
    ("part", "side", "code"),
    [
        ("/providers/Microsoft.Solutions/applications", "consumer", 4),
        ("/resourcegroups", "publisher", 4),
    ],
)
def test_a_listing_that_fails_is_a_finding(
    cli: Cli, wire: Wire, part: str, side: str, code: int
) -> None:
    wire.on("GET", part, fails(500, "InternalServerError"))
    who = "bob" if side == "consumer" else "alice"

    found = examined(cli, "--side", side, code=code, who=who)

    assert of(found, "DOC013")["severity"] == "not checked"
    assert [f["code"] for f in found][:6] == WAY


def test_subscriptions_that_cannot_be_listed_twice_are_a_finding(cli: Cli, wire: Wire) -> None:
    answers = iter([lambda proceed: proceed()])

    def once(proceed: Any) -> Response:
        if not wire.sent[-1].path.lower().endswith("/subscriptions"):
            return proceed()
        return next(answers, fails(500, "InternalServerError"))(proceed)

    wire.on("GET", "/subscriptions", once)

    assert severity(examined(cli, code=4), "DOC013") == "not checked"


# The table


def test_every_check_has_a_code_of_its_own() -> None:
    assert len({check.code for check in CHECKS}) == len({check.name for check in CHECKS})
    assert len({check.code for check in CHECKS}) == len(CHECKS)


def test_the_reference_has_every_check() -> None:
    page = (ROOT / "docs" / "reference" / "error-codes.md").read_text(encoding="utf-8")

    assert [check.code for check in CHECKS if f"| {check.code} | " not in page] == []
