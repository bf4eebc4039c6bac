"""What faults do to calls: before the world acts on one, to what it does, and to the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import quote, urlsplit

from azjit.sandbox.arm import limits
from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.messages import Problem, Request, Response, Site
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
    """One call that may meet a fault: what is asked, and the act that answers it."""

    def __init__(
        self, request: Request, world: World, real_now: datetime, act: Callable[[], Response]
    ) -> None:
        self.request, self.world, self.real_now = request, world, real_now
        self._act = act
        self.limit_headers: dict[str, str] = {}

    @cached_property
    def acted(self) -> Response:
        """The world's own answer; asking for it does what the call asks."""
        self.world.connection.execute("SAVEPOINT fault")
        self.world.before = {}
        return self._act()

    def undo(self) -> None:
        """Take back what the act has changed."""
        self.world.connection.execute("ROLLBACK TO fault")

    @property
    def claims(self) -> dict[str, object]:
        """The claims of the call's token, none when it is none of ours."""
        token = self.request.headers.get("authorization", "").partition(" ")[2]
        return tokens.read(self.world, token.strip()) or {}

    @property
    def tenant(self) -> str:
        """Where the caller should sign in."""
        subscription = limits.subscription_in(self.request.path)
        found = self.world.directory.tenant_of(subscription) if subscription else None
        return found or "organizations"

    @property
    def site(self) -> Site:
        """The addresses under which the world was reached."""
        return self.request.site


def apply_faults(scene: FaultContext, *, is_arm: bool) -> Response:
    """The answer to a call after the first fault that meets it, if one does."""
    _see_past(scene, is_arm=is_arm)
    method, path = scene.request.method, scene.request.path
    for fault in registry.waiting(scene.world.connection):
        if not fault.meets(method, path, is_arm=is_arm):
            continue
        if fault.skip > 0:
            registry.pass_by(scene.world.connection, fault)
            continue
        found = _EFFECTS[fault.kind](scene, fault)
        if found is not None:
            registry.spend(scene.world.connection, fault)
            delay = 0.0 if fault.kind == "stale" else fault.seconds
            return _limited(scene, replace(found, fault=fault.kind, delay=delay))
    return _limited(scene, scene.acted)


def _limited(scene: FaultContext, response: Response) -> Response:
    return replace(response, headers=response.headers | scene.limit_headers)


def _see_past(scene: FaultContext, *, is_arm: bool) -> None:
    """Let a read see what was before, while there is anything that it has not heard of."""
    now = stamp(scene.world.now)
    scene.world.connection.execute("DELETE FROM past WHERE until <= ?", (now,))
    row = scene.world.connection.execute("SELECT 1 FROM past LIMIT 1").fetchone()
    scene.world.sees_past = is_arm and row is not None and scene.request.method == "GET"


def _status(scene: FaultContext, fault: InjectedFault) -> Response:
    status = int(fault.kind)
    if fault.has_acted:
        _ = scene.acted
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Problem(status, *_ERRORS[status], headers).response()


def _throttled(scene: FaultContext, fault: InjectedFault) -> Response:
    return _too_many(scene, fault.retry_after or 0)


def _buckets(scene: FaultContext, fault: InjectedFault) -> Response | None:
    principal = str(scene.claims.get("oid", ""))
    at = scene.real_now.timestamp()
    level = limits.take(scene.request, scene.world, at, principal, fault.tokens)
    scene.limit_headers = level.headers
    return _too_many(scene, level.wait_seconds) if level.wait_seconds else None


def _too_many(scene: FaultContext, seconds: int) -> Response:
    subscription = limits.subscription_in(scene.request.path)
    whose = f"subscription '{subscription}'" if subscription else "the tenant"
    code = "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled"
    text = (
        f"Number of requests for {whose} actor '{scene.claims.get('oid', '')}' exceeded. Please"
        f" try again after '{seconds}' seconds after additional tokens are available."
    )
    return Problem(429, code, text, {"Retry-After": str(seconds)}).response()


def _reset_before(_scene: FaultContext, _fault: InjectedFault) -> Response:
    return Response(0, {}, b"", wire="reset")


def _reset_after(scene: FaultContext, _fault: InjectedFault) -> Response:
    return replace(scene.acted, wire="reset")


def _truncated(scene: FaultContext, _fault: InjectedFault) -> Response | None:
    return replace(scene.acted, wire="truncated") if len(scene.acted.body) > 1 else None


def _html(_scene: FaultContext, fault: InjectedFault) -> Response:
    return Response(fault.status, {"Content-Type": "text/html"}, _PAGE)


