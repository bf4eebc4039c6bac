from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from azjit.domain.definition_rules import JIT_OFF
from azjit.domain.findings import Finding
from azjit.errors import Failed, Usage
from azjit.output.results.sarif import sarif
from azjit.packages import files


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"theirs")

    with pytest.raises(Failed, match="changed while azjit read it"):
        files.replace_with_backup(path, b"old", b"new")

    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_new_file_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Failed, match="no space left on device"):
        files.write_new(tmp_path / "x.json", b"new")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"x")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(Usage, match="cannot be read: permission denied"):
        files.read(path, "x.json")


def test_sarif_of_a_finding_without_a_file_has_no_place() -> None:
    log = json.loads(
        sarif([Finding(JIT_OFF, JIT_OFF.severity, "off", subject="a/b")], [JIT_OFF], "1.2.3")
    )

    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "APP001"
    assert "locations" not in result
