"""Makes cases: reads each named request, judges it, and prepares the call that would be sent."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from azjit.azure.error_codes import is_absent
from azjit.context import Context
from azjit.domain.access import Access, Caller
from azjit.domain.applications import Application
from azjit.domain.decisions import Case
from azjit.domain.denial_effects import affected_by_denial
from azjit.domain.ids import ApplicationId, short_name
from azjit.domain.inputs import ChosenRequest, DecisionSpec
from azjit.domain.pim import PimInbox, Route
from azjit.domain.requests import JitRequest
from azjit.domain.rules import (
    AccessUpdate,
    Judgement,
    Verdict,
    check_not_gone,
    judge,
    remarks_on,
    unknown_group,
    unknown_groups,
)
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, NotFound, Refused
from azjit.services.deciding.judged import check_as_judged, check_origin
from azjit.services.deciding.routes import choose, known_to_pim_only
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.named_requests import NamedRequests, NotSurelyOne
from azjit.services.lookup.reports import Reporter
from azjit.services.parallel import SharedReads
from azjit.services.receipt_index import last_decision


class PlanReads(NamedTuple):
    """What the cases of a plan share, so that each of it is read once for all of them."""

    named: NamedRequests
    inbox: PimInbox | None
    applications: SharedReads[ApplicationId, Application]


def make_case(
    context: Context, spec: DecisionSpec, reads: PlanReads, chosen: ChosenRequest
) -> Case:
    """Read and judge the named request; an error becomes a part of the case."""
    text = chosen.text
    case = Case(
        text,
        spec.verdict.value,
        reason=spec.reason,
        origin=spec.origin,
        timeout=spec.timeout,
        is_bound=chosen.digest is not None,
        attended=spec.attended,
    )
    try:
        request, doubt = _find(reads.named, text)
        report = context.service(Reporter).request(request, to_decide=True)
        case = case._replace(report=report)
        application = _application_of(reads, request)
        case = case._replace(report=report._replace(application=application))
        if chosen.digest is not None or spec.verdict is not Verdict.REVOKE:
            check_as_judged(context, chosen, request)
        check_origin(context, spec.origin, request)
        is_done = is_already(context, case, request)
        _check_not_gone(context, case, request)
        if doubt is not None:
            raise doubt
        if is_done:
            return case._replace(already=decided_by(context, spec.verdict, request))
        found = choose(context, spec, reads.inbox, request)
        case = case._replace(remarks=_remarks(context, case, is_in_pim=found is not None))
    except AzjitError as error:
        in_pim = known_to_pim_only(context, text) if case.report is None else None
        return case._replace(error=in_pim or error)
    if found is not None:
        case = case._replace(route=Route.PIM, approval=found[0], stage=found[1])
        return with_reason(context, case, spec.reason)
    update = _update(context, spec, request, application)
    call = context.solutions.decision(application.id, update)
    return case._replace(route=Route.APPLICATION, call=call)


def _find(named: NamedRequests, text: str) -> tuple[JitRequest, NotSurelyOne | None]:
    """Give the request of a name; where it may not be the only one, what forbids it comes first."""
    try:
        return named.find(text), None
    except NotSurelyOne as doubt:
        return doubt.request, doubt


def distinct(cases: Iterable[Case]) -> list[Case]:
    """Keep one case per request, the first."""
    kept: dict[str, Case] = {}
    for one in cases:
        kept.setdefault(one.request.id.key if one.report is not None else one.asked.lower(), one)
    return list(kept.values())


def with_reason(context: Context, case: Case, reason: str | None) -> Case:
    """Give the case with a reason, also in the calls that carry one."""
    if case.approval is None or case.stage is None:
        return case._replace(reason=reason)
    call, fallback = (
        context.pim.review(
            case.approval.name, case.stage.id, Verdict(case.action), reason or "", wrapped=wrapped
        )
        for wrapped in (True, False)
    )
    return case._replace(reason=reason, call=call, fallback=fallback)


def is_already(context: Context, case: Case, request: JitRequest) -> bool:
    """Tell whether a request is in the wanted state.

    Raises:
        Refused: the rules forbid the decision.
    """
    judgement = judge(
        Verdict(case.action),
        request,
        case.application,
        context.caller if case.action == "revoke" else _caller_for(context, request),
        context.now(),
        attended=case.attended,
    )
    if judgement is Judgement.GO and case.action == "approve" and not case.attended:
        _check_clock(context, request)
    return judgement is Judgement.ALREADY


def _check_clock(context: Context, request: JitRequest) -> None:
    if context.time.is_wrong_here:
        raise Refused(
            f"request {request.name} is not approved: this machine's clock is wrong, and nobody is"
            " asked to confirm the approval",
            hint="set the clock, or approve at a terminal without --yes",
        )


def _check_not_gone(context: Context, case: Case, request: JitRequest) -> None:
    now = context.now()
    if case.action == "revoke" and request.has_ended(now):
        held = access_of(context, request).held
        check_not_gone(request, case.application, now, held=held)


def access_of(context: Context, request: JitRequest) -> Access:
    """Give the access of a request; unknown, with a warning, if it cannot be read."""
    reader = context.service(AccessReader)
    return reader.if_readable(partial(reader.of_request, request))


def decided_by(context: Context, verdict: Verdict, request: JitRequest) -> str:
    """Say who decided a request, from the receipts or else from Azure."""
    known = last_decision(context.receipts, request.id, verdict.value)
    changer, at = request.changed_by, request.changed_at
    name = context.service(Reporter).principal_name(changer) if changer is not None else None
    by = name or (changer.text if changer is not None else "somebody")
    last = f"last changed in Azure by {by}{f' at {say_utc(at)}' if at is not None else ''}"
    if known is None:
        return f"not in these receipts; {last}"
    if not known.is_sure and known.by != changer:
        return f"not confirmed as what {known.name} sent (receipt); {last}"
    doubt = "" if known.is_sure else ", which was not confirmed then"
    told = f"{verdict.done} by {known.name} at {say_utc(known.told_at)}{doubt} (receipt)"
    # Azure may still name the filer, or take two decisions at the same moment.
    return told if changer in {None, known.by, request.created_by} else f"{told}; {last}"


def _application_of(reads: PlanReads, request: JitRequest) -> Application:
    if request.application is None:
        raise Refused(
            f"request {request.name} has no application: {request.application_text!r}",
            hint="do not decide it; ask the publisher what it is for",
        )
    try:
        return reads.applications.get(request.application)
    except NotFound as error:
        if not is_absent(error):
            raise
        raise Refused(
            f"request {request.name} is for an application that does not exist:"
            f" {request.application}",
            hint="do not decide it; ask the publisher what it is for",
            code=error.code,
            request_id=error.request_id,
        ) from error


def _caller_for(context: Context, request: JitRequest) -> Caller:
    """Give the caller, and whether it is in the groups that a request may be for."""
    directory = context.service(Directory)
    return directory.placed(context.caller, request.possible_groups, anew=True)


def _remarks(context: Context, case: Case, *, is_in_pim: bool) -> tuple[str, ...]:
    if case.action == "revoke":
        return ()
    request, caller = case.request, _caller_for(context, case.request)
    groups = tuple(
        f"request {short_name(request.name)} may be your own: {unknown_group(caller, each)}"
        for each in unknown_groups(request, caller)
    )
    if case.action == "approve":
        return (*groups, *remarks_on(request, case.application))
    # PIM's answer touches nothing but its approval.
    return groups if is_in_pim else (*groups, *_danger(context, request))


def _danger(context: Context, request: JitRequest) -> tuple[str, ...]:
    # What `Remove` does to the same principal's other grants is not documented.
    group = request.id.group_id
    assert group is not None  # it is the application's managed group
    try:
        among = list(context.solutions.requests_in(group))
    except AzjitError as error:
        return (f"{error.message}; whether others are active is unknown",)
    others = affected_by_denial(request, among, context.now())
    told = [
        *(f"the same principal has access through request {each.name}" for each in others.sure),
        *(
            f"the same principal may have access through request {each.name or 'without an id'},"
            " of which a part cannot be read"
            for each in others.unsure
        ),
    ]
    return tuple(
        f"{each}: denying {short_name(request.name)} could end it; check afterwards"
        for each in told
    )


def _update(
    context: Context, spec: DecisionSpec, request: JitRequest, application: Application
) -> AccessUpdate:
    principal = request.rows[0].principal if request.rows else request.created_by
    requestor = principal.text if principal is not None else ""
    name = context.service(Reporter).principal_name(principal) if principal is not None else None
    return AccessUpdate(
        verdict=spec.verdict,
        origin_request=spec.origin or request.name,
        requestor=requestor,
        approver=context.caller.id.text,
        publisher=request.publisher_tenant or application.publisher_tenant,
        subject=name or requestor,
    )
