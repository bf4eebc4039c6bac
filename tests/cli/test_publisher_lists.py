"""The lists of a publisher: applications, eligible roles, requests."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

import result_keys
from harness import Cli

DENIED = "31df087a-d458-5b34-ba82-5e1dd049c4ac"
ENDED = "19a5fea8-ffc3-5341-a8f8-eb3e83e56b89"
WAITING = "338a9a54-872d-5f1a-965a-c46f21c219fc"
ORDERS = (
    "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/contoso-apps/providers"
    "/Microsoft.Solutions/applications/orders"
)
MANAGED = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3/resourceGroups/mrg-orders"
BOB = "5548c51e-a022-5037-96db-b38e350b4063"
REQUESTS = f"{MANAGED}/providers/Microsoft.Solutions/jitRequests"
INCOMPLETE = (
    "this list may be incomplete: it has the applications that Azure lists to a publisher, and"
    " those that azjit saw before on this machine\n"
)
ALICE = "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450"
SANDBOX = "SANDBOX: nothing here is real\n"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ROLE = {
    "roleId": CONTRIBUTOR,
    "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
    "roleName": "Contributor",
    "principalId": ALICE,
    "principalName": "alice@fabrikam.example",
    "unreadable": False,
}


def no_room(titles: str) -> str:
    return f"no room at 80 columns for: {titles}; -o json has it all\n"


def test_apps_on_a_terminal(both: Cli) -> None:
    shown = both("publisher", "apps", tty=True)

    assert shown.code == 0
    assert (
        " ".join(shown.err.split())
        == f"{SANDBOX}{INCOMPLETE}{no_room('Customer, Id')}".replace("\n", " ").strip()
    )
    assert shown.out == (
        "Application  Group         JIT                   Approval   Longest  Approvers\n"
        "ledger       contoso-apps  off: standing access  -          -        -\n"
        "orders       contoso-apps  on                    manual     8 h      Bob Brandt…\n"
        "reports      contoso-apps  on                    automatic  4 h      -\n"
        "shop         shop-eu       on                    manual     2 h      Bob Brandt\n"
        "shop         shop-us       on                    manual     2 h      Bob Brandt\n"
        "sensors      sensors-rg    on                    manual     8 h      -\n"
    )


def test_apps_on_a_wide_terminal_show_ids(cli: Cli) -> None:
    shown = cli("publisher", "apps", tty=True, width=140)

    first, _, second, *_ = shown.out.splitlines()
    assert first.split() == [
        "Application",
        "Group",
        "Customer",
        "JIT",
        "Approval",
        "Longest",
        "Approvers",
        "Id",
    ]
    assert "Bob Brandt, Contoso Approvers  /subscription" in second


def test_apps_in_a_pipe(cli: Cli) -> None:
    lines = cli("publisher", "apps").out.splitlines()

    assert lines[1] == (
        f"orders\tcontoso-apps\ton\tmanual\tPT8H\tBob Brandt, Contoso Approvers\t{ORDERS}"
    )
    assert len(lines) == 6


def test_apps_as_json(cli: Cli) -> None:
    orders = cli("publisher", "apps", "-o", "json").json[1]

    assert orders == {
        "id": ORDERS,
        "name": "orders",
        "resourceGroup": "contoso-apps",
        "subscriptionId": "fa11d9a1-0ff9-5600-a23b-4ed7c79661c3",
        "managedResourceGroupId": MANAGED,
        "kind": "MarketPlace",
        "location": "westeurope",
        "publisherTenantId": "43d6cf76-e6b5-5558-9d34-e89982865423",
        "jit": "on",
        "approvalMode": "manual",
        "maximumDuration": "PT8H",
        "approvers": [
            {"id": "5548c51e-a022-5037-96db-b38e350b4063", "kind": "user", "name": "Bob Brandt"},
            {
                "id": "fb840ab2-7a89-5369-8de0-27797f1605cf",
                "kind": "group",
                "name": "Contoso Approvers",
            },
        ],
        "standingAccess": False,
        "hasIdentity": False,
        "unreadable": None,
    }


def test_apps_by_query(cli: Cli) -> None:
    shown = cli("publisher", "apps", "--query", "[?jit=='off'].name", "-o", "json")

    assert shown.json == ["ledger"]


def test_apps_in_an_unknown_subscription(both: Cli) -> None:
    shown = both("publisher", "apps", "--subscription", "00000000-0000-4000-8000-000000000000")

    assert shown.code == 3
    assert shown.out == ""
    assert "00000000-0000-4000-8000-000000000000" in shown.error


def test_roles_on_a_terminal(both: Cli) -> None:
    shown = both("publisher", "roles", "orders", tty=True)

    assert (shown.code, shown.err) == (0, SANDBOX + no_room("Role id, Principal id"))
    assert shown.out == (
        "Role            Principal               May request  State     Until  Known by\n"
        "Contributor     alice@fabrikam.example  yes          eligible  -      assignment\n"
        "Virtual         alice@fabrikam.example  yes          eligible  -      assignment\n"
        "Machine\n"
        "Contributor\n"
        "Contributor     fabrikam-ci             not mine     eligible  -      assignment\n"
        "Virtual         fabrikam-ci             not mine     eligible  -      assignment\n"
        "Machine\n"
        "Contributor\n"
    )


def test_roles_on_a_wide_terminal_tell_how_they_are_known(cli: Cli) -> None:
    shown = cli("publisher", "roles", "orders", tty=True, width=140)

    title, alice, *_ = shown.out.splitlines()
    assert title.split()[-6:] == ["Known", "by", "Role", "id", "Principal", "id"]
    assert "alice@fabrikam.example  yes          eligible  -      assignment" in alice


def test_roles_in_a_pipe(cli: Cli) -> None:
    first = cli("publisher", "roles", "orders").out.splitlines()[0]

    assert first.split("\t") == [
        "Contributor",
        "alice@fabrikam.example",
        "yes",
        "eligible",
        "",
        "role assignment",
        ROLE["roleId"],
        ROLE["principalId"],
    ]


def test_roles_as_json(cli: Cli) -> None:
    assert cli("publisher", "roles", "orders", "-o", "json").json[0] == {
        **ROLE,
        "mayRequest": "yes",
        "state": "eligible",
        "since": None,
        "until": None,
        "requestId": None,
        "access": {"held": False, "proof": "role assignment"},
        "knownBy": "role assignment",
    }


def test_roles_by_query(cli: Cli) -> None:
    query = "[?mayRequest=='yes'].roleName"

    assert cli("publisher", "roles", "orders", "--query", query, "-o", "json").json == [
        "Contributor",
        "Virtual Machine Contributor",
    ]


def _state(cli: Cli, app: str = "orders") -> dict[str, object]:
    role = cli("publisher", "roles", app, "-o", "json").json[0]
    return {key: role[key] for key in ("state", "since", "until", "requestId")}


def test_roles_follow_a_request_from_pending_to_over(cli: Cli) -> None:
    name = cli.file("orders", "--start", "+1h", "--duration", "2h")
    bound = {
        "since": "2026-03-02T10:00:00Z",
        "until": "2026-03-02T12:00:00Z",
        "requestId": f"{REQUESTS}/{name}",
    }
    pending = _state(cli)

    cli.approve(name)
    scheduled = _state(cli)
    cli.later(hours=1, minutes=1)
    active = _state(cli)
    cli.later(hours=2)
    over = _state(cli)

    assert pending == {
        "state": "pending",
        "since": None,
        "until": None,
        "requestId": bound["requestId"],
    }
    assert scheduled == {"state": "scheduled", **bound}
    assert active == {"state": "active", **bound}
    assert over == {"state": "eligible", "since": None, "until": None, "requestId": None}


def test_roles_of_an_application_without_jit_are_standing_access(cli: Cli) -> None:
    assert _state(cli, "ledger")["state"] == "standing access"


def test_access_that_outlives_its_request_is_not_called_standing(cli: Cli) -> None:
    name = cli.file()
    cli.approve(name)
    cli("publisher", "cancel", name, "--delete")

    assert _state(cli)["state"] == "active, end not known"


def test_roles_through_a_group_only(cli: Cli) -> None:
    roles = cli("publisher", "roles", "archive", "-o", "json", environ={"AZJIT_AS": "dave"}).json

    assert [role["mayRequest"] for role in roles] == ["group only"]


def test_roles_come_from_the_definition_where_the_application_has_none(cli: Cli) -> None:
    roles = cli("publisher", "roles", "shop-us/shop", "-o", "json").json

    assert [role["mayRequest"] for role in roles] == ["yes", "not mine"]


@pytest.mark.parametrize(
    ("app", "code", "said", "step"),
    [
        (
            "shop",
            2,
            "2 applications match 'shop': shop-eu/shop, shop-us/shop",
            "use GROUP/NAME or the id",
        ),
        (
            "shp",
            3,
            "no application named 'shp' in reach",
            "did you mean shop-eu/shop or shop-us/shop? list them with: azjit publisher apps",
        ),
        (
            "Ordres",
            3,
            "no application named 'Ordres' in reach",
            "did you mean orders? list them with: azjit publisher apps",
        ),
        ("", 2, "malformed application ''", "use NAME, GROUP/NAME or an id"),
        ("a/b/c", 2, "malformed application 'a/b/c'", "use NAME, GROUP/NAME or an id"),
        (
            "/subscriptions/x",
            2,
            "/subscriptions/x is neither an application nor a resource group",
            "use the id of a managed application or of its managed resource group",
        ),
        (
            "/",
            2,
            "malformed resource id ''",
            "a resource id begins with /subscriptions/ID/resourceGroups/NAME/...",
        ),
        (
            "/orders",
            2,
            "malformed resource id '/orders'",
            "a resource id begins with /subscriptions/ID/resourceGroups/NAME/...",
        ),
        (
            f"{MANAGED}/../mrg-ledger",
            2,
            f"malformed resource id '{MANAGED}/../mrg-ledger'",
            "it must not contain . or ..",
        ),
    ],
)
def test_an_application_that_cannot_be_told(
    cli: Cli, app: str, code: int, said: str, step: str
) -> None:
    shown = cli("publisher", "roles", app)

    assert (shown.code, shown.out) == (code, "")
    assert shown.err == f"{SANDBOX}azjit: {said}\n  next: {step}\n"


def test_two_matches_are_listed_on_both_transports(both: Cli) -> None:
    shown = both("publisher", "roles", "shop")

    assert (shown.code, shown.out) == (2, "")
    assert shown.error == "2 applications match 'shop': shop-eu/shop, shop-us/shop"


@pytest.mark.parametrize(
    "app", [ORDERS, f"{ORDERS}/", ORDERS.upper(), MANAGED, "Orders", "contoso-apps/orders"]
)
def test_an_application_by_each_of_its_names(cli: Cli, app: str) -> None:
    shown = cli("publisher", "history", app, "--query", "[].name", "-o", "json")

    assert shown.json == [ENDED, DENIED]


def test_history_on_a_terminal(both: Cli) -> None:
    shown = both("publisher", "history", "orders", tty=True)

    assert (shown.code, shown.err) == (0, SANDBOX + no_room("Asked"))
    assert shown.out == (
        "Request   State         Application  Role         For       Start UTC     Length\n"
        "19a5fea8  approved,     orders       Contributor  alice@f…  24 Feb 10:00  4 h\n"
        "          ended\n"
        "31df087a  denied        orders       Contributor  alice@f…  23 Feb 10:00  2 h\n"
    )


def test_history_on_a_wide_terminal_shows_the_claimed_reason(cli: Cli) -> None:
    cli.file("orders", "--reason", "INC-7 disk full")

    shown = cli("publisher", "history", "orders", tty=True, width=140)

    title, first, *_ = shown.out.splitlines()
    assert title.endswith("Reason, claimed")
    assert first.endswith("INC-7 disk full")


@pytest.mark.parametrize("command", [("publisher", "history"), ("consumer", "pending")])
def test_on_a_narrow_terminal_the_claimed_reason_stands_below_the_row(
    cli: Cli, command: tuple[str, str]
) -> None:
    cli.file("orders", "--reason", "INC-7 disk full", "--start", "+26h")

    shown = cli(*command, "orders", tty=True)

    title, *rows = shown.out.splitlines()
    assert {"Start", "Length"} <= {*title.split()}
    assert "Reason" not in title
    assert "    Reason, claimed: INC-7 disk full" in rows
    assert shown.err.endswith(no_room("Asked"))


def test_history_without_app_says_that_it_may_lack_some(cli: Cli) -> None:
    shown = cli("publisher", "history", "-o", "json")

    assert [request["name"] for request in shown.json] == [WAITING, ENDED, DENIED]
    assert shown.err == SANDBOX + INCOMPLETE


def test_history_in_a_pipe(cli: Cli) -> None:
    lines = cli("publisher", "history", "orders").out.splitlines()

    assert min(lines).split("\t") == [
        ENDED,
        "approved",
        "orders",
        "Contributor",
        "alice@fabrikam.example",
        "2026-02-24T10:00:00Z",
        "PT4H",
        "2026-02-24T09:00:00Z",
        "",
        "2026-02-24T14:00:00Z",
        "ended",
        "contoso-apps",
        f"{REQUESTS}/{ENDED}",
    ]


def test_history_as_json_lines(cli: Cli) -> None:
    lines = cli("publisher", "history", "orders", "-o", "jsonl").out.splitlines()

    assert all(list(json.loads(line)) == result_keys.REQUEST for line in lines)


@pytest.mark.parametrize(
    ("more", "names"),
    [
        (["--state", "denied"], [DENIED]),
        (["--state", "Pending, denied"], [WAITING, DENIED]),
        (["--phase", "ended"], [ENDED]),
        (["--state", "approved"], [ENDED]),
        (["--phase", "scheduled"], []),
        (["--phase", "Closed,ended", "--state", "approved"], [ENDED]),
        (["--state", "cancelled"], []),
        (["--state", "unknown"], []),
        (["--since", "6d"], [WAITING, ENDED]),
        (["--since", "2026-03-01"], [WAITING]),
        (["--since", "today", "--state", "denied"], []),
        (["--limit", "1"], [WAITING]),
    ],
)
def test_history_is_filtered(cli: Cli, more: list[str], names: list[str]) -> None:
    shown = cli("publisher", "history", *more, "--query", "[].name", "-o", "json")

    assert (shown.code, shown.json) == (0, names)


def _filed_by_robot(cli: Cli, principal: str) -> str:
    """File as the publisher's service principal, as another client would."""
    robot = next(person for person in cli.world.people() if person.alias == "fabrikam-ci")
    form = {
        "grant_type": "client_credentials",
        "client_id": str(robot.app_id),
        "client_secret": robot.secret,
        "scope": "https://management.azure.com/.default",
    }
    login = f"https://login.microsoftonline.com/{robot.tenant_id}/oauth2/v2.0/token"
    token = json.loads(cli.world.handle("POST", login, {}, urlencode(form).encode()).body)
    planned = cli(
        *("publisher", "request", "orders", "--role", "Contributor", "--new"),
        *("--principal", principal, "--dry-run", "-o", "json"),
    ).json[0]
    cli.world.handle(
        "PUT",
        planned["url"],
        {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json"},
        json.dumps(planned["body"]).encode(),
    )
    return str(planned["url"].split("/")[-1].split("?")[0])


def test_history_of_mine_is_what_i_filed_or_what_is_for_me(cli: Cli) -> None:
    robot = "2c8a1379-979f-5b5e-917e-b77f361c73e6"
    by_me = cli.file("reports", "--principal", robot)
    for_me = _filed_by_robot(cli, ALICE)
    of_others = _filed_by_robot(cli, robot)

    listed = cli("publisher", "history", "-o", "json", "--query", "[].name").json
    mine = cli("publisher", "history", "-o", "json", "--query", "[].name", "--mine").json

    assert {by_me, for_me, of_others} <= set(listed)
    assert set(listed) - set(mine) == {of_others}


@pytest.mark.parametrize(
    ("more", "said", "step"),
    [
        (["--state", "pendign"], "no state named 'pendign'", "did you mean pending? one of: "),
        (["--state", "ended"], "'ended' is a phase, not a state", "use --phase ended"),
        (["--phase", "denied"], "no phase named 'denied'", "did you mean ended? one of: pending"),
        (["--state", ""], "no state named ''", "one of: pending, approved, denied"),
        (["--state", "denied,"], "no state named ''", "one of: "),
        (["--since", "tomorrow"], "malformed time 'tomorrow'", "use 12h, 7d, yesterday"),
        (["--since", "2026-04-01"], "'2026-04-01' is still to come", "use 12h, 7d"),
        (["--since", ""], "empty time", "use 12h, 7d"),
    ],
)
def test_history_refuses_a_filter_that_it_cannot_read(
    cli: Cli, more: list[str], said: str, step: str
) -> None:
    shown = cli("publisher", "history", *more)

    assert (shown.code, shown.out, shown.error) == (2, "", said)
    assert f"  next: {step}" in shown.err


def test_nothing_found_is_no_failure(cli: Cli) -> None:
    shown = cli("publisher", "history", "sensors", tty=True)

    assert (shown.code, shown.out, shown.err) == (0, "", f"{SANDBOX}no requests match\n")


def test_show_on_a_terminal(both: Cli) -> None:
    shown = both("publisher", "show", DENIED, tty=True)

    assert (shown.code, shown.err) == (0, SANDBOX)
    assert shown.out == (
        "Request      31df087a-d458-5b34-ba82-5e1dd049c4ac\n"
        "State        denied\n"
        "Denied       by whom is not known\n"
        "Until        Mon 23 Feb 12:00 UTC\n"
        "Role         Contributor\n"
        "  for        alice@fabrikam.example (e0b19ca5-2516-57b8-9ad2-9e05bfe4a450)\n"
        "Start        Mon 23 Feb 10:00 UTC\n"
        "Length       2 h\n"
        "Application  contoso-apps/orders\n"
        "Filed        Mon 23 Feb 09:00 UTC, by alice@fabrikam.example\n"
    )


def test_an_end_that_no_role_assignment_shows_is_said_to_be_computed(cli: Cli) -> None:
    shown = cli("publisher", "show", ENDED, tty=True).out

    assert "State        approved, ended (computed from its time)\n" in shown


def test_show_in_full_has_digest_tenant_and_ids_too(cli: Cli) -> None:
    shown = cli("publisher", "show", DENIED, "--full", tty=True, width=100).out
    digest = cli("publisher", "show", DENIED, "--query", "digest", "-o", "json").json

    assert "State             denied (known by: request state)\n" in shown
    assert f"Role              Contributor ({CONTRIBUTOR})\n" in shown
    assert f"Content digest    {digest}\n" in shown
    assert "Publisher tenant  43d6cf76-e6b5-5558-9d34-e89982865423\n" in shown
    assert "Subscription      fa11d9a1-0ff9-5600-a23b-4ed7c79661c3\n" in shown


def test_show_says_times_in_the_readers_zone_and_utc(cli: Cli) -> None:
    shown = cli("publisher", "show", DENIED, "--timezone", "Europe/Berlin", tty=True, width=140)

    assert "Start        Mon 23 Feb 11:00 CET (10:00 UTC)\n" in shown.out


def test_show_in_a_pipe(cli: Cli) -> None:
    assert cli("publisher", "show", DENIED).out == (
        f"{DENIED}\tdenied\torders\tContributor\talice@fabrikam.example"
        "\t2026-02-23T10:00:00Z\tPT2H\t2026-02-23T09:00:00Z\t\t2026-02-23T12:00:00Z\tclosed"
        f"\tcontoso-apps\t{REQUESTS}/{DENIED}\n"
    )


def test_show_as_json(cli: Cli) -> None:
    name = cli.file("orders", "--reason", "disk full", "--ticket", "INC-7")
    cli.approve(name)

    shown = cli("publisher", "show", name, "-o", "json").json

    assert list(shown) == result_keys.REQUEST
    assert shown.pop("digest")
    assert shown == {
        "id": f"{REQUESTS}/{name}",
        "name": name,
        "state": "approved",
        "phase": "approved",
        "application": {"id": ORDERS, "name": "orders", "resourceGroup": "contoso-apps"},
        "managedResourceGroupId": MANAGED,
        "roles": [ROLE],
        "scheduleType": "once",
        "start": "2026-03-02T09:00:00Z",
        "end": "2026-03-02T10:00:00Z",
        "duration": "PT1H",
        "durationSeconds": 3600,
        "createdAt": "2026-03-02T09:00:00Z",
        "createdBy": {"id": ROLE["principalId"], "name": "alice@fabrikam.example"},
        "publisherTenantId": "43d6cf76-e6b5-5558-9d34-e89982865423",
        "reasonClaim": "disk full",
        "ticketClaim": "INC-7",
        "access": {"held": True, "proof": "role assignment"},
        "routes": None,
        "revokedAt": None,
        "decision": {
            "by": {"id": BOB, "name": "bob@contoso.example"},
            "at": "2026-03-02T09:00:00Z",
            "reason": "agreed",
            "route": "application",
            "knownBy": "receipt",
            "others": [],
        },
        "knownBy": "request state",
        "unreadable": None,
        "concerns": None,
        "facts": None,
    }


def test_show_by_query(cli: Cli) -> None:
    assert cli("publisher", "show", WAITING, "--query", "state").out == "pending\n"


@pytest.mark.parametrize("text", [DENIED.upper(), DENIED[:8], DENIED[:20], f"{REQUESTS}/{DENIED}"])
def test_a_request_by_each_of_its_names(cli: Cli, text: str) -> None:
    assert cli("publisher", "show", text, "-o", "json").json["name"] == DENIED


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (DENIED[:7], 3, "no application named '31df087' in reach"),
        ("", 2, "malformed application ''"),
        ("00000000", 3, "no request '00000000' in reach"),
        ("orders/31df087a", 3, "no application named 'orders/31df087a' in reach"),
        ("/", 2, "malformed resource id ''"),
        ("/31df087a", 2, "malformed resource id '/31df087a'"),
    ],
)
def test_a_request_that_cannot_be_told(cli: Cli, text: str, code: int, said: str) -> None:
    shown = cli("publisher", "show", text)

    assert (shown.code, shown.out, shown.error) == (code, "", said)
    assert "\n  next: " in shown.err


