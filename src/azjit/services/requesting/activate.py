"""Activates a role that the caller is eligible for in PIM: rules first, one PUT, then reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from azjit.azure.error_codes import PIM_EXISTS, PIM_NAME_TAKEN, PIM_PENDING
from azjit.context import Context
from azjit.domain.applications import RoleGrant
from azjit.domain.calls import Call
from azjit.domain.ids import GroupId, normal_guid, reaches
from azjit.domain.inputs import RequestSpec
from azjit.domain.pim import ActivationRules, Holding, PimRequest, PimRole, PimState
from azjit.domain.request_rules import default_duration
from azjit.errors import AzjitError, NotFound, Refused, Unconfirmed
from azjit.services.lookup.eligible_roles import RoleNamer
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults, ends_all
from azjit.services.recording import record
from azjit.services.requesting.activation_rules import check_words, refusal_by
from azjit.services.sending import Watch, send_if_undone
from azjit.store.receipt_details import ActivationDetails
from azjit.store.receipts import Outcome

_SHOWS_WITHIN = timedelta(minutes=2)
_ACTIVE = "active"
_LISTED = "your {0.value} roles in PIM"
_FOREVER = datetime.max.replace(tzinfo=UTC)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# PIM activates a role some seconds after the request, and counts its time from then.
_SAME_END = timedelta(minutes=5)


class ActivationPlan(NamedTuple):
    """A role to activate, PIM's rules for it if they are known, and the call that activates it.

    If there is a `refusal`, the rules forbid the activation.
    """

    spec: RequestSpec
    request: PimRequest
    rules: ActivationRules | None
    refusal: AzjitError | None
    call: Call


class ActivationResult(NamedTuple):
    """A request as reads show it, and the role if it is active.

    `has_request` is False if no request could be read that made the role active: then only role,
    principal, scope and times are known.
    """

    request: PimRequest
    held: PimRole | None = None
    has_request: bool = True

    @property
    def state(self) -> str:
        """The current state; "active" only if PIM lists the role as active."""
        return _ACTIVE if self.held is not None else self.request.state.value

    @property
    def error(self) -> AzjitError | None:
        """The error to end with, once the result is shown."""
        request, told = self.request, self.request.state_text
        if self.held is not None:
            return None
        if request.state.is_over:
            return Refused(
                f"PIM does not activate the role: the request is {told}",
                hint="who denied or cancelled it stands in PIM, in the portal",
            )
        if request.state in {PimState.WAITING, PimState.SCHEDULED}:
            return None
        return Unconfirmed(
            f"the request is {told}, but PIM does not list the role as active yet",
            hint="check again: azjit publisher roles APP --pim",
        )


class Activating:
    """Lists and activates the roles of the caller in PIM."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._namer = context.service(RoleNamer)

    def roles(self, app: str) -> Iterator[PimRole]:
        """Give the eligible and the active roles of the caller in an application's group.

        If only one of the two can be read, the other is noted in the `PartialResults`.
        """
        group = self._finder.managed_group(self._finder.application(app))
        missing = self._context.service(PartialResults)
        return missing.parts(partial(self._context.pim.roles, group), Holding, _LISTED.format)

    def plan(self, spec: RequestSpec) -> ActivationPlan:
        """Find the role and read PIM's rules for it.

        Raises:
            Usage: a malformed name, or an empty reason or ticket.
            NotFound: the caller is not eligible for the role.
        """
        check_words(spec)
        group = self._finder.managed_group(self._finder.application(spec.app, changes=True))
        role = self._pick(spec.role, group)
        rules = self._rules(group, role)
        request = self._draft(spec, group, role, rules)
        system = (spec.ticket or "").partition("@")[2] or None
        call = self._context.pim.activation(request, system, role.schedule)
        return ActivationPlan(spec, request, rules, refusal_by(rules, spec, request), call)

    def apply(self, plan: ActivationPlan) -> ActivationResult:
        """Activate the role, or show that it is active or asked for already.

        Raises:
            Unconfirmed: it was sent, but no read shows it.
        """
        request = plan.request
        if plan.spec.name is not None and (known := self._known(request)) is not None:
            return known
        try:
            self._context.pim.validate(plan.call)
        except AzjitError as error:
            return self._there_already(error, request)
        return self._send(plan)

    def _pick(self, text: str, group: GroupId) -> PimRole:
        eligible = self._context.pim.roles(group, Holding.ELIGIBLE)
        eligible = [each for each in eligible if each.role.text and each.principal.text]
        rows = tuple(RoleGrant(each.principal, each.role) for each in eligible)
        names = {each.role: each.role_name for each in eligible}
        wanted = self._namer.role(text, group, rows, "azjit publisher roles APP --pim", names)
        fitting = [each for each in eligible if each.role == wanted]
        if not fitting:
            raise NotFound(
                f"you are not eligible in PIM for role {text!r} in {group.name}",
                hint="see what you are eligible for: azjit publisher roles APP --pim",
            )
        return max(
            fitting, key=lambda each: (each.scope == group, (each.member or "").lower() != "group")
        )

    def _rules(self, group: GroupId, role: PimRole) -> ActivationRules | None:
        try:
            return self._context.pim.rules(group, role.role)
        except AzjitError as error:
            if ends_all(error):
                raise
            self._context.notes.warn(f"PIM's rules could not be read: {error.message}")
            return None

    def _draft(
        self, spec: RequestSpec, group: GroupId, role: PimRole, rules: ActivationRules | None
    ) -> PimRequest:
        default = default_duration(rules.maximum if rules is not None else None)
        caller = self._context.caller
        return PimRequest(
            id=self._context.pim.id_in(group, normal_guid(spec.name or self._context.new_id())),
            principal=caller.id,
            role=role.role,
            scope=group,
            state=PimState.UNKNOWN,
            state_text="not sent",
            start=spec.start.at,
            duration=spec.duration or default,
            requestor=caller.id,
            justification=spec.reason,
            ticket=spec.ticket.partition("@")[0] if spec.ticket is not None else None,
            role_name=role.role_name,
            principal_name=caller.name,
        )

    def _known(self, draft: PimRequest) -> ActivationResult | None:
        found = self._context.pim.find(draft.id)
        if found is None:
            return None
        if found.role != draft.role or found.principal != draft.principal:
            raise Refused(
                f"request {draft.id.name} already exists with other contents",
                hint="choose another --name",
            )
        self._context.notes.say(f"request {draft.id.name} already exists: nothing was sent")
        return ActivationResult(found, self._held(found))

    def _there_already(self, error: AzjitError, draft: PimRequest) -> ActivationResult:
        code = (error.code or "").lower()
        if code == PIM_EXISTS.lower() and (held := self._held(draft)) is not None:
            self._context.notes.say(f"{draft.role_label} is already active: nothing was sent")
            return self._held_already(draft, held)
        if code == PIM_PENDING.lower():
            for each in self._own(draft, PimState.WAITING):
                self._context.notes.say(
                    f"{draft.role_label} is already requested: nothing was sent"
                )
                return ActivationResult(each)
        raise error

    def _held_already(self, draft: PimRequest, held: PimRole) -> ActivationResult:
        """Give an active role with the request that gave it; the new request was not sent."""
        try:
            given = [each for each in self._own(draft, PimState.GRANTED) if _ends(each, held)]
        except AzjitError:
            given = []
        found = max(given, key=lambda each: each.created_at or _LONG_AGO, default=None)
        request = found or draft._replace(justification=None, ticket=None)
        shown = request._replace(start=held.since, duration=_between(held), state_text=_ACTIVE)
        return ActivationResult(shown, held, has_request=found is not None)

    def _own(self, draft: PimRequest, state: PimState) -> list[PimRequest]:
        wanted = (draft.role, draft.principal, state)
        listed = self._context.pim.own_requests(GroupId(draft.scope.text))
        return [each for each in listed if (each.role, each.principal, each.state) == wanted]

    def _send(self, plan: ActivationPlan) -> ActivationResult:
        draft, spec = plan.request, plan.spec
        details = ActivationDetails(
            draft.role.text, draft.principal.text, draft.start, draft.duration, spec.ticket
        )
        with record(self._context, "activate", draft.id.text, spec.reason, details) as opened:
            answer_id = self._put(plan.call, draft, opened.leaves)
            seen = self._read_back(draft)
            is_sure = seen.error is None
            outcome = Outcome.CONFIRMED if is_sure else Outcome.UNCONFIRMED
            opened.conclude(outcome, state=seen.state, request_id=answer_id)
        return seen

    def _put(self, call: Call, draft: PimRequest, leaving: Callable[[], None]) -> str | None:
        try:
            return send_if_undone(
                self._context, call, lambda: self._context.pim.find(draft.id) is None, leaving
            ).request_id
        except AzjitError as error:
            # A second PUT finds what the first one created; a read tells whose request it is.
            if (error.code or "") not in {PIM_EXISTS, PIM_PENDING, PIM_NAME_TAKEN}:
                raise
            return error.request_id

    def _read_back(self, draft: PimRequest) -> ActivationResult:
        watch = Watch(self._context, _SHOWS_WITHIN)
        seen, trouble = watch.until(
            lambda: self._look(draft), self._is_settled, "waiting for PIM to show the activation"
        )
        if seen is None:
            told = trouble.message if trouble is not None else "PIM does not show it"
            raise Unconfirmed(
                f"request {draft.id.name} was sent, but no read shows it: {told}",
                hint="check again: azjit publisher roles APP --pim",
            )
        return seen

    def _look(self, draft: PimRequest) -> ActivationResult | None:
        request = self._context.pim.find(draft.id)
        if request is None:
            return None
        starts_later = request.start is not None and request.start > self._context.now()
        if request.state is PimState.GRANTED and starts_later:
            return ActivationResult(request._replace(state=PimState.SCHEDULED))
        is_given = request.state is PimState.GRANTED
        return ActivationResult(request, self._held(request) if is_given else None)

    def _is_settled(self, seen: ActivationResult | None) -> bool:
        return seen is not None and not isinstance(seen.error, Unconfirmed)

    def _held(self, request: PimRequest) -> PimRole | None:
        active = self._context.pim.roles(request.scope, Holding.ACTIVE)
        wanted = (request.role, request.principal)
        here = (each for each in active if reaches(each.scope.text, request.scope))
        mine = [each for each in here if (each.role, each.principal) == wanted]
        return max(mine, key=lambda each: each.until or _FOREVER, default=None)


def _ends(given: PimRequest, held: PimRole) -> bool:
    if held.until is None or given.start is None or given.duration is None:
        return held.until is None
    return abs(given.start + given.duration - held.until) < _SAME_END


def _between(held: PimRole) -> timedelta | None:
    return held.until - held.since if held.until is not None and held.since is not None else None
