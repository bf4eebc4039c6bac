"""The pipelines in docs/how-to/pipelines.md parse, and their scripts run on the sandbox."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "pipelines.md"
ALICE = "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450"
FABRIKAM = "43d6cf76-e6b5-5558-9d34-e89982865423"
CONTOSO = "b2ece393-446a-5439-9713-016f816356b9"
PRODUCTION = "fa11d9a1-0ff9-5600-a23b-4ed7c79661c3"
APPS = f"/subscriptions/{PRODUCTION}/resourceGroups/contoso-apps/providers/Microsoft.Solutions"
PUBLISHER = {
    "APP": f"{APPS}/applications/reports",
    "RUN": "https://ci.example/runs/42",
    "AZJIT_EXPECT_TENANT": FABRIKAM,
}
CONSUMER = {
    "APP": f"{APPS}/applications/orders",
    "PUBLISHER": ALICE,
    "AZJIT_EXPECT_TENANT": CONTOSO,
    "AZJIT_SUBSCRIPTION": PRODUCTION,
}
ORDERS = ("publisher", "request", "orders", "--role", "Contributor", "--duration")

_BLOCK = re.compile(r"^<!-- pipeline -->\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_IF = re.compile(r"steps\.\w+\.outputs\.(\w+) == '(\w+)'")
_VARIABLE = re.compile(r"\$(?:\{\{ .+? \}\}|\([\w.]+\))")


@dataclass(frozen=True)
class Step:
    """A script, the variables that the pipeline gives it, and its condition."""

    script: str
    environ: Mapping[str, str]
    condition: str


def pipelines() -> list[Any]:
    return [yaml.safe_load(block) for block in _BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


def steps_of(pipeline: Mapping[str, Any]) -> Iterator[Step]:
    """The scripts of a pipeline of either kind, but for the one that installs azjit."""
    jobs = pipeline.get("jobs")
    for job in jobs.values() if jobs else [pipeline]:
        for step in job["steps"]:
            script = step.get("run") or step.get("script") or ""
            script = script or step.get("inputs", {}).get("inlineScript", "")
            if "azjit " in script:
                environ = {**job.get("env", {}), **step.get("env", {})}
                yield Step(script, environ, step.get("if", ""))


def play(pipeline: Any, told: Mapping[str, str], place: Path) -> str:
    """Run a pipeline's scripts as a runner does; give what they wrote on stdout."""
    outputs = place / "outputs"
    outputs.touch()
    written = []
    for step in steps_of(pipeline):
        known = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        wanted = _IF.fullmatch(step.condition)
        if wanted is not None and known.get(wanted[1]) != wanted[2]:
            continue
        environ = {name: variable(name, text, told, known) for name, text in step.environ.items()}
        written.append(bash(step.script, {**environ, "GITHUB_OUTPUT": str(outputs)}, place))
    return "".join(written)


def variable(name: str, text: str, told: Mapping[str, str], known: Mapping[str, str]) -> str:
    """A variable's value: as the page writes it, or what the runner would put there."""
    if not _VARIABLE.search(text):
        return text
    return told.get(name) or known.get(name.lower()) or "00000000-0000-4000-8000-000000000000"


def bash(script: str, environ: Mapping[str, str], place: Path) -> str:
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "TZ": "UTC",
        "AZJIT_SANDBOX": "1",
        **environ,
        "AZJIT_STATE_DIR": str(place / "azjit-state"),
    }
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        env=surroundings,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(autouse=True)
def _on_the_path(preloaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(preloaded), prepend=os.pathsep)


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    def asked(*argv: str) -> None:
        bash(f"azjit {' '.join(argv)} -o none", {}, tmp_path)

    return asked


def test_the_page_has_three_pipelines_that_install_azjit_first() -> None:
    found = pipelines()

    assert len(found) == 3
    for pipeline in found:
        jobs = pipeline.get("jobs") or {"": pipeline}
        firsts = [job["steps"][0] for job in jobs.values()]
        assert all("pipx install" in (step.get("run") or step["script"]) for step in firsts)


def test_github_jobs_may_ask_for_a_token_and_for_nothing_else() -> None:
    github = [pipeline for pipeline in pipelines() if "jobs" in pipeline]

    assert [pipeline["permissions"] for pipeline in github] == [{"id-token": "write"}] * 2


def test_scripts_hold_no_expressions_that_could_become_code() -> None:
    scripts = [step.script for pipeline in pipelines() for step in steps_of(pipeline)]

    assert scripts
    assert [script for script in scripts if _VARIABLE.search(script.replace("$(date", ""))] == []


@pytest.mark.parametrize("which", [0, 2], ids=["github", "azure pipelines"])
def test_asking_gets_to_the_work_and_a_rerun_too(which: int, tmp_path: Path) -> None:
    pipeline = pipelines()[which]

    first = play(pipeline, PUBLISHER, tmp_path)
    again = play(pipeline, PUBLISHER, tmp_path)

    assert "the work goes here" in first
    assert "the work goes here" in again
    listed = bash("azjit publisher history reports --query 'length(@)'", {}, tmp_path)
    assert listed.strip() == "1"


def test_scheduled_maintenance_is_approved(ask: Any, tmp_path: Path) -> None:
    ask(*ORDERS, "2h")

    told = play(pipelines()[1], CONSUMER, tmp_path)

    assert "approved, and a read shows it" in told
    assert list((tmp_path / "azjit-state" / "sandbox").glob("receipts.*"))


def test_what_does_not_fit_is_left_to_a_person(ask: Any, tmp_path: Path) -> None:
    ask(*ORDERS, "1h")

    told = play(pipelines()[1], CONSUMER, tmp_path)

    assert "nothing of the kind waits" in told
