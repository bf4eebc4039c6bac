"""Chooses through what a request is decided: the application's callback, or PIM's approval.

PIM is chosen by itself only where exactly one approval is listed for the request's scope, role
and principal, both tell the same times, and no other request waits that it could be for; what is
absent or ambiguous never is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from azjit.context import Context
from azjit.domain.calls import Call
from azjit.domain.inputs import DecisionSpec
from azjit.domain.pim import Approval, PimInbox, Route, Stage, is_alone
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, NotFound, NotSignedIn, Refused, Unconfirmed, Usage
from azjit.services.lookup.finder import PREFIX
from azjit.services.recording import Journal, Reviewed

_PERSON = "user"


@dataclass(frozen=True, slots=True)
class DecisionRoute:
    """How one request is decided; without an approval it goes through its application.

    `fallback` is the same review as the contract writes it, for a service that refuses the form
    of the examples; `review` writes both for a reason.
    """

    approval: Approval | None = None
    stage: Stage | None = None
    call: Call | None = None
    fallback: Call | None = None
    review: Callable[..., Call] | None = None

    def answered(self, reason: str) -> DecisionRoute:
        """Give the way with the reason in its calls, where they carry one."""
        if self.review is None:
            return self
        call, fallback = (self.review(reason, wrapped=wrapped) for wrapped in (True, False))
        return replace(self, call=call, fallback=fallback)

    @property
    def route(self) -> Route:
        """The route that it is."""
        return Route.APPLICATION if self.approval is None else Route.PIM

    @property
    def words(self) -> str:
        """What it is, for whoever is asked to confirm it."""
        if self.approval is None:
            return "its application (updateAccess)"
        return f"approval {self.approval.name} in PIM"


THROUGH_APPLICATION = DecisionRoute()
Choose = Callable[[JitRequest], DecisionRoute]


def chooser(context: Context, order: DecisionSpec) -> Choose:
    """Ask PIM once for all requests of an order, and give what chooses for each.

    Raises:
        Refused: PIM is wanted, but lets no service principal decide.
        Usage: `origin` goes with the application only.
        AzjitError: PIM is wanted and cannot be asked.
    """
    if order.route is Route.PIM and order.origin is not None:
        raise Usage("--origin-request-id goes with --route application")
    if order.verdict is Verdict.REVOKE:
        return lambda _: THROUGH_APPLICATION
    if order.route is Route.APPLICATION or order.origin:
        return partial(_through_application, context)
    if order.route is Route.PIM:
        _check_person(context)
        choose = partial(_wanted, context, order, context.pim.inbox())
    elif context.caller.kind != _PERSON:
        choose = partial(_found, context, order, None)
    else:
        choose = partial(_found, context, order, _inbox_or_none(context))
    return partial(_begun_or, choose, context, order)


def known_to_pim_only(context: Context, text: str) -> Refused | None:
    """Say why a request that PIM alone has is not decided here; None where it has none so named.

    No JIT request tells its application, its publisher or its whole content: none of the rules
    that a decision is judged by could be kept.
    """
    if context.caller.kind != _PERSON:
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
    link = context.cloud.portal_link(found[0].scope.text, context.caller.tenant)
    return Refused(
        f"request {found[0].id.name} is known to PIM only: no JIT request is like it, so nothing"
        " that a decision is judged by can be read",
        hint=f"decide it in the portal, PIM > Approve requests; it is for {link}",
    )


def _begins(name: str, wanted: str) -> bool:
    return len(wanted) >= PREFIX and name.lower().startswith(wanted)


def check_open(context: Context, way: DecisionRoute) -> None:
    """Read the stage again, right before it is answered.

    Raises:
        Refused: it no longer waits for the caller.
    """
    if way.approval is None or way.stage is None:
        return
    seen = context.pim.stage(way.approval.name, way.stage.id)
    if not seen.is_open:
        raise _not_open(way.approval, seen)


def routes_of(
    inbox: PimInbox, request: JitRequest, among: Callable[[], Iterable[JitRequest]]
) -> tuple[str, ...]:
    """Give the routes through which a request can be decided.

    `among` lists what is in its resource group; it is asked only where PIM may have it.
    """
    is_pim = _open_approval(inbox, request) is not None and is_alone(request, among())
    return (Route.APPLICATION.value, *([Route.PIM.value] if is_pim else []))


def _inbox_or_none(context: Context) -> PimInbox | None:
    try:
        return context.pim.inbox()
    except NotSignedIn:
        raise
    except AzjitError as error:
        # No licence, no right, no PIM: then there is nothing to choose, and nothing lost by it,
        # for what the application's callback does is read back.
        context.notes.say(f"PIM is not used: {error.message}")
        return None


def _through_application(context: Context, request: JitRequest) -> DecisionRoute:
    begun = Journal(context).review_of(request.id)
    if begun is not None:
        context.notes.warn(
            f"request {request.name} was answered in PIM before ({begun.action}, approval"
            f" {begun.approval}): what comes of two answers is not documented"
        )
    return THROUGH_APPLICATION


def _begun_or(
    choose: Choose, context: Context, order: DecisionSpec, request: JitRequest
) -> DecisionRoute:
    begun = Journal(context).review_of(request.id)
    return choose(request) if begun is None else _again(context, order, begun, request)


def _again(
    context: Context, order: DecisionSpec, begun: Reviewed, request: JitRequest
) -> DecisionRoute:
    """Go on with an approval that was answered before, and never past it by another route.

    Raises:
        Unconfirmed: PIM has the same answer already, and the request does not show it yet.
        Refused: PIM has another answer, or takes none any more.
    """
    stage = context.pim.stage(begun.approval, begun.stage)
    approval = Approval(begun.approval, (stage,))
    if stage.is_open:
        return _way(context, order, approval, stage)
    if stage.verdict is None:
        raise _not_open(approval, stage)
    told = (
        f"request {request.name} was {stage.verdict.done} in PIM (approval {begun.approval}),"
        f" but a read still shows it as {request.state}"
    )
    if stage.verdict is order.verdict:
        raise Unconfirmed(told, hint="look again: azjit consumer pending")
    raise Refused(
        f"{told}; it is not {order.verdict.done} by another route",
        hint="wait until it shows, or name the other route: --route application",
    )


def _found(
    context: Context, order: DecisionSpec, inbox: PimInbox | None, request: JitRequest
) -> DecisionRoute:
    found = _open_approval(inbox, request) if inbox is not None else None
    if found is None or not _is_surely_alone(context, request):
        return THROUGH_APPLICATION
    return _way(context, order, *found)


def _is_surely_alone(context: Context, request: JitRequest) -> bool:
    try:
        return is_alone(request, _among(context, request))
    except NotSignedIn:
        raise
    except AzjitError as error:
        context.notes.say(f"PIM is not used, for its approval may be another's: {error.message}")
        return False


def _open_approval(inbox: PimInbox, request: JitRequest) -> tuple[Approval, Stage] | None:
    approval = inbox.only(request)
    stage = _open_stage(approval) if approval is not None else None
    if approval is None or stage is None or not inbox.agree(request):
        return None
    return approval, stage


def _among(context: Context, request: JitRequest) -> list[JitRequest]:
    # Without a list of the others nothing says whose approval it is.
    group = request.id.group_id
    return list(context.solutions.requests_in(group)) if group is not None else []


def _wanted(
    context: Context, order: DecisionSpec, inbox: PimInbox, request: JitRequest
) -> DecisionRoute:
    found = inbox.matching(request)
    if not found:
        raise NotFound(
            f"PIM lists no approval of yours for request {request.name}",
            hint="only a named approver has one; try --route application",
        )
    approval = inbox.only(request)
    if approval is None:
        names = ", ".join(sorted(each.name for each in found))
        raise Refused(
            f"several approvals in PIM fit request {request.name}, or only a part of it: {names}",
            hint="decide it in the portal, or try --route application",
        )
    if not inbox.agree(request):
        raise Refused(
            f"approval {approval.name} in PIM is for another time than request {request.name},"
            " or tells none",
            hint="decide it in the portal, or try --route application",
        )
    if not is_alone(request, _among(context, request)):
        raise Refused(
            f"approval {approval.name} in PIM fits request {request.name}, and others that wait"
            " for the same role and principal too",
            hint="decide it in the portal, or try --route application",
        )
    stage = _open_stage(approval)
    if stage is None:
        raise _not_open(approval, approval.stages[-1] if approval.stages else None)
    return _way(context, order, approval, stage)


def _way(context: Context, order: DecisionSpec, approval: Approval, stage: Stage) -> DecisionRoute:
    review = partial(context.pim.review, approval.name, stage.id, order.verdict)
    return DecisionRoute(approval, stage, review=review).answered(order.reason or "")


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
    if caller.kind != _PERSON:
        raise Refused(
            f"PIM lets no service principal decide, and {caller.name} is one",
            hint="sign in as a person who is a named approver, or use --route application",
        )
