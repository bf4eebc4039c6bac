"""The state directory is private, azjit's own, and left alone where a newer azjit wrote."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness import Cli, Prepared, Result

APPROVE = ("consumer", "approve", "338a9a54", "--reason", "x", "-o", "json")
FILES = ("receipts.jsonl", "receipts.head", "names.json", "directory.json")


def modes(place: Path) -> set[tuple[str, str]]:
    """The kinds and modes of a directory and everything in it."""
    found = [place, *place.rglob("*")]
    return {("folder" if p.is_dir() else "file", f"{p.stat().st_mode & 0o777:o}") for p in found}


def content(place: Path) -> dict[str, tuple[int, bytes | None]]:
    """The mode and content of everything in a directory, for a comparison."""
    return {
        str(path.relative_to(place)): (
            stat.S_IMODE(path.lstat().st_mode),
            path.read_bytes() if path.is_file() and ".sqlite" not in path.name else None,
        )
        for path in place.rglob("*")
        if not path.name.endswith((".sqlite-wal", ".sqlite-shm"))
    }


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def refused(done: Result, *words: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert [word for word in words if word not in done.error] == []
    assert "--state-dir" in done.err


def use(cli: Cli) -> None:
    assert cli(*APPROVE).code == 0
    assert cli("consumer", "pending", "-o", "table", tty=True).code == 0


@pytest.fixture
def used(cli: Cli, prepared: Prepared) -> Cli:
    """A state directory with every file of azjit."""
    prepared(cli, use)
    folder = cli.state / "sandbox"
    assert {each.name for each in folder.iterdir()} >= {*FILES[:3], "open", "world.sqlite"}
    return cli


# Modes


@pytest.mark.parametrize("mask", [0, 0o002, 0o022, 0o277, 0o777])
def test_everything_is_private_whatever_the_umask_also_if_the_sandbox_is_first(
    tmp_path: Path, cli: Cli, mask: int
) -> None:
    place = tmp_path / "home" / "state" / "azjit"

    with umask(mask):
        for argv in (("sandbox", "show", "-o", "none"), APPROVE, ("consumer", "apps")):
            assert cli(*argv, "--state-dir", str(place)).code == 0

    assert modes(tmp_path / "home") == {("folder", "700"), ("file", "600")}


def test_what_others_could_read_is_made_private(used: Cli) -> None:
    for path in (used.state, *used.state.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)

    assert used("consumer", "apps").code == 0

    assert modes(used.state) == {("folder", "700"), ("file", "600")}


def test_other_files_in_it_are_left_alone(used: Cli) -> None:
    note = used.state / "notes.txt"
    note.write_text("mine")
    note.chmod(0o644)

    assert used("consumer", "apps").code == 0

    assert stat.S_IMODE(note.stat().st_mode) == 0o644


# Places that are refused


def test_a_directory_of_other_things_is_not_shut(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir(mode=0o755)
    (tmp_path / "project" / "code.py").touch()

    done = cli(*APPROVE, "--state-dir", str(tmp_path / "project"))

    refused(done, "it holds other files")
    assert stat.S_IMODE((tmp_path / "project").stat().st_mode) == 0o755


def test_a_private_directory_of_other_things_is_used(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "mine" / "code.py").touch()

    done = cli(*APPROVE, "--state-dir", str(tmp_path / "mine"))

    assert done.code == 0, done.err
    assert (tmp_path / "mine" / "sandbox" / "receipts.jsonl").exists()


def _linked(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to(place.with_name("elsewhere"))


def _open(place: Path) -> None:
    place.chmod(0o777)


def _sticky(place: Path) -> None:
    place.chmod(0o1777)


@pytest.mark.parametrize("above", ["shared", "shared/mine", "link"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_place_below_one_that_every_user_can_write_to_is_refused(
    cli: Cli, tmp_path: Path, above: str, *, is_there: bool
) -> None:
    (tmp_path / "shared" / "mine").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shared")
    place = tmp_path / above / "azjit"
    if is_there:
        place.mkdir(mode=0o700)
    (tmp_path / "shared").chmod(0o777)

    done = cli(*APPROVE, "--state-dir", str(place))

    refused(done, "every user can exchange what is there", str(tmp_path / "shared"))
    assert list(place.rglob("*")) == []


def test_a_place_in_a_directory_as_tmp_is_used(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)

    done = cli(*APPROVE, "--state-dir", str(tmp_path / "shared" / "azjit"))

    assert done.code == 0, done.err
    assert (tmp_path / "shared" / "azjit" / "sandbox" / "receipts.jsonl").exists()


PLACES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link": (_linked, "it is a link"),
    "writable by all": (_open, "every user can write there"),
    "as /tmp": (_sticky, "every user can write there"),
}


@pytest.mark.parametrize("place", ["", "sandbox", "sandbox/open"])
@pytest.mark.parametrize(("spoil", "why"), PLACES.values(), ids=PLACES)
def test_a_place_that_others_may_control_is_refused(
    used: Cli, spoil: Callable[[Path], None], why: str, place: str
) -> None:
    spoil(used.state / place)

    done = used(*APPROVE)

    refused(done, why, str(used.state))


def test_a_file_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    refused(cli(*APPROVE, "--state-dir", str(tmp_path / "file")), "it is not a directory")


PLANTED = (
    *FILES,
    "receipts.lock",
    "receipts.torn",
    "receipts.head.tmp",
    "names.json.tmp",
    "names.lock",
    "open/a.json",
    "world.sqlite",
    "world.sqlite-wal",
    "server.json",
)


@pytest.mark.parametrize("way", ["soft", "hard", "dangling"])
def test_a_planted_link_is_refused_and_not_followed(used: Cli, tmp_path: Path, way: str) -> None:
    victim, aside = tmp_path / "victim", tmp_path / "aside"
    for name in PLANTED:
        planted = used.state / "sandbox" / name
        if planted.exists():
            planted.rename(aside)
        if way != "dangling":
            victim.write_text("precious")
        (planted.hardlink_to if way == "hard" else planted.symlink_to)(victim)

        done = used(*APPROVE)

        refused(done, "link", name)
        assert victim.exists() is (way != "dangling")
        assert way == "dangling" or victim.read_text() == "precious"
        planted.unlink()
        if aside.exists():
            aside.rename(planted)


def test_a_pipe_is_refused(used: Cli) -> None:
    (used.state / "sandbox" / "names.json").unlink()
    os.mkfifo(used.state / "sandbox" / "names.json")

    refused(used(*APPROVE), "it is not a regular file")


def test_a_place_of_another_user_is_refused(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)

    refused(used(*APPROVE), "it belongs to another user")


def test_the_real_receipts_are_kept_in_the_same_way(public: Cli, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (public.state / "receipts.jsonl").symlink_to(tmp_path / "victim")

    done = public("consumer", "pending", environ={"AZJIT_AS": ""})

    refused(done, "receipts.jsonl: it is a link")
    assert (tmp_path / "victim").read_text() == "precious"


def test_all_that_azjit_keeps_of_azure_is_made_private(public: Cli) -> None:
    service = next(each for each in public.world.people() if each.alias == "contoso-ci")
    environ = {
        "AZJIT_AS": "",
        "AZURE_CLIENT_ID": str(service.app_id),
        "AZURE_TENANT_ID": service.tenant_id,
        "AZURE_CLIENT_SECRET": service.secret,
    }
    told = [public(*argv, environ=environ) for argv in (("consumer", "pending"), APPROVE)]
    kept = {each.name for each in public.state.iterdir()}
    for path in public.state.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)

    told.append(public("consumer", "pending", environ=environ))

    assert [each.code for each in told] == [0, 0, 0]
    assert kept >= {*FILES[:3], "open", "shown"}
    assert modes(public.state) == {("folder", "700"), ("file", "600")}


# Files of a newer azjit


def _newer(file: Path) -> None:
    lines = file.read_text().splitlines()
    last = json.loads(lines[-1])
    last["version"] = 99
    lines[-1] = json.dumps(last)
    file.write_text("\n".join(lines) + "\n")


def test_every_file_carries_its_version(used: Cli) -> None:
    folder = used.state / "sandbox"

    for name in FILES[:3]:
        assert json.loads((folder / name).read_text().splitlines()[-1])["version"] == 1


@pytest.mark.parametrize("name", FILES)
def test_a_newer_file_is_refused_and_nothing_is_touched(used: Cli, name: str) -> None:
    file = used.state / "sandbox" / name
    if not file.exists():
        file.write_text('{"version":1,"items":{}}\n')
    _newer(file)
    before = content(used.state)

    for argv in (APPROVE, ("consumer", "pending"), ("sandbox", "show")):
        refused(used(*argv), f"{name}: it was written by a newer azjit")

    assert content(used.state) == before


def test_a_newer_intent_is_refused(used: Cli) -> None:
    marker = used.state / "sandbox" / "open" / "a.json"
    marker.write_text('{"version": 99, "plan": "unknown"}')
    before = content(used.state)

    done = used("consumer", "pending")

    refused(done, "open/a.json: it was written by a newer azjit")
    assert content(used.state) == before


def test_what_a_newer_azjit_showed_is_refused(cli: Cli) -> None:
    file = cli.state / "sandbox" / "shown" / "none.json"
    assert cli("consumer", "pending", "-o", "json").code == 0
    _newer(file)
    before = content(cli.state)

    done = cli(*APPROVE)

    refused(done, "shown/none.json: it was written by a newer azjit")
    assert content(cli.state) == before
