from __future__ import annotations

import pytest

from azjit.sandbox.core import Sandbox
from behind import GraphWatch, People, Wire


@pytest.fixture
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """What reaches Resource Manager; with the mark `everywhere`, outside of subscriptions too."""
    everywhere = request.node.get_closest_marker("everywhere") is not None
    return Wire(monkeypatch, everywhere=everywhere)


@pytest.fixture
def people(world: Sandbox) -> People:
    """Anybody of the world, with another client than azjit."""
    return People(world)


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> GraphWatch:
    """What is asked of Microsoft Graph."""
    return GraphWatch(monkeypatch)
