"""The cache of the directory: its owner, its lifetime, its size."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from azjit.store import directory
from azjit.store.directory import OUTAGE_LIFE, DirectoryCache
from harness import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def cache(folder: Path, clock: Clock, tenant: str = "T1") -> DirectoryCache:
    return DirectoryCache(folder, tenant, now=clock.now)


def test_names_are_found_by_another_process_in_any_case(tmp_path: Path, clock: Clock) -> None:
    first = cache(tmp_path, clock)
    first.remember_names({"A1": "Ada", "b2": None})
    first.save()

    later = cache(tmp_path, clock, "t1")

    assert (later.name("a1"), later.has("a1")) == ("Ada", True)
    assert (later.name("B2"), later.has("B2")) == (None, True)
    assert (later.name("c3"), later.has("c3")) == (None, False)


def test_tenants_are_kept_apart(tmp_path: Path, clock: Clock) -> None:
    first = cache(tmp_path, clock)
    first.remember_names({"a": "Ada"})
    first.save()

    assert not cache(tmp_path, clock, "t2").has("a")


def test_an_answer_lives_for_a_day_and_a_clock_set_back_lengthens_nothing(
    tmp_path: Path, clock: Clock
) -> None:
    kept = cache(tmp_path, clock)
    kept.remember_names({"a": "Ada"})
    kept.remember_groups("a", ["g1", "g2"], {"g1"})

    assert [kept.is_in("a", group) for group in ("g1", "g2", "g3")] == [True, False, None]
    clock.at -= timedelta(seconds=1)
    assert not kept.has("a")
    clock.at += timedelta(days=1, seconds=1)
    assert not kept.has("a")
    assert kept.is_in("a", "g1") is None


def test_an_outage_is_forgotten_soon(tmp_path: Path, clock: Clock) -> None:
    kept = cache(tmp_path, clock)
    kept.remember_refusal("me", OUTAGE_LIFE)

    assert kept.has_refused("me")
    clock.at += OUTAGE_LIFE
    assert not kept.has_refused("me")


def test_two_processes_add_to_each_other(tmp_path: Path, clock: Clock) -> None:
    one, two = cache(tmp_path, clock), cache(tmp_path, clock)
    one.remember_names({"a": "Ada"})
    two.remember_names({"b": "Bob"})
    one.save()
    two.save()
    two.save()

    both = cache(tmp_path, clock)
    assert (both.name("a"), both.name("b")) == ("Ada", "Bob")


def test_only_the_newest_stay_and_only_their_owner_reads_them(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LIMIT", 1)
    for name in ("a", "b"):
        kept = cache(tmp_path, clock)
        kept.remember_names({name: name})
        kept.save()
        clock.at += timedelta(minutes=1)

    left = cache(tmp_path, clock)
    assert (left.has("a"), left.has("b")) == (False, True)
    assert (tmp_path / "directory.json").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "file"
    file.write_text("")
    kept = cache(file, clock)
    kept.remember_names({"a": "Ada"})

    kept.save()

    assert kept.name("a") == "Ada"
