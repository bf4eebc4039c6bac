from __future__ import annotations

from typing import Any

import pytest

from azjit.azure.clouds import (
    NAMED,
    Cloud,
    address_of,
    check_cloud,
    is_loopback,
)
from azjit.azure.endpoints import cloud_from_metadata
from azjit.errors import Refused, Unavailable, Usage

STACK = "https://management.local.azurestack.external"
ENTRY = {
    "name": "AzureStack",
    "portal": "https://portal.local.azurestack.external/",
    "authentication": {
        "loginEndpoint": "https://login.local.azurestack.external/",
        "audiences": ["https://management.azurestack.onmicrosoft.com/guid"],
    },
    "resourceManager": STACK,
}
READ = Cloud(
    "AzureStack",
    STACK,
    "https://login.local.azurestack.external",
    "https://management.azurestack.onmicrosoft.com/guid",
    "https://portal.local.azurestack.external",
)


def changed(**more: Any) -> dict[str, Any]:
    return ENTRY | {"authentication": dict(ENTRY["authentication"]) | more}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "answer",
    [
        ENTRY,
        [ENTRY],
        [{"name": "Other", "resourceManager": "https://other.example"}, ENTRY, "odd"],
        [ENTRY | {"resourceManager": f"{STACK.upper()}/"}, {"name": "Other"}],
    ],
)
def test_cloud_tells_its_own_endpoints_in_both_forms(answer: object) -> None:
    assert cloud_from_metadata(f"{STACK}", answer) == READ


def test_cloud_that_is_alone_in_its_list_needs_no_name() -> None:
    entry = {key: value for key, value in ENTRY.items() if key != "resourceManager"}

    assert cloud_from_metadata(STACK, [entry]) == READ


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {},
        [],
        ["odd"],
        {"authentication": None},
        {"authentication": "https://login.example"},
        {"authentication": {}},
        changed(loginEndpoint=""),
        changed(loginEndpoint=7),
        changed(loginEndpoint="http://login.example"),
        changed(loginEndpoint="login.example"),
        [ENTRY | {"resourceManager": "https://other.example"}, {"name": "Another"}],
    ],
)
def test_metadata_that_does_not_say_where_to_sign_in_is_refused(answer: object) -> None:
    with pytest.raises(Unavailable, match="has no sign-in address") as raised:
        cloud_from_metadata(STACK, answer)

    assert "--cloud" in str(raised.value.hint)


@pytest.mark.parametrize("audiences", [None, [], [""], [7], "https://one.example"])
def test_audience_that_is_not_told_is_the_address_itself(audiences: object) -> None:
    cloud = cloud_from_metadata(STACK, changed(audiences=audiences))

    assert cloud.scope == f"{STACK}/.default"


def test_portal_and_name_have_defaults() -> None:
    entry = {"authentication": ENTRY["authentication"], "portal": "javascript:alert(1)"}

    cloud = cloud_from_metadata(STACK, entry)

    assert (cloud.name, cloud.portal) == ("custom", "https://portal.azure.com")


@pytest.mark.parametrize(
    "audience", ["https://management.azure.com/", "https://vault.azure.net", "https://azure.com"]
)
def test_foreign_host_gets_no_token_of_the_real_azure(audience: str) -> None:
    with pytest.raises(Refused, match="asks for a token for"):
        cloud_from_metadata("https://evil.example", changed(audiences=[audience]))


@pytest.mark.parametrize(
    "arm",
    [
        "https://management.azure.com",
        "https://westeurope.management.azure.com",
        "https://localhost",
    ],
)
def test_regions_and_this_machine_may_have_one(arm: str) -> None:
    told = changed(audiences=["https://management.core.windows.net/"])

    assert cloud_from_metadata(arm, told).scope == "https://management.core.windows.net/.default"


@pytest.mark.parametrize("name", ["public", "usgov", "china", STACK, f"{STACK}/", f"{STACK}:8443"])
def test_names_and_addresses_are_clouds(name: str) -> None:
    check_cloud(name)

    assert address_of(name).startswith("https://management." if name in NAMED else STACK)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Public",
        "germany",
        "http://management.azure.com",
        "management.azure.com",
        "https://",
        "https:///path",
        "https://[bad",
        "https://host:port",
        "https://host:0",
        "https://user:secret@host",
        f"{STACK}/subscriptions",
        f"{STACK}?a=b",
        f"{STACK}#a",
    ],
)
def test_what_is_no_cloud_is_a_usage_error(name: str) -> None:
    with pytest.raises(Usage, match="no cloud named") as raised:
        check_cloud(name)

    assert raised.value.hint


def test_named_clouds_stay_in_their_country() -> None:
    public, china = NAMED["public"], NAMED["china"]

    assert public.scope == "https://management.azure.com/.default"
    assert public.login == "login.microsoftonline.com"
    assert china.host == "management.chinacloudapi.cn"
    assert not public.is_sandbox
    assert public.portal_link("/subscriptions/s", "t") == (
        "https://portal.azure.com/#@t/resource/subscriptions/s/overview"
    )


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("https://localhost:8443/x", True),
        ("https://127.0.0.1", True),
        ("https://[::1]:1", True),
        ("https://localhost.example", False),
        ("https://management.azure.com", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, *, is_here: bool) -> None:
    assert is_loopback(url) is is_here


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("https://management.azure.com", True),
        ("https://MANAGEMENT.azure.com:443/x?y", True),
        ("HTTPS://management.azure.com/x", True),
        ("https://management.azure.com:444/x", False),
        ("https://management.azure.com./x", False),
        ("https://management.azure.com\\@evil.example", False),
        ("https://management.azure.com\t.evil.example", False),
        ("https://management.azure.com:99999/x", False),
        ("https://me@management.azure.com/x", False),
        ("http://management.azure.com/x", False),
        ("", False),
    ],
)
def test_only_resource_manager_is_ours(url: str, *, is_ours: bool) -> None:
    assert NAMED["public"].owns(url) is is_ours


def test_port_of_a_sandbox_is_part_of_its_address() -> None:
    cloud = Cloud("AzjitSandbox", "https://localhost:8443", "https://localhost:8443", "a", "p")

    assert cloud.is_sandbox
    assert cloud.owns("https://localhost:8443/x")
    assert not cloud.owns("https://localhost/x")
