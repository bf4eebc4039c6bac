"""The files, functions and modules that the pages name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azjit.cli.help_topics import environment_rows

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "azjit"
EXPLAINED = ["architecture", "azure-wire", "performance"]
ARCHITECTURE = ROOT / "docs" / "explanation" / "architecture.md"
NAMING = ["CONTRIBUTING.md", *(f"docs/explanation/{each}.md" for each in EXPLAINED)]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])

# Microsoft's names of licences, and the prefix of the options' own variables.
NO_VARIABLES = {"AAD_PREMIUM", "AAD_PREMIUM_P2", "AZJIT_", "AZURE_CORE_NO_COLOR"}

_VARIABLE = re.compile(r"\"([A-Z][A-Z0-9]*_[A-Z0-9_]*|HOME|TERM|TZ|ZDOTDIR)\"")
_ROOMS = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py)`(?:, `(?:(\w+)\.)?(\w+)\(\)`)?")


def test_the_architecture_names_every_room_and_no_other() -> None:
    block = _ROOMS.search(ARCHITECTURE.read_text(encoding="utf-8"))
    assert block is not None

    named = set(re.findall(r"^(\w+) ", block[1], re.MULTILINE))
    there = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or is_room(path)}
    assert named == there - {"__init__"}


def is_room(path: Path) -> bool:
    return (path / "__init__.py").exists()


@pytest.mark.parametrize("name", NAMING)
def test_files_and_functions_that_a_page_names_are_there(name: str) -> None:
    told = (ROOT / name).read_text(encoding="utf-8")

    missing = [
        file + (f" {function}()" if function else "")
        for file, _, function in _FILE.findall(told)
        if not any(holds(path, function) for path in places_of(file))
    ]

    assert missing == []


def places_of(file: str) -> list[Path]:
    """Where a name may lead to: from the root, from the code, or a bare name anywhere in it."""
    anywhere = SOURCE.rglob(file) if "/" not in file else []
    near = [ROOT / file, SOURCE / file, ROOT / "scripts" / file]
    return [path for path in [*near, *anywhere] if path.exists()]


def holds(path: Path, function: str) -> bool:
    return not function or f"def {function}(" in path.read_text(encoding="utf-8")


def test_every_variable_that_the_code_names_is_in_the_help() -> None:
    code = [path for path in SOURCE.rglob("*.py") if "sandbox" not in str(path)]
    named = {word for path in code for word in _VARIABLE.findall(path.read_text(encoding="utf-8"))}
    told = {name for names, _ in environment_rows() for name in names.split(", ")}

    assert named - NO_VARIABLES - told == set()


def test_every_picture_is_shown_on_a_page() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\((\S+?)\)", page.read_text(encoding="utf-8"))
    }

    drawn = set(ROOT.glob("docs/**/*.svg"))
    assert drawn <= shown
    assert shown <= drawn
