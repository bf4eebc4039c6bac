"""Every block of the README and of docs/ that uses azjit runs, as a reader would paste it.

The `sh` blocks of a page run in order, in one shell and over one fresh sandbox, with a terminal
of 80 columns for stdout. Blocks that cannot run here are marked and counted: `<!-- azure -->`
needs a real Azure, `<!-- tools -->` needs curl or az, `<!-- install -->` makes an environment,
`<!-- pipeline -->` is YAML, whose scripts test_pipelines.py runs.
A `text` block right after an `sh` block is what that block prints, but for times and generated
names. A command that is to fail says its code: `... || echo "exit code $?"  # 5`, and ends with it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

# Blocks that do not run here, by page and mark. A new one is a decision, not an accident.
NOT_RUN = {
    ("CONTRIBUTING.md", "install"): 1,
    ("README.md", "azure"): 1,
    ("README.md", "install"): 2,
    ("docs/how-to/approve.md", "azure"): 1,
    ("docs/how-to/first-request.md", "azure"): 2,
    ("docs/how-to/in-scripts.md", "azure"): 1,
    ("docs/how-to/least-privilege.md", "azure"): 2,
    ("docs/how-to/networks-and-clouds.md", "azure"): 3,
    ("docs/how-to/pipelines.md", "azure"): 2,
    ("docs/how-to/pipelines.md", "pipeline"): 3,
    ("docs/how-to/receipts.md", "azure"): 2,
    ("docs/how-to/sandbox-server.md", "tools"): 2,
    ("docs/how-to/sign-in.md", "azure"): 3,
}
# Pages with commands that wait for Azure, or for the end of a wait.
WAITING = {"docs/how-to/when-something-fails.md", "docs/how-to/approve.md", "docs/tutorial.md"}
FIRST = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/azjit demo"
SECOND = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
DEADLINE = 600  # seconds; a page takes ten, unless the machine has much else to do

_FENCE = re.compile(r"^(?:<!-- (\w+) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FAILING = re.compile(r'^(.*) \|\| echo "([^"]*)\$\?"  # (\d+)$', re.MULTILINE)
_VARYING = (
    (re.compile(r"\b\d\d:\d\d\b"), "HH:MM"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "GUID"),
    (re.compile(r"\b[0-9a-f]{8}\b"), "NAME"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block; `follows` tells that nothing but a blank line is before it and a block."""

    line: int
    mark: str
    language: str
    text: str
    follows: bool


def blocks_of(page: Path) -> list[Block]:
    told = page.read_text(encoding="utf-8")
    blocks, end = [], 0
    for match in _FENCE.finditer(told):
        follows = bool(blocks) and not told[end : match.start()].strip()
        line = told.count("\n", 0, match.start()) + 1
        blocks.append(Block(line, match[1] or "", match[2], match[3], follows))
        end = match.end()
    return blocks


def script_of(page: Path) -> tuple[str, dict[int, str]]:
    """Give the page as one script, and what each numbered block is to print."""
    lines, expected = ["set -eu -o pipefail"], {}
    blocks = blocks_of(page)
    shell = 0
    for block in blocks:
        if block.language == "sh" and not block.mark:
            shell = block.line
            told = _FAILING.sub(_checked, block.text)
            lines += [f"echo '@@ {shell}' >&2", f"echo '@@ {shell}'", told]
        elif block.language == "text" and block.follows and shell:
            expected[shell] = block.text
    return "\n".join(lines), expected


def _checked(match: re.Match[str]) -> str:
    """Run a command that is to fail, say its code as the page does, and hold it to that code."""
    command, said, code = match.groups()
    return (
        f'it=0; {command} || it=$?; echo "{said}$it"\n'
        f'[ "$it" = {code} ] || {{ echo "line ended with $it, not {code}" >&2; exit 1; }}'
    )


