"""Failures through the whole command line: one line, a hint, the exit code, no token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import responses
from requests import exceptions as http
from urllib3.exceptions import ProtocolError

from faults.peer import APP, HOME, TOKEN
from harness import Cli, Result

Azure = responses.RequestsMock
URL = f"{HOME}{APP}"
LOGIN = "https://login.microsoftonline.com/33333333-3333-3333-3333-333333333333"
SIGN_IN = (
    "sign in with az login, set the AZURE_ variables of a service principal, or try azjit with"
    " --sandbox"
)
PRINCIPAL = {
    "AZURE_CLIENT_ID": "55555555-5555-5555-5555-555555555555",
    "AZURE_TENANT_ID": "33333333-3333-3333-3333-333333333333",
    "AZURE_CLIENT_SECRET": "hush-hush",
}


def show(real: Cli, *more: str, **environ: str) -> Result:
    return real("consumer", "show", APP, *more, environ={"AZJIT_AS": "", **environ})


def lines(result: Result) -> list[str]:
    log = ("GET ", "token cache: ")
    return [line for line in result.err.splitlines() if not line.startswith(log)]


def fault(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@pytest.fixture(autouse=True)
def _no_token_anywhere(real: Cli) -> Any:
    yield
    written = [path.read_bytes() for path in real.state.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in each for each in written)


ANSWERS = [
    ({"status": 400, "json": fault("Bad", "no.")}, 1, "no."),
    ({"status": 401, "json": fault("InvalidAuthenticationTokenTenant", "no.")}, 4, "no."),
    ({"status": 403, "json": fault("AuthorizationFailed", "no.")}, 4, "no."),
    ({"status": 404, "json": fault("ResourceNotFound", "no.")}, 3, "no."),
    ({"status": 409, "json": fault("ScopeLocked", "no.")}, 5, "no."),
    ({"status": 412, "json": fault("PreconditionFailed", "no.")}, 5, "no."),
    ({"status": 429, "json": fault("TooManyRequests", "no.")}, 6, "no."),
    ({"status": 503, "body": "<html>"}, 6, "Azure answered 503 Service Unavailable with a web"),
    ({"status": 200, "body": "<html>"}, 6, "the answer (200) is not complete JSON"),
    ({"status": 200, "body": '{"id": "/sub'}, 6, "the answer (200) is not complete JSON"),
    ({"status": 200, "body": ""}, 6, "the answer is not a JSON object"),
    ({"status": 200, "json": []}, 6, "the answer is not a JSON object"),
    ({"status": 200, "json": {}}, 6, "could not read application orders: it has no id"),
    ({"status": 302, "headers": {"Location": "https://evil.example"}}, 6, "a redirect"),
    ({"body": http.ConnectionError(ProtocolError("reset", OSError(104)))}, 6, "no usable response"),
    ({"body": http.SSLError("self signed")}, 6, "its certificate is not trusted"),
    ({"body": http.ProxyError("407")}, 6, "the proxy requires a user name and password"),
    ({"body": http.ConnectTimeout("late")}, 6, "the connection timed out"),
]


@pytest.mark.parametrize(("answer", "code", "words"), ANSWERS)
def test_failure_is_one_line_and_a_next_step(
    azure: Azure, real: Cli, answer: dict[str, Any], code: int, words: str
) -> None:
    azure.get(URL, **answer)

    result = show(real, "--debug")

    assert result.code == code, result.err
    assert result.out == ""
    told = lines(result)
    assert told[0].startswith("azjit: ")
    assert words in told[0]
    assert told[-1].startswith("  next: ")
    assert "Traceback" not in result.err
    assert TOKEN not in result.err
    assert "Bearer" not in result.err


def test_request_id_is_shown(azure: Azure, real: Cli) -> None:
    azure.get(
        URL, json=fault("AuthorizationFailed", "no."), status=403, headers={"x-ms-request-id": "i7"}
    )

    assert "  azure: AuthorizationFailed, request id i7" in show(real).err.splitlines()


def test_long_wait_is_said_to_a_person(azure: Azure, real: Cli) -> None:
    azure.get(URL, status=429, headers={"Retry-After": "40"})
    azure.get(URL, json=fault("ResourceNotFound", "no."), status=404)

    result = real("consumer", "show", APP, tty=True, environ={"AZJIT_AS": ""})

    assert "Azure answered 429; trying again in 40 s" in result.err
    assert real.clock.slept == [40]


def test_names_that_leave_the_path_are_refused(real: Cli) -> None:
    result = real("publisher", "show", f"{APP}/../../x", environ={"AZJIT_AS": ""})

    assert result.code == 2
    assert "malformed resource id" in result.error


# Sign-in


def test_without_az_one_line_says_how_to_sign_in(
    real: Cli, az: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    az.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))

    result = show(real)

    assert result.code == 4
    assert lines(result) == [
        "azjit: the Azure CLI, az, is not installed",
        (
            "  next: install the Azure CLI and run az login, or sign in another way: azjit help"
            " sign-in"
        ),
    ]


def test_az_without_a_login_is_one_line(real: Cli, az: Path) -> None:
    az.write_text("#!/bin/sh\necho \"Please run 'az login' to setup account.\" >&2; exit 1\n")

    result = show(real)

    assert result.code == 4
    assert result.error.endswith("Please run 'az login' to setup account.")
    assert len(lines(result)) == 2


def test_az_that_answers_nonsense_is_one_line(real: Cli, az: Path) -> None:
    az.write_text(f'#!/bin/sh\necho \'{{"accessToken": "{TOKEN}"}}\'\n')

    result = show(real)

    assert result.code == 6
    assert TOKEN not in result.err


def test_az_is_asked_once_a_command_for_the_tenant(azure: Azure, real: Cli, az: Path) -> None:
    azure.get(
        f"{HOME}/subscriptions",
        json={"value": [{"subscriptionId": "1"}, {"subscriptionId": "2"}]},
    )
    for name in "12":
        azure.get(
            f"{HOME}/subscriptions/{name}/providers/Microsoft.Solutions/applications",
            json={"value": []},
        )

    result = real("consumer", "apps", "--tenant", "contoso.example", environ={"AZJIT_AS": ""})

    assert result.code == 0, result.err
    assert Path(f"{az}.log").read_text() == (
        "account get-access-token --output json --resource https://management.azure.com"
        " --tenant contoso.example\n"
    )
    assert all(call.request.headers["Authorization"] == f"Bearer {TOKEN}" for call in azure.calls)


def test_env_without_variables_names_them(real: Cli) -> None:
    result = show(real, "--auth", "env")

    assert result.code == 4
    assert result.error == (
        "the environment has no service principal: AZURE_CLIENT_ID, AZURE_TENANT_ID not set"
    )


@pytest.fixture
def _as_principal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRINCIPAL.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_as_principal")
def test_unreachable_sign_in_host_is_unavailable(azure: Azure, real: Cli) -> None:
    azure.add(responses.GET, f"{LOGIN}/v2.0/.well-known/openid-configuration", body=http.SSLError())

    result = show(real, **PRINCIPAL)

    assert result.code == 6
    assert "login.microsoftonline.com was not reached" in result.error
    assert "hush-hush" not in result.err


@pytest.mark.usefixtures("_as_principal")
def test_wrong_secret_is_a_refused_sign_in(azure: Azure, real: Cli) -> None:
    azure.get(
        f"{LOGIN}/v2.0/.well-known/openid-configuration",
        json={
            "issuer": f"{LOGIN}/v2.0",
            "authorization_endpoint": f"{LOGIN}/oauth2/v2.0/authorize",
            "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
        },
    )
    azure.post(
        f"{LOGIN}/oauth2/v2.0/token",
        status=401,
        json={"error": "invalid_client", "error_description": "AADSTS7000215: Invalid secret."},
    )

    result = show(real, **PRINCIPAL)

    assert result.code == 4
    assert "AADSTS7000215" in result.error
    assert "hush-hush" not in result.err + json.dumps(real.receipts())
