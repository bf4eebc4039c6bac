"""The file of the sandbox, its clock, and its answers to calls."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.core.rest import HttpRequest

from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.azure_core import AzureCoreTransport


def test_clock_moves_and_is_kept(azure: Any, tmp_path: Path, clock: Any) -> None:
    azure.sandbox.move_clock(timedelta(hours=3))

    other = Sandbox(tmp_path / "world.db", now=clock)

    assert other.offset == timedelta(hours=3)
    assert other.now() == clock.at + timedelta(hours=3)
    other.close()


def test_clock_can_be_set(azure: Any, clock: Any) -> None:
    wanted = clock.at - timedelta(days=1)

    assert azure.sandbox.set_clock(wanted) == wanted
    assert azure.sandbox.now() == wanted


def test_date_header_carries_the_worlds_time(azure: Any) -> None:
    azure.sandbox.move_clock(timedelta(hours=1))

    answers = [azure.get("bob", azure.production), azure.get("bob", "/nowhere")]

    assert {answer.headers["Date"] for answer in answers} == {"Mon, 02 Mar 2026 10:00:00 GMT"}


def test_standing_rights_survive_a_clock_that_is_moved_back(azure: Any) -> None:
    azure.sandbox.move_clock(timedelta(days=-400))

    assert azure.get("bob", azure.app("orders")).status == 200


def test_two_openings_of_one_file_share_the_world(azure: Any, tmp_path: Path, clock: Any) -> None:
    other = Sandbox(tmp_path / "world.db", now=clock)
    azure.ask("orders")

    names = [item["name"] for item in other.describe()["requests"]]

    assert "req" in names
    other.close()


def test_many_threads_may_open_and_write_at_once(tmp_path: Path, clock: Any) -> None:
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            sandbox = Sandbox(tmp_path / "shared.db", now=clock)
            sandbox.move_clock(timedelta(seconds=number))
            sandbox.close()
        except BaseException as error:  # noqa: BLE001 a thread's fault must reach the test
            faults.append(error)

    threads = [threading.Thread(target=work, args=(1,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sandbox = Sandbox(tmp_path / "shared.db", now=clock)
    assert faults == []
    assert sandbox.offset == timedelta(seconds=8)
    sandbox.close()


def test_reset_starts_anew_with_settings_and_keeps_tokens(azure: Any) -> None:
    azure.token("bob")
    azure.ask("orders")
    azure.sandbox.move_clock(timedelta(days=1))

    azure.sandbox.reset(settings={"update-access": "ignored"})

    assert azure.sandbox.offset == timedelta(0)
    assert azure.sandbox.switches("orders")["update-access"] == "ignored"
    assert azure.get("bob", azure.request_id("orders", "req")).status == 404


def test_reset_with_a_wrong_setting_changes_nothing(azure: Any) -> None:
    azure.ask("orders")

    with pytest.raises(ValueError, match="the world has no switch 'nothing'"):
        azure.sandbox.reset(settings={"nothing": "x"})

    assert azure.state("orders") == "Pending"


def test_file_of_another_version_is_refused(tmp_path: Path, sandbox: Sandbox) -> None:
    with sandbox._store.transaction(is_write=True) as connection:
        connection.execute("PRAGMA user_version=99")

    with pytest.raises(ValueError, match="version 99"):
        Sandbox(tmp_path / "world.db")


def test_worlds_have_the_same_ids(azure: Any, tmp_path: Path) -> None:
    other = Sandbox(tmp_path / "other.db")

    assert other.people() == azure.sandbox.people()
    assert [a["id"] for a in other.describe()["applications"]] == [
        a["id"] for a in azure.sandbox.describe()["applications"]
    ]
    other.close()


def test_picture_is_json(azure: Any) -> None:
    picture = json.loads(json.dumps(azure.sandbox.describe()))

    assert len(picture["applications"]) == 7
    assert picture["clock"]["offsetSeconds"] == 0


def test_unknown_route_names_itself(azure: Any) -> None:
    answer = azure.get("bob", "/subscriptions/x/providers/Microsoft.Web/sites")

    assert answer.status == 501
    assert "GET /subscriptions/x/providers/Microsoft.Web/sites" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("version", "code"),
    [
        (None, "MissingApiVersionParameter"),
        ("2011-01-01", "NoRegisteredProviderFound"),
        ("now", "InvalidApiVersionParameter"),
    ],
)
def test_api_version_is_checked(azure: Any, version: str | None, code: str) -> None:
    answer = azure.call("bob", "GET", azure.app("orders"), version=version)

    assert (answer.status, answer.code) == (400, code)


def test_old_api_version_has_no_system_data(azure: Any) -> None:
    old = azure.get("bob", azure.app("orders"), "2019-07-01")

    assert "systemData" not in old.body
    assert "systemData" in azure.get("bob", azure.app("orders")).body


def test_paths_match_in_any_casing_and_with_double_slashes(azure: Any) -> None:
    path = "/" + azure.app("orders").upper()

    assert azure.get("bob", path).body["name"] == "orders"


def test_answers_carry_arms_headers(azure: Any) -> None:
    answer = azure.call(
        "bob", "GET", azure.app("orders"), headers={"x-ms-correlation-request-id": "me"}
    )

    assert answer.headers["x-ms-correlation-request-id"] == "me"
    assert answer.headers["x-ms-request-id"]
    assert answer.headers["x-ms-routing-request-id"]
    assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_links_point_to_the_host_that_was_asked(azure: Any) -> None:
    base = "https://localhost:8443"
    azure.sandbox.set_switch(None, "page-size", "1")

    page = azure.get("bob", f"{base}{azure.production}/providers/Microsoft.Solutions/applications")
    cloud = azure.call(None, "GET", f"{base}/metadata/endpoints", version="2022-09-01").body
    openid = azure.call(None, "GET", f"{base}/common/v2.0/.well-known/openid-configuration").body

    assert page.body["nextLink"].startswith(base)
    assert cloud["name"] == "AzjitSandbox"
    assert cloud["resourceManager"] == cloud["authentication"]["loginEndpoint"] == base
    assert openid["token_endpoint"] == f"{base}/common/oauth2/v2.0/token"


def test_old_metadata_is_a_list_of_clouds(azure: Any) -> None:
    answer = azure.call(None, "GET", "/metadata/endpoints", version="2019-05-01")

    assert [cloud["name"] for cloud in answer.body] == ["AzjitSandbox"]


def test_transport_answers_without_a_socket(azure: Any) -> None:
    transport = AzureCoreTransport(azure.sandbox)
    headers = {"Authorization": f"Bearer {azure.token('bob')}"}
    url = f"https://management.azure.com{azure.production}?api-version=2022-12-01"

    answer = transport.send(HttpRequest("GET", url, headers=headers))

    assert answer.json()["displayName"] == "Contoso Production"
    with pytest.raises(ServiceRequestError, match=r"example\.com"):
        transport.send(HttpRequest("GET", "https://example.com/"))


def test_application_can_be_deployed_and_deleted(azure: Any) -> None:
    place = azure.app("new")
    body = {
        "location": "westeurope",
        "kind": "ServiceCatalog",
        "properties": {
            "managedResourceGroupId": f"{azure.production}/resourceGroups/mrg-new",
            "applicationDefinitionId": azure.get("bob", azure.app("shop", "shop-eu")).properties[
                "applicationDefinitionId"
            ],
            "jitAccessPolicy": {"jitAccessEnabled": True, "jitApprovalMode": "AutoApprove"},
        },
    }

    created = azure.call("bob", "PUT", place, body)
    asked = azure.ask("new")
    deleted = azure.call("bob", "DELETE", place)

    assert (created.status, asked.status, deleted.status) == (201, 201, 202)
    assert azure.get("bob", place).status == 404
    assert azure.get("bob", azure.managed("new")).status == 404


def test_refresh_permissions_takes_the_definitions_rows(azure: Any) -> None:
    path = azure.get("bob", azure.app("shop", "shop-eu")).properties["applicationDefinitionId"]
    definition = azure.get("bob", path).body
    definition["properties"]["authorizations"] = definition["properties"]["authorizations"][1:]
    azure.call("bob", "PUT", path, definition)
    before = azure.ask("shop-eu").status

    azure.call("bob", "POST", f"{azure.app('shop', 'shop-eu')}/refreshPermissions")

    assert before == 201
    assert azure.ask("shop-eu", "other").status == 403


def test_tokens_of_the_application_take_their_own_action(azure: Any) -> None:
    path = f"{azure.app('orders')}/listTokens"

    assert azure.call("rita", "POST", path, {}).status == 403
    assert azure.call("contoso-ci", "POST", path, {}).status == 403
    assert azure.call("carol", "POST", path, {}).value == []


def test_managed_group_belongs_to_one_application(azure: Any) -> None:
    body = azure.get("bob", azure.app("orders")).body
    moved = {**body, "properties": {**body["properties"], "managedResourceGroupId": "/a/b/c/d"}}

    assert azure.call("bob", "PUT", azure.app("new"), body).status == 409
    assert azure.call("bob", "PUT", azure.app("orders"), moved).status == 400
    assert azure.call("bob", "PUT", azure.app("orders"), body).status == 200


def test_several_processes_may_open_and_write_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import timedelta; from pathlib import Path\n"
        "from azjit.sandbox.core import Sandbox\n"
        "sandbox = Sandbox(Path(sys.argv[1]))\n"
        "for _ in range(20): sandbox.move_clock(timedelta(seconds=1))\n"
    )
    path = tmp_path / "shared.db"

    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    codes = [process.wait() for process in running]

    sandbox = Sandbox(path)
    assert codes == [0] * 4
    assert sandbox.offset == timedelta(seconds=80)
    sandbox.close()
