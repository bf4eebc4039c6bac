"""Takes secrets out of text: what looks like a token, and what azjit read itself."""

from __future__ import annotations

import re

_MARK = "[secret removed]"
# Only the words in any case: a flag for all takes Python 5 ms to compile.
_TOKEN = re.compile(
    r"\b(?i:Bearer)\s+(?!\[secret)[^\s'\"<>,;]+|\b(?i:eyJ)[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"
)
_PERCENT = re.compile("%[0-9A-F]{2}")
# All but most of ASCII; a range up to the last character would take Python 5 ms to compile.
_ESCAPED = re.compile(r"[^\x00-!#-%(-*,-;=?-_a-~]")
# As `html.escape`, which takes longer to load than many commands take for all their secrets.
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# A shorter one is a part of many words; of a longer one, its beginning tells it from other text.
_SHORTEST, _BEGINNING = 4, 8
_PASSWORD_OF_SANDBOX = "sandbox"  # noqa: S105 - documented, and a word of many messages


def without_tokens(text: str) -> str:
    """Remove what looks like an access token: gateways echo headers, requests quotes them."""
    return _TOKEN.sub("[token removed]", text)


class Secrets:
    """The secrets that a command has read: values of variables and files, and tokens."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._beginnings: re.Pattern[str] | None = None

    def add(self, value: str | None) -> None:
        """Take a value out of every text from now on, also as URLs, JSON and pages write it."""
        value = (value or "").strip()
        if len(value) < _SHORTEST or value == _PASSWORD_OF_SANDBOX:
            return
        # A new set: another thread may be reading the old one.
        self._known = {*self._known, *_forms(value)}
        self._beginnings = re.compile("|".join(sorted(set(map(_beginning_of, self._known)))))

    def clean(self, text: str) -> str:
        """Give a text without the known secrets and without what looks like a token."""
        return without_tokens(self.without_known(text))

    def without_known(self, text: str) -> str:
        """Give a text without the known secrets, whole or cut short."""
        parts, at = [], 0
        while self._beginnings is not None and (found := self._beginnings.search(text, at)):
            parts += [text[at : found.start()], _MARK]
            lengths = [_shared(text, found.start(), value) for value in self._known]
            at = found.start() + max(*lengths, len(found[0]))
        return "".join([*parts, text[at:]]) if parts else text


def _forms(value: str) -> set[str]:
    import base64  # noqa: PLC0415 - only a command that signs in needs these
    import json  # noqa: PLC0415
    from urllib.parse import quote, quote_plus  # noqa: PLC0415

    coded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode().rstrip("=")
    quoted = {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    # .NET, in which Azure is written, has lower digits in URLs, and escapes more in JSON.
    quoted |= {_PERCENT.sub(lambda found: found[0].lower(), each) for each in quoted}
    escaped = _ESCAPED.sub(_utf16, value.replace("\\", "\\\\"))
    written = {json.dumps(value)[1:-1], repr(value)[1:-1], value.translate(_HTML), escaped}
    return {value, " ".join(value.split()), coded, *quoted, *written}


def _utf16(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex().upper()}" for at in range(0, len(units), 2))


def _beginning_of(value: str) -> str:
    if len(value) <= _BEGINNING:
        return rf"(?<!\w){re.escape(value)}(?!\w)"
    return re.escape(value[:_BEGINNING])


def _shared(text: str, start: int, value: str) -> int:
    """Count the characters of a value that a text has from an offset on."""
    count = 0
    while count < len(value) and text[start + count : start + count + 1] == value[count]:
        count += 1
    return count
