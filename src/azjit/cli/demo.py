"""`azjit demo`: the story on a sandbox of its own; it leaves nothing behind."""

from __future__ import annotations

import io
import shlex
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO, cast

import typer

from azjit.cli.command import leaf
from azjit.errors import Exit, Failed
from azjit.output.render.styles import paint, wants_color
from azjit.output.results.about_shapes import StoryItem
from azjit.process import Process
from azjit.runtime import Runtime

_INTRO = """\
Fabrikam publishes "orders", a managed application; Contoso runs it. Fabrikam
may only read there. To repair something, its engineers ask for a role for a
time, and Contoso decides. Everything below runs on the embedded sandbox: no
account, no network, nothing real. Each step shows the command that it runs.
"""
_OUTRO = """\
That was the story. Nothing is left behind. To play it yourself:

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
    """One step of the story: why, which command, and how it must end."""

    why: str
    command: str
    ends: Exit = Exit.DONE


_STORY = (
    Step(
        "Alice of Fabrikam looks at the roles that she may ask for.",
        "azjit publisher roles orders --as alice",
    ),
    Step(
        "Twelve hours are more than Contoso allows. That is said before anything is sent.",
        "azjit publisher request orders --role Contributor --duration 12h --as alice",
        Exit.REFUSED,
    ),
    Step(
        "So she asks for two.",
        "azjit publisher request orders --role Contributor --duration 2h"
        " --reason 'INC-4711: order queue is stuck' --as alice",
    ),
    Step(
        "Bob of Contoso sees what waits. A second request waits there already.",
        "azjit consumer pending --as bob",
    ),
    Step(
        "He approves. He is shown all of it first; his reason is kept in the receipts.",
        "azjit consumer approve REQUEST --reason 'agreed with the shift lead' --yes --as bob",
    ),
    Step(
        "Alice waits until her access is really there: a role assignment must show it.",
        "azjit publisher wait REQUEST --for active --as alice"
        " --query '{state: state, access: access.held, seen: access.proof, until: end}'",
    ),
    Step(
        "Bob sees who has access now, and until when.",
        "azjit consumer show orders --as bob",
    ),
    Step("Three hours pass: the sandbox has a clock of its own.", "azjit sandbox clock +3h"),
    Step(
        "The access has gone by itself.",
        "azjit publisher roles orders --as alice",
    ),
    Step(
        "And all of it is on record.",
        "azjit consumer history orders --as bob",
    ),
)


@leaf(group, "demo", side="here", lenient=True, example="azjit demo")
def demo(rt: Runtime) -> None:
    """Tell the whole story on the sandbox, in ten seconds."""
    process = rt.process
    with tempfile.TemporaryDirectory(prefix="azjit-demo-") as folder:
        if rt.console.is_page:
            _tell(process, folder)
            return
        from azjit.output.results.about import story_view  # noqa: PLC0415 - the tale needs no view

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


def _played(process: Process, folder: str) -> Iterator[StoryItem]:
    """Play the story step by step, and give what each printed."""
    name = ""
    for number, step in enumerate(_STORY, 1):
        heard = io.StringIO()
        shown = step.command.replace(_NAME, name[:8])
        stage = _stage(process, folder, heard)
        _run(step, shown, stage)
        yield {
            "step": number,
            "why": step.why,
            "command": shown,
            "exit": int(step.ends),
            "output": heard.getvalue(),
        }
        name = name or _filed(stage)


def typed(process: Process) -> str:
    """Give azjit as it can be typed here: by its name, or by the path that it was called by."""
    if shutil.which("azjit", path=process.environ.get("PATH")):
        return "azjit"
    called = Path(process.called)
    return shlex.quote(str(called)) if called.stem == "azjit" else "python -m azjit"


def _folded(command: str) -> str:
    """Fold a long command as a shell reads it: a backslash at the end of each line but the last."""
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
        raise Failed(f"the story broke off: {command!r} ended with {code}, not {int(step.ends)}")


def _stage(process: Process, folder: str, stdout: TextIO) -> Process:
    told = {
        "AZJIT_SANDBOX": "1",
        "AZJIT_STATE_DIR": folder,
        "AZJIT_CONFIG_DIR": folder,
        "AZJIT_OUTPUT": "table",
    }
    kept = {key: value for key, value in process.environ.items() if not key.startswith("AZJIT_")}
    aside = cast("TextIO", _Aside(stdout))
    return replace(process, environ={**kept, **told}, stdout=stdout, stderr=aside)


def _filed(stage: Process) -> str:
    """Give the name of the request that the story has filed, if it has by now."""
    import json  # noqa: PLC0415 - a step aside

    from azjit.cli.run import run  # noqa: PLC0415 - the edge imports the commands

    heard = io.StringIO()
    quiet = replace(stage, stdout=heard, stderr=io.StringIO())
    look = "publisher history orders --state pending -o json --as alice"
    run(look.split(), quiet)
    found = json.loads(heard.getvalue() or "[]")
    return str(found[0]["name"]) if found else ""


class _Aside:
    """What a command says on stderr, told in the story's own stream, the banner left out."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(_BANNER) else self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
