from __future__ import annotations

import re
from pathlib import Path

import pytest

from azjit.errors import Usage
from azjit.options import OPTIONS, Option
from azjit.settings import NamedContext, Settings, resolve

SUB = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"


def test_nothing_said_is_the_default_of_everything() -> None:
    assert resolve({}, {})._replace(sources=()) == Settings(
        output=None,
        query=None,
        limit=None,
        context=None,
        tenant=None,
        subscription=(),
        cloud="public",
        auth="auto",
        expect_tenant=None,
        timezone=None,
        state_dir=None,
        receipts_shared=None,
        refresh=False,
        token_cache=True,
        quiet=False,
        debug=False,
        sandbox=False,
        person=None,
    )


def test_every_option_has_a_variable_of_its_name() -> None:
    variables = {option.variable for option in OPTIONS}

    assert {"AZJIT_OUTPUT", "AZJIT_STATE_DIR", "AZJIT_AS", "AZJIT_SANDBOX"} <= variables
    assert len(variables) == len(OPTIONS)


def test_flag_wins_over_variable_over_default() -> None:
    environ = {"AZJIT_CLOUD": "china", "AZJIT_OUTPUT": "json"}

    settings = resolve({"cloud": "usgov"}, environ)

    assert (settings.cloud, settings.output, settings.auth) == ("usgov", "json", "auto")


def test_values_get_their_types() -> None:
    settings = resolve(
        {"limit": "5", "debug": True},
        {
            "AZJIT_SUBSCRIPTION": f"{SUB} , {OTHER},",
            "AZJIT_STATE_DIR": "/tmp/x",
            "AZJIT_SANDBOX": "1",
            "AZJIT_AS": "bob",
        },
    )

    assert settings.limit == 5
    assert settings.debug is True
    assert settings.subscription == (SUB, OTHER)
    assert settings.state_dir == Path("/tmp/x")
    assert (settings.sandbox, settings.person) == (True, "bob")


GUARDS = [option for option in OPTIONS if option.is_guard]


def test_what_has_a_form_refuses_or_narrows_or_names_a_place_is_a_guard() -> None:
    assert {option.name for option in OPTIONS if option.pattern} <= {one.name for one in GUARDS}
    assert {"expect-tenant", "tenant", "subscription", "context", "cloud", "query"} <= {
        one.name for one in GUARDS
    }


@pytest.mark.parametrize("name", [one.variable for one in OPTIONS if not one.is_guard])
def test_empty_variable_says_nothing(name: str) -> None:
    assert resolve({}, {name: ""}) == resolve({}, {})


@pytest.mark.parametrize("option", GUARDS, ids=lambda option: option.name)
@pytest.mark.parametrize("way", ["flag", "variable", "context"])
def test_a_guard_that_is_set_but_empty_is_a_usage_error(option: Option, way: str) -> None:
    if way == "context" and not option.in_context:
        return
    flags = {option.key: ""} if way == "flag" else {}
    environ = {option.variable: ""} if way == "variable" else {}
    context = NamedContext("c", {option.name: ""}, "config.toml", {}, "")

    with pytest.raises(Usage) as raised:
        resolve(flags, environ, context if way == "context" else None)

    source = {"flag": option.flag, "variable": option.variable, "context": "config.toml: "}[way]
    assert raised.value.message.startswith(source)
    assert raised.value.hint


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.pattern], ids=lambda o: o.name)
@pytest.mark.parametrize("way", ["flag", "variable", "context"])
@pytest.mark.parametrize(
    "text", ["-", "$(undefined)", "${{ vars.X }}", "{" + SUB + "}", f"{SUB}\r{SUB}"]
)
def test_a_value_that_is_not_of_its_options_form_is_a_usage_error(
    option: Option, way: str, text: str
) -> None:
    flags = {option.key: text} if way == "flag" else {}
    environ = {option.variable: text} if way == "variable" else {}
    context = NamedContext("c", {option.name: text}, "config.toml", {}, "")

    with pytest.raises(Usage, match=f"accepts .*, not {re.escape(repr(text))}"):
        resolve(flags, environ, context if way == "context" else None)


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        (SUB, True),
        (SUB.upper(), True),
        ("contoso.example", True),
        ("sub.contoso-x.example", True),
        ("contoso", False),
        ("common", False),
        (SUB.replace("-", ""), False),
        (SUB[:-1], False),
        ("contoso..example", False),
        ("contoso.example/x", False),
        ("-x.example", False),
    ],
)
@pytest.mark.parametrize("key", ["tenant", "expect_tenant"])
def test_a_tenant_is_an_id_or_a_domain(key: str, text: str, *, is_good: bool) -> None:
    if is_good:
        assert getattr(resolve({key: text}, {}), key) == text
        return
    with pytest.raises(Usage, match="tenant accepts a GUID or a domain name"):
        resolve({key: text}, {})