def on_terminal(script: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """Run a script in bash with a terminal for stdout; give its code, stdout and stderr."""
    ours, theirs = os.openpty()
    heard: list[bytes] = []

    def listen() -> None:
        try:
            while told := os.read(ours, 65536):
                heard.append(told)
        except OSError:  # Linux says EIO when the last writer is gone
            return

    listener = threading.Thread(target=listen, daemon=True)
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.Popen(
            ["bash", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=errors,
            env=environ,
            cwd=environ["HOME"],
            start_new_session=True,
        )
        os.close(theirs)
        listener.start()
        try:
            code = done.wait(timeout=DEADLINE)
        finally:
            end_all_of(done)
            listener.join(timeout=10)
            os.close(ours)
        errors.seek(0)
        return code, b"".join(heard).decode().replace("\r\n", "\n"), errors.read()


def end_all_of(script: subprocess.Popen[bytes]) -> None:
    """End what a page left in the background: it has a session, and so a group, of its own."""
    with suppress(ProcessLookupError):
        os.killpg(script.pid, signal.SIGTERM)
    script.wait(timeout=10)


def surroundings(tmp_path: Path, preloaded: Path) -> dict[str, str]:
    """A fresh user on this machine, for whom azjit is on the path."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {k: v for k, v in os.environ.items() if k in {"LANG", "LC_ALL"}}
    return {
        **kept,
        "PATH": os.pathsep.join([str(preloaded), os.environ["PATH"]]),
        "HOME": str(home),
        "AZJIT_STATE_DIR": str(tmp_path / "state"),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TZ": "UTC",
    }


def plain(text: str) -> str:
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are written for bash")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.waits) if name in WAITING else name for name in NAMES],
)
def test_the_blocks_of_a_page_run_as_pasted(name: str, tmp_path: Path, preloaded: Path) -> None:
    script, expected = script_of(ROOT / name)

    code, out, errors = on_terminal(script, surroundings(tmp_path, preloaded))

    assert code == 0, f"{name}: the block after the last @@ line failed\n{errors}\n{out[-2000:]}"
    printed = {
        int(part.partition("\n")[0]): part.partition("\n")[2] for part in out.split("@@ ")[1:]
    }
    for line, text in expected.items():
        assert plain(printed[line]) == plain(text), f"{name}:{line} prints something else"


@pytest.mark.parametrize("name", NAMES)
def test_a_command_that_may_fail_says_its_code(name: str) -> None:
    silent = [
        line
        for block in blocks_of(ROOT / name)
        if block.language == "sh" and not block.mark
        for line in block.text.splitlines()
        if re.search(r"\|\| *(echo|true|:)", line) and not _FAILING.match(line)
    ]

    assert silent == []


@pytest.mark.parametrize(("ends", "passes"), [("exit 5", True), ("exit 4", False), ("true", False)])
def test_a_stated_code_is_checked(ends: str, passes: bool) -> None:  # noqa: FBT001 - a case
    line = f'({ends}) || echo "exit code $?"  # 5'

    done = subprocess.run(
        ["bash", "-euc", _FAILING.sub(_checked, line)], capture_output=True, text=True, check=False
    )

    assert (done.returncode == 0) == passes
    assert done.stdout.startswith("exit code ")


def test_blocks_that_do_not_run_are_known() -> None:
    found: dict[tuple[str, str], int] = {}
    for page, name in zip(PAGES, NAMES, strict=True):
        for block in blocks_of(page):
            if block.mark:
                found[name, block.mark] = found.get((name, block.mark), 0) + 1

    assert found == NOT_RUN


def test_no_azjit_command_hides_from_the_tests() -> None:
    # The reference is generated, and test_commands.py runs each of its examples.
    written = [name for name in NAMES if not name.startswith("docs/reference/")]

    hidden = [
        f"{name}:{block.line}"
        for name in written
        for block in blocks_of(ROOT / name)
        if re.search(r"^\s*(?:\$ )?azjit ", block.text, re.MULTILINE)
        and block.language != "sh"
        and block.mark != "pipeline"
    ]

    assert hidden == [], "azjit commands belong in sh blocks, where they run"


def test_the_two_commands_stand_in_the_readme_word_for_word() -> None:
    commands = [b.text.strip() for b in blocks_of(ROOT / "README.md") if b.mark == "install"]

    assert commands == [FIRST, SECOND]


@pytest.mark.parametrize("name", [*NAMES, "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    broken = []
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors_of(file)):
            broken.append(target)

    assert broken == []


def anchors_of(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
