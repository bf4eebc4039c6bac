from __future__ import annotations

import stat
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from azjit.store import disk, names
from azjit.store.locations import state_directory
from azjit.store.names import KnownApplication, KnownNames, KnownRequest

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
APP = KnownApplication(id="/S/App1", name="app1", group="g", managed_group="/S/mrg")


def known(directory: Path, now: datetime = NOW) -> KnownNames:
    return KnownNames(directory, now=lambda: now)


def request(name: str) -> KnownRequest:
    return KnownRequest(id=f"/S/JIT/{name}", name=name, application="/S/App1")


def test_what_is_remembered_is_read_back_by_another_run(tmp_path: Path) -> None:
    first = known(tmp_path / "state")
    first.remember_applications([APP])
    first.remember_requests([request("ABCdef-2"), request("abcdef-1"), request("zz")])
    first.remember_roles("here", {"R1": "Reader", "r2": "reader"})
    first.remember_principals("here", {"P1": "Alice"})

    second = known(tmp_path / "state")

    assert [(one.id, one.managed_group, one.seen) for one in second.applications()] == [
        ("/S/App1", "/S/mrg", NOW)
    ]
    assert [one.name for one in second.requests_by_prefix("abcDEF")] == ["abcdef-1", "ABCdef-2"]
    assert second.requests_by_prefix("abcdef-1")[0].application == "/S/App1"
    assert (second.role_name("r1", "here"), second.role_name("r9", "here")) == ("Reader", None)
    assert second.role_name("R2", "here") == "reader"
    assert second.principal_name("p1", "here") == "Alice"
    assert stat.S_IMODE((tmp_path / "state" / "names.json").stat().st_mode) == 0o600


def test_asking_creates_nothing(tmp_path: Path) -> None:
    assert known(tmp_path / "state").applications() == []
    assert not (tmp_path / "state").exists()


def test_a_batch_writes_once_at_its_end(tmp_path: Path) -> None:
    one = known(tmp_path)
    with one.batch():
        one.remember_roles("here", {"r1": "Reader"})
        with one.batch():
            one.remember_principals("here", {"p1": "Alice"})
        assert not (tmp_path / "names.json").exists()
        assert one.role_name("r1", "here") == "Reader"

    assert known(tmp_path).principal_name("p1", "here") == "Alice"


def test_what_another_run_wrote_meanwhile_is_kept(tmp_path: Path) -> None:
    one, other = known(tmp_path), known(tmp_path)
    assert one.applications() == []
    other.remember_roles("here", {"r1": "Reader"})

    one.remember_roles("here", {"r2": "Owner"})

    assert known(tmp_path).role_name("r1", "here") == "Reader"


def test_a_fresh_sighting_is_not_written_and_a_stale_or_changed_one_is(tmp_path: Path) -> None:
    known(tmp_path).remember_applications([APP])
    file = tmp_path / "names.json"
    before = file.stat().st_mtime_ns, file.stat().st_ino

    known(tmp_path, NOW + timedelta(hours=1)).remember_applications([APP])
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before

    later = NOW + timedelta(days=2)
    known(tmp_path, later).remember_applications([APP])
    assert known(tmp_path).applications()[0].seen == later


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"version": 99, "roles": {"r1": {"name": "x"}}}',
        b'{"version": 1, "roles": [], "applications": {"a": 5, "b": {"id": 5}}, "requests": 1}',
        b'{"version": 1, "shown": {"r": {"digest": "d", "at": "then"}, "s": {"at": "2026-01-01"}}}',
    ],
)
def test_a_spoiled_file_is_an_empty_cache(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "names.json").write_bytes(content)
    one = known(tmp_path)

    assert one.applications() == []
    assert one.requests_by_prefix("") == []
    assert one.role_name("r1", "here") is None
    one.remember_roles("here", {"r1": "Reader"})
    assert known(tmp_path).role_name("r1", "here") == "Reader"


def test_a_spoiled_time_of_seeing_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text(
        '{"version":1,"requests":{"i":{"id":"i","name":"n","application":"a","seen":"?"}}}'
    )

    assert known(tmp_path).requests_by_prefix("n") == [KnownRequest("i", "n", "a", None)]


