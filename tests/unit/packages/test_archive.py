"""Zips: what is read, what is refused, and that a rewrite changes one entry only."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from azjit.errors import NotFound, Usage
from azjit.packages.addition import add_jit
from azjit.packages.archive import open_archive
from azjit.packages.package import findings_of, open_package
from createui import shapes

DEFINITION = json.dumps(shapes()[1].without_jit().body, indent=2).encode()
TEMPLATE = b'{"parameters": {}} // kept'
MIB = 1024 * 1024


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> Path:
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return path


def package(path: Path, method: int = 8) -> Path:
    odd = zipfile.ZipInfo("nested/odd.bin", (1999, 2, 3, 4, 5, 6))
    odd.compress_type, odd.external_attr, odd.comment = zipfile.ZIP_BZIP2, 0o640 << 16, b"own"
    first = zipfile.ZipInfo("first.txt")
    first.extra = struct.pack("<HHI", 0xCAFE, 4, 7)
    zipped(
        path,
        (first, b"first" * 100),
        ("createUiDefinition.json", DEFINITION),
        ("mainTemplate.json", TEMPLATE),
        (odd, bytes(range(256)) * 9),
        method=method,
    )
    with zipfile.ZipFile(path, "a") as opened:
        opened.comment = b"a comment of the whole"
    return path


def added(path: Path) -> bytes:
    found = open_package(path)
    return found.with_text(add_jit(found.source, found.definition).text)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_other_entry_stays_byte_for_byte(tmp_path: Path, method: int) -> None:
    path = package(tmp_path / "app.zip", method)
    old = path.read_bytes()

    path.write_bytes(new := added(path))

    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(path) as after:
        assert after.testzip() is None
        assert before.comment == after.comment
        assert before.namelist() == after.namelist()
        for one, other in zip(before.infolist(), after.infolist(), strict=True):
            is_ours = one.filename == "createUiDefinition.json"
            assert raw(old, before, one) == raw(new, after, other) or is_ours
            for name in ("date_time", "extra", "comment", "external_attr", "compress_type"):
                assert getattr(one, name) == getattr(other, name)
            assert is_ours or one.CRC == other.CRC
    assert [f for f in findings_of(open_package(path), is_catalog=False) if f.fails] == []


def raw(content: bytes, opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry with its header, as it lies in the file."""
    starts = sorted([e.header_offset for e in opened.infolist()] + [opened.start_dir])
    end = starts[starts.index(entry.header_offset) + 1]
    return content[entry.header_offset : end]


def test_a_streamed_entry_with_a_descriptor_is_rewritten_too(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.got = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.got += bytes(data)  # type: ignore[call-overload]  # a buffer
            return len(bytes(data))  # type: ignore[call-overload]  # a buffer

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as opened:  # type: ignore[arg-type]
        opened.writestr("createUiDefinition.json", DEFINITION)
        opened.writestr("other.txt", b"other")
    path = tmp_path / "app.zip"
    path.write_bytes(pipe.got)

    path.write_bytes(added(path))

    with zipfile.ZipFile(path) as after:
        assert after.testzip() is None
        assert after.read("other.txt") == b"other"


def test_the_same_edit_gives_the_same_bytes(tmp_path: Path) -> None:
    path = package(tmp_path / "app.zip")

    assert added(path) == added(path)


def test_a_definition_in_a_folder_of_the_zip_is_found_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "app.zip", ("app/createUiDefinition.json", DEFINITION))

    codes = [each.rule.code for each in findings_of(open_package(path), is_catalog=False)]

    assert codes == ["JIT042", "JIT044", "JIT001", "JIT020"]


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([("../evil.json", b"x")], "points outside the package"),
        ([("a/../../evil.json", b"x")], "points outside the package"),
        ([("/etc/passwd", b"x")], "points outside the package"),
        ([("..\\evil.json", b"x")], "points outside the package"),
        ([("C:\\evil.json", b"x")], "points outside the package"),
        ([(entry("link", 0o120777), b"/etc/passwd")], "is a symbolic link"),
    ],
)
def test_a_trap_is_refused_with_one_line(
    tmp_path: Path, entries: list[tuple[str | zipfile.ZipInfo, bytes]], said: str
) -> None:
    path = zipped(tmp_path / "app.zip", ("createUiDefinition.json", DEFINITION), *entries)

    with pytest.raises(Usage) as caught:
        open_package(path)

    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert "is refused" in caught.value.message


def test_only_what_is_read_is_judged_by_its_size(tmp_path: Path) -> None:
    large = ((entry("large"), b"\0" * (2 * MIB)), (entry("mainTemplate.json"), b"{}"))
    path = zipped(tmp_path / "app.zip", ("createUiDefinition.json", DEFINITION), *large)

    assert open_package(path).archive is not None


def test_an_entry_like_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = entry("createUiDefinition.json")
    path = zipped(tmp_path / "app.zip", (bomb, b" " * (2 * MIB)))

    with pytest.raises(Usage, match="like a zip bomb"):
        open_package(path)


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(tmp_path / "a.zip", ("a", b"a" * 99), ("b", b"b" * 99)).read_bytes())
    second = content.rfind(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 10)

    with pytest.raises(Usage, match="overlap"):
        open_archive("a.zip", bytes(content))


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", *[(f"f{n}", b"") for n in range(10_001)])

    with pytest.raises(Usage, match="10001 entries"):
        open_package(path)


def test_an_entry_that_lies_about_its_size_is_read_no_further_than_a_text_goes(
    tmp_path: Path,
) -> None:
    path = zipped(tmp_path / "app.zip", ("createUiDefinition.json", b" " * (9 * MIB)), method=0)

    with pytest.raises(Usage, match="more than 8 MiB"):
        open_package(path)


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "app.zip", ("createUiDefinition.json", DEFINITION), method=0)
    path.write_bytes(path.read_bytes().replace(b"handler", b"hAndler", 1))

    with pytest.raises(Usage, match="cannot be unpacked"):
        open_package(path)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(tmp_path / "a.zip", ("a", b"a")).read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1

    with pytest.raises(Usage, match="is encrypted"):
        open_archive("a.zip", bytes(content))


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("createUiDefinition.json", DEFINITION), method=14)

    with pytest.raises(Usage, match="unsupported compression method"):
        open_package(path)


@pytest.mark.parametrize(
    "content", [b"PK", b"PK\x03\x04" + b"\0" * 40, b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_only_begins_like_a_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "app.zip"
    path.write_bytes(content)

    with pytest.raises(Usage):
        open_package(path)


def test_a_zip_with_text_before_it_is_read_but_not_rewritten(tmp_path: Path) -> None:
    path = package(tmp_path / "app.zip")
    path.write_bytes(b"PK#!/bin/sh\n" + path.read_bytes())
    found = open_package(path)

    with pytest.raises(Usage, match="unsupported zip format"):
        found.with_text("{}")


def test_two_definitions_at_the_root_are_refused(tmp_path: Path) -> None:
    names = ("createUiDefinition.json", "CreateUIDefinition.json")
    path = zipped(tmp_path / "app.zip", *[(name, DEFINITION) for name in names])

    with pytest.raises(Usage, match="2 times"):
        open_package(path)


def test_a_zip_without_a_definition_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "app.zip", ("mainTemplate.json", TEMPLATE))

    with pytest.raises(Usage, match=r"has no createUiDefinition\.json"):
        open_package(path)


def test_a_path_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        open_package(tmp_path / "none.zip")


def test_a_json_named_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.zip"
    path.write_bytes(DEFINITION)

    with pytest.raises(Usage, match="is not a zip file"):
        open_package(path)
