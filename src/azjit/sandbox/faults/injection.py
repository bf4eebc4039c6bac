"""The effects of injected faults: before a call is carried out, on its result, on the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property, partial
from urllib.parse import quote, urlsplit

from azjit.sandbox.arm import limits
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import place_of
from azjit.sandbox.base.messages import Problem, Request, Response
from azjit.sandbox.entra import tokens
from azjit.sandbox.faults import registry
from azjit.sandbox.faults.registry import InjectedFault
from azjit.sandbox.world.world import World

FOREIGN = "https://foreign.example"
_FOR_EVER = 2**31
_ERRORS = {
    500: ("InternalServerError", "The server encountered an internal error."),
    502: ("BadGateway", "The gateway did not receive a response from the service."),
    503: ("ServiceUnavailable", "The service is unavailable. Try again later."),
    504: ("GatewayTimeout", "The gateway did not receive a response in the given time."),
}
_PAGE = (
    b"<!DOCTYPE html><html><head><title>Our services aren't available right now</title></head>"
    b"<body><h2>Our services aren't available right now</h2></body></html>"
)


class FaultContext:
    """A call that a fault may affect: the request, and the function that carries it out."""

    def __init__(
        self, request: Request, world: World, real_now: datetime, act: Callable[[], Response]
    ) -> None:
        self.request, self.world, self.real_now = request, world, real_now
        self._act = act
        self.limit_headers: dict[str, str] = {}

    @cached_property
    def response(self) -> Response:
        """The world's own answer; the first read carries out the call."""
        self.world.connection.execute("SAVEPOINT fault")
        self.world.before = {}
        return self._act()

    @property
    def claims(self) -> dict[str, object]:
        """The claims of the call's token, none when this world has not signed it."""
        token = self.request.headers.get("authorization", "").partition(" ")[2]
        return tokens.read(self.world, token.strip()) or {}

    @property
    def tenant(self) -> str:
        """Where the caller should sign in."""
        subscription = place_of(self.request.path)[0]
        found = self.world.directory.tenant_of(subscription) if subscription else None
        return found or "organizations"


def apply_faults(context: FaultContext, *, is_arm: bool) -> Response:
    """Give the answer to a call, after the first fault that matches it."""
    _set_staleness(context, is_arm=is_arm)
    method, path = context.request.method, context.request.path
    for fault in registry.waiting(context.world.connection):
        if not fault.matches(method, path, is_arm=is_arm):
            continue
        if fault.skip > 0:
            registry.count_skipped(context.world.connection, fault)
            continue
        found = _EFFECTS[fault.kind](context, fault)
        if found is not None:
            registry.spend(context.world.connection, fault)
            delay = 0.0 if fault.kind == "stale" else fault.seconds
            return _limited(context, found._replace(fault=fault.kind, delay=delay))
    return _limited(context, context.response)


def _limited(context: FaultContext, response: Response) -> Response:
    return response._replace(headers=response.headers | context.limit_headers)


def _set_staleness(context: FaultContext, *, is_arm: bool) -> None:
    """Let reads see earlier states while a stale fault keeps them."""
    now = stamp(context.world.now)
    context.world.connection.execute("DELETE FROM past WHERE until <= ?", (now,))
    row = context.world.connection.execute("SELECT 1 FROM past LIMIT 1").fetchone()
    context.world.reads_stale = is_arm and row is not None and context.request.method == "GET"


def _status(context: FaultContext, fault: InjectedFault) -> Response:
    status = int(fault.kind)
    if fault.has_acted:
        _ = context.response
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Problem(status, *_ERRORS[status], headers).response()


def _buckets(context: FaultContext, fault: InjectedFault) -> Response | None:
    principal = str(context.claims.get("oid", ""))
    at = context.real_now.timestamp()
    level = limits.take(context.request, context.world, at, principal, fault.tokens)
    context.limit_headers = level.headers
    return _too_many(context, level.wait_seconds) if level.wait_seconds else None


def _too_many(context: FaultContext, seconds: int) -> Response:
    subscription = place_of(context.request.path)[0].lower()
    whose = f"subscription '{subscription}'" if subscription else "the tenant"
    code = "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled"
    text = (
        f"Number of requests for {whose} actor '{context.claims.get('oid', '')}' exceeded. Please"
        f" try again after '{seconds}' seconds after additional tokens are available."
    )
    return Problem(429, code, text, {"Retry-After": str(seconds)}).response()


def _truncated(context: FaultContext, _fault: InjectedFault) -> Response | None:
    return context.response._replace(wire="truncated") if len(context.response.body) > 1 else None


