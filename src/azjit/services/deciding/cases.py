"""Makes cases: reads each named request, judges it, and prepares the call that would be sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.access import Access
from azjit.domain.applications import Application
from azjit.domain.concerns import Sheet, appeared
from azjit.domain.decisions import Case
from azjit.domain.denial_effects import affected_by_denial
from azjit.domain.ids import short_name
from azjit.domain.inputs import ChosenRequest, DecisionSpec
from azjit.domain.pim import PimInbox, Route
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import (
    Judgement,
    Verdict,
    check_not_gone,
    judge,
)
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, NotFound, Refused
from azjit.services.deciding.judged import check_as_judged, check_origin
from azjit.services.deciding.judging import Judging
from azjit.services.deciding.routes import choose, known_to_pim_only
from azjit.services.deciding.updates import application_of, update_of
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.named_requests import NamedRequests, NotSurelyOne
from azjit.services.lookup.reports import Reporter
from azjit.services.receipt_index import last_decision


class PlanReads(NamedTuple):
    """What the cases of a plan share, so that each of it is read once for all of them."""

    named: NamedRequests
    inbox: PimInbox | None
    is_batch: bool


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
        accepted=spec.accepted,
        is_alone=spec.is_alone,
    )
    judging = context.service(Judging)
    try:
        request, doubt = _find(reads.named, text)
        if not reads.is_batch:
            judging.prepare(request)
        report = context.service(Reporter).request(request, to_decide=True)
        case = case._replace(report=report)
        application = application_of(judging, request)
        case = case._replace(report=report._replace(application=application))
        if spec.verdict is not Verdict.REVOKE and request.state is RequestState.PENDING:
            sheet = _sheet(judging, case, request, application)
            case = case._replace(report=report._replace(application=application, sheet=sheet))
        if chosen.digest is not None or spec.verdict is not Verdict.REVOKE:
            check_as_judged(context, chosen, request)
        check_origin(context, spec.origin, request)
        is_done = is_already(context, case, request, application)
        _check_not_gone(context, case, request)
        if doubt is not None:
            raise doubt
        if is_done:
            return case._replace(already=decided_by(context, spec.verdict, request))
        found = choose(context, spec, reads.inbox, request)
        if spec.verdict is Verdict.DENY and found is None:
            # PIM's answer touches nothing but its approval.
            case = case._replace(remarks=_dangers(context, case))
    except AzjitError as error:
        if case.report is not None:
            return case._replace(error=error)
        return _not_found(context, spec, case, error)
    if found is not None:
        case = case._replace(route=Route.PIM, approval=found[0], stage=found[1])
        return with_reason(context, case, spec.reason)
    update = update_of(context, spec, request, application)
    call = context.solutions.decision(application.id, update)
    return case._replace(route=Route.APPLICATION, call=call)


def _not_found(context: Context, spec: DecisionSpec, case: Case, error: AzjitError) -> Case:
    """Give the case of a request without a read: it was deleted, or only PIM knows it."""
    if spec.verdict is Verdict.REVOKE and isinstance(error, NotFound):
        from azjit.services.deciding.gone import gone_case  # noqa: PLC0415 - seldom needed

        if (gone := gone_case(context, spec, case)) is not None:
            return gone
    return case._replace(error=known_to_pim_only(context, case.asked) or error)


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


def is_already(context: Context, case: Case, request: JitRequest, application: Application) -> bool:
    """Tell whether a request is in the wanted state.

    Raises:
        Refused: the rules forbid the decision, or a concern has appeared since it was shown.
    """
    verdict, judging = Verdict(case.action), context.service(Judging)
    shown = case.report.sheet if case.report is not None else None
    if verdict is Verdict.REVOKE or request.state is not RequestState.PENDING:
        sheet = judging.place(request, application)
    else:
        sheet = _sheet(judging, case, request, application)
    if judge(verdict, request, sheet) is Judgement.ALREADY:
        return True
    if verdict is Verdict.APPROVE and not case.attended:
        _check_clock(context, request)
    if verdict is Verdict.APPROVE and shown is not None:
        _check_nothing_new(case, shown, sheet)
    return False


def _sheet(judging: Judging, case: Case, request: JitRequest, application: Application) -> Sheet:
    others = judging.grants_around(request)
    return judging.sheet(request, application, others, attended=case.attended, anew=True)


def _check_nothing_new(case: Case, shown: Sheet, now: Sheet) -> None:
    new = list(appeared(shown, now))
    if not case.attended:
        if (held := case.held_by(new)) is not None:
            raise held
    elif new:
        told = "; ".join(f"{each.text} ({each.code})" for each in new)
        raise Refused(
            f"request {case.request.name} is not approved: since azjit showed it to you, {told}",
            hint="judge it again: azjit consumer pending",
        )


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
        if request.is_automatic(context.service(Judging).application_or_none(request)):
            return "automatically, by the settings of its application"
        return f"not in these receipts; {last}"
    if not known.is_sure and known.by != changer:
        return f"not confirmed as what {known.name} sent (receipt); {last}"
    doubt = "" if known.is_sure else ", which was not confirmed then"
    told = f"{verdict.done} by {known.name} at {say_utc(known.told_at)}{doubt} (receipt)"
    # Azure may still name the filer, or take two decisions at the same moment.
    return told if changer in {None, known.by, request.created_by} else f"{told}; {last}"


def _dangers(context: Context, case: Case) -> tuple[str, ...]:
    """Give what else a denial may end, for a person who is asked.

    Raises:
        Refused: there is something, or it is not known, and nobody is asked.
    """
    request = case.request
    told = tuple(_endangered(context, request))
    if told and not case.attended:
        raise Refused(
            f"request {request.name} is not denied, because nobody was asked: {'; '.join(told)}",
            hint="deny it at a terminal without --yes, or in the portal",
        )
    name = short_name(request.name)
    return tuple(f"{each}: denying {name} could end it; check afterwards" for each in told)


def _endangered(context: Context, request: JitRequest) -> Iterator[str]:
    # What `Remove` does to the same principal's other grants is not documented.
    group = request.id.group_id
    assert group is not None  # it is the application's managed group
    try:
        among = context.service(Judging).requests_in(group)
    except AzjitError as error:
        yield f"{error.message}; whether others are active is unknown"
        return
    others = affected_by_denial(request, among, context.now())
    for each in others.sure:
        yield f"the same principal has access through request {each.name}"
    for each in others.unsure:
        name = each.name or "without an id"
        told = f"the same principal may have access through request {name}"
        yield f"{told}, of which a part cannot be read"
