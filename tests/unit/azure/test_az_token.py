"""What az is asked for, and what becomes of each of its answers."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError

from azjit.azure.sign_in import az_token
from azjit.azure.sign_in.az_token import AzCredential
from azjit.errors import AzjitError, NotSignedIn, Unavailable

SCOPE = "https://management.azure.com/.default"
TOKEN = json.dumps({"accessToken": "secret-token", "expires_on": 2000000000})
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"

Az = Callable[..., AzCredential]


@pytest.fixture
def az(tmp_path: Path) -> Az:
    """An az that runs these lines of shell, and writes its arguments to a file."""

    def make(*lines: str, tenant: str | None = None) -> AzCredential:
        program = tmp_path / "az"
        program.write_text("\n".join(["#!/bin/sh", f'echo "$@" > {tmp_path}/asked', *lines, ""]))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return AzCredential(tenant, {"PATH": f"{tmp_path}:/usr/bin:/bin"})

    return make


def printing(text: str) -> str:
    return f"cat <<'END'\n{text}\nEND"


def failing(az: Az, *lines: str) -> AzjitError:
    with pytest.raises((NotSignedIn, Unavailable)) as raised:
        az(*lines).get_token(SCOPE)
    assert raised.value.hint
    return raised.value


@pytest.mark.parametrize(
    ("own", "asked", "words"),
    [(None, None, ""), ("home", None, " --tenant home"), ("home", "other", " --tenant other")],
)
def test_az_is_asked_for_the_resource_and_the_tenant(
    az: Az, tmp_path: Path, own: str | None, asked: str | None, words: str
) -> None:
    token = az(printing(TOKEN), tenant=own).get_token(SCOPE, tenant_id=asked)

    assert (token.token, token.expires_on) == ("secret-token", 2000000000)
    command = "account get-access-token --output json --resource https://management.azure.com"
    assert (tmp_path / "asked").read_text() == f"{command}{words}\n"


def test_az_uses_the_folder_that_is_named_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "az"
    program.write_text(
        f'#!/bin/sh\necho "$AZURE_CONFIG_DIR" >{tmp_path}/asked\n{printing(TOKEN)}\n'
    )
    program.chmod(0o700)
    monkeypatch.chdir(tmp_path)

    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "AZURE_CONFIG_DIR": "login"}
    AzCredential(None, environ).get_token(SCOPE)

    assert (tmp_path / "asked").read_text() == f"{tmp_path}/login\n"


@pytest.mark.parametrize("end", ['"expires_on": "2000000000"', '"expires_on": 2000000000'])
def test_the_end_may_be_text(az: Az, end: str) -> None:
    told = az(printing(f'{{"accessToken": "t", {end}}}')).get_token(SCOPE)

    assert told.expires_on == 2000000000


def test_an_old_az_tells_the_end_in_local_time(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    told = az(printing('{"accessToken": "t", "expiresOn": "2033-05-18 12:33:20.000000"}'))

    assert told.get_token(SCOPE).expires_on == 2000000000
    monkeypatch.undo()
    time.tzset()


def test_a_claims_challenge_names_the_command_for_a_new_sign_in(az: Az, tmp_path: Path) -> None:
    with pytest.raises(ClientAuthenticationError) as raised:
        az(printing(TOKEN), tenant="home").get_token(SCOPE, claims="{}")

    assert (
        raised.value.message == f'az login --claims-challenge "e30=" --tenant home --scope {SCOPE}'
    )
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["WARNING: old", "ERROR: Please run 'az login' to setup account."], "Please run"),
        (["ERROR: AADSTS50076: MFA", "Run: az login --tenant t"], "AADSTS50076"),
        (["Traceback (most recent call last):", "  File x", "OSError: disk full"], "OSError: disk"),
        ([], "az failed without an error message"),
        ([f"ERROR: refused {JWT}"], r"refused \[token removed\]"),
    ],
)
def test_what_az_says_of_its_failure_is_kept(az: Az, lines: list[str], message: str) -> None:
    with pytest.raises(ClientAuthenticationError, match=f"^{message}"):
        az("exec >&2", printing("\n".join(lines)), "exit 1").get_token(SCOPE)


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ("", "az printed no token"),
        (f"WARNING: slow\n{TOKEN}", "az printed something else than JSON: 'WARNING: slow'"),
        (f"{TOKEN}\x1b[0m", r"az printed something else than JSON: '\\x1b\[0m'"),
        (f"\ufeff{TOKEN}", "az printed something else than JSON: "),
        ('{"accessToken": "secret-token", "exp', "az printed no token"),
        (f"{JWT} {TOKEN}", r"JSON: '\[token removed\]'"),
        ("[]", r"az printed something else than JSON: '\[\]'"),
        ('{"accessToken": 5, "expires_on": 1}', "az printed no token, or none with its end"),
        ('{"accessToken": "secret-token"}', "az printed no token, or none with its end"),
    ],
)
def test_an_answer_that_is_no_token_is_an_outage(az: Az, printed: str, message: str) -> None:
    with pytest.raises(Unavailable, match=message) as raised:
        az(printing(printed)).get_token(SCOPE)

    assert raised.value.hint == "try: az account get-access-token"
    assert "secret-token" not in str(raised.value)


def test_an_az_that_hangs_is_an_outage(az: Az, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(az_token, "_SECONDS", 0.05)

    error = failing(az, "exec sleep 5")

    assert (error.message, error.hint) == (
        "az gave no token within 0.05 s",
        "try: az account get-access-token",
    )


def test_without_az_nothing_is_started(tmp_path: Path) -> None:
    with pytest.raises(NotSignedIn, match="az, is not installed") as raised:
        AzCredential(None, {"PATH": str(tmp_path)}).get_token(SCOPE)

    assert "azjit help sign-in" in str(raised.value.hint)


def test_an_az_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    program = tmp_path / "az"
    program.write_text("#!/nonexistent/interpreter\n")
    program.chmod(0o755)

    with pytest.raises(NotSignedIn, match="cannot be started: the program in its first line"):
        AzCredential(None, {"PATH": str(tmp_path)}).get_token(SCOPE)


def test_what_was_begun_is_taken_once(az: Az, tmp_path: Path) -> None:
    credential = az(f"echo x >> {tmp_path}/times", printing(TOKEN), tenant="home")

    credential.begin(SCOPE, None)
    tokens = {credential.get_token(SCOPE).token for _ in range(2)}

    assert tokens == {"secret-token"}
    assert (tmp_path / "times").read_text() == "x\nx\n"


def test_a_failure_of_what_was_begun_is_told_where_it_is_needed(az: Az) -> None:
    credential = az("echo 'ERROR: no login' >&2", "exit 1")

    credential.begin(SCOPE, None)

    with pytest.raises(ClientAuthenticationError, match=r"^no login"):
        credential.get_token(SCOPE)


def test_what_was_begun_and_not_needed_is_ended(az: Az) -> None:
    credential = az("exec sleep 60")

    credential.begin(SCOPE, None)
    credential.close()

    credential.close()