def test_an_unknown_request_exits_3_on_both_transports(both: Cli) -> None:
    shown = both("publisher", "show", "00000000-0000-4000-8000-000000000000")

    assert (shown.code, shown.out) == (3, "")
    assert shown.err.endswith("  next: list them with: azjit publisher history\n")


def test_two_requests_that_begin_alike_are_listed(cli: Cli) -> None:
    names = [cli.file("orders", "--new") for _ in range(2)]

    shown = cli("publisher", "show", "a0000000")

    assert (shown.code, shown.out) == (2, "")
    assert shown.error == "2 requests match 'a0000000'"
    ids = [f"{MANAGED}/providers/Microsoft.Solutions/jitRequests/{name}" for name in sorted(names)]
    assert f"  next: use the id of one: {', '.join(ids)}\n" in shown.err


def test_a_malformed_query_is_refused_before_anything_is_read(cli: Cli) -> None:
    shown = cli("publisher", "history", "--query", "[?")

    assert (shown.code, shown.out) == (2, "")
    assert "SANDBOX" not in shown.err


@pytest.mark.parametrize("app", ["orders", "contoso-apps/orders", "reports"])
def test_an_application_in_the_place_of_a_request_is_told_as_one(cli: Cli, app: str) -> None:
    cli("consumer", "apps", "-o", "none")

    decided = cli("consumer", "approve", app, "--reason", "x")

    assert (decided.code, decided.error) == (2, f"{app!r} is an application, not a request")
    assert f"next: see: azjit consumer pending {app}" in decided.err


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("ordrs", "orders"),
        ("contoso-apps/ordrs", "contoso-apps/orders"),
        ("contoso-app/ordrs", "contoso-apps/orders"),
        ("shop-eu/shp", "shop-eu/shop"),
        ("shp", "shop-eu/shop or shop-us/shop"),
    ],
)
def test_a_mistyped_application_is_suggested(cli: Cli, typo: str, meant: str) -> None:
    found = cli("consumer", "show", typo)

    assert (found.code, found.error) == (3, f"no application named {typo!r} in reach")
    assert f"did you mean {meant}?" in found.err


def test_who_is_not_signed_in_is_told_only_that(cli: Cli) -> None:
    listed = cli(
        "publisher", "apps", environ={"AZJIT_SANDBOX": "", "AZJIT_AUTH": "secret", "AZJIT_AS": ""}
    )

    assert listed.code == 4
    assert "incomplete" not in listed.err
