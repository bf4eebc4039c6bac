from __future__ import annotations

from typing import Any

import pytest

from azjit.azure.clouds import (
    NAMED,
    Cloud,
    address_of,
    check_cloud,
    is_loopback,
    is_of,
    known_cloud,
)
from azjit.azure.endpoints import cloud_from_metadata
from azjit.errors import Refused, Unavailable, Usage

STACK = "https://management.local.azurestack.external"
ENTRY = {
    "name": "AzureStack",
    "portal": "https://portal.local.azurestack.external/",
    "authentication": {
        "loginEndpoint": "https://login.local.azurestack.external/",
        "audiences": ["https://management.adfs.local.azurestack.external/guid"],
    },
    "resourceManager": STACK,
}
READ = Cloud(
    "AzureStack",
    STACK,
    "https://login.local.azurestack.external",
    "https://management.adfs.local.azurestack.external/guid",
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
        [ENTRY | {"resourceManager": "https://[bad"}, {"name": "Another"}],
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


@pytest.mark.parametrize("name", ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"])
def test_no_other_host_has_the_name_of_a_cloud_of_microsoft(name: str) -> None:
    assert cloud_from_metadata(STACK, ENTRY | {"name": name}).name == "custom"


@pytest.mark.parametrize(
    ("cloud", "label"),
    [
        (NAMED["public"], ""),
        (NAMED["public"]._replace(arm="https://westeurope.management.azure.com"), ""),
        (NAMED["public"]._replace(name="AzjitSandbox"), ""),
        (NAMED["usgov"], "AzureUSGovernment"),
        (NAMED["public"]._replace(name="custom", arm=STACK), f"custom at {STACK[8:]}"),
        (READ, f"AzureStack at {STACK[8:]}"),
    ],
)
def test_the_label_names_every_cloud_but_the_public_one(cloud: Cloud, label: str) -> None:
    assert cloud.label == label


# Which addresses a cloud may name

APART = {
    "an application's id": "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "api": "api://management.local.azurestack.external",
    "spn": "spn:00000002-0000-0000-c000-000000000000",
    "a name": "management.local.azurestack.external",
    "http": "http://management.local.azurestack.external",
    "another domain": "https://management.azure.com",
    "a parent": "https://azurestack.external",
    "a longer word": "https://evillocal.azurestack.external",
    "a user": "https://login.local.azurestack.external@evil.example",
    "a backslash": "https://evil.example\\.local.azurestack.external",
    "a fragment": "https://evil.example#.local.azurestack.external",
    "a query": "https://evil.example?.local.azurestack.external",
    "a blank": f"{STACK}/ https://graph.microsoft.com",
    "a new line": f"{STACK}\n",
    "another alphabet": "https://evil.example\uff0elocal.azurestack.external",
    "a port that is none": f"{STACK}:0",
}


@pytest.mark.parametrize("audience", APART.values(), ids=APART)
def test_a_cloud_gets_tokens_of_its_own_domain_only(audience: str) -> None:
    with pytest.raises(Refused, match="asks for a token for"):
        cloud_from_metadata(STACK, changed(audiences=[audience]))


@pytest.mark.parametrize("login", APART.values(), ids=APART)
def test_a_cloud_signs_in_at_its_own_domain_only(login: str) -> None:
    with pytest.raises(
        (Refused, Unavailable), match=r"wants the sign-in at|has no sign-in address"
    ):
        cloud_from_metadata(STACK, changed(loginEndpoint=login))


@pytest.mark.parametrize("graph", APART.values(), ids=APART)
def test_a_cloud_names_no_graph_elsewhere(graph: str) -> None:
    assert cloud_from_metadata(STACK, ENTRY | {"microsoftGraphResourceId": graph}).graph == ""


@pytest.mark.parametrize("graph", ["https://graph.microsoft.com/", "https://graph.microsoft.us"])
def test_a_cloud_may_use_the_graph_of_microsoft(graph: str) -> None:
    told = ENTRY | {"microsoftGraphResourceId": graph}

    assert cloud_from_metadata(STACK, told).graph == graph.rstrip("/")


def test_the_user_may_name_a_sign_in_host_elsewhere() -> None:
    told = changed(loginEndpoint="https://evil.example")

    cloud = cloud_from_metadata(STACK, told, "https://login.microsoftonline.com/")

    assert cloud.authority == "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    ("arm", "url", "is_ours"),
    [
        (STACK, "https://adfs.local.azurestack.external:8443/adfs", True),
        (STACK, "https://local.azurestack.external", True),
        ("https://arm.contoso.example", "https://login.contoso.example", True),
        ("https://contoso.example", "https://login.contoso.example", True),
        ("https://contoso.example", "https://fabrikam.example", False),
        ("https://contoso.co.uk", "https://fabrikam.co.uk", False),
        ("https://arm.contoso.co.uk", "https://login.contoso.co.uk", True),
        ("https://evil.cloudapp.azure.com", "https://victim.cloudapp.azure.com", False),
        ("https://evil.azurewebsites.net", "https://victim.azurewebsites.net", False),
        ("https://evil.azure-api.net", "https://victim.azure-api.net", False),
        ("https://evil.b.azurecontainerapps.io", "https://v.b.azurecontainerapps.io", False),
        ("https://evil.crm.dynamics.com", "https://victim.crm.dynamics.com", False),
        ("https://evil.sharepoint.com", "https://victim.sharepoint.com", False),
        ("https://evil.azure.com", "https://management.azure.com", False),
        ("https://192.0.2.1", "https://192.0.2.1", True),
        ("https://192.0.2.1", "https://192.0.2.1:8443", False),
        ("https://192.0.2.1", "https://9.0.2.1", False),
        ("https://[2001:db8::1]", "https://[2001:db8::2]", False),
        ("https://127.0.0.2", "https://localhost", False),
        ("https://localhost:8443", "https://127.0.0.1:9", True),
        ("https://localhost:8443", "https://127.0.0.2:8443", False),
    ],
)
def test_a_domain_is_what_strangers_do_not_share(arm: str, url: str, *, is_ours: bool) -> None:
    assert is_of(arm, url) is is_ours


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://management.azure.com", "public"),
        ("https://MANAGEMENT.azure.com:443/", "public"),
        ("https://management.chinacloudapi.cn", "china"),
    ],
)
def test_the_address_of_a_named_cloud_is_that_cloud(url: str, name: str) -> None:
    assert known_cloud(url, None) == NAMED[name]


