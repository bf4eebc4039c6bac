"""Tokens of people are kept between commands, only where their owner can read them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from azjit.store import tokens
from behind import LOGIN, GraphWatch, Wire, fails
from harness import Cli, Clock, Result, opened
from public import public_azure

LIST = ("consumer", "apps", "-o", "json")
RESOURCES = ("management.azure.com", "graph.microsoft.com")
# Each call gets another token than the one before.
_AZ = """#!/bin/sh
[ "$1 $2" = "account get-access-token" ] || exit 2
shift 2
cd '{folder}'
echo "$*" >>calls
[ ! -e broken ] || {{ echo "ERROR: Please run 'az login' to setup account." >&2; exit 1; }}
calls=0
while read -r _; do calls=$((calls + 1)); done <calls
cat "${{4#https://}}.$((calls % 2))"  # --output json --resource ADDRESS
"""
PERSON = {
    "grant_type": "password",
    "client_id": "az",
    "username": "bob",
    "password": "sandbox",
}
SERVICE = {
    "grant_type": "client_credentials",
    "client_id": "contoso-ci",
    "client_secret": "sandbox",
}


@dataclass
class Az:
    """An Azure CLI that is signed in to the sandbox, and where its tokens are kept."""

    cli: Cli
    home: Path
    runtime: Path
    ends: int

    def __call__(
        self, *argv: str, tty: bool = False, answer: str | None = None, **environ: str
    ) -> Result:
        told = {
            "AZJIT_AS": "",
            "AZURE_CONFIG_DIR": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            **environ,
        }
        return self.cli(*argv, environ=told, tty=tty, answer=answer, width=400)

    @property
    def calls(self) -> int:
        """How often `az` was asked."""
        file = self.home / "calls"
        return len(file.read_text().splitlines()) if file.exists() else 0

    @property
    def kept(self) -> list[Path]:
        """The files of kept tokens."""
        return sorted((self.runtime / "azjit").glob("*"))

    def sign_in(self, form: dict[str, str]) -> None:
        """Get the tokens that az gives from now on."""
        address = f"{LOGIN}/organizations/oauth2/v2.0/token"
        for resource in RESOURCES:
            body = urlencode({**form, "scope": f"https://{resource}/.default"}).encode()
            for number in range(2):
                answer = json.loads(self.cli.world.handle("POST", address, {}, body).body)
                told = {"accessToken": answer["access_token"], "expires_on": self.ends}
                (self.home / f"{resource}.{number}").write_text(json.dumps(told))

    def profile(self, name: str = "bob@contoso.example", kind: str = "user") -> None:
        """Write the profile of the account that az is signed in with."""
        tenant = next(p.tenant_id for p in self.cli.world.people() if p.alias == "bob")
        default = {
            "id": "s",
            "isDefault": True,
            "environmentName": "AzureCloud",
            "tenantId": tenant,
            "user": {"name": name, "type": kind},
        }
        text = json.dumps({"subscriptions": [default]})
        (self.home / "azureProfile.json").write_text(text, encoding="utf-8-sig")


def az_of(cli: Cli, folder: Path) -> Az:
    (folder / "bin").mkdir(parents=True)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    made = Az(cli, folder, runtime, int(cli.clock.now().timestamp()) + 3600)
    made.sign_in(PERSON)
    made.profile()
    az = folder / "bin" / "az"
    az.write_text(_AZ.format(folder=folder))
    az.chmod(0o755)
    return made


@pytest.fixture
def az(public: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Az:
    made = az_of(public, tmp_path / "az")
    path = f"{made.home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(tokens, "is_in_memory", lambda _: True)
    return made


def test_two_commands_ask_az_once(az: Az) -> None:
    first = az(*LIST)
    again = az(*LIST)

    assert (first.code, again.code) == (0, 0), first.err
    assert first.out == again.out
    assert az.calls == 1
    assert [path.stat().st_mode & 0o777 for path in az.kept] == [0o600]


def test_the_login_of_az_needs_no_azure_identity_and_a_cached_token_no_az(
    tmp_path: Path, certificates: Path
) -> None:
    class RealClock(Clock):
        def now(self) -> datetime:
            return datetime.now(UTC)

    world = tmp_path / "world.sqlite"
    with (
        opened(world, RealClock()) as sandbox,
        public_azure(sandbox, certificates) as network,
    ):
        cli = Cli(tmp_path / "state", RealClock(), sandbox, network)
        made = az_of(cli, tmp_path / "az")
        told = [_probe(made) for _ in range(2)]

    for _, modules in told:
        assert {"azure.identity", "msal", "msal_extensions"} & set(modules) == set()
    assert told[0][0] == told[1][0]
    assert made.calls == 1


_PROBE = """
import io, json, sys
from azjit.__main__ import main
from azjit.store import tokens

