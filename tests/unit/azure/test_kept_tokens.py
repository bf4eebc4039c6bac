"""Only a token of the right person, for the right place and time, is kept and used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from azjit.azure.clouds import NAMED
from azjit.azure.sign_in.az_login import AzLogin, az_login
from azjit.azure.sign_in.kept_tokens import KeptTokens, TokenSource, source_for
from faults.peer import token_of
from harness import START, Clock

SCOPE = NAMED["public"].scope
TENANT = "33333333-3333-3333-3333-333333333333"
OTHER = "44444444-4444-4444-4444-444444444444"
BOB = "bob@contoso.example"
NOW = int(START.timestamp())
GOOD = {
    "aud": "https://management.azure.com",
    "iat": NOW - 60,
    "exp": NOW + 28 * 3600,
    "idtyp": "user",
    "appidacr": "0",
}


class Texts:
    """A store in a dictionary."""

    place = "here"

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def check(self) -> None:
        """Accept it."""

    def read(self, name: str) -> str | None:
        return self.texts.get(name)

    def write(self, name: str, text: str) -> None:
        self.texts[name] = text

    def drop(self, name: str) -> None:
        self.texts.pop(name, None)


class Kept:
    """Kept tokens of bob's az, and what they log."""

    def __init__(self, **more: Any) -> None:
        self.clock = Clock()
        self.store = Texts()
        self.logged: list[str] = []
        self.source = TokenSource("cli", "cloud", ("folder", "AzureCloud"), BOB, TENANT)
        self.source = self.source._replace(**more)

    @property
    def tokens(self) -> KeptTokens:
        return KeptTokens(self.store, self.source, self.clock.now, self.logged.append)

    def keep(self, tenant: str | None = None, **claims: Any) -> str:
        token = token_of(**{**GOOD, **claims})
        self.tokens.write(SCOPE, tenant, AccessToken(token, GOOD["exp"]))
        return token


@pytest.mark.parametrize("more", [{"tenant": ""}, {"kind": "browser", "user": "", "tenant": ""}])
@pytest.mark.parametrize("tenant", ["contoso.example", None])
def test_a_token_of_another_tenant_than_the_kept_one_is_not_used(
    more: dict[str, str], tenant: str | None
) -> None:
    kept = Kept(**more)
    token = kept.keep(tenant)
    (name,) = kept.store.texts

    kept.store.texts[name] = kept.store.texts[name].replace(token, token_of(**GOOD, tid=OTHER))

    assert kept.tokens.read(SCOPE, tenant) is None
    assert kept.logged == ["a token is not used: its person is another"]


def test_a_good_token_is_used_until_an_hour_after_its_issue() -> None:
    kept = Kept()
    token = kept.keep()

    found = kept.tokens.read(SCOPE, None)

    assert found == AccessToken(token, GOOD["iat"] + 3600 + 300)
    kept.clock.sleep(3600 - 60)
    assert kept.tokens.read(SCOPE, None) is None
    assert kept.logged == ["a token is not used: it is too old"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"idtyp": "app"}, "it is not a token of a person"),
        ({"idtyp": None}, "it is not a token of a person"),
        ({"appidacr": "1"}, "it is not a token of a person"),
        ({"azpacr": "2"}, "it is not a token of a person"),
        ({"upn": None}, "it is not a token of a person"),
        ({"oid": "no guid"}, "it is not a token of a person"),
        ({"tid": None}, "it is not a token of a person"),
        ({"aud": "https://graph.microsoft.com"}, "it is for another audience"),
        ({"aud": None}, "it is for another audience"),
        ({"tid": OTHER}, "it is of another tenant"),
        ({"upn": "carol@contoso.example"}, "it is of another account"),
        ({"iat": NOW + 1}, "its times are not right"),
        ({"iat": True}, "its times are not right"),
        ({"exp": None}, "its times are not right"),
        ({"exp": "soon"}, "its times are not right"),
        ({"iat": NOW - 3600}, "it is too old"),
        ({"exp": NOW + 300}, "it is too old"),
    ],
)
def test_a_token_that_does_not_fit_is_neither_kept_nor_used(
    claims: dict[str, Any], why: str
) -> None:
    kept = Kept()
    kept.keep(**claims)
    assert kept.store.texts == {}
    assert kept.logged == [f"a token is not kept: {why}"]
    kept.keep()
    (name,) = kept.store.texts
    entry = json.loads(kept.store.texts[name])
    kept.store.texts[name] = json.dumps({**entry, "token": token_of(**{**GOOD, **claims})})

    assert kept.tokens.read(SCOPE, None) is None
    assert kept.logged[1:] == [f"a token is not used: {why}"]


@pytest.mark.parametrize(
    "claims",
    [
        {"idtyp": "user"},
        {"aud": "https://management.azure.com/"},
        {"aud": "https://management.core.windows.net/"},
        {"upn": None, "unique_name": f"live.com#{BOB}"},
        {"upn": None, "preferred_username": BOB.upper()},
        {"tid": TENANT.upper()},
    ],
)
def test_other_forms_of_a_good_token_fit(claims: dict[str, Any]) -> None:
    kept = Kept()

    token = kept.keep(**claims)

    found = kept.tokens.read(SCOPE, None)
    assert found is not None
    assert found.token == token


