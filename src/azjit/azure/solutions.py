"""Microsoft.Solutions: applications, JIT requests and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.wire.applications import decode_application, decode_rows, encode_policy_patch
from azjit.azure.wire.decisions import encode_access_update
from azjit.azure.wire.requests import decode_request, encode_request
from azjit.azure.wire.values import mapping, unusable
from azjit.domain.applications import Application, JitPolicy, RoleGrant
from azjit.domain.calls import Call
from azjit.domain.ids import ApplicationId, GroupId, RequestId, ResourceId
from azjit.domain.requests import JitRequest
from azjit.domain.rules import AccessUpdate

_Read = TypeVar("_Read", Application, JitRequest)


class Solutions:
    """Reads managed applications and their JIT requests, and makes the calls that change them."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def application(self, application: ApplicationId) -> Application:
        """Read an application."""
        what = f"read application {application.name}"
        body = self._arm.read(application.text, routes.SOLUTIONS, what)
        return _usable(decode_application(body), what)

    def applications(self, subscription: str) -> Iterator[Application]:
        """List the applications of a subscription, page by page."""
        what = f"list the applications of subscription {subscription}"
        path = routes.applications_of(subscription)
        return map(decode_application, self._arm.list(path, routes.SOLUTIONS, what))

    def definition_roles(self, definition: str) -> tuple[RoleGrant, ...] | None:
        """Read the eligible roles from an application definition; None if it has none."""
        # Azure's own text: only a valid resource id becomes a path.
        found = ResourceId.try_parse(definition)
        if found is None:
            return None
        body = self._arm.read(found.text, routes.SOLUTIONS, "read the application's definition")
        return decode_rows(mapping(body.get("properties")).get("authorizations"))

    def request(self, request: RequestId, leaving: Callable[[], None] | None = None) -> JitRequest:
        """Read a JIT request; `leaving` runs right before each attempt."""
        what = f"read request {request.name}"
        body = self._arm.read(request.text, routes.SOLUTIONS, what, leaving)
        return _usable(decode_request(body), what)

    def find_request(self, request: RequestId) -> JitRequest | None:
        """Read a JIT request, or None if Azure has none with that id."""
        what = f"read request {request.name}"
        body = self._arm.find(request.text, routes.SOLUTIONS, what)
        return _usable(decode_request(body), what) if body is not None else None

    def requests_in(self, group: GroupId) -> Iterator[JitRequest]:
        """List the JIT requests of a managed resource group, page by page."""
        what = f"list the requests in {group.name}"
        path = routes.requests_of_group(group)
        return map(decode_request, self._arm.list(path, routes.SOLUTIONS, what))

    def is_short_of_reads(self, request: RequestId) -> bool:
        """Tell whether Azure's limits leave few reads in the subscription of a request."""
        return self._arm.is_short_of_reads(request.text)

    def requests_of(
        self, subscription: str, leaving: Callable[[], None] | None = None
    ) -> Iterator[JitRequest]:
        """List the JIT requests of a subscription, page by page; `leaving` runs before each."""
        what = f"list the requests of subscription {subscription}"
        path = routes.requests_of_subscription(subscription)
        return map(decode_request, self._arm.list(path, routes.SOLUTIONS, what, leaving=leaving))

    def creation(self, request: JitRequest) -> Call:
        """Make the call that creates a request: a PUT under its own name."""
        what, body = f"file request {request.name}", encode_request(request)
        return Call("PUT", self._url(request.id.text), what, body)

    def cancellation(self, request: RequestId) -> Call:
        """Make the call that deletes a request: Azure has no other way to cancel."""
        what = f"cancel request {request.name}"
        return Call("DELETE", self._url(request.text), what)

    def settings_change(self, application: ApplicationId, policy: JitPolicy) -> Call:
        """Make the call that changes an application's JIT settings."""
        what, body = f"configure {application.name}", encode_policy_patch(policy)
        return Call("PATCH", self._url(application.text), what, body)

    def decision(self, application: ApplicationId, update: AccessUpdate) -> Call:
        """Make the call that decides; it is never re-sent automatically."""
        url = self._url(routes.update_access(application))
        what = f"{update.verdict} request {update.origin_request}"
        return Call("POST", url, what, encode_access_update(update))

    def refresh(self, application: ApplicationId) -> Call:
        """Make the call that lets Azure read the definition's rows again; it has no body."""
        url = self._url(routes.refresh_permissions(application))
        return Call("POST", url, f"refresh the permissions of {application.name}")

    def _url(self, path: str) -> str:
        return self._arm.url(path, routes.SOLUTIONS)


def _usable(read: _Read, what: str) -> _Read:
    """Give what was read by its id.

    Raises:
        Unavailable: the answer has no usable id.
    """
    if read.unreadable is not None:
        raise unusable(f"could not {what}: {read.unreadable}")
    return read
