"""Writing to a stream that may not know every character."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import TextIO

# Ours alone, one cell each, so that tables stay in line.
_ASCII = str.maketrans({"…": "~", "─": "-", "●": "o", "·": "-"})


def speaks_unicode(stream: TextIO) -> bool:
    """Tell whether the stream can carry any character; one without an encoding is memory."""
    encoding = getattr(stream, "encoding", None)
    return encoding is None or codecs.lookup(encoding).name.startswith("utf")


def writer(stream: TextIO, *, drawn: bool = False) -> Callable[[str], object]:
    r"""Give the stream's write; characters it can't carry become \x escapes.

    `drawn` is for screens: our ellipsis and lines turn into ASCII where they must.
    """
    if speaks_unicode(stream):
        return stream.write

    def write(text: str) -> object:
        if drawn:
            text = text.translate(_ASCII)
        encoding = stream.encoding
        return stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    return write
