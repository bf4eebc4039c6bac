"""Revokes the access of a request that was deleted: with every live grant named, and asked.

What `Remove` does then is not documented: it may end other access of the same principal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from azjit.azure.pacing import Room
from azjit.context import Context
from azjit.domain.access import PUBLISHER_OPERATOR, RoleAssignment
from azjit.domain.applications import RoleGrant
from azjit.domain.decisions import Case, DecisionResult
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Route
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict, check_place
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, Refused
from azjit.services.deciding import revocation_effect
from azjit.services.deciding.details import details_of
from azjit.services.deciding.judged import check_origin
from azjit.services.deciding.judging import Judging
from azjit.services.deciding.updates import application_of, update_of
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.gone import GoneRequest, GoneRequests
from azjit.services.lookup.reports import Reporter
from azjit.services.recording import record
from azjit.services.sending import Watch, send
from azjit.store.receipts import Outcome

_MAY_END = "this may end: {}"


def gone_case(context: Context, spec: DecisionSpec, case: Case) -> Case | None:
    """Give the case of a revocation whose request was deleted; None if nothing is known of it."""
    try:
        found = context.service(GoneRequests).find(case.asked)
        if found is None:
            return None
        judging, request = context.service(Judging), found.request
        check_origin(context, spec.origin, request)
        if case.is_bound:
            raise Refused(
                f"request {request.name} was deleted: its digest cannot be compared any more",
                hint="leave out --expect-digest, and look at what is asked",
            )
        application = application_of(judging, request)
        check_place(Verdict.REVOKE, request, judging.place(request, application))
        case = _with_grants(context, case, found)
        if case.error is not None:
            return case
        update = update_of(context, spec, case.request, application)
        assert case.report is not None
    except AzjitError as error:
        return case._replace(error=error)
    report = case.report._replace(application=application)
    call = context.solutions.decision(application.id, update)
    return case._replace(report=report, route=Route.APPLICATION, call=call)


def _with_grants(context: Context, case: Case, gone: GoneRequest) -> Case:
    """Give the case of a deleted request, with every live grant of its principals as remarks.

    Where nobody is asked, it has an error.

    Raises:
        Refused: its principals are not known, or they have no access.
        AzjitError: not every grant can be read.
    """
    request = gone.request
    name, group = request.name, request.id.group_id
    principals = _principals_of(request)
    if group is None or not principals:
        raise Refused(
            f"request {name} was deleted, and for whom it was is not known",
            hint="see who has access now: azjit consumer access",
        )
    held = _held(context, group, principals)
    if not request.rows:
        rows = dict.fromkeys(RoleGrant(one.principal, one.role) for one in held if one.is_whole)
        request = request._replace(rows=tuple(rows))
    report = context.service(Reporter).request(request, to_decide=True)
    case = case._replace(report=report._replace(known_by=gone.known_by), is_gone=True)
    live = tuple(_lines(context, group, principals, held))
    if not live or context.service(AccessReader).of_request(request).held is False:
        raise Refused(
            f"request {name} was deleted, and a read shows no access that it gave",
            hint="see who has access now: azjit consumer access",
        )
    if not case.attended:
        refused = Refused(
            f"the access of request {name}, which was deleted, is not revoked, because nobody was"
            f" asked: this may end: {'; '.join(live)}",
            hint="revoke it at a terminal without --yes, or end the assignments in the portal",
        )
        return case._replace(error=refused)
    first = f"request {name} was deleted{f' {gone.told}' if gone.told else ''}"
    return case._replace(remarks=(first, *map(_MAY_END.format, live)))


def revoke(context: Context, case: Case, room: Room, watch: Watch) -> DecisionResult:
    """Send the planned call, if every grant is as it was shown, and read what it came to.

    Raises:
        Refused: another grant has appeared, or the request is there again.
    """
    assert case.call is not None
    request = case.request
    before = context.service(AccessReader).of_request(request)
    details = details_of(case, before)
    with record(context, case.action, request.id.text, case.reason, details) as opened:
        _check_as_shown(context, case)
        sent = send(context, case.call, opened.leaves, room)
        done = revocation_effect.read_back(context, case, sent, watch, before=before.held)
        trouble = opened.conclude(
            Outcome.CONFIRMED if done.error is None else Outcome.UNCONFIRMED,
            state=done.shown.request.state_word if done.shown is not None else None,
            detail=done.error.message if done.error is not None else "",
            request_id=sent.request_id,
        )
    return done._replace(trouble=trouble)


def _check_as_shown(context: Context, case: Case) -> None:
    request, group = case.request, case.request.id.group_id
    assert group is not None
    principals = _principals_of(request)
    held = _held(context, group, principals)
    live = [_MAY_END.format(each) for each in _lines(context, group, principals, held)]
    is_there = context.solutions.find_request(request.id) is not None
    if is_there or live != list(case.remarks[1:]):
        raise Refused(
            f"the access of request {request.name} is not revoked: what its principal has changed"
            " since azjit showed it to you",
            hint="look again: azjit consumer access",
        )


def _principals_of(request: JitRequest) -> list[PrincipalId]:
    named = [row.principal for row in request.rows]
    filer = [request.created_by] if request.created_by is not None else []
    return list(dict.fromkeys(named or filer))


def _held(
    context: Context, group: GroupId, principals: Sequence[PrincipalId]
) -> list[RoleAssignment]:
    listed = [each for one in principals for each in context.authorization.assignments(group, one)]
    return [
        each for each in listed if each.applies_in(group) and each.role.guid != PUBLISHER_OPERATOR
    ]


def _lines(
    context: Context,
    group: GroupId,
    principals: Sequence[PrincipalId],
    held: Sequence[RoleAssignment],
) -> Iterator[str]:
    reporter, access = context.service(Reporter), context.service(AccessReader)
    for each in sorted(held, key=lambda one: (one.role.guid, one.id)):
        role = access.role_name(group, each.role) or each.role.text or "an unreadable role"
        who = reporter.principal_name(each.principal) or each.principal.text or "somebody"
        yield f"{role} of {who} at {each.scope or group}"
    now = context.now()
    for request in context.solutions.requests_in(group):
        is_theirs = not request.is_whole or {row.principal for row in request.rows} & set(
            principals
        )
        if is_theirs and request.phase(now).is_granted:
            end = request.schedule.end
            until = f" until {say_utc(end)}" if end is not None else ""
            yield f"what request {request.name or 'without an id'} gives{until}"
