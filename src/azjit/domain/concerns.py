"""What speaks against the approval of a request: one list of codes, with levels and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from azjit.domain import concern_rules as rules
from azjit.domain.facts import JudgedFacts, Reading, facts_of
from azjit.domain.levels import Level, Told


class Concern(NamedTuple):
    """A reason to think twice; `text` follows the request's name, `hint` says what to do."""

    code: str
    level: Level
    text: str
    hint: str = ""


class Sheet(NamedTuple):
    """The facts of a request and its concerns, the heaviest first."""

    facts: JudgedFacts
    concerns: tuple[Concern, ...]

    @property
    def worst(self) -> Concern | None:
        """The heaviest concern, unless there is none."""
        return self.concerns[0] if self.concerns else None

    def holding(self) -> tuple[Concern, ...]:
        """Give what holds up an approval that nobody is asked about."""
        return tuple(each for each in self.concerns if each.level.holds_up)


class Code(NamedTuple):
    """A code with its rule, its level and that of what is not known, and what differs from both."""

    code: str
    find: Callable[[Reading, JudgedFacts], Told | None]
    level: Level
    unknown: Level | None = None
    but: str = ""

    @property
    def when(self) -> str:
        """When it is told: the docstring of its rule."""
        return self.find.__doc__ or ""

    @property
    def can_be_accepted(self) -> bool:
        """Whether an approval that nobody is asked about can accept it."""
        return self.level.holds_up or (self.unknown is not None and self.unknown.holds_up)


_REFUSED, _BLOCKER, _WARNING, _NOTE = Level
CODES = (
    Code("own-request", rules.own, _REFUSED, _REFUSED, "not known, at a terminal: blocker"),
    Code("unreadable", rules.unreadable, _REFUSED, but="it may be denied"),
    Code("other-place", rules.other_place, _REFUSED, _REFUSED),
    Code("other-publisher", rules.other_publisher, _REFUSED, _WARNING),
    Code("ended", rules.ended, _REFUSED, but="it may be denied"),
    Code("over-maximum", rules.over_maximum, _BLOCKER, _WARNING),
    Code("recurring", rules.recurring, _BLOCKER, _BLOCKER),
    Code("not-eligible", rules.not_eligible, _BLOCKER, _WARNING),
    Code("can-give-access", rules.can_give_access, _BLOCKER, _BLOCKER),
    Code("name-conflict", rules.name_conflict, _BLOCKER),
    Code("several-rows", rules.several_rows, _WARNING),
    Code("other-principal", rules.other_principal, _WARNING, _WARNING),
    Code("group-principal", rules.group_principal, _WARNING, _NOTE),
    Code("little-time-left", rules.little_time_left, _WARNING),
    Code("far-start", rules.far_start, _WARNING, but="over 30 days: blocker"),
    Code("overlap", rules.overlap, _WARNING, _WARNING),
    Code("continues", rules.continues, _WARNING, _NOTE),
    Code("stale", rules.stale, _WARNING, _NOTE),
    Code("not-an-approver", rules.not_an_approver, _WARNING, _NOTE, "a service principal: note"),
    Code("acts-through", rules.acts_through, _NOTE, _NOTE),
    Code("standing-access", rules.standing_access, _NOTE, _NOTE),
    Code("policy-exempt", rules.policy_exempt, _NOTE, _NOTE),
)


def sheet_of(read: Reading) -> Sheet:
    """Judge a request by all that was read."""
    facts = facts_of(read)
    found = [(each.code, each.find(read, facts)) for each in CODES]
    concerns = [Concern(code, *told) for code, told in found if told is not None]
    return Sheet(facts, tuple(sorted(concerns, key=lambda each: each.level.rank)))


def appeared(before: Sheet, now: Sheet) -> Iterator[Concern]:
    """Give what holds up an approval now, and did not weigh as much before."""
    known = {each.code: each.level.rank for each in before.concerns}
    for each in now.holding():
        if each.code not in known or each.level.rank < known[each.code]:
            yield each
