"""Text without control characters, its width, and truncating it."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from azjit.output.render.text import cells, cut_end, cut_middle, harmless


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("plain é 日本 👍", "plain é 日本 👍"),
        ("\x1b[31m", "␛[31m"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x00\x07\x08", "␀␇␈"),
        ("\x7f", "␡"),
        ("\x9b2J", "<U+009B>2J"),
        ("\u202eabc\u202c", "<U+202E>abc<U+202C>"),
        ("\u2066x\u2069", "<U+2066>x<U+2069>"),
        ("al\u200bice\ufeff", "al<U+200B>ice<U+FEFF>"),
        ("soft\u00adhyphen", "soft<U+00AD>hyphen"),
        ("\U000e0041", "<U+E0041>"),
        ("\ud800", "<U+D800>"),
        ("\u3164", "<U+3164>"),
    ],
)
def test_harmless(text: str, visible: str) -> None:
    assert harmless(text) == visible


@pytest.mark.parametrize("text", ["", "abc", "日本語", "e\u0301", "👍", "ｱ", "한글", "─●…", "␛"])
def test_cells_agree_with_rich(text: str) -> None:
    assert cells(text) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc\u0301d", 4, "abc\u0301d"),
        ("abc\u0301de", 4, "abc\u0301…"),
    ],
)
def test_cut_end(text: str, width: int, cut: str) -> None:
    assert cut_end(text, width) == cut


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("abc", 3, "abc"),
        ("0123456789abcdef", 13, "01234567…cdef"),
        ("0123456789", 1, "…"),
        ("日本語日本語", 7, "日本…語"),
        ("0123456789e\u0301", 8, "01234…9e\u0301"),
        ("abcdefghij\u0301k", 4, "ab…k"),
    ],
)
def test_cut_middle(text: str, width: int, cut: str) -> None:
    assert cut_middle(text, width) == cut
    assert cells(cut) <= width