def _slow(scene: FaultContext, _fault: InjectedFault) -> Response:
    return scene.acted


def _expired_token(scene: FaultContext, _fault: InjectedFault) -> Response:
    ended = scene.real_now - timedelta(seconds=1)
    return tokens.expired(scene.site, scene.tenant, ended, scene.real_now).response()


def _claims_challenge(scene: FaultContext, fault: InjectedFault) -> Response | None:
    met = str(scene.claims.get("xms_nbf", ""))
    if met.isdigit() and int(met) >= fault.since:
        return None
    wanted = {"access_token": {"nbf": {"essential": True, "value": str(fault.since)}}}
    claims = base64.b64encode(json.dumps(wanted).encode()).decode()
    return tokens.unauthorized(
        scene.site,
        scene.tenant,
        "TokenCreatedWithOutdatedPolicies",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired.",
        error="insufficient_claims",
        more=f', claims="{claims}"',
    ).response()


def _stale(scene: FaultContext, fault: InjectedFault) -> Response | None:
    response, before = scene.acted, scene.world.before
    if scene.request.method == "GET" or not before:
        return None
    until = stamp(scene.world.now + timedelta(seconds=fault.seconds))
    for key, old in before.items():
        was = old or scene.world.resource(key)
        if was is None:
            continue
        body, private = (json.dumps(old.body), json.dumps(old.private)) if old else (None, None)
        place = (key, was.type, was.subscription.lower(), was.group.lower(), was.name.lower())
        scene.world.connection.execute(
            "INSERT INTO past VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE"
            " SET until = max(until, excluded.until)",
            (*place, body, private, until),
        )
    return response


def _operation_fails(scene: FaultContext, _fault: InjectedFault) -> Response | None:
    response, operation = scene.acted, scene.world.operation
    if operation is None:
        return None
    connection = scene.world.connection
    row = connection.execute("SELECT * FROM operations WHERE id = ?", (operation,)).fetchone()
    scene.undo()
    connection.execute("INSERT INTO operations VALUES (?,?,?,?,?,?,'Failed')", row[:-1])
    return response


def _operation_hangs(scene: FaultContext, _fault: InjectedFault) -> Response | None:
    response, operation = scene.acted, scene.world.operation
    if operation is None:
        return None
    scene.world.connection.execute(
        "UPDATE operations SET polls = ? WHERE id = ?", (_FOR_EVER, operation)
    )
    return response


def _operation_hides(scene: FaultContext, _fault: InjectedFault) -> Response | None:
    hidden = {"location", "azure-asyncoperation", "x-ms-retry-after-ms"}
    kept = {k: v for k, v in scene.acted.headers.items() if k.lower() not in hidden}
    return replace(scene.acted, headers=kept) if len(kept) < len(scene.acted.headers) else None


def _foreign_next_link(scene: FaultContext, _fault: InjectedFault) -> Response | None:
    response = scene.acted
    try:
        body = json.loads(response.body)
    except ValueError:
        return None
    if response.status != 200 or not isinstance(body, dict) or "value" not in body:  # noqa: PLR2004 - OK
        return None
    link = body.get("nextLink") or f"{scene.site.arm}{quote(scene.request.path)}?page=2"
    told = {**body, "nextLink": _moved(link)}
    return replace(response, body=json.dumps(told, ensure_ascii=False).encode())


def _foreign_header(name: str) -> Callable[[FaultContext, InjectedFault], Response | None]:
    def effect(scene: FaultContext, _fault: InjectedFault) -> Response | None:
        headers = scene.acted.headers
        if name not in headers:
            return None
        return replace(scene.acted, headers={**headers, name: _moved(headers[name])})

    return effect


def _moved(link: str) -> str:
    parts = urlsplit(link)
    return f"{FOREIGN}{parts.path}?{parts.query}"


_EFFECTS: dict[str, Callable[[FaultContext, InjectedFault], Response | None]] = {
    "429": _throttled,
    "buckets": _buckets,
    "500": _status,
    "502": _status,
    "503": _status,
    "504": _status,
    "reset-before": _reset_before,
    "reset-after": _reset_after,
    "truncated": _truncated,
    "html": _html,
    "slow": _slow,
    "expired-token": _expired_token,
    "claims-challenge": _claims_challenge,
    "stale": _stale,
    "operation-fails": _operation_fails,
    "operation-hangs": _operation_hangs,
    "operation-hides": _operation_hides,
    "foreign-next-link": _foreign_next_link,
    "foreign-location": _foreign_header("Location"),
    "foreign-operation": _foreign_header("Azure-AsyncOperation"),
}
