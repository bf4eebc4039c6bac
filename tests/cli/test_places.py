"""Files, folders and variables that cannot be used are told in one line, never as a bug."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from azjit.azure.sign_in.az_login import az_login
from azjit.sandbox.world.store import Store
from harness import Cli

APPROVE = ("consumer", "approve", "338a9a54", "--reason", "x")
UNUSABLE = "/" + "x" * 300  # the system refuses to look at so long a name


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of a container's user, who is in no list of users."""

    def unlisted(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unlisted)
    monkeypatch.delenv("HOME", raising=False)
    return {"AZJIT_CONFIG_DIR": "", "AZJIT_STATE_DIR": ""}


@pytest.mark.parametrize("home", [None, ""])
@pytest.mark.parametrize(
    "line", ["help options", "config list", "completion show bash", "schema request"]
)
def test_without_a_home_directory_what_needs_none_works(
    cli: Cli, homeless: dict[str, str], line: str, home: str | None
) -> None:
    done = cli(*line.split(), environ=homeless if home is None else {**homeless, "HOME": home})

    assert (done.code, done.error) == (0, "")


def test_without_a_home_directory_azure_can_be_read(served: Cli, homeless: dict[str, str]) -> None:
    done = served("consumer", "pending", "-o", "json", environ=homeless)

    assert (done.code, done.error) == (0, "")
    assert [each["name"][:8] for each in done.json] == ["338a9a54"]


def test_without_a_home_directory_nothing_is_decided(served: Cli, homeless: dict[str, str]) -> None:
    done = served(*APPROVE, environ=homeless)

    assert done.code == 1
    assert "/no home directory could not be" in done.err
    assert "--state-dir" in done.err
    assert served.state_of("338a9a54") == "pending"
    told = served("doctor", "--app", "orders", "-o", "json", environ=homeless)
    assert (told.code, told.json[0]["code"], told.json[0]["severity"]) == (5, "DOC006", "problem")
    assert "--state-dir" in told.json[0]["fix"]


@pytest.mark.parametrize(
    "line", ["config path", "config set output=json", "completion install bash"]
)
def test_a_place_in_no_home_directory_is_told(
    cli: Cli, homeless: dict[str, str], line: str
) -> None:
    done = cli(*line.split(), environ=homeless)

    assert (done.code, done.out) == (2, "")
    assert "no home directory" in done.error
    assert "HOME" in done.err


def test_without_a_home_directory_az_has_no_login(homeless: dict[str, str]) -> None:
    assert az_login(homeless).user == ""


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_authorities_in_a_folder_that_may_not_be_entered(served: Cli, name: str) -> None:
    done = served("consumer", "apps", environ={"REQUESTS_CA_BUNDLE": "", name: UNUSABLE})

    assert done.code == 2
    assert done.error.startswith(f"{name} is {UNUSABLE}, which cannot be read")


def test_a_package_in_a_folder_that_may_not_be_entered(cli: Cli) -> None:
    done = cli("publisher", "package", "check", UNUSABLE)

    assert done.code == 2
    assert "cannot be read" in done.error
    assert "--state-dir" not in done.err


def test_a_configuration_that_may_not_be_read_says_where_another_can_be(cli: Cli) -> None:
    cli.config.mkdir(parents=True)

    done = cli("consumer", "apps")
    path = cli("config", "path")

    assert done.code == 2
    assert "AZJIT_CONFIG_DIR" in done.err
    assert (path.code, path.out) == (0, f"{cli.config}\n")


def _a_folder(world: Path) -> None:
    world.unlink(missing_ok=True)
    world.mkdir(parents=True)


def _a_file_above(world: Path) -> None:
    world.parent.parent.mkdir()
    world.parent.touch()


@pytest.mark.parametrize("make", [_a_folder, _a_file_above])
def test_a_sandbox_that_cannot_be_opened(
    cli: Cli, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "s" / "sandbox" / "world.sqlite")

    done = cli("consumer", "apps", environ={"AZJIT_STATE_DIR": str(tmp_path / "s")})

    assert done.code in {1, 2}
    assert "bug" not in done.err
    assert "--state-dir" in done.err


def test_what_sqlite_says_of_the_disk_names_the_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "world.sqlite", lambda _: None)
    with store.transaction(is_write=True) as world:
        world.execute("PRAGMA query_only = 1")

    with pytest.raises(OSError, match="readonly") as told, store.transaction(is_write=True) as w:
        w.execute("CREATE TABLE more (one)")

    store.close()
    assert told.value.filename == str(tmp_path / "world.sqlite")


def test_azjit_runs_without_docstrings(cli: Cli) -> None:
    environ = {**os.environ, "AZJIT_CONFIG_DIR": str(cli.state), "PYTHONOPTIMIZE": "2"}

    done = subprocess.run(
        [sys.executable, "-m", "azjit", "config", "list", "-o", "json"],
        env=environ, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "[]\n")
