"""`azjit __complete SHELL ...`: the hidden command of the completion scripts.

bash:   azjit __complete bash LINE COMP_TYPE COMP_WORDBREAKS   -> one value for COMPREPLY per line
others: azjit __complete SHELL WORD... CURRENT                 -> VALUE, a tab, its description
"""

from __future__ import annotations

from azjit.complete.engine import DIRECTORIES, FILES, complete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def answer(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Give the lines that the script of a shell reads."""
    shell, *told = argv
    if shell == "bash":
        lines = _for_bash(told, environ)
    else:
        *words, current = told or [""]
        found = complete(words, _unquoted(current), environ)
        lines = [f"{value}\t{about}" if about else value for value, about in found]
    return "".join(f"{line}\n" for line in lines)


def _for_bash(told: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    from azjit.complete.bash import Typed, replies  # noqa: PLC0415 - no other shell needs it

    line, comp_type, breaks = told
    typed = Typed(line, breaks)
    if not typed.is_readable:
        return []
    found = complete(typed.words[1:], typed.text, environ)
    if found and found[0][0] in {FILES, DIRECTORIES}:
        return [found[0][0]]
    return replies(typed, found, comp_type)


def _unquoted(current: str) -> str:
    """Give a word without its quotes, which may still be open; the shell matches again anyway."""
    if current[:1] in {"'", '"'}:
        return current[1:].removesuffix(current[0])
    return current.replace("\\", "")
