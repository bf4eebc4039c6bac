"""Checks of one application: JIT state, approvers, standing access and stale requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from azjit.context import Context
from azjit.domain import checks
from azjit.domain.access import PUBLISHER_OPERATOR, RoleAssignment
from azjit.domain.applications import Application, ApprovalMode, JitPolicy, JitState
from azjit.domain.findings import Finding, Subject
from azjit.domain.ids import GroupId, PrincipalId
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.doctor.deciders import Deciders
from azjit.services.doctor.rights import rows_or_why, why_of
from azjit.services.lookup.access import AccessReader, explains
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.reports import Reporter

_OLD = timedelta(days=1)
_SOON = timedelta(minutes=5)


class ApplicationDoctor:
    """Checks applications; several threads may use it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._reporter = context.service(Reporter)
        self._roles = context.service(AccessReader)
        self._deciders = context.service(Deciders)

    def settings(
        self, application: Application, subject: Subject, *, nobody_can_decide: bool = False
    ) -> Iterator[Finding]:
        """Check that JIT is on, and that an approver is named and can decide."""
        if application.jit is JitState.UNKNOWN:
            yield subject.unknown(checks.JIT_OFF, "you may not read the application's settings")
            return
        policy = application.policy
        if policy is None or not policy.enabled:
            yield subject.found(checks.JIT_OFF, "JIT was never enabled: standing access")
            return
        yield subject.ok(checks.JIT_OFF, f"JIT is on, approval {policy.mode}")
        if policy.mode is ApprovalMode.UNKNOWN:
            yield subject.unknown(checks.NOBODY, f"azjit does not know approval {policy.mode_text}")
        elif policy.mode is ApprovalMode.MANUAL and not policy.approvers:
            yield subject.found(checks.NOBODY, "approval is manual, and no approver is named")
        elif nobody_can_decide:
            text = "approval is manual, and no named approver can decide"
            yield subject.found(checks.NOBODY, text)
        else:
            yield subject.ok(checks.NOBODY, _how_decided(policy))

    def foreign_approvers(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Report that a publisher cannot read the consumer's directory."""
        if application.policy is not None and application.policy.approvers:
            why = "only the consumer's directory shows it"
            yield subject.unknown(checks.GONE, why)
            yield subject.unknown(checks.UNABLE, why)

    def standing(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Check what a publisher can do without a request, from the consumer's side."""
        yield self.identity(application, subject)
        rows = rows_or_why(self._context, application)
        if isinstance(rows, str):
            yield subject.unknown(checks.SELF_APPROVAL, rows)
            yield subject.unknown(checks.STANDING, rows)
            return
        theirs = {row.principal for row in rows}
        yield self._self_approval(application, subject, theirs)
        if application.jit is JitState.ON:
            yield from self._standing(application, subject, theirs)

    def identity(self, application: Application, subject: Subject) -> Finding:
        """Check whether listTokens gives the publisher the application's identity."""
        if not application.is_read:
            return subject.unknown(checks.IDENTITY, "you may not read the application")
        if application.has_identity:
            return subject.found(checks.IDENTITY, "it has a managed identity to act as")
        return subject.ok(checks.IDENTITY, "it has no managed identity")

    def stale(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Check for requests that wait too long."""
        try:
            requests = list(self._finder.requests(application))
        except AzjitError as error:
            yield subject.unknown(checks.STALE, why_of(error))
            return
        found = [(request, why) for request in requests if (why := self._why_stale(request))]
        for request, why in found:
            yield subject.found(checks.STALE, f"request {request.name} {why}")
        if not found:
            yield subject.ok(checks.STALE, "no request waits for too long")

    def _why_stale(self, request: JitRequest) -> str | None:
        now = self._context.now()
        if request.state is not RequestState.PENDING:
            return None
        if request.has_ended(now):
            return "waits, and all of its time has passed"
        start, born = request.schedule.start, request.created_at
        if born is not None and now - born > _OLD:
            return f"waits for {(now - born) // timedelta(hours=1)} hours"
        # A request that starts now has a start in the past once it is filed.
        asked_for_later = start is not None and born is not None and start - born > _SOON
        if start is not None and start <= now and (born is None or asked_for_later):
            return "waits, and its start has passed"
        return None

    def _self_approval(
        self, application: Application, subject: Subject, theirs: set[PrincipalId]
    ) -> Finding:
        try:
            held = self._deciders.at(application.id)
        except AzjitError as error:
            return subject.unknown(checks.SELF_APPROVAL, why_of(error))
        answers = [
            (each, decides)
            for each, decides in held
            if each.principal in theirs or not each.is_whole
        ]
        able = [each for each, decides in answers if decides]
        if able:
            names = ", ".join(dict.fromkeys(self._name(each.principal) for each in able))
            return subject.found(checks.SELF_APPROVAL, f"{names} may call updateAccess")
        if any(decides is None for _, decides in answers):
            return subject.unknown(
                checks.SELF_APPROVAL, "a role of the publisher could not be read"
            )
        return subject.ok(
            checks.SELF_APPROVAL, "no principal of the publisher may call updateAccess"
        )

    def _standing(
        self, application: Application, subject: Subject, theirs: set[PrincipalId]
    ) -> Iterator[Finding]:
        group = application.managed_group
        if group is None:
            yield subject.unknown(checks.STANDING, "the managed resource group is not known")
            return
        try:
            held = self._context.authorization.assignments(group)
            requests = list(self._finder.requests(application))
        except AzjitError as error:
            yield subject.unknown(checks.STANDING, why_of(error))
            return
        found = self._unbounded(held, requests, group, theirs)
        for each in found:
            yield subject.found(checks.STANDING, self._held_text(each, group))
        if not all(each.is_whole for each in held):
            yield subject.unknown(checks.STANDING, "a role assignment could not be read")
        elif not found:
            yield subject.ok(checks.STANDING, "every role of the publisher ends with its request")

    def _unbounded(
        self,
        held: list[RoleAssignment],
        requests: list[JitRequest],
        group: GroupId,
        theirs: set[PrincipalId],
    ) -> list[RoleAssignment]:
        now = self._context.now()
        asked = theirs | {row.principal for request in requests for row in request.rows}
        return [
            each
            for each in held
            if each.principal in asked
            and each.role.guid != PUBLISHER_OPERATOR
            and not any(explains(request, each, group, now) for request in requests)
        ]

    def _held_text(self, held: RoleAssignment, group: GroupId) -> str:
        role = self._roles.role_name(group, held.role) or held.role.guid
        return f"{self._name(held.principal)} holds {role} and no JIT request says until when"

    def _name(self, principal: PrincipalId) -> str:
        return self._reporter.principal_name(principal) or principal.text


def _how_decided(policy: JitPolicy) -> str:
    if policy.mode is ApprovalMode.MANUAL:
        return f"approvers in the settings: {len(policy.approvers)}"
    return f"approval is {policy.mode}: no approver is needed"
