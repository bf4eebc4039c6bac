"""The rules of this repository: sizes, names, the claims of the pages and the lock file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from azjit.azure import routes
from azjit.sandbox.base.switches import SWITCHES

ROOT = Path(__file__).parents[2]
LONGEST = 300
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


def test_a_class_name_means_one_thing() -> None:
    places: dict[str, list[str]] = {}
    for path in (ROOT / "src").rglob("*.py"):
        for name in re.findall(r"^ *class (\w+)", text_of(path), re.MULTILINE):
            places.setdefault(name, []).append(path.relative_to(ROOT).as_posix())

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_no_service_asks_or_knows_a_dry_run() -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src/azjit/services").rglob("*.py")
        if re.search(r"\bdry_run\b|\bconfirm\(|\.ask\(|\btell\b *[:=(]", text_of(path))
    ]

    assert asking == []


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


def test_ci_tries_completion_in_real_shells() -> None:
    workflow = text_of(ROOT / ".github/workflows/ci.yml")

    assert "apt-get install -y -qq zsh fish bash-completion" in workflow
    assert 'REQUIRE_SHELLS: "1"' in workflow


def test_just_check_compares_whatever_ci_compares() -> None:
    compared = re.findall(r"scripts/(\w+)\.py\"? --check", text_of(ROOT / ".ci/run"))
    generated = re.search(r"for script in (.+); do", text_of(ROOT / ".ci/run"))
    assert generated is not None
    scripts = {*compared, *(f"generate_{name}" for name in generated[1].split())}
    justfile = text_of(ROOT / "justfile")

    assert len(scripts) == 4
    assert {name for name in scripts if f"scripts/{name}.py --check" not in justfile} == set()
    assert {name for name in scripts if f"scripts/{name}.py\n" not in justfile} == set()


def test_every_package_is_in_every_contract_that_it_could_break() -> None:
    contracts = text_of(ROOT / ".importlinter").split("[importlinter:contract:")[1:]
    told = {
        part.partition("]")[0]: set(re.findall(r"^ +(azjit\.\w+)", part, re.MULTILINE))
        for part in contracts
    }
    packages = {
        f"azjit.{path.stem}"
        for path in (ROOT / "src/azjit").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }

    assert packages - told["sandbox"] == set()
    assert packages - told["output"] == {"azjit.domain", "azjit.errors"}


@pytest.mark.parametrize(("run", "code"), [(10, 0), (9, 1)])
def test_a_package_below_its_floor_fails(tmp_path: Path, run: int, code: int) -> None:
    def file(lines: int) -> dict[str, object]:
        summary = {
            "num_statements": 10,
            "num_branches": 0,
            "covered_lines": lines,
            "covered_branches": 0,
        }
        missing = [7] if lines < 10 else []
        return {"summary": summary, "missing_lines": missing, "missing_branches": []}

    modules = ("domain/a", "azure/wire/a", "errors", "output/a", "services/a")
    files = {f"src/azjit/{module}.py": file(10) for module in modules}
    files["src/azjit/domain/a.py"] = file(run)
    told = tmp_path / "coverage.json"
    told.write_text(json.dumps({"files": files}))

    done = subprocess.run(
        [sys.executable, ROOT / "scripts/coverage_floors.py", told],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code
    assert ("azjit/domain/a.py:7" in done.stdout) == bool(code)


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
        values = ", ".join(switch.values) or switch.takes
        assert f"| `{switch.key}` | {values} | {switch.default} | {switch.confidence} |" in page


def test_the_manual_page_has_what_a_reader_of_manuals_looks_for() -> None:
    page = text_of(ROOT / "man/azjit.1")

    sections = re.findall(r"^\.SH (.+)$", page, re.MULTILINE)
    examples = re.findall(r"^azjit .+$", page.partition(".SH EXAMPLES")[2], re.MULTILINE)

    assert {"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT"} <= {*sections}
    assert sections[-3:] == ["FILES", "EXAMPLES", "SEE ALSO"]
    assert re.search(r"^\.I APP$", page, re.MULTILINE)
    assert re.search(r"^\.I REQUEST$", page, re.MULTILINE)
    assert len(examples) >= 3
