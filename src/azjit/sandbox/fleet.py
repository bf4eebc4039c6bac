"""A large world: a fleet of like applications, and a quarter of requests for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from azjit.sandbox.bodies import ApplicationFacts, Birth, RequestFacts
from azjit.sandbox.cast import (
    ALICE,
    APPROVERS,
    BOB,
    CONTRIBUTOR,
    FABRIKAM,
    FABRIKAM_CI,
    PRODUCTION,
    TEST,
)
from azjit.sandbox.clock import stamp
from azjit.sandbox.deployment import deploy, has_jit, save_group
from azjit.sandbox.ids import known
from azjit.sandbox.jit import grant
from azjit.sandbox.present import APPROVED, DENIED, PENDING
from azjit.sandbox.world import APPLICATION, JIT_REQUEST, Resource, World

MOST_APPLICATIONS, MOST_REQUESTS = 1_000, 100_000
_LARGE = 1_000
_PAGE = "1000"
_SPAN = timedelta(days=90)
_IN_A_GROUP = 25


@dataclass(frozen=True, slots=True)
class Size:
    """How many applications and requests a world is to have, those of the story included."""

    applications: int
    requests: int

    @classmethod
    def of(cls, world: World, applications: int | None, requests: int | None) -> Size:
        """A size; what is not said stays as it is."""
        return cls(
            world.count(APPLICATION) if applications is None else applications,
            world.count(JIT_REQUEST) if requests is None else requests,
        )

    def check(self, world: World) -> None:
        """Hold the size to what this world can have.

        Raises:
            ValueError: it is too small for what is there, or too large.
        """
        least = world.count(APPLICATION), world.count(JIT_REQUEST)
        told = (self.applications, self.requests)
        most = (MOST_APPLICATIONS, MOST_REQUESTS)
        for word, number, low, high in zip(
            ("applications", "requests"), told, least, most, strict=True
        ):
            if not low <= number <= high:
                raise ValueError(f"a world has {low} to {high} {word}, not {number}")


def grow(world: World, size: Size) -> None:
    """Add applications and requests until there are so many."""
    size.check(world)
    have = world.count(APPLICATION)
    for number in range(1, size.applications - have + 1):
        _deploy(world, number)
    _ask(world, size.requests - world.count(JIT_REQUEST))
    if size.requests > _LARGE or size.applications > _LARGE // 10:
        world.connection.execute("INSERT INTO switches VALUES ('', 'page-size', ?)", (_PAGE,))


def _deploy(world: World, number: int) -> None:
    name = f"fleet-{number:04}"
    group = f"fleet-{(number - 1) // _IN_A_GROUP + 1:03}"
    subscription = TEST if number % 10 == 0 else PRODUCTION
    rows = [
        {"principalId": person.object_id, "roleDefinitionId": CONTRIBUTOR}
        for person in (ALICE, FABRIKAM_CI)
    ]
    born = Birth(BOB, stamp(world.now - _SPAN - timedelta(days=1)))
    facts = ApplicationFacts(
        name, group, subscription, f"mrg-{name}", _policy(number), rows, FABRIKAM, born
    )
    save_group(world, subscription, group, facts.location)
    deploy(world, facts.body(), rows, FABRIKAM)


def _policy(number: int) -> dict[str, Any]:
    """Seven of ten with manual approval, two automatic, one without JIT."""
    turn = number % 10
    if turn == 9:  # noqa: PLR2004 the last of ten
        return {"jitAccessEnabled": False}
    is_automatic = turn >= 7  # noqa: PLR2004 two before it
    approvers = [
        {"id": BOB.object_id, "type": "user", "displayName": BOB.name},
        {"id": APPROVERS.object_id, "type": "group", "displayName": APPROVERS.name},
    ]
    return {
        "jitAccessEnabled": True,
        "jitApprovalMode": "AutoApprove" if is_automatic else "ManualApprove",
        "jitApprovers": [] if is_automatic else approvers,
        "maximumJitAccessDuration": "PT8H",
    }


def _ask(world: World, number: int) -> None:
    applications = [
        item
        for item in world.every(APPLICATION)
        if has_jit(item) and any(r["principalId"] == ALICE.object_id for r in _rows(item))
    ]
    for facts, approved in _requests(world.now, applications, number):
        request = facts.resource()
        world.save(request)
        if approved is not None:
            grant(world, request, approved)


def _requests(
    now: datetime, applications: list[Resource], number: int
) -> Iterator[tuple[RequestFacts, datetime | None]]:
    """Requests spread over a quarter, the last ones waiting; with each, when it was approved."""
    step = _SPAN / max(1, number)
    for index in range(number):
        application = applications[index % len(applications)]
        person = FABRIKAM_CI if index % 3 == 0 else ALICE
        created = now - _SPAN + index * step
        start = (created + timedelta(minutes=30)).replace(microsecond=0)
        decided = created + timedelta(minutes=7)
        state = _state(index)
        moves = [[stamp(created), PENDING]]
        if state is not None and decided < now:
            moves.append([stamp(decided), state])
        yield (
            RequestFacts(
                known(f"fleet/{index}"),
                application.body["id"],
                application.properties["managedResourceGroupId"],
                [{"principalId": person.object_id, "roleDefinitionId": CONTRIBUTOR}],
                stamp(start),
                "PT2H",
                FABRIKAM,
                Birth(person, stamp(created)),
                moves,
            ),
            decided if moves[-1][1] == APPROVED else None,
        )


def _state(index: int) -> str | None:
    """What is decided: of twenty requests one is denied, one is left to expire."""
    turn = index % 20
    if turn == 5:  # noqa: PLR2004 one of twenty
        return DENIED
    return None if turn == 11 else APPROVED  # noqa: PLR2004 another one


def _rows(application: Resource) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = application.private["authorizations"]
    return rows