def test_a_region_of_a_named_cloud_has_its_constants() -> None:
    cloud = known_cloud("https://westeurope.management.azure.com", None)

    arm = "https://westeurope.management.azure.com"
    assert cloud == NAMED["public"]._replace(arm=arm)


@pytest.mark.parametrize(
    "url", ["https://evilmanagement.azure.com", "https://management.azure.com.evil.example", STACK]
)
def test_no_other_host_is_a_named_cloud(url: str) -> None:
    assert known_cloud(url, None) is None


def test_no_option_moves_the_sign_in_of_a_named_cloud() -> None:
    own = known_cloud("usgov", "https://login.microsoftonline.us/")

    assert own == NAMED["usgov"]
    with pytest.raises(Usage, match=r"signs in at https://login\.microsoftonline\.us, not at"):
        known_cloud("usgov", "https://evil.example")


@pytest.mark.parametrize("arm", ["https://sandbox.example", "https://127.0.0.2:8443"])
def test_only_this_machine_is_the_sandbox(arm: str) -> None:
    sign_in = {"loginEndpoint": arm, "audiences": [arm]}

    with pytest.raises(Refused, match="says that it is azjit's sandbox"):
        cloud_from_metadata(arm, {"name": "AzjitSandbox", "authentication": sign_in})


def test_this_machine_may_name_any_audience_since_no_real_token_goes_there() -> None:
    here = "https://localhost:8443"
    sign_in = {"loginEndpoint": here, "audiences": ["https://management.core.windows.net/"]}

    cloud = cloud_from_metadata(here, {"name": "AzjitSandbox", "authentication": sign_in})

    assert cloud.is_sandbox
    assert cloud.scope == "https://management.core.windows.net/.default"


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
        "https://localhost:8443@evil.example",
        "https://localhost\\.evil.example",
        "https://localhost.",
        "https://127.1:8443",
        "https://2130706433",
        "https://0x7f.1",
        "https://host:99999",
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
        ("https://LOCALHOST", True),
        ("https://[0:0:0:0:0:0:0:1]", True),
        ("https://[::ffff:127.0.0.1]:8443", True),
        ("https://[::2]", False),
        ("https://127.0.0.1.example", False),
        ("https://localhost:x@evil.example", False),
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
