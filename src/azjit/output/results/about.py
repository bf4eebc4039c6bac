"""Help topics, schemas and the steps of the demo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from azjit.output.fields import Column, Field, Many, Result, Shape
from azjit.output.view import View


class Played(NamedTuple):
    """A step of the demo that has run."""

    step: int
    why: str
    command: str
    exit: int
    output: str


TOPIC = Shape[tuple[str, str]](
    "Topic",
    "A row of a help topic.",
    Field("name", str, lambda t: t[0], "the option, kind of sign-in, exit code or variable"),
    Field("meaning", str, lambda t: t[1]),
)
STEP = Shape[Played](
    "Story",
    "A step of the demo.",
    Field("step", int, lambda s: s.step),
    Field("why", str, lambda s: s.why),
    Field("command", str, lambda s: s.command),
    Field("exit", int, lambda s: s.exit),
    Field("output", str, lambda s: s.output, "the output of the command"),
)
TOPICS = Result("topic", Many(TOPIC), "help")
STORY = Result("story", Many(STEP), "demo")
SCHEMA = Result("schema", dict, "schema, sandbox seed --schema")
ANSWER = Result("api", dict, "api")
_TOPIC_COLUMNS = TOPIC.columns(
    Column("name", "Name", style="strong", priority=9),
    Column("meaning", "Meaning", cut="wrap", priority=8),
)
_STEP_COLUMNS = STEP.columns(
    Column("step", "Step", align="right", priority=9),
    Column("why", "Why", cut="wrap", priority=8),
    Column("command", "Command", cut="wrap", priority=8),
    Column("exit", "Exit", align="right", priority=9),
    Column("output", "Output", cut="wrap"),
)


def topic_view(lines: Iterable[tuple[str, str]]) -> View:
    """List the lines of a help topic."""
    return View(TOPICS, _TOPIC_COLUMNS, lines)


def story_view(steps: Iterable[Played]) -> View:
    """List the steps of the demo, each after it has run."""
    return View(STORY, _STEP_COLUMNS, steps)


def schema_view(schema: Mapping[str, object]) -> View:
    """Show a schema as a document."""
    return View(SCHEMA, (), [schema])


def api_view(answer: object) -> View:
    """Show an answer of Resource Manager."""
    return View(ANSWER, (), [answer if isinstance(answer, dict) else {"value": answer}])
