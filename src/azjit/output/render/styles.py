"""What text is, and the colour that says so; every state is a word as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Role = Literal["plain", "title", "strong", "quiet", "good", "bad", "wait", "state"]
"""`state` takes the role of the word shown."""

_STYLES: dict[Role, str] = {
    "plain": "",
    "title": "bold",
    "strong": "bold",
    "quiet": "dim",
    "good": "green",
    "bad": "red",
    "wait": "yellow",
    "state": "",
}

_CODES = {"bold": "1", "dim": "2", "green": "32", "red": "31", "yellow": "33"}

_STATES: dict[str, Role] = {
    "active": "good",
    "approved": "good",
    "on": "good",
    "ok": "good",
    "pending": "wait",
    "scheduled": "wait",
    "warning": "wait",
    "denied": "bad",
    "failed": "bad",
    "refused": "bad",
    "canceled": "quiet",
    "closed": "quiet",
    "ended": "quiet",
    "expired": "quiet",
    "off": "quiet",
    "timed out": "quiet",
    "unknown": "quiet",
}


def style_of(role: Role, text: str) -> str:
    """Give the style, in Rich's words, of a text in this role; empty for none."""
    if role == "state":
        role = _STATES.get(text.casefold(), "plain")
    return _STYLES[role]


def paint(text: str, role: Role, *, color: bool) -> str:
    """Give the text with its colour, or as it is."""
    style = style_of(role, text)
    if not (color and style and text):
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def wants_color(environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Tell whether a stream gets colour: NO_COLOR wins, then FORCE_COLOR, then TERM=dumb."""
    if environ.get("NO_COLOR"):
        return False
    force = environ.get("FORCE_COLOR")
    if force:
        return force != "0"
    return is_terminal and environ.get("TERM") != "dumb"
