"""Details of receipts are read from any JSON: what is missing or malformed is None or empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azjit.domain.applications import ApprovalMode
from azjit.store import receipt_details
from azjit.store.intents import Intent, Outcome
from azjit.store.receipt_details import (
    DecisionDetails,
    RequestDetails,
    SettingsDetails,
    decode_details,
)


def test_an_unknown_action_has_no_details() -> None:
    assert decode_details("transfer", {"to": "x"}) is None


@pytest.mark.parametrize(
    "json",
    [
        {},
        {"application": 5, "rows": 5, "start": "then", "durationSeconds": "long", "ticket": []},
        {"rows": ["x", [], ["only one"], [1, 2]]},
    ],
)
def test_malformed_values_are_none_or_empty(json: dict[str, Any]) -> None:
    assert decode_details("request", json) == RequestDetails(None, (), None, None, None)


def test_settings_that_azjit_does_not_know_are_kept_as_texts() -> None:
    after = {"enabled": True, "mode": "Quorum", "maximumSeconds": "P1M", "approvers": None}

    details = decode_details("configure", {"before": 5, "after": after})

    assert isinstance(details, SettingsDetails)
    assert details.before is None
    assert details.after is not None
    assert (details.after.mode, details.after.mode_text) == (ApprovalMode.UNKNOWN, "Quorum")
    assert (details.after.maximum, details.after.maximum_text) == (None, "P1M")
    assert details.after.approvers == ()


def test_a_decision_without_a_read_of_the_access_does_not_know_it() -> None:
    details = decode_details("revoke", {"digest": "d"})

    assert isinstance(details, DecisionDetails)
    assert (details.digest, details.access_before) == ("d", None)


def test_an_intent_without_anything_is_empty() -> None:
    intent = Intent.read({})

    assert (intent.action, intent.target, intent.actor.name, intent.reason) == ("", "", "", None)
    assert intent.known_details is None


def test_an_unknown_outcome_confirms_nothing() -> None:
    assert Outcome.read("glorious") is Outcome.UNCONFIRMED


def test_the_reference_names_each_action_and_each_key() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/receipts.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    for action, kind in receipt_details._TYPES.items():
        (row,) = [row for row in rows if f"`{action}`" in row.split("|")[1]]
        for field in receipt_details._fields(kind):
            assert f"`{field.key}`" in row, (action, field.key)
