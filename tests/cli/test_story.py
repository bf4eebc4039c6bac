from __future__ import annotations

from harness import Cli


def test_the_whole_story_runs_on_both_transports(both: Cli) -> None:
    name = both.file("orders", "--duration", "2h", "--reason", "INC-1")
    assert both.state_of(name) == "pending"

    both.approve(name)
    waited = both("publisher", "wait", name, "--for", "active", "-o", "json")
    both.later(hours=2, minutes=1)
    roles = both("publisher", "roles", "orders", "-o", "json").json

    assert waited.code == 0, waited.err
    assert waited.json["access"] == {"held": True, "proof": "role assignment"}
    assert {role["state"] for role in roles} == {"eligible"}
