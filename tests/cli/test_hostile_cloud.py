"""A cloud of somebody else's gets no token, secret or assertion, and is no sandbox."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from azjit.sandbox.core import Sandbox
from behind import Wire, fails
from harness import Cli, Clock, Result
from public import Hostile, hostile_cloud

ARM, EVIL = "https://arm.hostile.example", "https://login.evil.example"
SECRET, ASSERTION = "Very~Secret.Value", "eyJhc3NlcnRpb24iOjF9.eyJhIjoxfQ.c2lnbmVk"
LIST = ("consumer", "apps", "-o", "json")
ID = "11111111-2222-4333-8444-555555555555"
SERVICE = {"AZURE_CLIENT_ID": ID, "AZURE_TENANT_ID": ID}


@pytest.fixture
def az_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `az` was asked for; it answers every question with a token."""
    folder = tmp_path / "bin"
    folder.mkdir()
    az, log = folder / "az", folder / "log"
    token = '{"accessToken": "az-token", "expires_on": 4102444800}'
    az.write_text(f"#!/bin/sh\necho \"$@\" >> {log}\necho '{token}'\n")
    az.chmod(az.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


@pytest.fixture
def hostile(
    tmp_path: Path, clock: Clock, world: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Cli, Hostile]]:
    names = [url.removeprefix("https://") for url in (ARM, EVIL)]
    with hostile_cloud(tmp_path / "certificates", *names) as (cloud, network):
        for name, value in network.items():
            monkeypatch.setenv(name, value)
        there = {**network, "AZJIT_CLOUD": ARM}
        cloud.says(ARM)
        yield Cli(tmp_path / "state", clock, world, there), cloud


def ask(cli: Cli, *more: str, **environ: str) -> Result:
    """List applications as nobody of the sandbox."""
    return cli(*LIST, *more, environ={"AZJIT_AS": "", **environ})


def environ_of(kind: str, folder: Path) -> dict[str, str]:
    """The variables of a kind of sign-in."""
    (folder / "assertion").write_text(ASSERTION)
    return {
        "secret": {**SERVICE, "AZURE_CLIENT_SECRET": SECRET},
        "workload": {**SERVICE, "AZURE_FEDERATED_TOKEN_FILE": str(folder / "assertion")},
        "github": {
            **SERVICE,
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{EVIL}/github",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": SECRET,
        },
        "pipelines": {
            **SERVICE,
            "SYSTEM_OIDCREQUESTURI": f"{EVIL}/pipelines",
            "SYSTEM_ACCESSTOKEN": SECRET,
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "connection",
        },
        "cli": {},
    }[kind]


