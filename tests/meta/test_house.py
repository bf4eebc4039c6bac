"""The house keeps its own rules: sizes, names, what the pages and the lock claim."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from azjit.azure import routes
from azjit.sandbox.switches import SWITCHES

ROOT = Path(__file__).parents[2]
LONGEST = 350
# Longer already, and only ever shorter: whoever splits one takes its line away.
# Folders of somebody's machine; Homebrew's is the same on every Mac.
MACHINE = re.compile(r"(?<![\w.~/-])/(?:root|work|opt(?!/homebrew/)|mnt|Users)/")
HOME = re.compile(r"/home/(?!a\b)\w+")


def tracked() -> list[Path]:
    """Give the files of the repository; in an unpacked archive all that are no leftovers."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = os.fsdecode(done.stdout).split("\0") if done.returncode == 0 else []
    files = [ROOT / name for name in names if name] or [
        path
        for folder in ("src", "tests", "docs", ".ci", ".github")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    ]
    return [path for path in files if path.is_file()]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_no_module_is_longer_than_it_may_be() -> None:
    long = {}
    for path in (ROOT / "src").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        lines = len(text_of(path).splitlines())
        if lines > LONGEST:
            long[name] = lines

    assert long == {}


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if MACHINE.search(line) or HOME.search(line)
    ]

    assert found == []


def test_every_module_says_in_its_first_line_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if not re.match(r'""".+[.:?]', text_of(path))
    ]

    assert silent == []


def test_the_lock_knows_public_places_only() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", text_of(ROOT / "uv.lock")))

    assert hosts <= {"pypi.org", "files.pythonhosted.org"}


def test_the_lock_is_made_for_these_dependencies() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    locked = tomllib.loads(text_of(ROOT / "uv.lock"))["package"]
    ours = next(package for package in locked if package["name"] == "azjit")
    wanted = {
        canonical(re.match(r"[\w.-]+", line)[0])  # type: ignore[index]  # each names a package
        for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    }

    assert {entry["name"] for entry in ours["metadata"]["requires-dist"]} == wanted


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_ci_runs_on_every_python_that_the_package_names() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    named = [c.rsplit(" ", 1)[1] for c in project["classifiers"] if "Python :: 3." in c]
    workflow = text_of(ROOT / ".github/workflows/ci.yml")
    matrix = re.search(r"python: (\[.*\])", workflow)

    assert matrix is not None
    assert json.loads(matrix[1]) == named


def test_ci_is_one_command() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "run: .ci/run" in text_of(ROOT / ".github/workflows/ci.yml")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_json_in_the_pages_is_json(page: Path) -> None:
    for block in re.findall(r"^```json\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL):
        assert json.loads(block)


def test_the_wire_page_names_every_version_that_is_sent() -> None:
    page = text_of(ROOT / "docs/explanation/azure-wire.md")
    versions = {
        value for value in vars(routes).values() if isinstance(value, str) and value[:2] == "20"
    }

    assert versions
    assert {version for version in versions if version not in page} == set()


def test_the_wire_page_names_every_switch_of_the_sandbox() -> None:
    page = text_of(ROOT / "docs/explanation/azure-wire.md")

    for switch in SWITCHES:
        values = ", ".join(switch.values) or "a number"
        assert f"| `{switch.key}` | {values} | {switch.confidence} |" in page
