"""Microsoft.Solutions in the domain's words: applications, JIT requests, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.applications import decode_application, decode_rows, encode_policy_patch
from azjit.azure.wire.decisions import AccessUpdate, encode_access_update
from azjit.azure.wire.requests import decode_request, encode_request
from azjit.azure.wire.values import mapping, resource_id
from azjit.domain.applications import Application, JitPolicy, RoleGrant
from azjit.domain.calls import Call
from azjit.domain.ids import ApplicationId, GroupId, RequestId, ResourceId
from azjit.domain.requests import JitRequest


class Solutions:
    """Reads and writes managed applications and their JIT requests."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def application(self, application: ApplicationId) -> Application:
        """Read an application.

        Raises:
            NotFound, NotAllowed, Unavailable: as Azure answers.
        """
        what = f"read application {application.name}"
        return decode_application(self._arm.read(application.text, routes.SOLUTIONS, what))

    def applications(self, subscription: str) -> Iterator[Application]:
        """List the applications of a subscription, page by page."""
        what = f"list the applications of subscription {subscription}"
        path = routes.applications_of(subscription)
        return map(decode_application, self._arm.list(path, routes.SOLUTIONS, what))

    def definition_roles(self, definition: str) -> tuple[RoleGrant, ...] | None:
        """Read the eligible roles from an application definition; None where it has none."""
        # The text is the application's own: nothing but a whole resource id becomes a path.
        told = resource_id(ResourceId, definition)
        if told is None:
            return None
        body = self._arm.read(told.text, routes.SOLUTIONS, "read the application's definition")
        return decode_rows(mapping(body.get("properties")).get("authorizations"))

    def request(self, request: RequestId) -> JitRequest:
        """Read a JIT request.

        Raises:
            NotFound, NotAllowed, Unavailable: as Azure answers.
        """
        what = f"read request {request.name}"
        return decode_request(self._arm.read(request.text, routes.SOLUTIONS, what))

    def find_request(self, request: RequestId) -> JitRequest | None:
        """Read a JIT request, or None where Azure has none by that id."""
        what = f"read request {request.name}"
        body = self._arm.find(request.text, routes.SOLUTIONS, what)
        return decode_request(body) if body is not None else None

    def requests_in(self, group: GroupId) -> Iterator[JitRequest]:
        """List the JIT requests of a managed resource group, page by page."""
        what = f"list the requests in {group.name}"
        path = routes.requests_of_group(group)
        return map(decode_request, self._arm.list(path, routes.SOLUTIONS, what))

    def requests_of(self, subscription: str) -> Iterator[JitRequest]:
        """List the JIT requests of a subscription, page by page."""
        what = f"list the requests of subscription {subscription}"
        path = routes.requests_of_subscription(subscription)
        return map(decode_request, self._arm.list(path, routes.SOLUTIONS, what))

    def filing(self, request: JitRequest) -> Call:
        """Give the call that files a request: a PUT under its own name, safe to repeat."""
        return Call(
            "PUT",
            self._arm.url(request.id.text, routes.SOLUTIONS),
            f"file request {request.name}",
            body=encode_request(request),
        )

    def withdrawal(self, request: RequestId) -> Call:
        """Give the call that deletes a request: Azure has no other way to cancel."""
        return Call(
            "DELETE",
            self._arm.url(request.text, routes.SOLUTIONS),
            f"cancel request {request.name}",
        )

    def settings_change(self, application: ApplicationId, policy: JitPolicy) -> Call:
        """Give the call that changes an application's JIT settings."""
        return Call(
            "PATCH",
            self._arm.url(application.text, routes.SOLUTIONS),
            f"configure {application.name}",
            body=encode_policy_patch(policy),
        )

    def decision(self, application: ApplicationId, decision: AccessUpdate) -> Call:
        """Give the call that decides; it is never re-sent by itself."""
        return Call(
            "POST",
            self._arm.url(routes.update_access(application), routes.SOLUTIONS),
            f"{decision.verdict} request {decision.origin_request}",
            body=encode_access_update(decision),
            resend=False,
        )

    def refresh(self, application: ApplicationId) -> Call:
        """Give the call that makes Azure read the definition's rows again; it has no body."""
        return Call(
            "POST",
            self._arm.url(routes.refresh_permissions(application), routes.SOLUTIONS),
            f"refresh the permissions of {application.name}",
            resend=False,
        )
