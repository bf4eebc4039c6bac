"""How help topics, schemas and the demo's story look where a format is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.output.results.about_shapes import StoryItem, TopicItem
from azjit.output.view import Column, View


def topic_view(lines: Iterable[tuple[str, str]]) -> View:
    """List the lines of a help topic."""
    columns = (
        Column("name", "Name", style="strong", priority=9),
        Column("meaning", "Meaning", cut="wrap", priority=8),
    )
    items: list[TopicItem] = [{"name": name, "meaning": meaning} for name, meaning in lines]
    return View("topic", columns, items)


def story_view(steps: Iterable[StoryItem]) -> View:
    """List the steps of the story, each when it has been played."""
    columns = (
        Column("step", "Step", align="right", priority=9),
        Column("why", "Why", cut="wrap", priority=8),
        Column("command", "Command", cut="wrap", priority=8),
        Column("exit", "Exit", align="right", priority=9),
        Column("output", "Output", cut="wrap", priority=1),
    )
    return View("story", columns, steps)


def schema_view(schema: Mapping[str, object]) -> View:
    """Hand over a schema as the document that it is."""
    return View("schema", (), [schema], single=True)