tokens.is_in_memory = lambda _: True
sys.argv = ["azjit", "consumer", "apps", "-o", "json"]
out, sys.stdout = sys.stdout, io.StringIO()
try:
    main()
except SystemExit as exit:
    assert not exit.code, exit.code
shown, sys.stdout = sys.stdout.getvalue(), out
print(json.dumps([shown, sorted(sys.modules)]))
"""


def _probe(az: Az) -> tuple[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PATH": f"{az.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "AZJIT_STATE_DIR": str(az.cli.state),
            **az.cli.transport,
            "AZURE_CONFIG_DIR": str(az.home),
            "XDG_RUNTIME_DIR": str(az.runtime),
        },
    )
    shown, modules = json.loads(done.stdout)
    return shown, modules


# What is never kept


@pytest.mark.parametrize("name", ["CI", "TF_BUILD", "GITHUB_ACTIONS"])
def test_no_token_is_kept_or_used_in_a_pipeline(az: Az, name: str) -> None:
    az(*LIST)

    done = az(*LIST, "--debug", **{name: "true"})
    elsewhere = az(*LIST, **{name: "1", "XDG_RUNTIME_DIR": str(az.home)})

    assert (done.code, elsewhere.code, az.calls) == (0, 0, 3)
    assert f"token cache: {name} is set, as in a pipeline" in done.err
    assert not (az.home / "azjit").exists()


@pytest.mark.parametrize(
    ("flags", "environ"),
    [(["--no-token-cache"], {}), ([], {"AZJIT_TOKEN_CACHE": "off"})],
)
def test_the_cache_can_be_turned_off(az: Az, flags: list[str], environ: dict[str, str]) -> None:
    for _ in range(2):
        assert az(*LIST, *flags, **environ).code == 0

    assert (az.calls, az.kept) == (2, [])


def test_a_token_of_a_service_principal_is_not_kept(az: Az) -> None:
    az.sign_in(SERVICE)
    (az.home / "azureProfile.json").unlink()

    done = az(*LIST, "--debug")

    assert (done.code, az.kept) == (0, [])
    assert "token cache: a token is not kept: it is not a token of a person" in done.err


def test_an_az_that_is_no_person_is_not_asked_of_the_cache(az: Az) -> None:
    az(*LIST)
    az.profile("contoso-ci", "servicePrincipal")

    done = az(*LIST, "--debug")

    assert az.calls == 2
    assert "token cache: az is not signed in as a person" in done.err


@pytest.mark.parametrize("kind", ["env", "secret", "managed", "github"])
def test_a_sign_in_without_a_person_is_not_kept(az: Az, kind: str) -> None:
    done = az(*LIST, "--auth", kind, "--debug")

    assert f"token cache: the tokens of a sign-in by {kind} are not kept" in done.err
    assert az.kept == []


def test_a_sandbox_person_is_not_kept(az: Az) -> None:
    assert az(*LIST, "--sandbox", AZJIT_AS="bob").code == 0

    assert (az.calls, az.kept) == (0, [])


def test_without_a_place_none_is_kept(az: Az) -> None:
    for _ in range(2):
        done = az(*LIST, "--debug", XDG_RUNTIME_DIR="")

    assert az.calls == 2
    assert "token cache: XDG_RUNTIME_DIR is not set" in done.err


def test_no_token_is_anywhere_else_on_the_disk(az: Az, tmp_path: Path) -> None:
    assert az(*LIST).code == 0
    assert az("consumer", "pending", "--debug").code == 0
    (kept,) = az.kept
    token = json.loads(kept.read_text())["token"]

    parts = [part.encode() for part in (token, token.split(".")[2])]
    ours = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != az.home]
    files = [path for path in ours if path != kept]
    assert [path for path in files if any(part in path.read_bytes() for part in parts)] == []


# When a kept token is not used


def test_another_account_of_az_gets_a_token_of_its_own(az: Az) -> None:
    az(*LIST)
    az.profile("carol@contoso.example")
    az.sign_in({**PERSON, "username": "carol"})

    done = az(*LIST, "--debug")
    again = az("consumer", "approve", "338a9a54", "--reason", "x", "--dry-run", tty=True)

    assert az.calls == 2
    assert "token cache: a token is not used: it is of another account" in done.err
    assert "acting as carol@contoso.example" in again.err


def test_another_folder_of_az_has_tokens_of_its_own(az: Az, tmp_path: Path) -> None:
    az(*LIST)

    done = az(*LIST, AZURE_CONFIG_DIR=str(tmp_path / "other"))

    assert (done.code, az.calls) == (0, 2)


def test_a_link_to_the_folder_of_az_is_the_same_folder(az: Az, tmp_path: Path) -> None:
    az(*LIST)
    (tmp_path / "link").symlink_to(az.home)

    az(*LIST, AZURE_CONFIG_DIR=str(tmp_path / "link"))

    assert az.calls == 1


def test_a_kept_token_is_used_for_an_hour_but_its_last_five_minutes(az: Az) -> None:
    az(*LIST)

    az.cli.clock.sleep(54 * 60)
    az(*LIST)
    assert az.calls == 1
    az.cli.clock.sleep(60)
    az.sign_in(PERSON)
    az(*LIST)

    assert az.calls == 2


def _mode(az: Az) -> None:
    az.kept[0].chmod(0o640)


def _folder_mode(az: Az) -> None:
    (az.runtime / "azjit").chmod(0o750)


def _link(az: Az) -> None:
    (kept,) = az.kept
    kept.rename(az.home / "stolen")
    kept.symlink_to(az.home / "stolen")


def _folder_link(az: Az) -> None:
    folder = az.runtime / "azjit"
    folder.rename(az.home / "moved")
    folder.symlink_to(az.home / "moved")


def _second_name(az: Az) -> None:
    os.link(az.kept[0], az.home / "second")


def _garbage(az: Az) -> None:
    az.kept[0].write_text("[" * 90_000)


def _bytes(az: Az) -> None:
    az.kept[0].write_bytes(b"\xff\xfe")


def _oid(az: Az) -> None:
    (kept,) = az.kept
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "oid": "another"}))


def _tid(az: Az) -> None:
    (kept,) = az.kept
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "tid": "another"}))


def _key(az: Az) -> None:
    (kept,) = az.kept
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "key": {}}))


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (_mode, "has mode 0640, not 0600"),
        (_folder_mode, "has mode 0750, not 0700"),
        (_link, "is a link"),
        (_folder_link, "is a link"),
        (_second_name, "is not a regular file with one name"),
        (_garbage, "its content is malformed"),
        (_bytes, "is not text"),
        (_oid, "its person is another"),
        (_tid, "its person is another"),
        (_key, "it is of another sign-in"),
    ],
)
def test_a_cache_that_is_not_right_is_not_used_and_says_so(
    az: Az, break_it: Callable[[Az], None], why: str
) -> None:
    az(*LIST)
    break_it(az)

    quiet = az(*LIST, "--no-token-cache")
    done = az(*LIST, "--debug")

    assert (quiet.code, done.code, az.calls) == (0, 0, 3), done.err
    (line,) = [line for line in done.err.splitlines() if line.startswith("token cache: ")]
    assert why in line
    assert "token cache" not in quiet.err


def test_a_cache_of_another_user_is_not_used(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    az(*LIST)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    done = az(*LIST, "--debug")

    assert (done.code, az.calls) == (0, 2)
    assert f"token cache: {az.runtime} belongs to another user" in done.err


@pytest.mark.parametrize("end", ["", "/", "//", "/.", "/./"])
def test_a_link_to_the_runtime_folder_is_not_followed(az: Az, tmp_path: Path, end: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(az.runtime)

    done = az(*LIST, "--debug", XDG_RUNTIME_DIR=f"{link}{end}")

    assert (done.code, az.kept) == (0, [])
    assert f"token cache: {link} is a link" in done.err


def test_a_folder_on_a_disk_is_not_used(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "is_in_memory", lambda _: False)

    done = az(*LIST, "--debug")

    assert (done.code, az.kept) == (0, [])
    assert f"token cache: {az.runtime} is not in memory" in done.err


# Decisions


DENY = ("consumer", "deny", "338a9a54", "--reason", "x")


@pytest.mark.parametrize("tty", [False, True])
def test_an_unattended_decision_asks_for_a_fresh_token(az: Az, *, tty: bool) -> None:
    az(*LIST)

    done = az(*DENY, "--yes", tty=tty)

    assert (done.code, az.calls) == (0, 2), done.err


def test_a_decision_at_a_terminal_uses_the_kept_token(az: Az) -> None:
    az(*LIST)

    done = az(*DENY, tty=True, answer="y\n")

    assert (done.code, az.calls) == (0, 1), done.err


# Refused tokens


def _challenge() -> dict[str, str]:
    claims = base64.b64encode(b'{"access_token":{"acrs":{"essential":true}}}').decode()
    return {"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{claims}"'}


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (401, "InvalidAuthenticationToken", {}),
        (401, "InvalidAuthenticationToken", {"WWW-Authenticate": "Bearer"}),
        (401, "ExpiredAuthenticationToken", {"WWW-Authenticate": "Bearer"}),
        (401, "InvalidAuthenticationToken", _challenge()),
        (403, "AuthorizationFailed", {}),
    ],
)
def test_a_kept_token_that_azure_refuses_is_replaced_once(
    az: Az, monkeypatch: pytest.MonkeyPatch, status: int, code: str, headers: dict[str, str]
) -> None:
    az(*LIST)
    before = az.kept[0].read_text()
    Wire(monkeypatch).on("GET", "/subscriptions", fails(status, code, headers), times=1)

    done = az(*LIST)

    assert (done.code, az.calls) == (0, 2), done.err
    assert az.kept[0].read_text() != before


@pytest.mark.parametrize(
    ("status", "code"), [(401, "InvalidAuthenticationToken"), (403, "AuthorizationFailed")]
)
def test_a_token_that_stays_refused_is_dropped(
    az: Az, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    az(*LIST)
    (az.home / "broken").touch()
    Wire(monkeypatch).on("GET", "/subscriptions", fails(status, code))

    done = az(*LIST)

    assert (done.code, az.calls, az.kept) == (4, 2, [])


@pytest.mark.parametrize("gives_the_same", [False, True])
@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (401, "InvalidAuthenticationToken", {}),
        (401, "ExpiredAuthenticationToken", {"WWW-Authenticate": "Bearer"}),
        (401, "InvalidAuthenticationToken", _challenge()),
        (403, "AuthorizationFailed", {}),
    ],
)
def test_a_newer_token_that_is_refused_as_well_is_dropped(
    az: Az,
    monkeypatch: pytest.MonkeyPatch,
    *,
    status: int,
    code: str,
    headers: dict[str, str],
    gives_the_same: bool,
) -> None:
    if gives_the_same:
        for resource in RESOURCES:
            shutil.copy(az.home / f"{resource}.0", az.home / f"{resource}.1")
    az(*LIST)
    Wire(monkeypatch).on("GET", "/subscriptions", fails(status, code, headers))

    done = az(*LIST)

    assert (done.code, az.kept) == (4, [])


@pytest.mark.parametrize("status", [401, 403])
def test_a_newer_token_that_graph_refuses_as_well_is_dropped(
    az: Az, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    examine = ("doctor", "--app", "orders", "-o", "json")
    az(*examine)
    graphs = [path for path in az.kept if "graph.microsoft.com" in path.read_text()]
    GraphWatch(monkeypatch).on(
        "/", {"error": {"code": "Authorization_RequestDenied", "message": "no"}}, status=status
    )

    az(*examine)

    assert len(graphs) == 1
    assert not graphs[0].exists()


def test_a_403_that_no_token_mends_keeps_the_token(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    az(*LIST)
    Wire(monkeypatch).on("GET", "/subscriptions", fails(403, "RequestDisallowedByPolicy"))

    done = az(*LIST)

    assert (done.code, az.calls, len(az.kept)) == (4, 1, 1)


def test_a_challenge_that_az_cannot_answer_keeps_no_token(
    az: Az, monkeypatch: pytest.MonkeyPatch
) -> None:
    az(*LIST)
    act = fails(401, "InvalidAuthenticationToken", _challenge())
    Wire(monkeypatch).on("GET", "/subscriptions", act)

    newer = az(*LIST)
    fresh = az(*LIST)

    assert (newer.code, fresh.code, az.calls, az.kept) == (4, 4, 3, [])
    assert "az login --claims-challenge" in fresh.err


@pytest.mark.parametrize("status", [401, 403])
def test_a_kept_token_that_graph_refuses_is_replaced_once(
    az: Az, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    examine = ("doctor", "--app", "orders", "-o", "json")
    az(*examine)
    asked = az.calls
    wire = Wire(monkeypatch)
    wire.on("GET", "/subscribedSkus", fails(status, "Authorization_RequestDenied"), times=1)

    done = az(*examine)

    (licence,) = [each for each in json.loads(done.out) if each["code"] == "DOC012"]
    assert (licence["severity"], asked, az.calls) == ("ok", 2, 3)


# What the user sees


def test_doctor_says_where_tokens_are(az: Az) -> None:
    az("doctor", "--app", "orders")

    told = json.loads(az("doctor", "--app", "orders", "-o", "json").out)

    (found,) = [each for each in told if each["code"] == "DOC005"]
    assert found["severity"] == "ok"
    assert found["message"].endswith(f"for up to an hour in {az.runtime / 'azjit'}")
    (signed_in,) = [each for each in told if each["code"] == "DOC001"]
    assert signed_in["message"].endswith(", sign-in by cli, as no variable chooses another")


@pytest.mark.parametrize(
    ("mode", "environ", "severity", "message"),
    [
        (0o755, {}, "note", "has mode 0755, not 0700"),
        (0o700, {"AZJIT_TOKEN_CACHE": "off"}, "ok", "no tokens are kept: it is turned off"),
    ],
)
def test_doctor_says_why_no_tokens_are_kept(
    az: Az, mode: int, environ: dict[str, str], severity: str, message: str
) -> None:
    az.runtime.chmod(mode)

    told = json.loads(az("doctor", "--app", "orders", "-o", "json", **environ).out)

    (found,) = [each for each in told if each["code"] == "DOC005"]
    assert found["severity"] == severity
    assert message in found["message"]


def test_clear_cache_drops_tokens_and_names_and_no_receipts(az: Az) -> None:
    az(*LIST)
    az(*DENY, "--yes")
    state = az.cli.state
    receipts = (state / "receipts.jsonl").read_bytes()

    done = az("config", "clear-cache", "-o", "json")

    tokens, names, _ = json.loads(done.out)
    assert tokens == {"cache": "tokens", "place": str(az.runtime / "azjit"), "dropped": 1}
    assert (names["place"], names["dropped"]) == (str(state), 1)
    assert az.kept == []
    assert not (state / "names.json").exists()
    assert (state / "receipts.jsonl").read_bytes() == receipts


def test_clear_cache_shows_a_table_and_a_list(az: Az) -> None:
    table = az("config", "clear-cache", tty=True)
    piped = az("config", "clear-cache", XDG_RUNTIME_DIR="")

    assert table.out.splitlines()[0].split() == ["Cache", "Place", "Dropped"]
    assert piped.out.splitlines()[0] == "tokens\t\t0"


def test_clear_cache_does_not_touch_a_folder_that_is_not_private(az: Az) -> None:
    az(*LIST)
    az.runtime.chmod(0o755)

    done = az("config", "clear-cache")

    assert (done.code, len(az.kept)) == (1, 1)
    assert "has mode 0755, not 0700" in done.error
    assert not (az.cli.state / "names.json").exists()
