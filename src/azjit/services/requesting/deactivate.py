"""Gives back a role in PIM: ends its activation, or withdraws the request for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.azure.error_codes import PIM_ABSENT, PIM_TOO_EARLY
from azjit.context import Context
from azjit.domain.calls import Call
from azjit.domain.ids import GroupId, RoleId, reaches
from azjit.domain.pim import Holding, PimRequest, PimRole, PimState
from azjit.domain.times import say_utc
from azjit.errors import AzjitError, Refused, Unconfirmed, Usage
from azjit.services.lookup.finder import Finder
from azjit.services.recording import record
from azjit.services.sending import SentCall, Watch, send_if_undone
from azjit.store.receipt_details import DeactivationDetails
from azjit.store.receipts import Outcome

_SHOWS_WITHIN = timedelta(minutes=2)
# PIM ends no activation before that. Source: its error ActiveDurationTooShort.
_SHORTEST = timedelta(minutes=5)
_WAITS = {PimState.WAITING, PimState.PENDING, PimState.SCHEDULED}
_LOOK = "azjit publisher roles APP --pim"
_ACTIVE = "active"


class DeactivationPlan(NamedTuple):
    """What to give back: an active role, or a request that waits; and the call for it.

    The `request` of an active role is the new one that ends it; `until` is when it would end.
    """

    request: PimRequest
    call: Call
    is_waiting: bool
    since: datetime | None = None
    until: datetime | None = None

    def ended_at(self, seen: PimRequest) -> datetime | None:
        """Give when the access ended, as far as a read tells."""
        has_ended = seen.state is PimState.ENDED and not self.is_waiting
        return seen.created_at if has_ended else self.until


class Deactivating:
    """Gives back the caller's roles in PIM, one at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)

    def plan(self, app: str, role: str | None, reason: str | None) -> DeactivationPlan:
        """Find the one activation or waiting request of the caller for an application.

        Raises:
            Refused: the caller has none there.
            Usage: there are several.
        """
        group = self._finder.managed_group(self._finder.application(app, changes=True))
        found = [*self._active(group, reason), *self._waiting(group)]
        fitting = [each for each in found if role is None or _is_named(each.request, role)]
        if not fitting:
            told = f"; you have {_listed(found)}" if found else ""
            which = f" of {role!r}" if role is not None else ""
            raise Refused(
                f"nothing to cancel: PIM lists no activation{which} of yours in {group.name} and no"
                f" request that waits{told}",
                hint=f"list your roles: {_LOOK}",
            )
        active = [each for each in fitting if not each.is_waiting]
        if len(active) == 1 and len({each.request.role for each in fitting}) == 1:
            # What the same role waits for is withdrawn by the next command.
            return active[0]
        if len(fitting) > 1:
            raise Usage(
                f"several roles of yours in {group.name} fit: {_listed(fitting)}",
                hint="choose one with --role ROLE, by its GUID if two have one name",
            )
        return fitting[0]

    def apply(
        self, plan: DeactivationPlan, reason: str | None
    ) -> tuple[PimRequest, AzjitError | None]:
        """Send the call, and give the request as reads show it, and the error to end with.

        Raises:
            Refused: the request does not wait any more, or PIM does not end the activation yet.
            Unconfirmed: it was sent, but no read shows what became of it.
        """
        request = plan.request
        if plan.is_waiting and not self._still_waits(plan):
            raise Refused(
                f"request {request.id.name} does not wait any more; nothing was sent",
                hint=f"check again: {_LOOK}",
            )
        state = request.state.value if plan.is_waiting else _ACTIVE
        details = DeactivationDetails(request.role.text, request.principal.text, state)
        with record(self._context, "deactivate", request.id.text, reason, details) as opened:
            sent = self._send(plan, opened.leaves)
            seen, error = self._look_again(plan, sent)
            was_over = sent.trouble is not None and _has(sent.trouble, PIM_ABSENT)
            outcome = Outcome.UNCONFIRMED if error is not None else Outcome.CONFIRMED
            if was_over and error is None:
                outcome = Outcome.REFUSED
                self._context.notes.say(f"{request.role_label} was not active any more")
            detail = error.message if error is not None else ""
            opened.conclude(
                outcome, state=seen.state.value, detail=detail, request_id=sent.request_id
            )
        if error is None and not plan.is_waiting:
            self._warn_of_others(request)
        return seen, error

    def _active(self, group: GroupId, reason: str | None) -> Iterator[DeactivationPlan]:
        caller = self._context.caller
        for held in self._held(group):
            if (held.how or "").lower() == "assigned" or held.principal != caller.id:
                continue
            request = PimRequest(
                id=self._context.pim.id_in(group, self._context.new_id()),
                principal=caller.id,
                role=held.role,
                scope=group,
                state=PimState.GRANTED,
                state_text="not sent",
                start=held.since,
                duration=held.until - held.since if held.until and held.since else None,
                justification=reason,
                role_name=held.role_name,
                principal_name=caller.name,
            )
            call = self._context.pim.deactivation(request)
            yield DeactivationPlan(
                request, call, is_waiting=False, since=held.since, until=held.until
            )

    def _waiting(self, group: GroupId) -> Iterator[DeactivationPlan]:
        caller, now = self._context.caller, self._context.now()
        for each in self._context.pim.own_requests(group):
            is_later = (
                each.state is PimState.GRANTED and each.start is not None and each.start > now
            )
            is_mine = each.principal == caller.id and each.requestor in {None, caller.id}
            if is_mine and (each.state in _WAITS or is_later) and each.scope == group:
                yield DeactivationPlan(each, self._context.pim.withdrawal(each), is_waiting=True)

    def _held(self, group: GroupId) -> list[PimRole]:
        active = self._context.pim.roles(group, Holding.ACTIVE)
        return [each for each in active if each.scope == group]

    def _may_be_held(self, request: PimRequest) -> bool:
        active = self._context.pim.roles(request.scope, Holding.ACTIVE)
        return any(_may_be(each, request) for each in active)

    def _warn_of_others(self, request: PimRequest) -> None:
        for each in self._context.pim.roles(request.scope, Holding.ACTIVE):
            is_same = each.role == request.role and reaches(each.scope.text, request.scope)
            if is_same:
                self._context.notes.warn(
                    f"you still have {request.role_label} in {request.scope.name}, by an assignment"
                    f" at {each.scope}"
                )

    def _still_waits(self, plan: DeactivationPlan) -> bool:
        fresh = self._context.pim.find(plan.request.id)
        return fresh is not None and fresh.state is plan.request.state

    def _send(self, plan: DeactivationPlan, leaving: Callable[[], None]) -> SentCall:
        def is_undone() -> bool:
            if plan.is_waiting:
                return self._still_waits(plan)
            return self._context.pim.find(plan.request.id) is None

        try:
            return send_if_undone(self._context, plan.call, is_undone, leaving)
        except AzjitError as error:
            if _has(error, PIM_TOO_EARLY):
                raise _too_early(plan, error) from error
            if not _has(error, PIM_ABSENT):
                raise
            return SentCall(plan.call, trouble=error)

    def _look_again(
        self, plan: DeactivationPlan, sent: SentCall
    ) -> tuple[PimRequest, AzjitError | None]:
        def is_settled(each: PimRequest | None) -> bool:
            return each is not None and each.state is not plan.request.state

        watch = Watch(self._context, _SHOWS_WITHIN)
        seen, trouble = watch.until(
            lambda: self._look(plan), is_settled, "waiting for PIM to show the end"
        )
        if seen is None:
            told = trouble.message if trouble is not None else sent.said
            raise Unconfirmed(
                f"the end of {plan.request.role_label} was sent, but no read shows it: {told}",
                hint=f"check again: {_LOOK}",
            )
        if seen.state is PimState.ENDED:
            return seen, None
        left = f"says {seen.state_text}" if plan.is_waiting else "may still list the role as active"
        return seen, Unconfirmed(
            f"{plan.call.what}: it was sent, but PIM {left}",
            hint=f"the role may be active; check again: {_LOOK}",
        )

    def _look(self, plan: DeactivationPlan) -> PimRequest:
        """Give the request that waited, or the one that ends an activation, as reads show it."""
        request = plan.request
        if not plan.is_waiting and self._may_be_held(request):
            return request
        found = self._context.pim.find(request.id)
        if found is None:
            return request._replace(state=PimState.ENDED, state_text="gone")
        if plan.is_waiting:
            return found
        shown = found._replace(start=plan.since, duration=_between(plan.since, found.created_at))
        return shown._replace(state=PimState.ENDED)


