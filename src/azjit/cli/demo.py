"""`azjit demo`: the whole workflow on a temporary sandbox."""

from __future__ import annotations

import io
import shlex
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Exit, Failed
from azjit.output.render.styles import paint, wants_color
from azjit.output.results.about import Played, story_view
from azjit.process import Process

_INTRO = """\
Fabrikam publishes the managed application "orders", and Contoso runs it.
Fabrikam has read access only. To repair something, its engineers request a
role for a limited time, and Contoso decides. Everything below runs on an
embedded sandbox, without an account or network. Each step shows its command.
"""
_OUTRO = """\
End of the demo. It leaves no files behind. To try it yourself:

    export AZJIT_SANDBOX=1
    {azjit} publisher roles orders
    {azjit} consumer show orders
    {azjit} --help
"""
_NAME = "REQUEST"
_BANNER = "SANDBOX: "
_WIDTH = 74
_LINE = 79

group = typer.Typer()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demo: the reason, the command and its expected exit code."""

    why: str
    command: str
    ends: Exit = Exit.DONE


_STORY = (
    Step(
        "Alice of Fabrikam lists the roles that she can request.",
        "azjit publisher roles orders --as alice",
    ),
    Step(
        "Twelve hours exceed Contoso's maximum. azjit refuses before it sends anything.",
        "azjit publisher request orders --role Contributor --duration 12h --as alice",
        Exit.REFUSED,
    ),
    Step(
        "She requests two hours instead.",
        "azjit publisher request orders --role Contributor --duration 2h"
        " --reason 'INC-4711: order queue is stuck' --as alice",
    ),
    Step(
        "Bob of Contoso lists the pending requests. Another one was already pending.",
        "azjit consumer pending --as bob",
    ),
    Step(
        "He approves. azjit shows him the whole request first and records his reason.",
        "azjit consumer approve REQUEST --reason 'agreed with the shift lead' --yes --as bob",
    ),
    Step(
        "Alice waits until her access is active, which a role assignment must show.",
        "azjit publisher wait REQUEST --for active --as alice"
        " --query '{state: state, access: access.held, seen: access.proof, until: end}'",
    ),
    Step("Bob checks who has access now, and until when.", "azjit consumer show orders --as bob"),
    Step("Three hours pass. The sandbox has its own clock.", "azjit sandbox clock +3h"),
    Step("The access has ended.", "azjit publisher roles orders --as alice"),
    Step("The history shows all requests.", "azjit consumer history orders --as bob"),
)


@command(group, "demo", side="here", lenient=True, example="azjit demo")
def demo(rt: Runtime) -> None:
    """Run the whole workflow on a temporary sandbox, in ten seconds."""
    process = rt.process
    with tempfile.TemporaryDirectory(prefix="azjit-demo-") as folder:
        if rt.console.is_page:
            _tell(process, folder)
            return
        rt.show(story_view(_played(process, folder)))


def _tell(process: Process, folder: str) -> None:
    color = wants_color(process.environ, is_terminal=process.stdout.isatty())
    out = process.stdout
    stage = _stage(process, folder, process.stdout)
    out.write(f"{_INTRO}\n")
    name = ""
    for number, step in enumerate(_STORY, 1):
        title = "\n   ".join(textwrap.wrap(f"{number}. {step.why}", _LINE - 3))
        out.write(paint(title, "title", color=color) + "\n")
        shown = step.command.replace(_NAME, name[:8])
        out.write(paint(f"$ {_folded(shown)}", "quiet", color=color) + "\n\n")
        out.flush()
        _run(step, shown, stage)
        out.write("\n")
        name = name or _filed(stage)
    out.write(_OUTRO.format(azjit=typed(process)))


def _played(process: Process, folder: str) -> Iterator[Played]:
    """Run the steps one by one, and give the output of each."""
    name = ""
    for number, step in enumerate(_STORY, 1):
        output = io.StringIO()
        shown = step.command.replace(_NAME, name[:8])
        stage = _stage(process, folder, output)
        _run(step, shown, stage)
        yield Played(number, step.why, shown, int(step.ends), output.getvalue())
        name = name or _filed(stage)


def typed(process: Process) -> str:
    """Give the command that runs azjit here: its name, or the path that started it."""
    if shutil.which("azjit", path=process.environ.get("PATH")):
        return "azjit"
    called = Path(process.called)
    return shlex.quote(str(called)) if called.stem == "azjit" else "python -m azjit"


def _folded(command: str) -> str:
    """Fold a long command with a backslash at the end of each line but the last."""
    lines, line = [], ""
    for word in map(shlex.quote, shlex.split(command)):
        if line and len(line) + len(word) > _WIDTH:
            lines.append(f"{line} \\")
            line = f"    {word}"
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def _run(step: Step, command: str, stage: Process) -> None:
    from azjit.cli.run import run  # noqa: PLC0415 - the edge imports the commands

    code = run(shlex.split(command)[1:], stage)
    if code != step.ends:
        raise Failed(f"the demo stopped: {command!r} exited with {code}, not {int(step.ends)}")


def _stage(process: Process, folder: str, stdout: TextIO) -> Process:
    variables = {
        "AZJIT_SANDBOX": "1",
        "AZJIT_STATE_DIR": folder,
        "AZJIT_CONFIG_DIR": folder,
        "AZJIT_OUTPUT": "table",
    }
    kept = {key: value for key, value in process.environ.items() if not key.startswith("AZJIT_")}
    aside = cast("TextIO", _Aside(stdout))
    return process._replace(environ={**kept, **variables}, stdout=stdout, stderr=aside)


def _filed(stage: Process) -> str:
    """Give the name of the request that the demo has filed, if there is one."""
    import json  # noqa: PLC0415 - a step aside

    from azjit.cli.run import run  # noqa: PLC0415 - the edge imports the commands

    output = io.StringIO()
    quiet = stage._replace(stdout=output, stderr=io.StringIO())
    look = "publisher history orders --state pending -o json --as alice"
    run(look.split(), quiet)
    found = json.loads(output.getvalue() or "[]")
    return str(found[0]["name"]) if found else ""


class _Aside:
    """Writes the stderr of a command to the stream of the demo, without the sandbox banner."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(_BANNER) else self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
