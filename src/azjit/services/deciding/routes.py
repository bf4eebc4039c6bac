"""Chooses the route of a decision: the callback of the application, or an approval in PIM.

`--route auto` chooses PIM only if PIM lists exactly one approval with the request's scope, role,
principal and times, and no other pending request fits that approval.
"""

from __future__ import annotations

from collections.abc import Iterable

from azjit.context import Context
from azjit.domain.decisions import Case
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Approval, PimInbox, Route, Stage, is_alone
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, NotFound, NotSignedIn, Refused, Unconfirmed, Usage
from azjit.services.deciding.judging import Judging
from azjit.services.lookup.named_requests import PREFIX
from azjit.services.lookup.omissions import ends_all
from azjit.services.receipt_index import Review, last_review

_NO_SURE_APPROVAL = "decide it in the portal, or try --route application"
# The approval and stage of the route PIM; None for the route through the application.
PimStage = tuple[Approval, Stage] | None


def read_inbox(context: Context, spec: DecisionSpec) -> PimInbox | None:
    """List the approvals in PIM, once for all requests of a spec; None if PIM is not used.

    Raises:
        Refused: `--route pim`, and the caller is a service principal.
        Usage: `--route pim` with an `origin`.
        AzjitError: `--route pim`, and PIM cannot be read.
    """
    if spec.route is Route.PIM and spec.origin is not None:
        raise Usage("--origin-request-id requires --route application")
    if spec.verdict is Verdict.REVOKE or _is_without_pim(spec):
        return None
    if spec.route is Route.PIM:
        _check_person(context)
        return context.pim.inbox()
    return _inbox_or_none(context) if context.caller.is_person else None


def choose(
    context: Context, spec: DecisionSpec, inbox: PimInbox | None, request: JitRequest
) -> PimStage:
    """Choose the route of one request.

    Raises:
        AzjitError: `--route pim` is not possible, or PIM already has another answer.
    """
    if spec.verdict is Verdict.REVOKE:
        return None
    earlier = last_review(context.receipts, request.id)
    if _is_without_pim(spec):
        if earlier is not None:
            context.notes.warn(
                f"request {request.name} was answered in PIM before ({earlier.action}, approval"
                f" {earlier.approval}): Microsoft does not document the effect of two answers"
            )
        return None
    if earlier is not None:
        return _continue_review(context, spec, earlier, request)
    if spec.route is Route.PIM:
        assert inbox is not None  # `read_inbox` reads it or raises
        return _required_approval(context, inbox, request)
    found = _open_approval(inbox, request) if inbox is not None else None
    return found if found is not None and _is_surely_alone(context, request) else None


def known_to_pim_only(context: Context, text: str) -> Refused | None:
    """Give the error for a name that only PIM knows; None if PIM does not know it either.

    Without a JIT request, nothing shows the application, the publisher or the whole content. So
    no rule of a decision can be checked.
    """
    if not context.caller.is_person:
        return None
    try:
        listed = context.pim.inbox().requests
    except NotSignedIn:
        raise
    except AzjitError:
        return None
    wanted = text.lower()
    found = [each for each in listed if wanted == each.id.key or _begins(each.id.name, wanted)]
    if not found:
        return None
    link = context.portal_link(found[0].scope)
    return Refused(
        f"request {found[0].id.name} exists only in PIM: no JIT request matches it, so azjit"
        " cannot check it",
        hint=f"decide it in the portal, PIM > Approve requests; it is for {link}",
    )


def _begins(name: str, wanted: str) -> bool:
    return len(wanted) >= PREFIX and name.lower().startswith(wanted)


def check_open(context: Context, case: Case) -> None:
    """Read the stage of a case again, before it is answered.

    Raises:
        Refused: it no longer waits for the caller.
    """
    if case.approval is None or case.stage is None:
        return
    seen = context.pim.stage(case.approval.name, case.stage.id)
    if not seen.is_open:
        raise _not_open(case.approval, seen)


def routes_of(inbox: PimInbox, request: JitRequest, among: Iterable[JitRequest]) -> tuple[str, ...]:
    """Give the routes through which a request can be decided.

    `among` are the requests of its resource group; they are read only if PIM may have it.
    """
    is_pim = _open_approval(inbox, request) is not None and is_alone(request, among)
    return (Route.APPLICATION.value, *([Route.PIM.value] if is_pim else []))


