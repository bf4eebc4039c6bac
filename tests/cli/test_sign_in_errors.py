"""A sign-in that fails names its kind, what chose it, and the host or file that failed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from azjit.azure.clouds import NAMED
from azjit.azure.network import Network
from azjit.azure.sign_in.choice import Way, chosen_way
from azjit.azure.sign_in.command import CommandSignIn
from azjit.errors import NotSignedIn
from azjit.options import AUTH_KINDS
from azjit.process import Process, real_process
from azjit.settings import resolve
from harness import Cli, Result

IDS = {
    "AZURE_CLIENT_ID": "11111111-1111-4111-8111-111111111111",
    "AZURE_TENANT_ID": "22222222-2222-4222-8222-222222222222",
}


@pytest.fixture
def closed() -> Iterator[str]:
    """The address of a port of this machine that nobody listens on."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield f"localhost:{kept.getsockname()[1]}"


@pytest.fixture
def real(cli: Cli) -> Cli:
    """The command line towards the public cloud, which these tests never reach."""
    return replace(cli, transport={})


def ask(cli: Cli, patch: pytest.MonkeyPatch, environ: dict[str, str], *more: str) -> Result:
    for name, value in environ.items():  # azure-identity reads some of them by itself
        patch.setenv(name, value)
    return cli("consumer", "apps", *more, environ={"AZJIT_AS": "", **environ})


@pytest.mark.parametrize(
    ("environ", "chosen_by"),
    [
        (
            {
                "IDENTITY_ENDPOINT": "http://HOST/metadata/identity/oauth2/token",
                "IMDS_ENDPOINT": "http://HOST",
            },
            "IDENTITY_ENDPOINT",
        ),
        ({"IDENTITY_ENDPOINT": "http://HOST/msi", "IDENTITY_HEADER": "x"}, "IDENTITY_ENDPOINT"),
        ({"MSI_ENDPOINT": "http://HOST/msi"}, "MSI_ENDPOINT"),
        (
            {
                **IDS,
                "SYSTEM_OIDCREQUESTURI": "http://HOST/x",
                "SYSTEM_ACCESSTOKEN": "x",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "x",
            },
            "SYSTEM_OIDCREQUESTURI",
        ),
    ],
)
def test_the_host_that_did_not_answer_is_named_and_the_variable_that_led_to_it(
    real: Cli,
    monkeypatch: pytest.MonkeyPatch,
    closed: str,
    environ: dict[str, str],
    chosen_by: str,
) -> None:
    told = {name: value.replace("HOST", closed) for name, value in environ.items()}

    done = ask(real, monkeypatch, told)

    assert done.code == 6, done.err
    assert closed in done.error
    assert "login.microsoftonline.com" not in done.err
    assert "management.azure.com" not in done.err
    assert chosen_by in done.error
    assert "--auth cli" in done.err


def test_a_kind_that_the_user_chose_is_not_explained(
    real: Cli, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    done = ask(real, monkeypatch, {"MSI_ENDPOINT": f"http://{closed}/"}, "--auth", "managed")

    assert done.code == 6, done.err
    assert done.error.startswith(f"sign-in by managed: {closed} was not reached")
    assert "--auth cli" not in done.err


def test_a_file_that_cannot_be_read_is_named_with_what_led_to_it(
    real: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = str(tmp_path / "no-token")

    done = ask(real, monkeypatch, {**IDS, "AZURE_FEDERATED_TOKEN_FILE": file})

    assert done.code == 4, done.err
    assert f"{file} cannot be read" in done.error
    assert "AZURE_FEDERATED_TOKEN_FILE" in done.error
    assert "--auth cli" in done.err


def _signed_in(environ: dict[str, str]) -> CommandSignIn:
    process: Process = real_process()._replace(environ=environ)
    network = Network(process.sleep, lambda _: None)
    settings = resolve({}, environ)
    return CommandSignIn(settings, process, None, NAMED["public"], network, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environ", "advice"),
    [
        ({**IDS, "AZURE_CLIENT_SECRET": "x"}, "AZURE_CLIENT_SECRET"),
        ({**IDS, "AZURE_FEDERATED_TOKEN_FILE": "x"}, "federated credential"),
        ({"IDENTITY_ENDPOINT": "http://x"}, "managed identity"),
    ],
)
def test_a_refusal_of_azure_is_mended_where_the_sign_in_is(
    environ: dict[str, str], advice: str
) -> None:
    again = NotSignedIn("no", hint="sign in again: az login")
    rights = NotSignedIn("no", hint="ask for the role that allows it")

    for error in (again, rights):
        _signed_in(environ).fit(error)

    assert advice in str(again.hint)
    assert "az login" not in str(again.hint)
    assert rights.hint == "ask for the role that allows it"


def test_a_refusal_of_a_login_of_az_is_mended_by_az() -> None:
    error = NotSignedIn("no", hint="sign in again: az login")

    _signed_in({}).fit(error)

    assert error.hint == "sign in again: az login"


@pytest.mark.parametrize("kind", AUTH_KINDS[1:])
def test_every_kind_says_what_mends_it(kind: str) -> None:
    assert ("az login" in Way(kind).cure) == (kind == "cli")
    assert chosen_way(kind, IDS) == Way(kind)


def test_a_proxy_that_accepts_nothing_is_not_taken_for_the_host_behind_it(
    real: Cli, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    environ = {**IDS, "AZURE_CLIENT_SECRET": "x", "HTTPS_PROXY": f"http://{closed}"}

    done = ask(real, monkeypatch, environ)

    assert done.code == 6
    assert "login.microsoftonline.com was not reached: the proxy" in done.error