def test_the_cache_keeps_the_last_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(names.LIMITS, "roles", 2)
    for day in range(3):
        known(tmp_path, NOW + timedelta(hours=day)).remember_roles("here", {f"r{day}": "Reader"})

    later = known(tmp_path, NOW + timedelta(hours=3))
    kept = [later.role_name(role, "here") for role in ("r0", "r1", "r2")]
    assert kept == [None, "Reader", "Reader"]


def test_a_cache_that_cannot_be_written_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    one = known(tmp_path / "file")
    one.remember_roles("here", {"r1": "Reader"})
    assert one.role_name("r1", "here") == "Reader"

    monkeypatch.setattr(names, "LOCK_SECONDS", 0.05)
    with disk.locked(tmp_path / "names.lock", seconds=1):
        known(tmp_path).remember_roles("here", {"r1": "Reader"})
    assert known(tmp_path).role_name("r1", "here") is None


def test_threads_may_remember_at_once(tmp_path: Path) -> None:
    one = known(tmp_path)
    threads = [
        threading.Thread(target=one.remember_roles, args=("here", {f"r{number}": "Reader"}))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = [known(tmp_path).role_name(f"r{number}", "here") for number in range(8)]
    assert kept == ["Reader"] * 8


def test_the_state_directory_is_the_named_one_else_the_users(tmp_path: Path) -> None:
    assert state_directory(tmp_path / "x", {}) == str(tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders")
@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/home/a"}, "/home/a/.local/state/azjit"),
        ({"HOME": "/home/a", "XDG_STATE_HOME": "/s"}, "/s/azjit"),
        ({"HOME": "/home/a", "XDG_STATE_HOME": "relative"}, "/home/a/.local/state/azjit"),
    ],
)
def test_the_users_state_directory_follows_xdg(environ: dict[str, str], expected: str) -> None:
    assert state_directory(None, environ) == expected


def test_without_a_home_the_system_is_asked() -> None:
    assert Path(state_directory(None, {})).name == "azjit"


def test_the_file_is_read_once_unless_another_command_changed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(tmp_path).remember_roles("here", {"r0": "Reader"})
    reads: list[str] = []
    read_bytes = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda file: reads.append(file.name) or read_bytes(file)
    )
    one, other = known(tmp_path), known(tmp_path)
    with one.batch():
        assert one.role_name("r0", "here") == "Reader"
        one.remember_roles("here", {"r1": "Owner"})
    assert reads == ["names.json"]

    with one.batch(), other.batch():
        other.remember_roles("here", {"r2": "Contributor"})
        one.remember_roles("here", {"r3": "Operator"})

    assert [known(tmp_path).role_name(f"r{at}", "here") for at in range(4)] == [
        "Reader",
        "Owner",
        "Contributor",
        "Operator",
    ]


def test_more_names_than_are_kept_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(names.LIMITS, "roles", 3)
    one = known(tmp_path)
    with one.batch():
        for at in range(10):
            one.remember_roles("here", {f"r{at}": f"Role {at}"})
        assert one.role_name("r0", "here") is None

    assert [at for at in range(10) if known(tmp_path).role_name(f"r{at}", "here")] == [7, 8, 9]


def test_a_role_has_a_name_in_its_place_only(tmp_path: Path) -> None:
    known(tmp_path).remember_roles("cloud|tenant|scope", {"r1": "Reader"})
    again = known(tmp_path)

    assert again.role_name("r1", "cloud|tenant") is None
    assert again.role_name("r1", "other|tenant|scope") is None
    assert again.role_name("R1", "cloud|tenant", "Cloud|tenant|scope") == "Reader"


@pytest.mark.parametrize(("hours", "name"), [(-1, None), (0, "Reader"), (23, "Reader"), (24, None)])
def test_a_role_has_a_name_for_a_day(tmp_path: Path, hours: int, name: str | None) -> None:
    known(tmp_path).remember_roles("here", {"r1": "Reader"})

    assert known(tmp_path, NOW + timedelta(hours=hours)).role_name("r1", "here") == name


def test_a_person_has_a_name_in_its_cloud_only(tmp_path: Path) -> None:
    known(tmp_path).remember_principals("https://a.example", {"p1": "Alice"})

    assert known(tmp_path).principal_name("p1", "https://b.example") is None
