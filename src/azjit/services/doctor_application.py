"""What is wrong with one application: JIT state, approvers, standing access, stale requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from azjit.domain import checks
from azjit.domain.access import RoleAssignment
from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy, JitState
from azjit.domain.checkup import Diagnosis, Place
from azjit.domain.ids import GroupId, PrincipalId, ResourceId, RoleId
from azjit.domain.requests import JitRequest, RequestState
from azjit.errors import AzjitError
from azjit.services.activity_join import Namers
from azjit.services.consumer import PUBLISHER_OPERATOR, gives
from azjit.services.doctor_place import ELSEWHERE
from azjit.services.doctor_rights import rows_or_why, why_of
from azjit.services.finder import Finder
from azjit.services.ports import Ports

_OLD = timedelta(days=1)
_SOON = timedelta(minutes=5)


class ApplicationDoctor:
    """Looks at applications, one after the other or several at once."""

    def __init__(
        self, ports: Ports, finder: Finder, namers: Namers, is_home: Callable[[str], bool | None]
    ) -> None:
        self._ports = ports
        self._finder = finder
        self._reporter = namers.people
        self._roles = namers.roles
        self._is_home = is_home
        self._deciding: dict[str, bool | None] = {}

    def settings(self, application: Application, place: Place) -> Iterator[Diagnosis]:
        """Say how access is governed: by JIT, with somebody to approve."""
        if application.jit is JitState.UNKNOWN:
            yield place.unknown(checks.JIT_OFF, "you may not read the application's settings")
            return
        policy = application.policy
        if policy is None or not policy.enabled:
            yield place.found(checks.JIT_OFF, "JIT was never enabled: standing access")
            return
        yield place.ok(checks.JIT_OFF, f"JIT is on, approval {policy.mode}")
        if policy.mode is ApprovalMode.UNKNOWN:
            yield place.unknown(checks.NOBODY, f"azjit does not know approval {policy.mode_text}")
        elif policy.mode is ApprovalMode.MANUAL and not policy.approvers:
            yield place.found(checks.NOBODY, "approval is manual, and nobody is named to approve")
        else:
            yield place.ok(checks.NOBODY, _how_decided(policy))

    def approvers(self, application: Application, place: Place) -> Iterator[Diagnosis]:
        """Say whether those who are named are there and able to decide."""
        policy = application.policy
        if policy is None or not policy.enabled or not policy.approvers:
            return
        is_home = self._is_home(application.id.subscription)
        if not is_home:
            why = ELSEWHERE if is_home is False else "the subscription's tenant is not told"
            yield place.unknown(checks.GONE, why)
            yield place.unknown(checks.UNABLE, why)
            return
        kinds = self._ports.directory.kinds(each.id for each in policy.approvers)
        for approver in policy.approvers:
            yield from self._approver(application, approver, place, kinds)

    def foreign_approvers(self, application: Application, place: Place) -> Iterator[Diagnosis]:
        """Say that a publisher cannot ask the consumer's directory."""
        if application.policy is not None and application.policy.approvers:
            why = "only the consumer's directory tells"
            yield place.unknown(checks.GONE, why)
            yield place.unknown(checks.UNABLE, why)

    def standing(self, application: Application, place: Place) -> Iterator[Diagnosis]:
        """Say what a publisher can do without a request, seen from the consumer's side."""
        yield self.identity(application, place)
        rows = rows_or_why(self._ports, application)
        if isinstance(rows, str):
            yield place.unknown(checks.SELF_APPROVAL, rows)
            yield place.unknown(checks.STANDING, rows)
            return
        theirs = {row.principal for row in rows}
        yield self._self_approval(application, place, theirs)
        if application.jit is JitState.ON:
            yield from self._standing(application, place, theirs)

    def identity(self, application: Application, place: Place) -> Diagnosis:
        """Say whether listTokens lends out an identity."""
        if not application.is_read:
            return place.unknown(checks.IDENTITY, "you may not read the application")
        if application.has_identity:
            return place.found(checks.IDENTITY, "it has a managed identity to act as")
        return place.ok(checks.IDENTITY, "it has no managed identity")

    def stale(self, application: Application, place: Place) -> Iterator[Diagnosis]:
        """Say which requests wait for too long."""
        try:
            requests = list(self._finder.requests(application))
        except AzjitError as error:
            yield place.unknown(checks.STALE, why_of(error))
            return
        found = [(request, why) for request in requests if (why := self._why_stale(request))]
        for request, why in found:
            yield place.found(checks.STALE, f"request {request.name} {why}")
        if not found:
            yield place.ok(checks.STALE, "no request waits for too long")

    def _why_stale(self, request: JitRequest) -> str | None:
        now = self._ports.now()
        if request.state is not RequestState.PENDING:
            return None
        if request.has_ended(now):
            return "waits, and all of its time has passed"
        start, born = request.schedule.start, request.created_at
        if born is not None and now - born > _OLD:
            return f"waits for {(now - born) // timedelta(hours=1)} hours"
        # One that asks for "now" has a start in the past as soon as it is there.
        asked_for_later = start is not None and born is not None and start - born > _SOON
        if start is not None and start <= now and (born is None or asked_for_later):
            return "waits, and its start has passed"
        return None

    def _approver(
        self,
        application: Application,
        approver: Approver,
        place: Place,
        kinds: Mapping[str, str] | None,
    ) -> Iterator[Diagnosis]:
        named = f"{approver.kind.lower()} {self._named(approver)}"
        if kinds is None:
            yield place.unknown(checks.GONE, f"the directory did not tell of {named}")
        elif approver.id.key not in kinds:
            yield place.found(checks.GONE, f"{named} is not in the directory")
            return
        else:
            yield place.ok(checks.GONE, f"{named} is there")
        kind = (kinds or {}).get(approver.id.key, approver.kind)
        if kind.lower().replace(" ", "") == "serviceprincipal":
            yield place.found(checks.UNABLE, f"{named} is a service principal")
        else:
            yield self._able(application, approver, place, named)

    def _able(
        self, application: Application, approver: Approver, place: Place, named: str
    ) -> Diagnosis:
        try:
            held = self._ports.authorization.assignments(application.id, approver.id)
        except AzjitError as error:
            return place.unknown(checks.UNABLE, f"{named}: {why_of(error)}")
        answers = [self._decides(application.id, each.role) for each in held]
        if any(answers):
            return place.ok(checks.UNABLE, f"{named} holds a role that allows updateAccess")
        if any(answer is None for answer in answers):
            return place.unknown(checks.UNABLE, f"a role of {named} could not be read")
        if approver.kind.lower() == "group":
            return place.unknown(checks.UNABLE, f"{named} holds no role; its members may")
        return place.found(checks.UNABLE, f"{named} holds no role that allows updateAccess")

    def _self_approval(
        self, application: Application, place: Place, theirs: set[PrincipalId]
    ) -> Diagnosis:
        try:
            held = self._ports.authorization.assignments(application.id)
        except AzjitError as error:
            return place.unknown(checks.SELF_APPROVAL, why_of(error))
        rows = [each for each in held if each.principal in theirs]
        answers = [(each, self._decides(application.id, each.role)) for each in rows]
        able = [each for each, decides in answers if decides]
        if able:
            names = ", ".join(dict.fromkeys(self._name(each.principal) for each in able))
            return place.found(checks.SELF_APPROVAL, f"{names} may call updateAccess")
        if any(decides is None for _, decides in answers):
            return place.unknown(checks.SELF_APPROVAL, "a role of the publisher could not be read")
        return place.ok(checks.SELF_APPROVAL, "no principal of the publisher may call updateAccess")

    def _standing(
        self, application: Application, place: Place, theirs: set[PrincipalId]
    ) -> Iterator[Diagnosis]:
        group = application.managed_group
        if group is None:
            yield place.unknown(checks.STANDING, "the managed resource group is not known")
            return
        try:
            held = self._ports.authorization.assignments(group)
            requests = list(self._finder.requests(application))
        except AzjitError as error:
            yield place.unknown(checks.STANDING, why_of(error))
            return
        found = self._unbounded(held, requests, group, theirs)
        for each in found:
            yield place.found(checks.STANDING, self._held_text(each, group))
        if not found:
            yield place.ok(checks.STANDING, "every role of the publisher ends with a request")

    def _unbounded(
        self,
        held: list[RoleAssignment],
        requests: list[JitRequest],
        group: GroupId,
        theirs: set[PrincipalId],
    ) -> list[RoleAssignment]:
        now = self._ports.now()
        asked = theirs | {row.principal for request in requests for row in request.rows}
        return [
            each
            for each in held
            if each.principal in asked
            and each.role.guid != PUBLISHER_OPERATOR
            and not any(gives(request, each, group, now) for request in requests)
        ]

    def _held_text(self, held: RoleAssignment, group: GroupId) -> str:
        role = self._roles.role_name(group, held.role) or held.role.guid
        return f"{self._name(held.principal)} holds {role} and no request bounds it"

    def _decides(self, scope: ResourceId, role: RoleId) -> bool | None:
        if role.guid not in self._deciding:
            try:
                blocks = self._ports.authorization.role(scope, role.guid).blocks
            except AzjitError:
                return None
            allowed = any(block.allows(checks.UPDATE_ACCESS) for block in blocks)
            self._deciding[role.guid] = allowed
        return self._deciding[role.guid]

    def _named(self, approver: Approver) -> str:
        return approver.name or self._name(approver.id)

    def _name(self, principal: PrincipalId) -> str:
        return self._reporter.principal_name(principal) or principal.text


def _how_decided(policy: JitPolicy) -> str:
    if policy.mode is ApprovalMode.MANUAL:
        return f"{len(policy.approvers)} named to approve"
    return f"approval is {policy.mode}: nobody needs to be named"