@pytest.mark.parametrize("name", ["AZJIT_EXPECT_DIGEST", "AZJIT_EXPECT_TENANT_ID", "AZJIT_EXPECT"])
@pytest.mark.parametrize("text", ["", SUB])
def test_a_variable_that_reads_like_a_guard_and_is_none_is_a_usage_error(
    name: str, text: str
) -> None:
    with pytest.raises(Usage, match=f"azjit has no variable {name}"):
        resolve({}, {name: text})


@pytest.mark.parametrize("text", ["1", "true", "YES", "on"])
def test_flag_by_variable_is_on(text: str) -> None:
    assert resolve({}, {"AZJIT_SANDBOX": text}).sandbox is True


@pytest.mark.parametrize("text", ["0", "False", "no", "OFF"])
def test_flag_by_variable_is_off(text: str) -> None:
    assert resolve({}, {"AZJIT_SANDBOX": text}).sandbox is False


def test_flag_that_was_not_given_does_not_hide_its_variable() -> None:
    assert resolve({"sandbox": False}, {"AZJIT_SANDBOX": "1"}).sandbox is True


@pytest.mark.parametrize(
    ("flags", "environ", "source"),
    [
        ({"output": "xml"}, {}, "--output accepts table, json"),
        ({}, {"AZJIT_OUTPUT": "xml"}, "AZJIT_OUTPUT accepts table, json"),
        ({"auth": "magic"}, {}, "--auth accepts auto, cli, env"),
        ({}, {"AZJIT_DEBUG": "perhaps"}, "AZJIT_DEBUG accepts 1 or 0, not 'perhaps'"),
        ({"limit": "0"}, {}, "--limit accepts a whole number above 0, not '0'"),
        ({"limit": "-1"}, {}, "--limit accepts a whole number"),
        ({"limit": "1.5"}, {}, "--limit accepts a whole number"),
        ({"limit": "\u0663"}, {}, "--limit accepts a whole number"),
        ({}, {"AZJIT_LIMIT": "9" * 5000}, "AZJIT_LIMIT accepts a whole number"),
        ({"tenant": "two words"}, {}, "--tenant accepts a GUID or a domain name"),
        ({"tenant": "../x"}, {}, "--tenant accepts"),
        ({"tenant": f"{SUB}\n"}, {}, "--tenant accepts"),
        ({}, {"AZJIT_TENANT": "-x"}, "AZJIT_TENANT accepts"),
        ({"subscription": ", ,"}, {}, "--subscription accepts ids or names, separated by commas"),
        ({"subscription": f"{SUB}/resourceGroups"}, {}, "--subscription accepts"),
        ({}, {"AZJIT_SUBSCRIPTION": f"{SUB};{OTHER}"}, "AZJIT_SUBSCRIPTION accepts"),
        ({"person": "bob"}, {}, "--as requires --sandbox"),
        ({}, {"AZJIT_AS": "bob"}, "AZJIT_AS requires --sandbox"),
        ({"person": "bob", "cloud": "usgov"}, {}, "--as requires --sandbox"),
    ],
)
def test_bad_value_names_where_it_stands(
    flags: dict[str, object], environ: dict[str, str], source: str
) -> None:
    with pytest.raises(Usage) as raised:
        resolve(flags, environ)

    assert raised.value.message.startswith(source)
    assert raised.value.hint
    assert len(raised.value.message) < 6000


def test_person_goes_with_a_served_sandbox() -> None:
    told = {"cloud": "https://localhost:8443", "person": "bob"}

    assert resolve(told, {}).person == "bob"
