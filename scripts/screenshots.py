"""Draws docs/images/*.svg from real commands on a sandbox with a fixed clock and fixed ids.

`python scripts/screenshots.py` draws, `--check` compares and fails where a picture is stale.
"""

from __future__ import annotations

import argparse
import io
import shlex
import sys
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from azjit.cli.run import run
from azjit.process import Process
from azjit.sandbox.core import Sandbox

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH = 84
THEME = TerminalTheme(
    (250, 250, 248),
    (38, 38, 38),
    [(38, 38, 38), (176, 32, 32), (22, 120, 60), (150, 98, 0)] + [(80, 80, 80)] * 4,
    [(110, 110, 110), (176, 32, 32), (22, 120, 60), (150, 98, 0)] + [(80, 80, 80)] * 4,
)
# Rich's own frame loads a font from the web; these pictures load nothing.
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
  <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
SHOTS = {
    "roles": ("azjit publisher roles orders",),
    "request": (
        "azjit publisher request orders --role Contributor --duration 2h --reason 'INC-4711'",
    ),
    "pending": ("azjit consumer pending",),
    "approve": ("azjit consumer approve REQUEST --reason 'agreed with the shift lead' --yes",),
    "access": ("azjit publisher wait REQUEST --for active", "azjit consumer show orders"),
}


class Screen(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Give True."""
        return True


class Stage:
    """A sandbox with a clock and ids that only its commands advance."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._count = 0
        self.request = ""

    def run(self, command: str) -> str:
        """Run a command and give its terminal output."""
        shown = command.replace("REQUEST", self.request[:8])
        screen = Screen()
        process = Process(
            stdin=io.StringIO(),
            stdout=screen,
            stderr=screen,
            environ={
                "AZJIT_SANDBOX": "1",
                "AZJIT_STATE_DIR": self._folder,
                "TZ": "UTC",
                "TERM": "xterm",
            },
            now=lambda: self._now,
            new_id=self._new_id,
            sleep=self._sleep,
            width=lambda: WIDTH,
        )
        code = run(shlex.split(shown)[1:], process)
        if code:
            raise SystemExit(f"{shown} ended with {code}:\n{screen.getvalue()}")
        self._remember()
        kept = [line for line in screen.getvalue().splitlines(keepends=True) if "\r" not in line]
        return f"\x1b[1m$ {shown}\x1b[0m\n" + "".join(kept)

    def _new_id(self) -> str:
        self._count += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"azjit screenshot {self._count}"))

    def _sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def _remember(self) -> None:
        world = Sandbox(Path(self._folder) / "sandbox" / "world.sqlite", now=lambda: self._now)
        waiting = [r["name"] for r in world.describe()["requests"] if "orders" in str(r)]
        states = {r["name"]: r["state"] for r in world.describe()["requests"]}
        world.close()
        pending = [name for name in waiting if states[name] == "Pending"]
        self.request = self.request or "".join(pending[:1])


def drawn(name: str, text: str) -> str:
    """Draw terminal output as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=False)
    return console.export_svg(
        title="azjit", theme=THEME, code_format=FRAME, unique_id=f"azjit-{name}"
    )


def pictures() -> dict[str, str]:
    """Draw every picture; later commands depend on earlier ones."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder)
        for name, commands in SHOTS.items():
            found[name] = drawn(name, "\n".join(stage.run(command) for command in commands))
    return found


def main() -> int:
    """Draw the files, or compare them with --check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    stale = []
    for name, picture in pictures().items():
        path = IMAGES / f"{name}.svg"
        if path.exists() and path.read_text(encoding="utf-8") == picture:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(picture, encoding="utf-8")
    if check and stale:
        sys.stdout.write(f"stale: {', '.join(stale)}; run python {Path(__file__).name}\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
