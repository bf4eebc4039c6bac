"""What is known of a request when somebody judges it: lengths, times and claims, each once.

None is what is not known. When a request that is approved after its start ends is not documented:
it may end at its start plus its length, or run for its whole length. So the latest end counts for
other grants, and the earliest one for the time that is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from azjit.domain.access import Caller, RoleDefinition
from azjit.domain.applications import Application, JitState, NamedGrant, RoleGrant
from azjit.domain.ids import PrincipalId
from azjit.domain.powers import Power, powers_of
from azjit.domain.requests import JitRequest, RequestState

# A request that begins so soon after the end of a grant continues it.
ADJOINING = timedelta(hours=1)


class Grants:
    """The requests among many that give access, or may give it, found by their principals."""

    def __init__(self, requests: Iterable[JitRequest]) -> None:
        self._by_principal: dict[PrincipalId, list[JitRequest]] = {}
        self._of_anybody: list[JitRequest] = []
        for each in requests:
            if each.state is RequestState.PENDING or each.state.is_refused:
                continue
            if not each.rows or each.unread_rows:
                self._of_anybody.append(each)
                continue
            for principal in {row.principal for row in each.rows}:
                self._by_principal.setdefault(principal, []).append(each)

    def of(self, principals: Iterable[PrincipalId]) -> Iterator[JitRequest]:
        """Give those of these principals, and those of which nobody knows whose they are."""
        theirs = {each.id: each for key in principals for each in self._by_principal.get(key, ())}
        yield from theirs.values()
        yield from self._of_anybody


class Reading(NamedTuple):
    """What was read of a request and around it; what was not read is None or missing.

    `caller` tells its groups among the principals of the request only. `others` are the grants of
    the same application. `kinds` gives the kind of a principal, by its key, and `built_in` the
    names of the built-in roles that are known offline, by their GUIDs. A person is asked about a
    decision that is `attended`.
    """

    request: JitRequest
    application: Application | None
    caller: Caller
    now: datetime
    roles: Mapping[str, RoleDefinition] = MappingProxyType({})
    eligible: tuple[RoleGrant, ...] | None = None
    others: Grants | None = None
    kinds: Mapping[str, str] = MappingProxyType({})
    built_in: Mapping[str, str] = MappingProxyType({})
    is_approver: bool | None = None
    attended: bool = False


class RoleFacts(NamedTuple):
    """A role that is asked for, and what it can do; None if that is not known."""

    grant: NamedGrant
    powers: frozenset[Power] | None


class JudgedFacts(NamedTuple):
    """The facts of one request; None if not known.

    `left` is until its start plus its length, and `latest_end` is where it runs its whole length
    from an approval now. `is_exempt` tells whether its publisher is of another tenant. `overlaps`
    are the grants of the same principal at that time, and `continues` those that it adjoins, with
    their joint length.
    """

    length: timedelta | None
    maximum: timedelta | None
    starts_in: timedelta | None
    left: timedelta | None
    waited: timedelta | None
    latest_end: datetime | None
    is_own: bool | None
    is_approver: bool | None
    is_in_place: bool | None
    is_of_publisher: bool | None
    is_eligible: bool | None
    has_standing_access: bool | None
    is_exempt: bool | None
    roles: tuple[RoleFacts, ...]
    overlaps: tuple[JitRequest, ...] | None
    continues: tuple[JitRequest, ...] | None
    joint_length: timedelta | None
    claims: Mapping[str, str | None]


def facts_of(read: Reading) -> JudgedFacts:
    """Compute the facts of a request from what was read."""
    request, application, now = read.request, read.application, read.now
    schedule, created = request.schedule, request.created_at
    policy = application.policy if application is not None else None
    grants = _grants(read)
    chain = _continued(request, grants) if grants is not None else None
    return JudgedFacts(
        length=schedule.duration,
        maximum=policy.maximum if policy is not None else None,
        starts_in=_until(schedule.start, now),
        left=_left(request, now),
        waited=max(now - created, timedelta()) if created is not None else None,
        latest_end=latest_end(request, now),
        is_own=_is_own(request, read.caller),
        is_approver=read.is_approver,
        is_in_place=is_in_place(request, application) if application is not None else None,
        is_of_publisher=_is_same(
            request.publisher_tenant,
            application.publisher_tenant if application is not None else None,
        ),
        is_eligible=_is_eligible(request, read.eligible),
        has_standing_access=_is_standing(application),
        is_exempt=_not(_is_same(request.publisher_tenant, read.caller.tenant)),
        roles=tuple(_role_facts(row, read.roles) for row in (*request.rows, *request.unread_rows)),
        overlaps=_overlapping(request, grants, now) if grants is not None else None,
        continues=chain,
        joint_length=_joint(request, chain),
        claims={"reason": request.reason_claim, "ticket": request.ticket_claim},
    )


def latest_end(request: JitRequest, now: datetime) -> datetime | None:
    """Give when access ends at the latest, if the request is approved now."""
    start, length = request.schedule.start, request.schedule.duration
    if start is None or length is None:
        return None
    try:
        return max(start, now) + length
    except OverflowError:
        return None


def is_in_place(request: JitRequest, application: Application) -> bool:
    """Tell whether a request is in the managed resource group of its own application."""
    group = application.managed_group
    is_here = group is not None and group == request.id.group_id
    return is_here and request.application == application.id


def is_approver(application: Application, caller: Caller) -> bool | None:
    """Tell whether the settings name the caller, or a group with it, as an approver."""
    if not application.is_read:
        return None
    named = application.policy.approvers if application.policy is not None else ()
    places = [each.id == caller.id or caller.is_in(each.id) for each in named if not each.is_blank]
    if any(places):
        return True
    return None if None in places or len(places) < len(named) else False


def unknown_groups(request: JitRequest, caller: Caller) -> list[PrincipalId]:
    """Give the principals of a request that may be groups with the caller in them."""
    return [each for each in request.possible_groups if caller.is_in(each) is None]


def _is_own(request: JitRequest, caller: Caller) -> bool | None:
    people = {row.principal for row in (*request.rows, *request.unread_rows)}
    if caller.id in {*people, request.created_by} or any(map(caller.is_in, people)):
        return True
    return None if unknown_groups(request, caller) else False


def _is_same(one: str | None, other: str | None) -> bool | None:
    return one.lower() == other.lower() if one is not None and other is not None else None


def _not(told: bool | None) -> bool | None:  # noqa: FBT001 - it is the value itself
    return not told if told is not None else None


def _is_eligible(request: JitRequest, eligible: tuple[RoleGrant, ...] | None) -> bool | None:
    return all(row in eligible for row in request.rows) if eligible is not None else None


def _is_standing(application: Application | None) -> bool | None:
    jit = application.jit if application is not None else JitState.UNKNOWN
    return jit is JitState.OFF if jit is not JitState.UNKNOWN else None


def _role_facts(row: RoleGrant, roles: Mapping[str, RoleDefinition]) -> RoleFacts:
    read = roles.get(row.role.guid)
    named = NamedGrant(row.role, read.name if read is not None else None, row.principal, None)
    return RoleFacts(named, powers_of(read))


def _until(at: datetime | None, now: datetime) -> timedelta | None:
    return max(at - now, timedelta()) if at is not None else None


def _left(request: JitRequest, now: datetime) -> timedelta | None:
    start, end = request.schedule.start, request.schedule.end
    return max(end - max(start, now), timedelta()) if start is not None and end else None


def _grants(read: Reading) -> list[JitRequest] | None:
    """Give the grants of the same principals; None if one of them may not be known."""
    request = read.request
    if read.others is None or not request.rows:
        return None
    found = []
    for other in read.others.of(row.principal for row in request.rows):
        if other.id == request.id or other.application not in {None, request.application}:
            continue
        if other.state is not RequestState.APPROVED or not (other.is_whole and other.application):
            return None
        found.append(other)
    return found


def _overlapping(
    request: JitRequest, grants: Iterable[JitRequest], now: datetime
) -> tuple[JitRequest, ...]:
    start, end = request.schedule.start, latest_end(request, now)
    if start is None or end is None:
        return ()
    return tuple(
        each
        for each in grants
        if each.schedule.start is not None
        and (theirs := _end_of_grant(each)) is not None
        and each.schedule.start < end
        and max(start, now) < theirs
    )


def _end_of_grant(request: JitRequest) -> datetime | None:
    """Give when a grant ends at the latest: where it was approved late, that is later."""
    start = request.schedule.start
    approved = request.changed_at or start
    return latest_end(request, approved) if approved is not None else None


def _continued(request: JitRequest, grants: Iterable[JitRequest]) -> tuple[JitRequest, ...]:
    """Give the grants that a request continues, one after the other, the latest first."""
    rows, found = set(request.rows), list[JitRequest]()
    left = [each for each in grants if rows & set(each.rows)]
    at = request.schedule.start
    while at is not None:
        before = next(_ending_at(at, left), None)
        if before is None:
            break
        left.remove(before)
        found.append(before)
        at = before.schedule.start
    return tuple(found)


def _ending_at(at: datetime, grants: Iterable[JitRequest]) -> Iterator[JitRequest]:
    for each in grants:
        ends = {each.schedule.end, _end_of_grant(each)} - {None}
        if any(abs(at - end) <= ADJOINING for end in ends if end is not None):
            yield each


def _joint(request: JitRequest, chain: tuple[JitRequest, ...] | None) -> timedelta | None:
    first = chain[-1].schedule.start if chain else None
    end = request.schedule.end
    return end - first if first is not None and end is not None else None
