"""A text file with its encoding and byte order mark, so that it can be written back unchanged."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from azjit.errors import Usage

# The mark of UTF-32 begins with the mark of UTF-16, so it comes first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Source:
    """A decoded file; messages call it `name`."""

    name: str
    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Encode another text like this file."""
        return self.mark + text.encode(self.encoding)

    def position(self, offset: int) -> tuple[int, int]:
        """Give the line and column of an offset, both from 1; columns count characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]


def decode(name: str, content: bytes) -> Source:
    """Decode the bytes of a file, in any encoding that editors write.

    Bytes that are not UTF-8 are decoded as Latin-1, in which every byte is a character, so that
    writing them back loses nothing.

    Raises:
        Usage: the bytes do not match their byte order mark.
    """
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _MARKS if content.startswith(mark)), (b"", "")
    )
    encoding = encoding or _guess(content)
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise Usage(
            f"{name} has a mark of {encoding.upper()}, but is not (byte {error.start + len(mark)})",
            hint="save it as UTF-8",
        ) from error
    return Source(name, text, encoding, mark)


def _guess(content: bytes) -> str:
    # JSON begins with an ASCII character, so the position of its zero byte gives the byte order.
    if len(content) > 1 and content[0] == 0:
        return "utf-16-be"
    if len(content) > 1 and content[1] == 0:
        return "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
