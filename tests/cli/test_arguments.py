"""Arguments that several commands parse in the same way."""

from __future__ import annotations

import pytest

from azjit.cli import arguments as args
from azjit.domain.ids import GroupId
from azjit.errors import Usage

GROUP = "/subscriptions/1/resourceGroups/mrg"
ADA = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_every_state_that_is_shown_can_be_asked_for() -> None:
    assert args.STATES == (
        "pending",
        "approved",
        "denied",
        "failed",
        "canceled",
        "expired",
        "timed out",
        "not specified",
        "unknown",
    )
    assert args.PHASES == ("pending", "scheduled", "approved", "ended", "closed", "unknown")


def test_a_group_by_its_id() -> None:
    assert args.group_of(f" {GROUP}/ ") == GroupId(GROUP)


@pytest.mark.parametrize("text", ["/subscriptions/1", f"{GROUP}/providers/a.b/c/d", "mrg", ""])
def test_what_is_no_group_is_refused(text: str) -> None:
    with pytest.raises(Usage) as refused:
        args.group_of(text)

    assert refused.value.hint is not None


def test_what_was_not_said_stays_unsaid() -> None:
    assert args.group_of(None) is None
    assert args.length_of(None) is None
    assert args.note_of(None) is None
    assert args.principal_of(None) is None


def test_a_note_is_kept_without_the_space_around_it() -> None:
    assert args.note_of(" not needed\n") == "not needed"