def test_a_token_without_idtyp_needs_a_delegated_scope() -> None:
    claims = {key: value for key, value in GOOD.items() if key != "idtyp"}
    kept = Kept()
    for more in ({}, {"scp": "user_impersonation"}):
        token = token_of(**claims, **more)
        kept.tokens.write(SCOPE, None, AccessToken(token, 0))

    assert kept.logged == ["a token is not kept: it is not a token of a person"]
    assert len(kept.store.texts) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '"text"', "{}", '{"token": 7}'])
def test_content_that_is_no_entry_is_not_used(text: str) -> None:
    kept = Kept()
    kept.keep()
    kept.store.texts = dict.fromkeys(kept.store.texts, text)

    assert kept.tokens.read(SCOPE, None) is None
    assert len(kept.logged) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "browser"},
        {"cloud": "another"},
        {"az": ("folder", "AzureUSGovernment")},
        {"az": ("elsewhere", "AzureCloud")},
        {"user": "carol@contoso.example"},
        {"tenant": OTHER},
    ],
)
def test_a_token_of_another_source_is_not_used(more: dict[str, Any]) -> None:
    kept = Kept()
    kept.keep()
    kept.source = kept.source._replace(**more)

    assert kept.tokens.read(SCOPE, None) is None


def test_each_scope_and_tenant_has_a_token_of_its_own() -> None:
    kept = Kept()
    kept.keep()

    assert kept.tokens.read(SCOPE, TENANT) is None
    assert kept.tokens.read("https://graph.microsoft.com/.default", None) is None
    kept.keep(OTHER, tid=OTHER)
    assert kept.tokens.read(SCOPE, OTHER) is not None


def test_a_store_that_fails_fails_no_command() -> None:
    class Failing(Texts):
        def drop(self, name: str) -> None:
            raise OSError(f"cannot: {len(name)}")

        write = drop  # type: ignore[assignment]
        read = drop  # type: ignore[assignment]

    kept = Kept()
    kept.store = Failing()

    assert kept.tokens.read(SCOPE, None) is None
    kept.tokens.drop(SCOPE, None)

    assert kept.logged == ["a token is not used: cannot: 64", "a token is not dropped: cannot: 64"]


# Whose login az has


def profile(folder: Path, *subscriptions: Any) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    text = json.dumps({"subscriptions": subscriptions})
    (folder / "azureProfile.json").write_text(text, encoding="utf-8-sig")
    return {"AZURE_CONFIG_DIR": str(folder)}


def account(**more: Any) -> dict[str, Any]:
    return {
        "isDefault": True,
        "environmentName": "AzureCloud",
        "tenantId": TENANT,
        "user": {"name": BOB.upper(), "type": "user"},
        **more,
    }


def test_the_login_of_az_is_that_of_its_default_subscription(tmp_path: Path) -> None:
    other = account(isDefault=False, user={"name": "carol", "type": "user"})

    login = az_login(profile(tmp_path, other, account()))

    assert login == AzLogin(str(tmp_path), "AzureCloud", BOB, TENANT)


def test_the_cloud_of_az_is_in_its_configuration_or_its_variable(tmp_path: Path) -> None:
    environ = profile(tmp_path, account())
    (tmp_path / "config").write_text("[core]\nx = %1\n[cloud]\nname = AzureUSGovernment\n")

    told = [az_login(environ), az_login({**environ, "AZURE_CLOUD_NAME": "AzureCloud"})]

    assert [(login.cloud, login.user) for login in told] == [
        ("AzureUSGovernment", ""),
        ("AzureCloud", BOB),
    ]


def test_an_az_without_a_profile_has_no_account(tmp_path: Path) -> None:
    login = az_login({"AZURE_CONFIG_DIR": str(tmp_path)})

    assert login == AzLogin(str(tmp_path), "AzureCloud")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"subscriptions": [7]}',
        json.dumps({"subscriptions": [account(user=None)]}),
        json.dumps({"subscriptions": [account(user={"name": "ci", "type": "servicePrincipal"})]}),
        json.dumps({"subscriptions": [account(user={"type": "user"})]}),
        json.dumps({"subscriptions": [account(tenantId=None)]}),
        pytest.param("[" * 90_000, id="deep"),
    ],
)
def test_a_profile_that_names_no_person_keeps_no_token(tmp_path: Path, text: str) -> None:
    (tmp_path / "azureProfile.json").write_text(text)

    with pytest.raises(ValueError, match="az"):
        source_for("auto", NAMED["public"], {"AZURE_CONFIG_DIR": str(tmp_path)})


def test_a_broken_configuration_of_az_keeps_no_token(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no section")

    with pytest.raises(ValueError, match="az's configuration is malformed"):
        az_login({"AZURE_CONFIG_DIR": str(tmp_path)})


def test_a_browser_is_keyed_by_the_tenant_of_the_environment() -> None:
    source = source_for("browser", NAMED["public"], {"AZURE_TENANT_ID": TENANT.upper()})

    assert (source.kind, source.tenant, source.az) == ("browser", TENANT, ("", ""))
