"""The styles of text and their colours; a state is always a word as well."""

from __future__ import annotations

from collections.abc import Mapping

from azjit.output.fields import Style

_RICH: dict[Style, str] = {
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

_STATES: dict[str, Style] = {
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


def rich_style(style: Style, text: str) -> str:
    """Give a style of a text in Rich's words; empty for none."""
    if style == "state":
        style = _STATES.get(text.casefold(), "plain")
    return _RICH[style]


def paint(text: str, style: Style, *, color: bool) -> str:
    """Give the text with its colour, or as it is."""
    rich = rich_style(style, text)
    if not (color and rich and text):
        return text
    return f"\x1b[{_CODES[rich]}m{text}\x1b[0m"


def wants_color(environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Tell whether a stream gets colour: NO_COLOR wins, then FORCE_COLOR, then TERM=dumb."""
    if environ.get("NO_COLOR"):
        return False
    force = environ.get("FORCE_COLOR")
    if force:
        return force != "0"
    return is_terminal and environ.get("TERM") != "dumb"
