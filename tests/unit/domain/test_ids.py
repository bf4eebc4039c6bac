from __future__ import annotations

import pytest

from azjit.domain.ids import (
    ApplicationId,
    GroupId,
    PrincipalId,
    RequestId,
    ResourceId,
    RoleId,
    is_guid,
    normal_guid,
)
from azjit.errors import Usage

GUID = "1db8e132-e293-4dbc-b8e1-178a61319491"
APP = "/subscriptions/S/resourceGroups/Rg/providers/Microsoft.Solutions/applications/Orders"


@pytest.mark.parametrize("text", [GUID, GUID.upper(), GUID.replace("-", "")])
def test_guid_has_one_spelling(text: str) -> None:
    assert is_guid(text)
    assert normal_guid(text) == GUID


@pytest.mark.parametrize("text", ["", "orders", GUID[:-1], f"{GUID}0", f"{{{GUID}}}", f" {GUID}"])
def test_other_text_is_no_guid(text: str) -> None:
    assert not is_guid(text)
    assert normal_guid(text) == text.lower()


def test_resource_ids_are_compared_without_case_and_kept_as_written() -> None:
    one, other = ApplicationId(APP), ApplicationId(APP.upper())

    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other}) == 1
    assert str(one) == APP
    assert str(other) == APP.upper()
    assert one != APP


def test_parts_of_a_resource_id() -> None:
    told = ApplicationId(APP)

    assert (told.name, told.subscription, told.group) == ("Orders", "S", "Rg")
    assert told.group_id == GroupId("/subscriptions/s/resourcegroups/rg")
    assert told.kind == "microsoft.solutions/applications"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("/subscriptions/s", ""),
        ("/subscriptions/s/resourceGroups/g", ""),
        (f"{APP}/providers/Microsoft.Authorization/locks/l", "microsoft.authorization/locks"),
        (f"{APP}/jitRequests/r", "microsoft.solutions/applications/jitrequests"),
        ("/subscriptions/s/providers/Microsoft.Solutions", "microsoft.solutions"),
    ],
)
def test_kind_is_the_type_of_the_last_provider(text: str, kind: str) -> None:
    assert ResourceId(text).kind == kind


def test_provider_without_a_name_is_no_kind() -> None:
    assert ResourceId("/subscriptions/providers").kind == ""


def test_subscription_alone_has_no_group() -> None:
    told = ResourceId("/subscriptions/s/providers/p")

    assert told.group is None
    assert told.group_id is None


def test_typed_id_forgives_space_and_a_trailing_slash() -> None:
    assert RequestId.parse(f" {APP}/ ").text == APP
    assert isinstance(RequestId.parse(APP), RequestId)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "orders",
        "subscriptions/s",
        "/subscriptions",
        "/subscriptions//x/y",
        "/providers/x",
        "/subscriptions/s/resourceGroups",
        "/subscriptions/s/resourceGroups/..",
        "/subscriptions/./resourceGroups/g",
        "/subscriptions/s/resourceGroups/a ",
        "/subscriptions/s/resourceGroups/a?b",
        "/subscriptions/s/resourceGroups/a\u00a0b",
        "/subscriptions/s/resourceGroups/a\ud800b",
        "/subscriptions/s/resourceGroups/a%2Fb",
        "/subscriptions/s/resourceGroups/a\\b",
        "/subscriptions/s/resourceGroups/a\x1bb",
        "https://management.azure.com/subscriptions/s",
    ],
)
def test_malformed_resource_id_is_a_usage_error(text: str) -> None:
    with pytest.raises(Usage, match="malformed resource id") as raised:
        ResourceId(text)

    assert raised.value.hint


@pytest.mark.parametrize("name", ["a b", "a#b", "100%", "a%zz", "größe", "a+b&c=d"])
def test_a_name_may_hold_what_can_be_quoted(name: str) -> None:
    assert RequestId(f"/subscriptions/s/resourceGroups/{name}").name == name


@pytest.mark.parametrize("value", [None, 5, "", "maintenance", "/subscriptions", f"{APP}/a?b"])
def test_an_unusable_id_has_parts_as_far_as_it_has_any(value: object) -> None:
    made = RequestId.unusable(value)

    assert RequestId.try_parse(value) is None
    assert made.text == (value if isinstance(value, str) else "")
    assert made.group == ("Rg" if "Rg" in made.text else None)
    assert made.subscription == ("S" if "Rg" in made.text else "")
    assert made.name == made.text.rpartition("/")[2]


def test_principals_are_compared_as_guids() -> None:
    plain = PrincipalId(GUID.replace("-", "").upper())

    assert plain == PrincipalId.parse(GUID)
    assert hash(plain) == hash(PrincipalId(GUID))
    assert plain.key == GUID
    assert str(plain) == GUID.replace("-", "").upper()
    assert plain != GUID


def test_typed_principal_must_be_a_guid() -> None:
    with pytest.raises(Usage, match="malformed principal 'ada'"):
        PrincipalId.parse("ada")


def test_roles_are_compared_by_their_guid() -> None:
    whole = RoleId(f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{GUID}/")

    assert whole == RoleId(GUID.upper())
    assert hash(whole) == hash(RoleId(GUID))
    assert whole.guid == GUID
    assert str(RoleId(GUID.upper())) == GUID.upper()
    assert whole != GUID