def _may_be(held: PimRole, request: PimRequest) -> bool:
    """Tell whether an active role is the one to end; one that cannot be read may be it."""
    if not held.role.text or not held.principal.text or not held.scope.subscription:
        return True
    is_there = held.scope == request.scope
    return is_there and (held.role, held.principal) == (request.role, request.principal)


def _is_named(request: PimRequest, text: str) -> bool:
    is_name = (request.role_name or "").lower() == text.strip().lower()
    return is_name or RoleId(text.strip()) == request.role


def _listed(plans: Sequence[DeactivationPlan]) -> str:
    words = {True: "a request that waits", False: "active"}
    named = (f"{each.request.role_label} ({each.request.role.guid})" for each in plans)
    return ", ".join(
        f"{name}: {words[each.is_waiting]}" for name, each in zip(named, plans, strict=True)
    )


def _has(error: AzjitError, code: str) -> bool:
    return (error.code or "").lower() == code.lower()


def _between(since: datetime | None, until: datetime | None) -> timedelta | None:
    return until - since if since is not None and until is not None else None


def _too_early(plan: DeactivationPlan, error: AzjitError) -> Refused:
    at = f"at {say_utc(plan.since + _SHORTEST)}" if plan.since is not None else "in five minutes"
    return Refused(
        f"PIM ends no activation in its first five minutes: {plan.request.role_label} is active",
        hint=f"try again {at}",
        code=error.code,
        request_id=error.request_id,
    )
