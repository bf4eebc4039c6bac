"""A text file as it is: bytes, encoding, byte order mark, lines; written back it is the same."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from azjit.errors import Usage

# The longer marks first: UTF-32's begins with UTF-16's.
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
    """A decoded file; `name` is how it is said."""

    name: str
    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Give another text as this file would hold it."""
        return self.mark + text.encode(self.encoding)

    def position(self, offset: int) -> tuple[int, int]:
        """Give line and column of an offset, both from 1, columns in characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]


def decode(name: str, content: bytes) -> Source:
    """Read a file's bytes, in any of the encodings that editors write.

    What is no UTF-8 is taken for Latin-1, in which every byte is a character: so nothing of it
    can be lost when it is written back.

    Raises:
        Usage: the bytes are not what their byte order mark says.
    """
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _MARKS if content.startswith(mark)), (b"", "")
    )
    encoding = encoding or _guess(content)
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise Usage(
            f"{name} begins like {encoding.upper()} but is none (byte {error.start + len(mark)})",
            hint="save it as UTF-8",
        ) from error
    return Source(name, text, encoding, mark)


def _guess(content: bytes) -> str:
    # JSON begins with an ASCII character: where its zero byte stands tells the order.
    if len(content) > 1 and content[0] == 0:
        return "utf-16-be"
    if len(content) > 1 and content[1] == 0:
        return "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
