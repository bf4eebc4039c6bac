"""The JSON of what azjit tells about itself: help topics and the demo's story."""

from __future__ import annotations

from typing import Annotated, TypedDict


class TopicItem(TypedDict):
    """A line of a help topic."""

    name: Annotated[str, "the option, kind of sign-in, exit code or variable"]
    meaning: str


class StoryItem(TypedDict):
    """A step of the demo's story."""

    step: int
    why: str
    command: str
    exit: int
    output: Annotated[str, "what the command printed and said"]
