"""What commands send, show and exit with stays as it was recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from exchanges.play import RECORDED, STORIES, play

# Keys that were added since, and Azure's id of a call, which is another in each run.
UNCOMPARED = {
    "automatic",
    "azureRequestId",
    "concerns",
    "decision",
    "durationSeconds",
    "facts",
    "unreadable",
}
# Where a role's definition is read depends on which of eight threads needs its name first.
_DEFINITION = re.compile(r"^GET .*(/providers/Microsoft\.Authorization/roleDefinitions/)")


@pytest.mark.parametrize("name", STORIES)
def test_a_story_has_its_recorded_exchanges(name: str, tmp_path: Path) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))[name]

    played = play(name, tmp_path)

    for then, now in zip(recorded, played, strict=True):
        assert _ending(now) == _ending(then)
        assert _writes(now) == _writes(then)
        more = _reads(now) - _reads(then)
        assert not more, f"{now['argv']} reads what it did not read"


def _ending(told: dict[str, Any]) -> tuple[str, int, Any]:
    return told["argv"], told["code"], _known(told["shown"])


def _known(value: Any) -> Any:
    """Leave out keys that are new; everything else is as it was."""
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items() if key not in UNCOMPARED}
    return [_known(inner) for inner in value] if isinstance(value, list) else value


def _writes(told: dict[str, Any]) -> list[str]:
    return sorted(call for call in told["calls"] if not call.startswith("GET "))


def _reads(told: dict[str, Any]) -> set[str]:
    # How often one thing is read depends on the threads too.
    reads = (call for call in told["calls"] if call.startswith("GET "))
    return {_DEFINITION.sub(r"GET \1", call) for call in reads}
