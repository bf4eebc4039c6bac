"""Writes what the sandbox covers into docs/explanation/azure-wire.md, from the sandbox itself.

`python scripts/sandbox_coverage.py` writes the marked section, `--check` compares it.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

import azjit.sandbox
from azjit.sandbox.base.switches import SWITCHES
from azjit.sandbox.dispatch.routes import ROUTES
from azjit.sandbox.entra import endpoints
from azjit.sandbox.faults.registry import KINDS
from azjit.sandbox.graph import objects

SANDBOX = Path(azjit.sandbox.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "azure-wire.md"
_ENTRY = re.compile(r"\[([HMLU])\] (.+)")
BEGIN = "<!-- sandbox-coverage: made by scripts/sandbox_coverage.py -->"
END = "<!-- /sandbox-coverage -->"


def section() -> str:
    """The section, markers included."""
    return "\n".join([BEGIN, "", *_lines(), END])


def _lines() -> Iterator[str]:
    yield "## What the sandbox covers"
    yield ""
    yield (
        "Every route that it answers; any other answers 501 and names itself. Confidence is that of"
        " Azure's side: what a route does where Microsoft says nothing follows below."
    )
    yield ""
    yield from _table(
        ("call", "api-versions", "needs", "sure"),
        (
            (
                f"`{route.method} {route.pattern}`",
                _versions(route.versions),
                f"`{route.action}`" if route.action else "",
                route.confidence,
            )
            for route in ROUTES
        ),
    )
    yield from ("", "Sign-in, Microsoft Graph and the cloud's own description:", "")
    yield from _table(("call",), ((call,) for call in _others()))
    yield from ("", "### What it assumes", "")
    yield from _table(
        ("where", "sure", "what it does"),
        assumptions(),
    )
    yield from ("", "### What can be set", "")
    yield from _table(
        ("switch", "takes", "if not set", "sure", "decides"),
        (
            (
                f"`{switch.key}`",
                ", ".join(switch.values) or f"{switch.least} to {switch.most}",
                switch.default,
                switch.confidence,
                switch.meaning,
            )
            for switch in SWITCHES
        ),
    )
    yield from ("", "### What can be made to fail", "")
    yield from _table(("fault", "what it does"), ((f"`{k}`", text) for k, text in KINDS.items()))
    yield ""


def assumptions() -> Iterator[tuple[str, str, str]]:
    """Give what the docstrings of the sandbox say that it assumes: module, confidence, text.

    Raises:
        ValueError: an entry has no confidence.
    """
    for path in sorted(SANDBOX.rglob("*.py")):
        module = ".".join(path.relative_to(SANDBOX).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                for entry in _entries(ast.get_docstring(node) or ""):
                    match = _ENTRY.fullmatch(entry)
                    if match is None:
                        raise ValueError(f"{module}: no confidence before {entry!r}")
                    yield f"`{module}`", match[1], match[2]


def _entries(docstring: str) -> list[str]:
    """Give the entries of a docstring's section `Assumes`, each as one line."""
    section = docstring.partition("Assumes:\n")[2].partition("\n\n")[0]
    lines = re.split(r"\n {4}(?=\S)", f"\n{section}")
    return [" ".join(line.split()) for line in lines if line.strip()]


def _others() -> Iterator[str]:
    yield "`GET /metadata/endpoints`"
    for route in (*endpoints.ROUTES, *objects.ROUTES):
        yield f"`{route.method} {route.pattern}`"


def _versions(known: tuple[str, ...]) -> str:
    if not known:
        return "any"
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"


def main() -> int:
    """Write the section, or tell how the page differs from it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and fail on a difference")
    is_check = parser.parse_args().check
    text = PAGE.read_text(encoding="utf-8")
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    made = marked.sub(lambda _: section(), text)
    if not marked.search(text):
        made = f"{text.rstrip()}\n\n{section()}\n"
    if not is_check:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    changes = unified_diff(text.splitlines(), made.splitlines(), "the page", "the sandbox", n=0)
    sys.stdout.writelines(f"{line}\n" for line in changes)
    return int(text != made)


if __name__ == "__main__":
    sys.exit(main())
