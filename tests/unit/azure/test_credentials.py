from __future__ import annotations

import base64
import json
import webbrowser
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from azjit.azure.clouds import NAMED, Cloud
from azjit.azure.network import Network, secrets_in
from azjit.azure.sign_in import kinds
from azjit.azure.sign_in.caller import caller_from, caller_of
from azjit.azure.sign_in.github import audience_of
from azjit.azure.sign_in.kept_tokens import KeptTokens
from azjit.azure.sign_in.kinds import KINDS, SignIn, credential_for
from azjit.azure.sign_in.sandbox import SandboxCredential
from azjit.azure.sign_in.token_cache import CachedCredential
from azjit.azure.transport_errors import sign_in_failure
from azjit.domain.access import Caller
from azjit.domain.ids import PrincipalId
from azjit.errors import NotSignedIn, Unavailable
from azjit.options import AUTH_KINDS
from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.azure_core import AzureCoreTransport
from harness import Clock

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OID = "22222222-2222-2222-2222-222222222222"
TENANT = "33333333-3333-3333-3333-333333333333"
PUBLIC = NAMED["public"]
SCOPE = PUBLIC.scope
PRINCIPAL = {"AZURE_CLIENT_ID": OID, "AZURE_TENANT_ID": TENANT}


def token(claims: object) -> str:
    coded = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{coded}.x"