def _inbox_or_none(context: Context) -> PimInbox | None:
    try:
        return context.pim.inbox()
    except AzjitError as error:
        if ends_all(error):
            raise
        # Without PIM there is nothing to choose. The callback is safe too: its effect is read.
        context.notes.say(f"PIM is not used: {error.message}")
        return None


def _is_without_pim(spec: DecisionSpec) -> bool:
    return spec.route is Route.APPLICATION or bool(spec.origin)


def _continue_review(
    context: Context, spec: DecisionSpec, earlier: Review, request: JitRequest
) -> PimStage:
    """Go on with an approval that was answered before, and never past it by another route.

    Raises:
        Unconfirmed: PIM has the same answer already, and the request does not show it yet.
        Refused: PIM has another answer, or takes none any more.
    """
    stage = context.pim.stage(earlier.approval, earlier.stage)
    approval = Approval(earlier.approval, (stage,))
    if stage.is_open:
        return approval, stage
    if stage.verdict is None:
        raise _not_open(approval, stage)
    told = (
        f"request {request.name} was {stage.verdict.done} in PIM (approval {earlier.approval}),"
        f" but a read still shows it as {request.state_word}"
    )
    if stage.verdict is spec.verdict:
        raise Unconfirmed(told, hint="check again: azjit consumer pending")
    raise Refused(
        f"{told}; azjit does not answer it through another route",
        hint="wait until it shows, or use the other route: --route application",
    )


def _is_surely_alone(context: Context, request: JitRequest) -> bool:
    try:
        return is_alone(request, _requests_in_group_of(context, request))
    except AzjitError as error:
        if ends_all(error):
            raise
        context.notes.say(
            f"PIM is not used, because its approval may belong to another request: {error.message}"
        )
        return False


def _open_approval(inbox: PimInbox, request: JitRequest) -> tuple[Approval, Stage] | None:
    approval = inbox.only(request)
    stage = _open_stage(approval) if approval is not None else None
    if approval is None or stage is None or not inbox.has_times_of(request):
        return None
    return approval, stage


def _requests_in_group_of(context: Context, request: JitRequest) -> list[JitRequest]:
    # Without a list of the others nothing says whose approval it is.
    group = request.id.group_id
    return context.service(Judging).requests_in(group) if group is not None else []


def _required_approval(context: Context, inbox: PimInbox, request: JitRequest) -> PimStage:
    if not inbox.is_whole:
        raise Refused(
            f"PIM lists something that cannot be read, so that no approval is surely the only one"
            f" for request {request.name}",
            hint=_NO_SURE_APPROVAL,
        )
    found = inbox.matching(request)
    if not found:
        raise NotFound(
            f"PIM lists no approval of yours for request {request.name}",
            hint="only a named approver has approvals; try --route application",
        )
    approval = inbox.only(request)
    if approval is None:
        names = ", ".join(sorted(each.name for each in found))
        raise Refused(
            f"several approvals in PIM match request {request.name}, or only a part of it: {names}",
            hint=_NO_SURE_APPROVAL,
        )
    if not inbox.has_times_of(request):
        raise Refused(
            f"approval {approval.name} in PIM has another time than request {request.name}, or"
            " none",
            hint=_NO_SURE_APPROVAL,
        )
    if not is_alone(request, _requests_in_group_of(context, request)):
        raise Refused(
            f"approval {approval.name} in PIM matches request {request.name}, and also other"
            " pending requests for the same role and principal",
            hint=_NO_SURE_APPROVAL,
        )
    stage = _open_stage(approval)
    if stage is None:
        raise _not_open(approval, approval.stages[-1] if approval.stages else None)
    return approval, stage


def _open_stage(approval: Approval) -> Stage | None:
    return next((each for each in approval.stages if each.is_open), None)


def _not_open(approval: Approval, stage: Stage | None) -> Refused:
    status = stage.status if stage is not None else "without a stage"
    return Refused(
        f"approval {approval.name} in PIM no longer waits for you: it is {status}",
        hint="read the request's state: azjit consumer pending",
    )


def _check_person(context: Context) -> None:
    caller = context.caller
    if not caller.is_person:
        raise Refused(
            f"a service principal cannot decide in PIM, and {caller.name} is one",
            hint="sign in as a person who is a named approver, or use --route application",
        )
