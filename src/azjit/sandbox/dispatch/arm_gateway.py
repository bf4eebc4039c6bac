"""The gateway of ARM: authentication, api-version, authorization, and the common headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from azjit.sandbox.activity.record import logged
from azjit.sandbox.arm import limits
from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import ArmRoute, required_version
from azjit.sandbox.authorization.access import require
from azjit.sandbox.authorization.scopes import no_group
from azjit.sandbox.base.ids import SOLUTIONS, group_id, new_id, place_of
from azjit.sandbox.base.messages import Problem, Request, Response
from azjit.sandbox.entra.tokens import TokenCaller, caller_of, wrong_issuer
from azjit.sandbox.resources.providers import require_registered
from azjit.sandbox.resources.subscriptions import no_subscription
from azjit.sandbox.world.world import World

_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-[a-z.0-9]+)?", re.IGNORECASE)
_BUILT_IN_ROLES = ("Microsoft.Authorization/roleDefinitions/read", "/")


def respond(
    route: ArmRoute,
    params: Mapping[str, str],
    request: Request,
    world: World,
    real_now: datetime,
) -> Response:
    """Authenticate, authorize, and answer."""
    subscription = place_of(request.path)[0].lower()
    tenant = world.directory.tenant_of(subscription) if subscription else None
    caller = caller_of(world, request, at=real_now, tenant=tenant or "organizations")
    version = _version(request, route)
    _require_subscription(request, caller, world, subscription)
    scope = route.scope(params)
    if route.action and (route.action, scope) != _BUILT_IN_ROLES:
        require(world, caller, route.action, scope)
    if request.method != "GET" and SOLUTIONS in route.pattern:
        require_registered(world)
    is_asked_for = request.method == "HEAD"  # the handler of HEAD answers 404 itself
    if "group" in params and not is_asked_for:
        group = group_id(params["subscription"], params["group"])
        if world.resource(group) is None:
            raise no_group(params["group"])
    return logged(ArmCall(request, params, world, caller, version), route.action, route.handler)


def with_headers(response: Response, request: Request) -> Response:
    """The answer with the headers that ARM gives every answer."""
    request_id = new_id()
    correlation = request.headers.get("x-ms-correlation-request-id") or request_id
    headers = {
        "Cache-Control": "no-cache",
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": correlation,
        "x-ms-routing-request-id": f"SANDBOX:{request_id}",
        **limits.full(request),
    }
    client = request.headers.get("x-ms-client-request-id")
    if client and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
        headers["x-ms-client-request-id"] = client
    return response._replace(headers=headers | response.headers)


def _version(request: Request, route: ArmRoute) -> str:
    version = required_version(request)
    known = route.versions
    if not _VERSION.fullmatch(version):
        raise Problem(400, "InvalidApiVersionParameter", f"the api-version '{version}' is invalid")
    if known and version not in known:
        text = (
            f"No registered resource provider found for API version '{version}'. The supported"
            f" api-versions are '{', '.join(known)}'."
        )
        raise Problem(400, "NoRegisteredProviderFound", text)
    return version


def _require_subscription(
    request: Request, caller: TokenCaller, world: World, subscription: str
) -> None:
    """Accept tokens of the subscription's tenant, and of the publishers of its applications.

    Assumes:
        [M] tokens of a publisher's tenant are accepted in every subscription that has an
            application of it
    """
    if not subscription:
        return
    tenant = world.directory.tenant_of(subscription)
    if tenant is None:
        raise no_subscription(subscription)
    if caller.tenant == tenant or world.publishes_in(caller.tenant, subscription):
        return
    raise wrong_issuer(request.site, f"{request.site.login}/{caller.tenant}/", tenant)