def pem() -> bytes:
    """A key and its certificate, as a service principal signs in by."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sp")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    signed = made.sign(key, hashes.SHA256()).public_bytes(encoding)
    return key.private_bytes(encoding, *plain) + signed


# Whose token it is


def test_user_is_named_by_mail() -> None:
    told = {"oid": OID, "tid": TENANT, "upn": "bob@contoso.example", "appid": "az", "groups": ["G"]}

    assert caller_of(token(told)) == Caller(
        PrincipalId(OID), "bob@contoso.example", "user", TENANT, frozenset({"g"})
    )


@pytest.mark.parametrize("key", ["unique_name", "preferred_username"])
def test_user_of_another_form_of_token_is_named_too(key: str) -> None:
    caller = caller_of(token({"oid": OID, "tid": TENANT, key: "bob"}))

    assert (caller.name, caller.kind, caller.groups) == ("bob", "user", None)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"idtyp": "app", "appid": "a", "app_displayname": "Pipeline"}, "Pipeline"),
        ({"idtyp": "app", "appid": "a", "upn": "odd"}, "a"),
        ({"appid": "a"}, "a"),
        ({}, OID),
    ],
)
def test_application_is_named_by_its_own_names(claims: dict[str, str], name: str) -> None:
    caller = caller_of(token({"oid": OID, "tid": TENANT, **claims}))

    assert (caller.name, caller.kind) == (name, "service principal")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "opaque",
        "a.b",
        "a.b.c.d",
        "a.!!.c",
        "a.\u00e9.c",
        "a./w.c",
        token([]),
        token({"tid": TENANT}),
        token({"oid": "no guid", "tid": TENANT}),
        token({"oid": 7, "tid": TENANT}),
        token({"oid": OID}),
    ],
)
def test_token_that_names_nobody_is_no_sign_in(text: str) -> None:
    with pytest.raises(NotSignedIn, match="contains no principal") as raised:
        caller_of(text)

    assert raised.value.hint == "sign in again: az login"


# Once for a process


class Counting:
    def __init__(self, clock: Clock, lives: float = 3600) -> None:
        self.asked: list[dict[str, Any]] = []
        self._clock = clock
        self._lives = lives

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append({"scopes": scopes, **options})
        return AccessToken(
            f"token {len(self.asked)}", int(self._clock.now().timestamp() + self._lives)
        )


def test_token_is_asked_for_once_for_each_scope_and_tenant(clock: Clock) -> None:
    inner = Counting(clock)
    credential = CachedCredential(lambda: inner, clock.now, TENANT)

    first = credential.get_token(SCOPE, enable_cae=True)
    again = credential.get_token(SCOPE, enable_cae=True)
    credential.get_token(SCOPE, tenant_id="other")
    credential.get_token("https://graph.microsoft.com/.default")

    assert first is again
    assert [each["tenant_id"] for each in inner.asked] == [TENANT, "other", TENANT]
    assert inner.asked[0] == {
        "scopes": (SCOPE,),
        "claims": None,
        "tenant_id": TENANT,
        "enable_cae": True,
    }


def test_token_is_renewed_five_minutes_before_its_end(clock: Clock) -> None:
    inner = Counting(clock)
    credential = CachedCredential(lambda: inner, clock.now, None)
    credential.get_token(SCOPE)

    clock.at += timedelta(minutes=54)
    credential.get_token(SCOPE)
    assert len(inner.asked) == 1

    clock.at += timedelta(minutes=1)
    credential.get_token(SCOPE)
    assert len(inner.asked) == 2


def test_claims_ask_anew_and_what_comes_is_kept(clock: Clock) -> None:
    inner = Counting(clock)
    credential = CachedCredential(lambda: inner, clock.now, None)
    credential.get_token(SCOPE)

    stepped_up = credential.get_token(SCOPE, claims="{}")

    assert inner.asked[1]["claims"] == "{}"
    assert credential.get_token(SCOPE) is stepped_up


class Breaking:
    """Gives one token, and then fails."""

    def __init__(self, lives: float, error: Exception) -> None:
        self._ends = int(NOW.timestamp() + lives)
        self._error: Exception | None = None
        self._next = error
        self.asked: list[dict[str, Any]] = []

    def get_token(self, *_: str, **options: Any) -> AccessToken:
        self.asked.append(options)
        if self._error is not None:
            raise self._error
        self._error = self._next
        return AccessToken(token({"oid": OID, "tid": TENANT, "upn": "bob"}), self._ends)


FAILURES = [ClientAuthenticationError("no"), Unavailable("not there")]


@pytest.mark.parametrize("error", FAILURES)
def test_a_good_token_outlives_a_renewal_that_fails(error: Exception) -> None:
    inner = Breaking(200, error)
    credential = CachedCredential(lambda: inner, lambda: NOW, None)
    first = credential.get_token(SCOPE)

    assert credential.get_token(SCOPE) is first
    assert len(inner.asked) == 2


@pytest.mark.parametrize("error", FAILURES)
def test_an_ended_token_does_not(error: Exception) -> None:
    credential = CachedCredential(lambda: Breaking(-1, error), lambda: NOW, None)
    credential.get_token(SCOPE)

    with pytest.raises(type(error)):
        credential.get_token(SCOPE)


def test_a_challenge_is_not_met_by_the_refused_token_and_names_its_tenant() -> None:
    inner = Breaking(3000, ClientAuthenticationError("no"))
    credential = CachedCredential(lambda: inner, lambda: NOW, None)
    credential.get_token(SCOPE)

    with pytest.raises(ClientAuthenticationError):
        credential.get_token(SCOPE, claims="{}")

    assert inner.asked[-1]["tenant_id"] == TENANT


class Earlier(KeptTokens):
    """Has one token of an earlier command."""

    def __init__(self, token: AccessToken) -> None:
        self.token: AccessToken | None = token
        self.written: list[str] = []

    def read(self, scope: str, tenant: str | None) -> AccessToken | None:
        return self.token if (scope, tenant) == (SCOPE, None) else None

    def write(self, scope: str, tenant: str | None, token: AccessToken) -> None:
        self.written += [token.token] if (scope, tenant) == (SCOPE, None) else []

    def drop(self, scope: str, tenant: str | None) -> None:
        if (scope, tenant) == (SCOPE, None):
            self.token = None


def test_a_token_of_an_earlier_command_makes_no_credential(clock: Clock) -> None:
    earlier = Earlier(AccessToken("earlier", int(clock.now().timestamp()) + 3600))
    credential = CachedCredential(lambda: pytest.fail("made"), clock.now, None, earlier)

    assert credential.get_token(SCOPE).token == "earlier"
    assert credential.get_token(SCOPE).token == "earlier"


def test_a_refused_token_of_an_earlier_command_is_replaced_for_all_calls(clock: Clock) -> None:
    earlier = Earlier(AccessToken("earlier", int(clock.now().timestamp()) + 3600))
    inner = Counting(clock)
    credential = CachedCredential(lambda: inner, clock.now, None, earlier)
    credential.get_token(SCOPE)

    told = [credential.is_outdated("earlier"), credential.get_token(SCOPE).token]
    of_another_thread = [credential.is_outdated("earlier"), credential.get_token(SCOPE).token]

    assert told == of_another_thread == [True, "token 1"]
    assert credential.is_outdated("token 1") is False
    assert credential.get_token(SCOPE).token == "token 1"
    assert (len(inner.asked), earlier.written, earlier.token) == (1, ["token 1"], None)


def test_a_token_of_an_earlier_command_is_not_used_in_its_last_minutes(clock: Clock) -> None:
    earlier = Earlier(AccessToken("earlier", int(clock.now().timestamp()) + 3600))
    inner = Breaking(3600, ClientAuthenticationError("no"))
    inner.get_token()
    credential = CachedCredential(lambda: inner, clock.now, None, earlier)
    credential.get_token(SCOPE)
    earlier.token = None
    clock.at += timedelta(minutes=56)

    with pytest.raises(ClientAuthenticationError):
        credential.get_token(SCOPE)


def test_a_challenge_that_a_newer_token_does_not_answer_is_the_error(clock: Clock) -> None:
    class Same:
        def get_token(self, *_: str, claims: str | None = None, **__: Any) -> AccessToken:
            if claims is not None:
                raise ClientAuthenticationError("az login --claims-challenge")
            return AccessToken("earlier", 2**40)

    earlier = Earlier(AccessToken("earlier", int(clock.now().timestamp()) + 3600))
    credential = CachedCredential(Same, clock.now, None, earlier)
    credential.get_token(SCOPE)

    with pytest.raises(ClientAuthenticationError, match="--claims-challenge"):
        credential.get_token(SCOPE, claims="{}")

    assert earlier.token is None


@pytest.mark.parametrize(
    ("cloud", "audience"),
    [
        ("public", "api://AzureADTokenExchange"),
        ("usgov", "api://AzureADTokenExchangeUSGov"),
        ("china", "api://AzureADTokenExchangeChina"),
    ],
)
def test_each_cloud_wants_its_own_audience_of_a_federated_token(cloud: str, audience: str) -> None:
    assert audience_of(NAMED[cloud].login) == audience


# What a failure of the sign-in amounts to


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            'Please run: az login --tenant "t" --scope "s"',
            "not signed in: Please run",
            'az login --tenant "t" --scope "s"',
        ),
        (
            (
                "/x.py:1: UserWarning: old\nERROR: AADSTS50076: use MFA.\nTo re-authenticate,"
                ' please run:\naz login --tenant "t" --scope "s"'
            ),
            "not signed in: AADSTS50076: use MFA.",
            'az login --tenant "t" --scope "s"',
        ),
        ("Please run 'az login' to setup account.", "not signed in: Please run", "sign in with"),
    ],
)
def test_the_command_that_az_names_is_the_next_step(said: str, message: str, hint: str) -> None:
    error = sign_in_failure("not signed in", "login", ClientAuthenticationError(said))

    assert type(error) is NotSignedIn
    assert error.message.startswith(message)
    assert str(error.hint).startswith(hint)


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        ("Authentication failed: HTTP Error: 503", "it answered 503"),
        ("Authentication failed: HTTP Error: 429", "it answered 429"),
        ("{'code': 'TenantRequestsThrottled'}", "it is throttling"),
    ],
)
def test_a_sign_in_host_that_fails_is_an_outage(cause: str, why: str) -> None:
    error = sign_in_failure("not signed in", "login.example", ClientAuthenticationError(cause))

    assert type(error) is Unavailable
    assert error.message == f"not signed in: login.example returned no token: {why}"


# Which credential


def sign_in(kind: str = "auto", **environ: str) -> SignIn:
    return SignIn(kind, TENANT, PUBLIC, environ, Network(Clock().sleep, print))


@pytest.mark.parametrize("kind", ["auto", "env"])
def test_service_principal_of_the_environment_is_taken(
    kind: str,
) -> None:
    told = PRINCIPAL | {"AZURE_CLIENT_SECRET": "s"}

    assert isinstance(credential_for(sign_in(kind, **told)), ClientSecretCredential)


@pytest.mark.parametrize(
    ("kind", "environ", "missing"),
    [
        ("env", {}, "AZURE_CLIENT_ID, AZURE_TENANT_ID"),
        ("env", {"AZURE_CLIENT_ID": OID}, "AZURE_TENANT_ID"),
        ("auto", {"AZURE_CLIENT_ID": OID}, "AZURE_TENANT_ID"),
        ("env", PRINCIPAL, "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"),
    ],
)
def test_half_a_service_principal_names_what_is_missing(
    kind: str, environ: dict[str, str], missing: str
) -> None:
    with pytest.raises(NotSignedIn) as raised:
        credential_for(sign_in(kind, **environ))

    assert raised.value.message == (f"the environment has no service principal: {missing} not set")
    assert "--auth cli" in str(raised.value.hint)


def test_certificate_that_is_not_there_is_one_line(
    tmp_path: Path,
) -> None:
    told = PRINCIPAL | {"AZURE_CLIENT_CERTIFICATE_PATH": str(tmp_path / "none.pem")}

    with pytest.raises(NotSignedIn, match="sign-in by env is not usable") as raised:
        credential_for(sign_in("env", **told))

    assert "AZURE_" in str(raised.value.hint)
    assert str(raised.value).endswith(f"{tmp_path / 'none.pem'}: No such file or directory")


@pytest.mark.parametrize("name", ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"])
@pytest.mark.parametrize("form", ['"{}"', "'{}'", "{} {}"])
def test_a_variable_with_quotes_in_it_is_named(name: str, form: str) -> None:
    proofs = PRINCIPAL | {"AZURE_CLIENT_SECRET": "s"}
    value = form.format(*[proofs[name]] * 2)

    with pytest.raises(NotSignedIn) as raised:
        credential_for(sign_in("env", **proofs | {name: value}))

    assert str(raised.value) == f"{name} is {value!r}, with a quote or a blank in it"


def test_line_ends_of_mounted_secrets_are_no_part_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[object, ...]] = []
    monkeypatch.setattr(
        kinds, "ClientSecretCredential", lambda *args, **_: given.append(args) or object()
    )
    values = PRINCIPAL | {"AZURE_CLIENT_SECRET": "secret"}

    credential_for(sign_in("env", **{name: f"{value}\r\n" for name, value in values.items()}))

    assert given == [(values["AZURE_TENANT_ID"], values["AZURE_CLIENT_ID"], "secret")]
    assert "secret" in set(secrets_in({"AZURE_CLIENT_SECRET": "secret\n"}))


def test_each_kind_that_auth_accepts_has_a_credential() -> None:
    assert {"auto", "cli", *KINDS} == set(AUTH_KINDS)


@pytest.mark.parametrize(
    "around",
    [
        {"IDENTITY_ENDPOINT": "https://localhost:1/identity", "IDENTITY_HEADER": "h"},
        {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"},
        {"GITHUB_ACTIONS": "true"},
    ],
    ids=["managed", "github", "github without a token"],
)
@pytest.mark.parametrize("proof", ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"])
def test_auto_takes_what_was_given_before_what_is_around(
    around: dict[str, str], proof: str, tmp_path: Path
) -> None:
    path = tmp_path / "sp.pem"
    path.write_bytes(pem())
    told = PRINCIPAL | around | {proof: str(path)}
    kind = ClientSecretCredential if proof == "AZURE_CLIENT_SECRET" else CertificateCredential

    assert isinstance(credential_for(sign_in(**told)), kind)


def test_auto_takes_the_managed_identity_where_nothing_was_given() -> None:
    told = {"IDENTITY_ENDPOINT": "https://localhost:1/identity", "AZURE_CLIENT_ID": OID}

    assert isinstance(credential_for(sign_in(**told)), ManagedIdentityCredential)


@pytest.mark.parametrize("kind", ["browser", "device"])
def test_nobody_is_asked_where_nobody_sees_it(kind: str) -> None:
    quiet = replace(sign_in(kind), may_prompt=False)

    with pytest.raises(NotSignedIn, match="needs a terminal"):
        credential_for(quiet)


@pytest.mark.parametrize("found", [None, webbrowser.GenericBrowser("lynx")])
def test_a_browser_of_text_is_not_opened(
    found: webbrowser.GenericBrowser | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get() -> object:
        if found is None:
            raise webbrowser.Error
        return found

    monkeypatch.setattr(webbrowser, "get", get)

    with pytest.raises(NotSignedIn, match="no browser can be opened here") as raised:
        credential_for(sign_in("browser"))

    assert raised.value.hint == "sign in with a device code: --auth device"


# Who acts


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        raise self._error


def test_caller_is_read_from_the_token_that_calls_carry() -> None:
    class Fixed:
        def get_token(self, *scopes: str, **options: Any) -> AccessToken:
            assert scopes == (SCOPE,)
            assert options == {"enable_cae": True}
            return AccessToken(token({"oid": OID, "tid": TENANT, "upn": "bob"}), 0)

    assert caller_from(Fixed(), PUBLIC).name == "bob"


def test_credential_that_fails_is_no_sign_in() -> None:
    with pytest.raises(NotSignedIn, match="not signed in: AADSTS50076: use MFA") as raised:
        caller_from(Failing(ClientAuthenticationError("AADSTS50076: use MFA\nTrace: 1")), PUBLIC)

    assert "az login" in str(raised.value.hint)


def test_credential_without_words_is_named_by_its_error() -> None:
    with pytest.raises(NotSignedIn, match="not signed in: ClientAuthenticationError"):
        caller_from(Failing(ClientAuthenticationError(" ")), PUBLIC)


def test_sign_in_host_that_is_not_reached_is_unavailable() -> None:
    error = ClientAuthenticationError("Authentication failed")
    error.__cause__ = requests.ConnectTimeout("late")

    with pytest.raises(Unavailable, match=r"login\.microsoftonline\.com was not reached"):
        caller_from(Failing(error), PUBLIC)


# The sandbox's people


class Answering:
    """A transport whose every answer is this."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def send(self, *_: object, **__: object) -> Answering:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self

    def text(self) -> str:
        return self._answer if isinstance(self._answer, str) else json.dumps(self._answer)


