"""Each kind of sign-in, through azure-identity unchanged, to a public Azure on loopback."""

from __future__ import annotations

import json
import os
import sys
import threading
import urllib.parse
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from azjit.azure.network import keep_token
from azjit.sandbox.core import Person, Sandbox
from azjit.store import tokens
from behind import LOGIN
from browser import opener
from harness import Cli, Clock, opened
from public import Headers, public_azure


class RealClock(Clock):
    """Assertions carry the time of the machine: these tests cannot stand still."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def live(tmp_path: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """The command line towards the public Azure; no entry of a netrc may reach that."""
    clock = RealClock()
    path = tmp_path / "state" / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    netrc = tmp_path / "netrc"
    netrc.write_text("default login joe password netrc\n")
    headers = Headers(monkeypatch)
    with (
        opened(path, clock) as world,
        public_azure(world, certificates) as network,
    ):
        for name, value in {**network, "NETRC": str(netrc)}.items():
            monkeypatch.setenv(name, value)
        yield Cli(tmp_path / "state", clock, world, network)
    assert headers.seen
    assert [call for call, sent in headers.seen if "basic" in str(sent).lower()] == []


def service(world: Sandbox, alias: str = "contoso-ci") -> Person:
    return next(person for person in world.people() if person.alias == alias)


def principal(person: Person) -> dict[str, str]:
    return {"AZURE_CLIENT_ID": str(person.app_id), "AZURE_TENANT_ID": person.tenant_id}


def look(cli: Cli, auth: str, environ: Mapping[str, str]) -> str:
    """Decide something, to hear as whom: a request that must not be approved by its filer."""
    told = {"AZJIT_AS": "", **environ}
    done = cli(*("consumer", "approve", "338a9a54", "--reason", "x", "--auth", auth), environ=told)
    assert done.code == 0, done.err
    return next(line for line in done.err.splitlines() if line.startswith("acting as"))


def acting(person: Person) -> str:
    return f"acting as {person.app_id} (service principal, tenant {person.tenant_id})"


Ways = Callable[[Person, str, Path], dict[str, str]]


def _secret(person: Person, _url: str, _folder: Path) -> dict[str, str]:
    return {**principal(person), "AZURE_CLIENT_SECRET": person.secret}


def _github(person: Person, url: str, _folder: Path) -> dict[str, str]:
    return {
        **principal(person),
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{url}/identities/{person.alias}/oidc/token",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": person.secret,
    }


def _workload(person: Person, url: str, folder: Path) -> dict[str, str]:
    answer = requests.get(
        f"{url}/identities/{person.alias}/oidc/token",
        headers={"Authorization": f"Bearer {person.secret}"},
        auth=keep_token,
        timeout=10,
    )
    file = folder / "assertion"
    file.write_text(answer.json()["value"])
    return {**principal(person), "AZURE_FEDERATED_TOKEN_FILE": str(file)}


def _pipelines(person: Person, url: str, _folder: Path) -> dict[str, str]:
    return {
        "SYSTEM_OIDCREQUESTURI": f"{url}/identities/{person.alias}/oidc/token",
        "SYSTEM_ACCESSTOKEN": person.secret,
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "a-connection",
        "AZURESUBSCRIPTION_CLIENT_ID": str(person.app_id),
        "AZURESUBSCRIPTION_TENANT_ID": person.tenant_id,
    }


def _managed(person: Person, url: str, _folder: Path) -> dict[str, str]:
    return {
        "IDENTITY_ENDPOINT": f"{url}/identities/{person.alias}/msi/token",
        "IDENTITY_HEADER": person.secret,
    }


@pytest.mark.parametrize("by", ["its name", "auto"])
@pytest.mark.parametrize(
    ("kind", "way"),
    [
        ("env", _secret),
        ("secret", _secret),
        ("github", _github),
        ("workload", _workload),
        ("pipelines", _pipelines),
        ("managed", _managed),
    ],
)
def test_a_service_signs_in_by_what_surrounds_it(
    live: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    way: Ways,
    by: str,
) -> None:
    person = service(live.world)
    environ = way(person, LOGIN, tmp_path)
    for name, value in environ.items():  # azure-identity reads some of them by itself
        monkeypatch.setenv(name, value)

    heard = look(live, kind if by == "its name" else "auto", environ)

    assert heard == acting(person)


def test_a_person_signs_in_by_a_device_code(live: Cli) -> None:
    heard: list[str] = []

    class Ear(threading.Thread):
        def run(self) -> None:
            # Plays the person: reads the code from what azjit said and types it elsewhere.
            while not (lines := [t for t in said() if t.startswith("to sign in, open")]):
                pass
            words = lines[0].split()
            query = urllib.parse.urlencode({"user_code": words[-1], "as": "bob"})
            requests.get(f"{LOGIN}/devicelogin?{query}", auth=keep_token, timeout=10)

    stream: list[object] = []

    def said() -> list[str]:
        return stream[0].getvalue().splitlines() if stream else []  # type: ignore[attr-defined]

    ear = Ear(daemon=True)
    ear.start()
    done = live(
        *("consumer", "approve", "338a9a54", "--reason", "x", "--yes", "--auth", "device"),
        environ={"AZJIT_AS": "", "AZURE_TENANT_ID": service(live.world).tenant_id},
        listen=stream.append,
        tty=True,
        width=200,
    )
    ear.join(timeout=10)
    heard = done.err.splitlines()

    assert done.code == 0, done.err
    assert any(line.startswith("acting as bob@contoso.example (user,") for line in heard)


_AZ = """#!{python}
import json, os, sys, time, urllib.parse, urllib.request, ssl
assert sys.argv[1:3] == ["account", "get-access-token"], sys.argv
resource = sys.argv[sys.argv.index("--resource") + 1]
form = urllib.parse.urlencode({{
    "grant_type": "password", "client_id": "az", "username": "bob", "password": "sandbox",
    "scope": resource.rstrip("/") + "/.default",
}}).encode()
context = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
address = "{url}/organizations/oauth2/v2.0/token"
answer = json.load(urllib.request.urlopen(address, form, context=context))
ends = int(time.time()) + answer["expires_in"]
print(json.dumps({{
    "accessToken": answer["access_token"], "expires_on": ends, "tokenType": "Bearer",
    "expiresOn": time.strftime("%Y-%m-%d %H:%M:%S.000000", time.localtime(ends)),
    "subscription": "s", "tenant": "t",
}}))
"""


@pytest.mark.parametrize("auth", ["cli", "auto"])
def test_a_person_signs_in_by_the_login_of_az(
    live: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    az = folder / "az"
    az.write_text(_AZ.format(python=sys.executable, url=LOGIN))
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    heard = look(live, auth, {})

    assert heard.startswith("acting as bob@contoso.example (user,")


def test_no_entry_of_netrc_is_sent_to_a_custom_cloud(
    served: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine localhost login joe password netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    headers = Headers(monkeypatch)

    done = served("consumer", "pending", "-o", "json")

    assert done.code == 0, done.err
    assert any("/metadata/endpoints" in call for call, _ in headers.seen)
    assert [call for call, sent in headers.seen if "basic" in str(sent).lower()] == []


# Tenants


def test_another_tenant_than_the_expected_one_is_refused_before_anything(cli: Cli) -> None:
    elsewhere = "11111111-2222-4333-8444-555555555555"

    done = cli("consumer", "pending", "--expect-tenant", elsewhere, "-o", "json")

    assert done.code == 5
    assert done.out == ""
    assert f"but --expect-tenant is {elsewhere}" in done.error


def test_the_expected_tenant_is_let_through(cli: Cli) -> None:
    home = service(cli.world).tenant_id

    done = cli("consumer", "pending", "--expect-tenant", home, "-o", "json")

    assert done.code == 0, done.err
    assert len(done.json) == 1


@pytest.mark.parametrize("domain", ["contoso.example", "CONTOSO.example"])
def test_the_expected_tenant_may_be_a_domain(both: Cli, domain: str) -> None:
    done = both("consumer", "pending", "--expect-tenant", domain, "-o", "json")

    assert done.code == 0, done.err
    assert len(done.json) == 1


def test_another_tenant_than_that_of_the_expected_domain_is_refused(cli: Cli) -> None:
    done = cli("consumer", "pending", "--expect-tenant", "fabrikam.example", "-o", "json")

    assert (done.code, done.out) == (5, "")
    assert "but --expect-tenant is fabrikam.example" in done.error


def test_an_expected_domain_of_no_tenant_is_a_usage_error(cli: Cli) -> None:
    done = cli("consumer", "pending", "--expect-tenant", "contoso.exmaple", "-o", "json")

    assert (done.code, done.out) == (2, "")
    assert done.error == "no tenant has the domain contoso.exmaple"


@pytest.mark.parametrize("value", ["", "contoso", "$(publisherTenant)"])
@pytest.mark.parametrize("way", ["flag", "variable", "file"])
def test_an_unusable_guard_sends_nothing(cli: Cli, way: str, value: str) -> None:
    flags = ("--expect-tenant", value) if way == "flag" else ()
    environ = {"AZJIT_EXPECT_TENANT": value} if way == "variable" else {}
    if way == "file":
        cli.config.parent.mkdir(exist_ok=True)
        text = f'current = "c"\n[contexts.c]\nexpect-tenant = "{value}"\n'
        cli.config.write_text(text)

    done = cli("consumer", "approve", "338a9a54", "--reason", "x", *flags, environ=environ)

    assert (done.code, done.out) == (2, "")
    assert "expect" in done.error.lower()
    assert cli.receipts() == []
    cli.config.unlink(missing_ok=True)
    assert [one["state"] for one in cli("consumer", "pending", "-o", "json").json] == ["pending"]


def test_a_managed_identity_of_another_tenant_than_the_named_domain_is_refused(
    live: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = service(live.world)
    environ = _managed(person, LOGIN, live.state)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    told = {**environ, "AZJIT_AS": ""}
    argv = ("consumer", "pending", "--auth", "managed", "-o", "json")

    here = live(*argv, "--tenant", "contoso.example", environ=told)
    elsewhere = live(*argv, "--tenant", "fabrikam.example", environ=told)

    assert (here.code, elsewhere.code) == (0, 5), here.err
    assert "but --tenant is fabrikam.example" in elsewhere.error


def test_a_kind_that_lacks_its_variables_names_them(cli: Cli) -> None:
    real = replace(cli, transport={})

    done = real("consumer", "pending", "--auth", "github", environ={"AZJIT_AS": ""})

    assert done.code == 4
    assert done.error == "sign-in by github needs AZURE_CLIENT_ID, AZURE_TENANT_ID: not set"
    assert "next: set these variables, or sign in another way: azjit help sign-in" in done.err
    assert json.dumps(done.out) == '""'


@pytest.mark.parametrize("kind", ["auto", "github"])
def test_a_job_of_github_without_its_permission_is_told_of_it(cli: Cli, kind: str) -> None:
    real = replace(cli, transport={})
    environ = {
        "AZJIT_AS": "",
        "GITHUB_ACTIONS": "true",
        "AZURE_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
        "AZURE_TENANT_ID": "22222222-2222-2222-2222-222222222222",
    }

    done = real("consumer", "pending", "--auth", kind, environ=environ)

    assert (done.code, done.out) == (4, "")
    assert done.error.startswith("this job cannot get a token from GitHub")
    assert "next: add to the job in its workflow: permissions: id-token: write" in done.err


def as_service(live: Cli, patch: pytest.MonkeyPatch, kind: str) -> dict[str, str]:
    """Set the variables of a served service principal, and give them."""
    note = live.state / "sandbox" / "server.json"
    note.write_text(json.dumps({"url": LOGIN, "ca": live.transport["REQUESTS_CA_BUNDLE"]}))
    told = live(
        *("sandbox", "env", "--sign-in", kind, "--as", "contoso-ci", "-o", "json"),
        environ={"AZJIT_AS": "contoso-ci"},
    )
    environ = {row["name"]: row["value"] for row in told.json if row["name"] != "AZJIT_CLOUD"}
    for name, value in environ.items():
        patch.setenv(name, value)
    return environ


@pytest.mark.parametrize("kind", ["certificate", "pipelines"])
def test_a_service_signs_in_by_what_the_sandbox_gives_it(
    live: Cli, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    environ = as_service(live, monkeypatch, kind)

    heard = look(live, kind, environ)

    assert heard == acting(service(live.world))


def test_a_person_signs_in_by_a_browser(live: Cli, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(webbrowser, "get", object)
    monkeypatch.setattr(webbrowser, "open", opener("bob", live.transport["REQUESTS_CA_BUNDLE"]))

    done = live(
        *("consumer", "approve", "338a9a54", "--reason", "x", "--yes", "--auth", "browser"),
        environ={"AZJIT_AS": "", "AZURE_TENANT_ID": service(live.world).tenant_id},
        tty=True,
        width=200,
    )

    heard = done.err.splitlines()
    assert done.code == 0, done.err
    assert "to sign in, use the browser window that opens" in heard
    assert any(line.startswith("acting as bob@contoso.example (user,") for line in heard)


def test_a_token_that_azure_calls_expired_is_renewed_once(cli: Cli) -> None:
    cli("sandbox", "fault", "add", "expired-token", "--next", "1", "--match", "GET subscriptions")

    done = cli("consumer", "pending", "-o", "json")

    assert done.code == 0, done.err
    assert len(done.json) == 1
    assert cli("sandbox", "fault", "list", "-o", "json").json == []


def test_a_token_that_stays_expired_is_an_error(cli: Cli) -> None:
    cli("sandbox", "fault", "add", "expired-token", "--always", "--match", "GET subscriptions")

    done = cli("consumer", "pending", "-o", "json")

    assert done.code == 4


def test_a_service_whose_token_azure_refuses_is_not_sent_to_az(
    live: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = as_service(live, monkeypatch, "secret")
    live("sandbox", "fault", "add", "expired-token", "--always", "--match", "GET subscriptions")

    done = live("consumer", "pending", environ={**environ, "AZJIT_AS": ""})

    assert done.code == 4
    assert "AZURE_CLIENT_SECRET" in done.err
    assert "az login" not in done.err.replace("the login of az", "")


@pytest.mark.parametrize("kind", ["503", "html", "truncated"])
def test_a_sign_in_host_that_fails_is_an_outage(
    live: Cli, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    environ = as_service(live, monkeypatch, "secret")
    live("sandbox", "fault", "add", kind, "--always", "--match", "POST oauth2/v2.0/token")

    done = live("consumer", "pending", "--auth", "secret", environ={**environ, "AZJIT_AS": ""})

    assert done.code == 6, done.err
    assert "login.microsoftonline.com returned no token: it" in done.error
    assert "next: try again" in done.err


def test_people_are_not_looked_up_in_another_tenant_than_expected(cli: Cli) -> None:
    elsewhere = "11111111-1111-1111-1111-111111111111"
    argv = ("consumer", "configure", "orders", "--add-approver", "nobody here", "--yes")

    done = cli(*argv, "--expect-tenant", elsewhere)

    assert (done.code, done.out) == (5, "")
    assert done.error.startswith("signed in to tenant")


def test_a_browser_is_opened_once_for_two_commands(
    live: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    sign_in = opener("bob", live.transport["REQUESTS_CA_BUNDLE"])

    def count(url: str, *args: Any, **kwargs: Any) -> bool:
        opened.append(url)
        return bool(sign_in(url, *args, **kwargs))

    monkeypatch.setattr(webbrowser, "get", object)
    monkeypatch.setattr(webbrowser, "open", count)
    monkeypatch.setattr(tokens, "is_in_memory", lambda _: True)
    (tmp_path / "runtime").mkdir(mode=0o700)
    environ = {
        "AZJIT_AS": "",
        "AZURE_TENANT_ID": service(live.world).tenant_id,
        "XDG_RUNTIME_DIR": str(tmp_path / "runtime"),
    }

    told = [
        live("consumer", "apps", "--auth", "browser", "-o", "json", environ=environ, tty=tty)
        for tty in (True, False)
    ]

    assert [done.code for done in told] == [0, 0], told[1].err
    assert told[0].out == told[1].out
    assert len(opened) == 1
