"""Privileged Identity Management: the caller's roles, requests for them, approvals.

Microsoft documents no link between managed applications and PIM: where PIM lists nothing for an
application, nothing is assumed.
"""

from __future__ import annotations

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.pim import (
    decode_approval,
    decode_holding,
    decode_pim_request,
    decode_rules,
    decode_stage,
    encode_activation,
    encode_deactivation,
    encode_review,
)
from azjit.azure.wire.values import decoded, unusable
from azjit.domain.calls import Call
from azjit.domain.ids import ResourceId, RoleId
from azjit.domain.pim import (
    ActivationRules,
    Holding,
    PimInbox,
    PimRequest,
    PimRole,
    PimState,
    Stage,
)
from azjit.domain.rules import Verdict

_AS_APPROVER = {"$filter": "asApprover()"}
_AS_TARGET = {"$filter": "asTarget()"}


class Pim:
    """Reads PIM and makes the calls that change it."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def inbox(self) -> PimInbox:
        """List what waits for the caller's decision, in every scope."""
        path, what = routes.pim_requests(None), "list the requests that you approve in PIM"
        listed = self._arm.list(path, routes.PIM, what, _AS_APPROVER)
        requests = [decode_pim_request(each) for each in listed]
        path, what = routes.APPROVALS_LIST, "list your approvals in PIM"
        approvals = [*self._arm.list(path, routes.APPROVALS, what, _AS_APPROVER)]
        read = decoded(decode_approval, approvals)
        unsure = any(
            each.state is PimState.UNKNOWN or (each.unreadable and each.may_wait)
            for each in requests
        )
        return PimInbox(
            tuple(each for each in requests if each.may_wait),
            tuple(read),
            is_whole=len(read) == len(approvals) and not unsure,
        )

    def stage(self, approval: str, stage: str) -> Stage:
        """Read a stage of an approval."""
        path = routes.stage(approval, stage)
        found = decode_stage(self._arm.read(path, routes.APPROVALS, f"read approval {approval}"))
        if found is None:
            raise unusable(f"could not read approval {approval}: its stage has no name")
        return found

    def review(
        self, approval: str, stage: str, verdict: Verdict, reason: str, *, wrapped: bool
    ) -> Call:
        """Make the call that answers a stage; it is never re-sent automatically.

        The contract's examples show PUT with `properties`, its schema PATCH without.
        """
        url = self._arm.url(routes.stage(approval, stage), routes.APPROVALS)
        what, body = (
            f"{verdict} approval {approval} in PIM",
            encode_review(verdict, reason, wrapped=wrapped),
        )
        return Call("PUT" if wrapped else "PATCH", url, what, body)

    def roles(self, scope: ResourceId, holding: Holding) -> list[PimRole]:
        """List the roles that the caller is eligible for at a scope, or has active there."""
        path = routes.holdings(scope, eligible=holding is Holding.ELIGIBLE)
        what = f"list your {holding} roles in {scope.name}"
        listed = self._arm.list(path, routes.PIM, what, _AS_TARGET)
        return [decode_holding(body, holding) for body in listed]

    def held(self, scope: ResourceId) -> list[PimRole]:
        """List the roles that hold at a scope now, of everybody, with their ends."""
        path = routes.holdings(scope, eligible=False)
        what = f"list the active roles of PIM in {scope.name}"
        return [
            decode_holding(body, Holding.ACTIVE)
            for body in self._arm.list(path, routes.PIM, what, {"$filter": "atScope()"})
        ]

    def rules(self, scope: ResourceId, role: RoleId) -> ActivationRules | None:
        """Read what a role's policy at a scope demands; None if the role has no policy."""
        path = routes.policy_assignments(scope)
        return decode_rules(self._arm.list(path, routes.PIM, "read the role's rules"), role)

    def own_requests(self, scope: ResourceId) -> list[PimRequest]:
        """List the caller's own requests at a scope, without those that cannot be read."""
        path = routes.pim_requests(scope)
        listed = self._arm.list(path, routes.PIM, "list your requests to PIM", _AS_TARGET)
        return [found for each in listed if not (found := decode_pim_request(each)).unreadable]

    def id_in(self, scope: ResourceId, name: str) -> ResourceId:
        """Give the id of the request `name` at a scope."""
        return routes.pim_request(scope, name)

    def find(self, request: ResourceId) -> PimRequest | None:
        """Read a request, or None if PIM has none with that id."""
        what = f"read request {request.name}"
        body = self._arm.find(request.text, routes.PIM, what)
        found = decode_pim_request(body) if body is not None else None
        if found is not None and found.unreadable is not None:
            raise unusable(f"could not {what}: {found.unreadable}")
        return found

    def activation(self, request: PimRequest, system: str | None, linked: str | None) -> Call:
        """Make the call that activates a role: a PUT under its own name."""
        body = encode_activation(request, system, linked)
        what = f"activate {request.role_label}"
        return Call("PUT", self._arm.url(request.id.text, routes.PIM), what, body)

    def deactivation(self, request: PimRequest) -> Call:
        """Make the call that ends an activation: a PUT of a request of its own."""
        body = encode_deactivation(request)
        what = f"end the activation of {request.role_label}"
        return Call("PUT", self._arm.url(request.id.text, routes.PIM), what, body)

    def withdrawal(self, request: PimRequest) -> Call:
        """Make the call that withdraws a request that waits."""
        what = f"withdraw the request for {request.role_label}"
        return Call("POST", self._arm.url(f"{request.id}/cancel", routes.PIM), what)

    def validate(self, activation: Call) -> None:
        """Let PIM check an activation, which changes nothing.

        Raises:
            AzjitError: PIM would refuse it.
        """
        url = activation.url.replace("?", "/validate?", 1)
        self._arm.send(Call("POST", url, activation.what, body=activation.body, asks=True))