def _expired_token(context: FaultContext, _fault: InjectedFault) -> Response:
    ended = context.real_now - timedelta(seconds=1)
    return tokens.expired(context.request.site, context.tenant, ended, context.real_now).response()


def _claims_challenge(context: FaultContext, fault: InjectedFault) -> Response | None:
    met = str(context.claims.get("xms_nbf", ""))
    if met.isdigit() and int(met) >= fault.since:
        return None
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(fault.since)}}}
    claims = base64.b64encode(json.dumps(wanted).encode()).decode()
    return tokens.unauthorized(
        context.request.site,
        context.tenant,
        "TokenCreatedWithOutdatedPolicies",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
        error="insufficient_claims",
        more=f', claims="{claims}"',
    ).response()


def _stale(context: FaultContext, fault: InjectedFault) -> Response | None:
    response, before = context.response, context.world.before
    if context.request.method == "GET" or not before:
        return None
    until = stamp(context.world.now + timedelta(seconds=fault.seconds))
    for key, old in before.items():
        was = old or context.world.resource(key)
        if was is None:
            continue
        body, private = (json.dumps(old.body), json.dumps(old.private)) if old else (None, None)
        place = (key, was.type, was.subscription.lower(), was.group.lower(), was.name.lower())
        context.world.connection.execute(
            "INSERT INTO past VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE"
            " SET until = max(until, excluded.until)",
            (*place, body, private, until),
        )
    return response


def _operation_fails(context: FaultContext, _fault: InjectedFault) -> Response | None:
    response, operation = context.response, context.world.operation
    if operation is None:
        return None
    connection = context.world.connection
    row = connection.execute("SELECT * FROM operations WHERE id = ?", (operation,)).fetchone()
    connection.execute("ROLLBACK TO fault")
    connection.execute("INSERT INTO operations VALUES (?,?,?,?,?,?,'Failed')", row[:-1])
    return response


def _operation_hangs(context: FaultContext, _fault: InjectedFault) -> Response | None:
    response, operation = context.response, context.world.operation
    if operation is None:
        return None
    context.world.connection.execute(
        "UPDATE operations SET polls = ? WHERE id = ?", (_FOR_EVER, operation)
    )
    return response


def _operation_hides(context: FaultContext, _fault: InjectedFault) -> Response | None:
    hidden = {"location", "azure-asyncoperation", "x-ms-retry-after-ms"}
    kept = {k: v for k, v in context.response.headers.items() if k.lower() not in hidden}
    return (
        context.response._replace(headers=kept)
        if len(kept) < len(context.response.headers)
        else None
    )


def _foreign_next_link(context: FaultContext, _fault: InjectedFault) -> Response | None:
    response = context.response
    try:
        body = json.loads(response.body)
    except ValueError:
        return None
    if response.status != 200 or not isinstance(body, dict) or "value" not in body:  # noqa: PLR2004 - OK
        return None
    link = body.get("nextLink") or f"{context.request.site.arm}{quote(context.request.path)}?page=2"
    changed = {**body, "nextLink": _moved(link)}
    return response._replace(body=json.dumps(changed, ensure_ascii=False).encode())


def _foreign_header(name: str, context: FaultContext, _fault: InjectedFault) -> Response | None:
    headers = context.response.headers
    if name not in headers:
        return None
    return context.response._replace(headers={**headers, name: _moved(headers[name])})


def _moved(link: str) -> str:
    parts = urlsplit(link)
    return f"{FOREIGN}{parts.path}?{parts.query}"


_EFFECTS: dict[str, Callable[[FaultContext, InjectedFault], Response | None]] = {
    "429": lambda context, fault: _too_many(context, fault.retry_after or 0),
    "buckets": _buckets,
    "500": _status,
    "502": _status,
    "503": _status,
    "504": _status,
    "reset-before": lambda _context, _fault: Response(0, {}, b"", wire="reset"),
    "reset-after": lambda context, _fault: context.response._replace(wire="reset"),
    "truncated": _truncated,
    "html": lambda _, fault: Response(fault.status, {"Content-Type": "text/html"}, _PAGE),
    "slow": lambda context, _fault: context.response,
    "expired-token": _expired_token,
    "claims-challenge": _claims_challenge,
    "stale": _stale,
    "operation-fails": _operation_fails,
    "operation-hangs": _operation_hangs,
    "operation-hides": _operation_hides,
    "foreign-next-link": _foreign_next_link,
    "foreign-location": partial(_foreign_header, "Location"),
    "foreign-operation": partial(_foreign_header, "Azure-AsyncOperation"),
}
