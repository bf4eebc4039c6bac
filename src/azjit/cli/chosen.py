"""Reads which requests to decide, and the digests that bind the decision: arguments or stdin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from azjit.cli.runtime import Runtime
from azjit.domain.ids import is_guid
from azjit.domain.inputs import ChosenRequest
from azjit.errors import Usage

_DIGEST = re.compile(r"[0-9a-f]{64}")
_STDIN = "-"
_LINE = "use an id, or an id and a digest: azjit consumer pending --query '[].[id,digest]' -o tsv"


def chosen_of(
    rt: Runtime, requests: Sequence[str], digest: str | None = None, most: int | None = None
) -> tuple[ChosenRequest, ...]:
    """Give the requests that a command names, or those of stdin for `-`.

    Raises:
        Usage: a digest or a line of stdin is malformed, or there are more requests than `most`.
    """
    if most is not None and most < 1:
        raise Usage(f"--max is {most}", hint="use 1 or more")
    if _STDIN in requests:
        chosen = _of_stdin(rt.process.stdin, requests, digest)
        if most is None and not rt.process.may_prompt:
            raise Usage(
                f"stdin names {len(chosen)} requests, and nobody is asked: how many may it name?",
                hint="add --max N, the most that you expect",
            )
    else:
        if digest is not None and len(requests) > 1:
            raise Usage(
                "--expect-digest is for one request",
                hint="give each its own: lines of an id and a digest on stdin, with -",
            )
        expected = _checked(digest, "--expect-digest") if digest is not None else None
        chosen = tuple(ChosenRequest(each, expected) for each in requests)
    if most is not None and len(chosen) > most:
        raise Usage(
            f"{len(chosen)} requests are named, and --max is {most}; nothing was sent",
            hint="name fewer, or raise --max",
        )
    return chosen


def _of_stdin(
    stdin: TextIO, requests: Sequence[str], digest: str | None
) -> tuple[ChosenRequest, ...]:
    if len(requests) > 1:
        raise Usage("- excludes other requests", hint="name them all on stdin, or none")
    if digest is not None:
        raise Usage("--expect-digest and - exclude each other", hint="put digests after the ids")
    found: dict[str, ChosenRequest] = {}
    for number, line in enumerate(_lines(stdin), 1):
        words = line.removeprefix("\ufeff").split()
        if not words:
            continue
        one = _of_line(words, f"line {number} of stdin")
        known = found.setdefault(one.text.lower(), one)
        if known.digest != one.digest:
            raise Usage(
                f"line {number} of stdin names {one.text} again, with another digest",
                hint="name each request once",
            )
    return tuple(found.values())


def _lines(stdin: TextIO) -> list[str]:
    try:
        return stdin.readlines()
    except UnicodeDecodeError as error:
        raise Usage("stdin is not text", hint=_LINE) from error


def _of_line(words: list[str], label: str) -> ChosenRequest:
    text, *digests = words
    if len(digests) > 1:
        raise Usage(f"{label} has {len(words)} words", hint=_LINE)
    if not text.startswith("/") and not is_guid(text):
        raise Usage(f"{label} begins with {text!r}, which is not a complete id", hint=_LINE)
    digest = _checked(digests[0], label) if digests else None
    return ChosenRequest(text, digest, is_listed=True)


def _checked(digest: str, label: str) -> str:
    if _DIGEST.fullmatch(digest.lower()) is None:
        raise Usage(
            f"{label}: malformed digest {digest!r}",
            hint="use the 64 digits of the key digest in the JSON of pending, history or show",
        )
    return digest.lower()