KINDS = ("secret", "workload", "github", "pipelines", "cli")
ANNOUNCED: tuple[dict[str, Any], ...] = (
    {"audiences": ["797f4846-ba00-4fd7-ba43-dac1f8f63013"]},
    {"audiences": ["https://outlook.office365.com"]},
    {"loginEndpoint": EVIL},
    {"loginEndpoint": "https://login.microsoftonline.com"},
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("announced", ANNOUNCED, ids=str)
def test_what_a_cloud_announces_elsewhere_is_refused_before_any_sign_in(
    hostile: tuple[Cli, Hostile],
    az_log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    announced: dict[str, Any],
) -> None:
    cli, cloud = hostile
    cloud.says(ARM, **announced)
    environ = environ_of(kind, tmp_path)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    done = ask(cli, "--auth", kind, **environ)

    assert (done.code, done.out) == (5, ""), done.err
    assert "arm.hostile.example" in done.error
    assert [one.line.partition("?")[0] for one in cloud.asked] == [
        "GET arm.hostile.example/metadata/endpoints"
    ]
    assert "Authorization" not in cloud.asked[0]
    assert not az_log.exists()


def test_the_hint_names_the_option_that_allows_the_sign_in_host(
    hostile: tuple[Cli, Hostile],
) -> None:
    cli, cloud = hostile
    cloud.says(ARM, loginEndpoint=EVIL)

    done = ask(cli, "--auth", "secret")

    assert done.error == (
        "arm.hostile.example wants the sign-in at login.evil.example, which is not of its own"
        " domain; nothing was sent there"
    )
    assert f"next: if you know that this is right, use --authority {EVIL}" in done.err


@pytest.mark.parametrize("way", ["flag", "variable", "context"])
def test_the_user_may_name_the_sign_in_host(hostile: tuple[Cli, Hostile], way: str) -> None:
    cli, cloud = hostile
    cloud.says(ARM, loginEndpoint="https://elsewhere.example")
    cloud.signs_in_at(EVIL)
    flags = ("--authority", EVIL) if way == "flag" else ()
    environ = {**SERVICE, "AZURE_CLIENT_SECRET": SECRET}
    environ |= {"AZJIT_AUTHORITY": EVIL} if way == "variable" else {}
    if way == "context":
        assert cli("config", "set", "--context", "c", f"authority={EVIL}").code == 0
        flags = ("--context", "c")

    ask(cli, "--auth", "secret", *flags, **environ)

    posted = [one for one in cloud.asked if one.line.startswith("POST")]
    assert {one.line.partition("/")[0] for one in posted} == {"POST login.evil.example"}
    assert all(f"client_secret={SECRET}" in one for one in posted)


def test_a_sign_in_host_sends_no_secret_elsewhere(hostile: tuple[Cli, Hostile]) -> None:
    cli, cloud = hostile
    cloud.signs_in_at(EVIL)

    done = ask(cli, "--auth", "secret", **SERVICE, AZURE_CLIENT_SECRET=SECRET)

    assert (done.code, done.out) == (5, "")
    assert done.error.startswith("refused to send a secret to login.evil.example")
    assert [one for one in cloud.asked if SECRET in one] == []


def test_az_is_asked_for_a_token_of_the_own_domain_only(
    hostile: tuple[Cli, Hostile], az_log: Path
) -> None:
    cli, cloud = hostile
    cloud.says(ARM, audiences=[f"{ARM}/"])

    ask(cli, "--auth", "cli")

    assert f"--resource {ARM}" in az_log.read_text()
    assert any("Bearer az-token" in one for one in cloud.asked)


@pytest.mark.parametrize("kind", KINDS)
def test_this_machine_gets_no_real_credential(
    hostile: tuple[Cli, Hostile], az_log: Path, tmp_path: Path, kind: str
) -> None:
    cli, cloud = hostile
    here = f"https://localhost:{cloud.port}"
    cloud.says(here, audiences=["https://management.core.windows.net/"])

    done = ask(cli, "--cloud", here, "--auth", kind, **environ_of(kind, tmp_path))

    assert done.code == 4
    assert not az_log.exists()
    assert [one for one in cloud.asked if SECRET in one or ASSERTION in one] == []
    assert [one for one in cloud.asked if "Authorization" in one] == []


def test_a_host_elsewhere_is_no_sandbox(hostile: tuple[Cli, Hostile], az_log: Path) -> None:
    cli, cloud = hostile
    cloud.metadata["name"] = "AzjitSandbox"

    done = ask(cli, "--auth", "cli")

    assert (done.code, done.out) == (5, "")
    assert "SANDBOX" not in done.err
    assert not az_log.exists()
    assert not (cli.state / "receipts.lock").exists()


# What azjit says


def told_everywhere(done: Result, state: Path) -> str:
    """All that a command has said and kept."""
    kept = [file.read_text() for file in state.rglob("receipts.*")]
    return "".join([done.out, done.err, *kept])


@pytest.mark.parametrize(
    "said",
    [
        f"AADSTS7000215: thanks for {SECRET}",
        f"AADSTS7000215: thanks for {quote(SECRET + '~')}",
        f"AADSTS7000215: {'x' * 260} {SECRET}",
        f"AADSTS7000215: {SECRET}, eyJhYmMiOjF9.{SECRET}",
    ],
)
@pytest.mark.parametrize(
    "argv", [LIST, ("doctor", "-o", "json"), ("consumer", "apps", "--debug", "-o", "table")]
)
def test_a_secret_that_the_sign_in_host_repeats_is_not_shown(
    hostile: tuple[Cli, Hostile], argv: tuple[str, ...], said: str
) -> None:
    cli, cloud = hostile
    cloud.signs_in_at(ARM)
    refusal = {"error": "invalid_client", "error_description": said}
    cloud.answers["token_endpoint"] = (401, refusal)
    environ = {"AZJIT_AS": "", **SERVICE, "AZURE_CLIENT_SECRET": SECRET}

    done = cli(*argv, "--auth", "secret", environ=environ)

    told = told_everywhere(done, cli.state)
    assert "AADSTS7000215" in told
    assert SECRET[:9] not in told


def test_a_secret_that_resource_manager_repeats_is_not_shown_or_kept(
    hostile: tuple[Cli, Hostile], az_log: Path
) -> None:
    cli, cloud = hostile
    error = {"code": SECRET, "message": f"no, az-token, {SECRET} and {ASSERTION}"}
    cloud.answers["/subscriptions"] = (403, {"error": error})
    environ = {"AZURE_CLIENT_CERTIFICATE_PASSWORD": SECRET}

    done = ask(cli, "--auth", "cli", "--debug", **environ)

    assert az_log.exists()
    told = told_everywhere(done, cli.state)
    assert "[secret removed]" in told
    assert [one for one in (SECRET[:9], "az-token", ASSERTION[:20]) if one in told] == []


def test_a_bug_shows_no_secret(
    hostile: tuple[Cli, Hostile], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, _ = hostile

    def fail(*_: object) -> None:
        raise RuntimeError(f"met {SECRET}")

    monkeypatch.setattr("azjit.azure.resources.Resources.subscriptions", fail)
    told = {**SERVICE, "AZURE_CLIENT_SECRET": SECRET}

    done = ask(cli, "--auth", "secret", "--debug", **told)

    assert done.code == 1
    assert "unexpected RuntimeError: met [secret removed]" in done.err
    assert "Traceback" in done.err
    assert SECRET[:9] not in done.err


def test_an_outcome_is_kept_without_the_secret_that_azure_repeats(
    public: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = next(each for each in public.world.people() if each.alias == "contoso-ci")
    environ = {
        "AZJIT_AS": "",
        "AZURE_CLIENT_ID": str(service.app_id),
        "AZURE_TENANT_ID": service.tenant_id,
        "AZURE_CLIENT_SECRET": service.secret,
        "SYSTEM_ACCESSTOKEN": SECRET,
    }
    Wire(monkeypatch).on("POST", "updateAccess", fails(403, f"no {SECRET}"))

    done = public(
        *("consumer", "approve", "338a9a54", "--reason", "x", "-o", "json", "--auth", "secret"),
        environ=environ,
    )

    told = told_everywhere(done, public.state)
    assert done.code == 4, done.err
    assert told.count("[secret removed]") >= 3  # on stdout, on stderr, in the receipts
    assert SECRET[:9] not in told
