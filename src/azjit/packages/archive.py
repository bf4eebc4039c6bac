"""A package as a zip: refuses unsafe files, and replaces one entry without changing the others."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass

from azjit.errors import Usage

MIB = 1024 * 1024
LARGEST_TEXT = 8 * MIB
_MOST_ENTRIES = 10_000
_HIGHEST_RATIO = 100
_WORTH_A_RATIO = MIB
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _DESCRIPTOR = 0x1, 0x8
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_HUGE = 0xFFFFFFFF


class _Central:
    """Indexes of the fields of a central directory entry."""

    FLAGS, CRC, SIZE, NAME, COMMENT, OFFSET = 3, 7, 9, 10, 12, 16


class _Local:
    """Indexes of the fields of a local file header."""

    FLAGS, CRC, SIZE, NAME, EXTRA = 2, 6, 8, 9, 10


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that is safe to read; messages call it `name`."""

    name: str
    content: bytes
    entries: tuple[zipfile.ZipInfo, ...]

    def find(self, wanted: str) -> zipfile.ZipInfo | None:
        """Find an entry by name, ignoring case: at the root, or else the only one in a folder.

        Raises:
            Usage: several entries match.
        """
        # Old versions of Compress-Archive write the folders with backslashes.
        named = [
            e for e in self.entries if re.split(r"[\\/]", e.filename)[-1].lower() == wanted.lower()
        ]
        at_root = [e for e in named if e.filename.lower() == wanted.lower()]
        found = at_root or named
        if len(found) > 1:
            names = ", ".join(e.filename for e in found)
            raise Usage(
                f"{self.name} contains {wanted} {len(found)} times: {names}",
                hint="keep one of them",
            )
        return found[0] if found else None

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """Unpack an entry, up to the size limit of a text.

        Raises:
            Usage: it is too large, encrypted or damaged.
        """
        what = f"{self.name}/{entry.filename}"
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > _WORTH_A_RATIO and ratio > _HIGHEST_RATIO:
            raise Usage(
                f"{what} unpacks to {ratio:.0f} times its size, like a zip bomb",
                hint="check that it is the right file",
            )
        if entry.compress_type not in _METHODS:
            raise Usage(f"{what} has an unsupported compression method", hint="use deflate")
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as opened, opened.open(entry) as packed:
                content = packed.read(LARGEST_TEXT + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
            raise Usage(
                f"{what} cannot be unpacked: {_said(error)}", hint="zip it again"
            ) from error
        if len(content) > LARGEST_TEXT:
            raise Usage(
                f"{what} has more than {LARGEST_TEXT // MIB} MiB",
                hint="check that it is the right file",
            )
        return content

    def with_entry(self, entry: zipfile.ZipInfo, content: bytes) -> bytes:
        """Give the zip with the content of one entry replaced; no byte of another entry changes.

        Raises:
            Usage: the zip has a form that cannot be rewritten safely.
        """
        start_of_directory, end = self._directory()
        later = [e.header_offset for e in self.entries if e.header_offset > entry.header_offset]
        behind = min([*later, start_of_directory])
        packed = _packed(content, entry.compress_type)
        sizes = (zlib.crc32(content), len(packed), len(content))
        local = self._local(entry, sizes) + packed
        moved = len(local) - (behind - entry.header_offset)
        directory = self._moved_directory(entry, sizes, start_of_directory, moved)
        fields = list(_END.unpack_from(self.content, end))
        fields[5:7] = [len(directory), start_of_directory + moved]
        comment = self.content[end + _END.size :]
        before, after = (
            self.content[: entry.header_offset],
            self.content[behind:start_of_directory],
        )
        return before + local + after + directory + _END.pack(*fields) + comment

    def _directory(self) -> tuple[int, int]:
        """Give the start and the end of the central directory."""
        end = self.content.rfind(b"PK\x05\x06")
        fields = _END.unpack_from(self.content, end)
        size, start = fields[5], fields[6]
        if _HUGE in (size, start) or start + size != end:
            raise Usage(
                f"{self.name} has an unsupported zip format (zip64, or data before the zip)",
                hint="zip it again, or use createUiDefinition.json itself",
            )
        return start, end

    def _local(self, entry: zipfile.ZipInfo, sizes: tuple[int, int, int]) -> bytes:
        at = entry.header_offset
        fields = list(_LOCAL.unpack_from(self.content, at))
        names = at + _LOCAL.size
        tail = self.content[names : names + fields[_Local.NAME] + fields[_Local.EXTRA]]
        fields[_Local.FLAGS] &= ~_DESCRIPTOR
        fields[_Local.CRC : _Local.SIZE + 1] = sizes
        return _LOCAL.pack(*fields) + tail

    def _moved_directory(
        self, entry: zipfile.ZipInfo, sizes: tuple[int, int, int], start: int, moved: int
    ) -> bytes:
        parts, at = [], start
        for _ in self.entries:
            fields = list(_CENTRAL.unpack_from(self.content, at))
            tail_start = at + _CENTRAL.size
            at = tail_start + sum(fields[_Central.NAME : _Central.COMMENT + 1])
            if fields[_Central.OFFSET] == entry.header_offset:
                fields[_Central.FLAGS] &= ~_DESCRIPTOR
                fields[_Central.CRC : _Central.SIZE + 1] = sizes
            elif fields[_Central.OFFSET] > entry.header_offset:
                fields[_Central.OFFSET] += moved
            parts.append(_CENTRAL.pack(*fields) + self.content[tail_start:at])
        return b"".join(parts)


def open_archive(name: str, content: bytes) -> Archive:
    """Read the directory of a zip.

    Raises:
        Usage: it is not a zip, or it is not safe to open.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            entries = tuple(opened.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise Usage(f"{name} is not a readable zip: {_said(error)}", hint="zip it again") from error
    if len(entries) > _MOST_ENTRIES:
        raise Usage(
            f"{name} has {len(entries)} entries", hint=f"the limit is {_MOST_ENTRIES} entries"
        )
    for entry in entries:
        why = _why_refused(entry)
        if why is not None:
            raise Usage(
                f"{name} is refused: entry {entry.orig_filename!r} {why}",
                hint="zip only the files of the package",
            )
    _check_whole(name, entries)
    return Archive(name, content, entries)


def _why_refused(entry: zipfile.ZipInfo) -> str | None:
    parts = re.split(r"[\\/]", entry.orig_filename)
    is_absolute = parts[0] == "" or re.match(r"[A-Za-z]:", entry.orig_filename) is not None
    reasons = (
        (is_absolute or ".." in parts, "points outside the package"),
        ("\x00" in entry.orig_filename, "has a null character in its name"),
        (stat.S_ISLNK(entry.external_attr >> 16), "is a symbolic link"),
        (entry.flag_bits & _ENCRYPTED, "is encrypted"),
    )
    return next((why for is_so, why in reasons if is_so), None)


def _check_whole(name: str, entries: tuple[zipfile.ZipInfo, ...]) -> None:
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise Usage(
                f"{name} is refused: its entries overlap, as in a zip bomb", hint="zip it again"
            )
        end = entry.header_offset + _LOCAL.size + len(entry.orig_filename) + entry.compress_size


def _packed(content: bytes, method: int) -> bytes:
    if method == zipfile.ZIP_STORED:
        return content
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _said(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:1].lower() + text[1:]
