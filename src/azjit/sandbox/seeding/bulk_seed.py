"""A large world: many similar applications, and requests for them over 90 days.

By default nine of ten applications are in the subscription of production, the others in that of
test; additional subscriptions share them evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from azjit.sandbox.authorization.access import authorizations_of
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.seeding.builders import (
    ApplicationFacts,
    Creation,
    RequestFacts,
    jit_policy,
    rows,
)
from azjit.sandbox.seeding.standing_roles import give_standing_roles
from azjit.sandbox.solutions.deployment import deploy, has_jit, save_group
from azjit.sandbox.solutions.jit_lifecycle import grant
from azjit.sandbox.solutions.request_state import APPROVED, DENIED, PENDING, state_at
from azjit.sandbox.world import people
from azjit.sandbox.world.world import APPLICATION, JIT_REQUEST, Resource, World

# The most of each that a world can have.
MOST = {"applications": 1_000, "requests": 100_000, "subscriptions": 1_000, "waiting": 10_000}
_LARGE = 1_000
_PAGE = "1000"
_SPAN = timedelta(days=90)
_DAY = timedelta(days=1)
_IN_A_GROUP = 25


def grow(world: World, sizes: Mapping[str, int]) -> None:
    """Add subscriptions, applications and requests up to these numbers; `waiting` are pending.

    Raises:
        ValueError: the world has more than that already, or can't have so many.
    """
    have = {
        "applications": world.count(APPLICATION),
        "requests": world.count(JIT_REQUEST),
        "subscriptions": len(world.directory.subscriptions()),
        "waiting": sum(state_at(r, world.now) == PENDING for r in world.every(JIT_REQUEST)),
    }
    wanted = {**have, **sizes}
    for word, number in wanted.items():
        if not have[word] <= number <= MOST[word]:
            raise ValueError(f"a world has {have[word]} to {MOST[word]} {word}, not {number}")
    new = {word: number - have[word] for word, number in wanted.items()}
    if new["waiting"] > new["requests"]:
        text = f"{wanted['waiting']} of {new['requests']} new requests cannot be waiting"
        raise ValueError(text)
    places = _subscriptions(world, wanted["subscriptions"])
    for number in range(1, new["applications"] + 1):
        _deploy(world, number, places)
    _ask(world, new["requests"], new["waiting"] if "waiting" in sizes else None)
    if wanted["requests"] > _LARGE or wanted["applications"] > _LARGE // 10:
        world.connection.execute("INSERT INTO switches VALUES ('', 'page-size', ?)", (_PAGE,))


def _subscriptions(world: World, wanted: int) -> list[str]:
    """Add subscriptions of the consumer; give those that the applications are spread over."""
    directory = world.directory
    have = len(directory.subscriptions())
    if wanted == have:
        return [*[people.PRODUCTION] * 9, people.TEST]
    made = [
        (stable_id(f"fleet/subscription/{n}"), f"Contoso {n:04}", people.CONTOSO)
        for n in range(have, wanted)
    ]
    directory.add_subscriptions(made)
    give_standing_roles(world, [key for key, _name, _tenant in made])
    return [key for key, _name, tenant in directory.subscriptions() if tenant == people.CONTOSO]


def _deploy(world: World, number: int, places: Sequence[str]) -> None:
    name = f"fleet-{number:04}"
    group = f"fleet-{(number - 1) // _IN_A_GROUP + 1:03}"
    subscription = places[(number - 1) % len(places)]
    given = rows([people.ALICE.object_id, people.FABRIKAM_CI.object_id])
    creation = Creation(people.BOB, stamp(world.now - _SPAN - _DAY))
    facts = ApplicationFacts(
        name, group, subscription, f"mrg-{name}", _policy(number), given, people.FABRIKAM, creation
    )
    save_group(world, subscription, group, facts.location)
    deploy(world, facts.body(), given, people.FABRIKAM)


def _policy(number: int) -> dict[str, Any]:
    """Give a JIT policy: of ten, seven manual, two automatic, one without JIT."""
    turn = number % 10
    if turn == 9:  # noqa: PLR2004 the last of ten
        return {"jitAccessEnabled": False}
    if turn >= 7:  # noqa: PLR2004 two before it
        return jit_policy("PT8H", mode="AutoApprove")
    return jit_policy("PT8H", people.BOB, people.APPROVERS)


def _ask(world: World, number: int, waiting: int | None) -> None:
    applications = [
        item
        for item in world.every(APPLICATION)
        if has_jit(item)
        and any(row["principalId"] == people.ALICE.object_id for row in authorizations_of(item))
    ]
    manual = [
        item
        for item in applications
        if item.properties["jitAccessPolicy"]["jitApprovalMode"] == "ManualApprove"
    ]
    until = world.now - _DAY if waiting is not None else world.now
    for facts, approved in _requests(until, applications, number - (waiting or 0)):
        request = facts.resource()
        world.save(request)
        if approved is not None and approved < world.now:
            grant(world, request, approved)
    for facts in _waiting(world.now, manual, waiting or 0):
        world.save(facts.resource())


def _requests(
    until: datetime, applications: list[Resource], number: int
) -> Iterator[tuple[RequestFacts, datetime | None]]:
    """Give requests spread over 90 days, each with the time of its approval."""
    step = _SPAN / max(1, number)
    for index in range(number):
        created = until - _SPAN + index * step
        start = (created + timedelta(minutes=30)).replace(microsecond=0)
        decided = created + timedelta(minutes=7)
        state = _state(index)
        is_decided = state is not None and decided < until
        moves = [(decided, state)] if is_decided and state is not None else []
        application = applications[index % len(applications)]
        facts = _facts(f"fleet/{index}", index, application, (created, start), moves)
        yield facts, decided if is_decided and state == APPROVED else None


def _waiting(now: datetime, applications: list[Resource], number: int) -> Iterator[RequestFacts]:
    """Give pending requests of the last day that start within the next."""
    step = _DAY / max(1, number)
    for index in range(number):
        created = now - _DAY + index * step
        start = (now + timedelta(minutes=30) + index * step).replace(microsecond=0)
        application = applications[index % len(applications)]
        yield _facts(f"fleet/waiting/{index}", index, application, (created, start), [])


def _facts(
    name: str,
    index: int,
    application: Resource,
    times: tuple[datetime, datetime],
    moves: Sequence[tuple[datetime, str]],
) -> RequestFacts:
    person = people.FABRIKAM_CI if index % 3 == 0 else people.ALICE
    created, start = times
    return RequestFacts(
        stable_id(name),
        application.body["id"],
        application.properties["managedResourceGroupId"],
        rows([person.object_id]),
        stamp(start),
        "PT2H",
        people.FABRIKAM,
        Creation(person, stamp(created)),
        [[stamp(created), PENDING], *([stamp(at), state] for at, state in moves)],
    )


def _state(index: int) -> str | None:
    """Give the decision: of twenty requests one is denied, and one is left to expire."""
    turn = index % 20
    if turn == 5:  # noqa: PLR2004 one of twenty
        return DENIED
    return None if turn == 11 else APPROVED  # noqa: PLR2004 another one