def ask(answer: object, clock: Clock) -> AccessToken:
    cloud = Cloud("AzjitSandbox", "https://localhost:1", "https://localhost:1", "a", "p")
    return SandboxCredential(cloud, "alice", Answering(answer), clock.now).get_token(SCOPE)


def test_person_of_the_sandbox_gets_a_token(world: Sandbox, clock: Clock) -> None:
    credential = SandboxCredential(PUBLIC, "alice", AzureCoreTransport(world), clock.now)
    told = credential.get_token(SCOPE, tenant_id=None, claims=None, enable_cae=True)

    assert caller_of(told.token).name == "alice@fabrikam.example"
    assert told.expires_on == int(clock.now().timestamp()) + 3600


def test_nobody_gets_none(world: Sandbox, clock: Clock) -> None:
    credential = SandboxCredential(PUBLIC, "mallory", AzureCoreTransport(world), clock.now)

    with pytest.raises(NotSignedIn, match="refused to sign in 'mallory'") as raised:
        credential.get_token(SCOPE)

    assert raised.value.hint == "list the people: azjit sandbox show"


@pytest.mark.parametrize("answer", [{}, [], {"access_token": "t"}, {"expires_in": 1}])
def test_sandbox_that_gives_no_token_is_no_sign_in(answer: object, clock: Clock) -> None:
    with pytest.raises(NotSignedIn, match="no token"):
        ask(answer, clock)


@pytest.mark.parametrize("answer", ["<html>", ServiceRequestError("gone")])
def test_sandbox_that_does_not_answer_is_unavailable(answer: object, clock: Clock) -> None:
    with pytest.raises(Unavailable, match="returned no token") as raised:
        ask(answer, clock)

    assert "sandbox serve" in str(raised.value.hint)
