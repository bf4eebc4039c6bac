"""POST Microsoft.ResourceGraph/resources: a query, its scope, its pages and its quota."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from azjit.sandbox.arm.call import ArmCall
from azjit.sandbox.arm.route import ArmRoute
from azjit.sandbox.authorization.access import failed, subscriptions_of
from azjit.sandbox.base.ids import guid
from azjit.sandbox.base.messages import Problem, Response, answer
from azjit.sandbox.kusto.query import Query, parse
from azjit.sandbox.kusto.tokens import InvalidQuery
from azjit.sandbox.kusto.values import Row
from azjit.sandbox.resource_graph.rows import SCOPE_FILTERS, TABLES, TableReader
from azjit.sandbox.world.people import CONTOSO, PRODUCTION, TEST
from azjit.sandbox.world.quota import Quota, spend

MOST_ROWS = 1000
_WINDOW = timedelta(seconds=5)
# The groups of the consumer's tenant besides its root, which has the tenant's id.
MANAGEMENT_GROUPS = {
    "contoso-production": (CONTOSO, (PRODUCTION,)),
    "contoso-test": (CONTOSO, (TEST,)),
}


class BadQuery(Problem):
    """A refusal in Resource Graph's form: the reason is among the details."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(400, "BadRequest", "Please provide below info when asking for support.")
        self.details = [{"code": code, "message": message, **more}]

    def response(self) -> Response:
        """The answer that carries it."""
        error = {"code": self.code, "message": str(self), "details": self.details}
        return answer(self.status, {"error": error}, self.headers)


def resources(call: ArmCall) -> Response:
    """Answer a query with the rows that the caller may read, page by page.

    Assumes:
        [U] a publisher finds the managed groups and requests that it may read
        [M] without allowPartialScopes a query over too many subscriptions is 400
        [U] a $skipToken is valid for any query of the same order
        [M] named subscriptions that the caller cannot read are left out; when none is left it is
            400
    """
    quota = _spend(call)
    if call.world.switch("resource-graph") == "forbidden":
        raise failed(call.caller, "Microsoft.ResourceGraph/resources/read", "/")
    body = call.json()
    options = body.get("options") or {}
    if not isinstance(options, dict):
        raise BadQuery("InvalidOptions", "'options' must be an object")
    scope, is_cut = _scope(call, body, options)
    lag = timedelta(0)
    if call.world.switch("resource-graph") == "stale":
        lag = call.world.seconds("resource-graph-lag-seconds")
    reader = TableReader(call.world, call.caller, scope, lag, _scope_filter(options))
    query = _query(body, reader)
    found = query.run(reader.rows(query.table, query.types))
    headers = {
        "x-ms-user-quota-remaining": str(quota.remaining),
        "x-ms-user-quota-resets-after": _clock(quota.resets_after),
        "x-ms-tenant-subscription-limit-hit": "true" if is_cut else "false",
    }
    return answer(200, _page(query, found, options), headers)


def _spend(call: ArmCall) -> Quota:
    allowed = int(call.world.switch("resource-graph-quota"))
    quota = spend(call.world, f"resource-graph/{call.caller.oid}", allowed, _WINDOW)
    if quota.remaining < 0:
        # The real service sends no Retry-After here, only its own header.
        headers = {
            "x-ms-user-quota-remaining": "0",
            "x-ms-user-quota-resets-after": _clock(quota.resets_after),
        }
        text = "Client application has been throttled and should not attempt to repeat the request"
        raise Problem(429, "RateLimiting", text, headers)
    return quota


def _query(body: dict[str, Any], reader: TableReader) -> Query:
    text = body.get("query")
    if not isinstance(text, str) or not text.strip():
        raise BadQuery("InvalidQuery", "'query' is required")
    try:
        return parse(text, TABLES, reader.rows)
    except InvalidQuery as fault:
        raise BadQuery(
            "ParserFailure",
            f"the sandbox does not understand the query: {fault}",
            line=fault.line,
            characterPositionInLine=fault.column,
            token=fault.token,
        ) from fault


def _scope_filter(options: dict[str, Any]) -> str:
    told = options.get("authorizationScopeFilter", "AtScopeAndBelow")
    if told not in SCOPE_FILTERS:
        known = ", ".join(SCOPE_FILTERS)
        raise BadQuery("InvalidOptions", f"'authorizationScopeFilter' must be one of {known}")
    return str(told)


def _scope(
    call: ArmCall, body: dict[str, Any], options: dict[str, Any]
) -> tuple[list[tuple[str, str, str]], bool]:
    """Give the subscriptions of the query, and whether the limit has left some out."""
    named, groups = body.get("subscriptions"), body.get("managementGroups")
    if named and groups:
        text = "'subscriptions' and 'managementGroups' can't be given together"
        raise BadQuery("InvalidScope", text)
    seen = subscriptions_of(call.world, call.caller)
    if named:
        wanted = set(map(guid, _texts(named, "subscriptions")))
        found = [row for row in seen if row[0] in wanted]
        if not found:
            text = "There must be at least one subscription that is eligible to contain resources"
            raise BadQuery("NoValidSubscriptionsInQueryRequest", text)
        return found, False
    if groups:
        within = _grouped(call, _texts(groups, "managementGroups"))
        seen = [row for row in seen if row[0] in within]
    most = int(call.world.switch("resource-graph-subscriptions"))
    if len(seen) > most and not options.get("allowPartialScopes"):
        text = f"the query is over more than {most} subscriptions: set allowPartialScopes"
        raise BadQuery("SubscriptionLimitExceeded", text)
    return seen[:most], len(seen) > most


def _grouped(call: ArmCall, names: Sequence[str]) -> set[str]:
    """The subscriptions below management groups, in the caller's tenant."""
    found: set[str] = set()
    for name in names:
        tenant, inside = MANAGEMENT_GROUPS.get(name.lower(), (None, ()))
        if name.lower() == call.caller.tenant:
            rows = call.world.directory.subscriptions()
            found |= {key for key, _name, of in rows if of == call.caller.tenant}
        elif tenant == call.caller.tenant:
            found |= set(inside)
        else:
            text = f"the management group '{name}' was not found or may not be read"
            raise BadQuery("InvalidManagementGroup", text)
    return found


def _page(query: Query, found: list[Row], options: dict[str, Any]) -> dict[str, Any]:
    top = _number(options, "$top", MOST_ROWS, least=1)
    if top > MOST_ROWS:
        raise BadQuery("InvalidOptions", f"'$top' is at most {MOST_ROWS}")
    start = _number(options, "$skip", 0, least=0)
    if options.get("$skipToken"):
        start = _read_token(options["$skipToken"])
    page = found[start : start + top]
    is_more = start + top < len(found)
    # Without the id of each row there is no next page.
    has_pages = "id" in query.columns and not query.is_limited
    body: dict[str, Any] = {
        "totalRecords": len(found),
        "count": len(page),
        "resultTruncated": "true" if is_more and not has_pages else "false",
        "data": _table(query, page) if options.get("resultFormat") == "table" else page,
        "facets": [],
    }
    if is_more and has_pages:
        token = json.dumps({"skip": start + top}).encode()
        body["$skipToken"] = base64.b64encode(token).decode()
    return body


def _table(query: Query, page: list[Row]) -> dict[str, Any]:
    columns = [{"name": name, "type": _type(page, name)} for name in query.columns]
    return {"columns": columns, "rows": [[row.get(n) for n in query.columns] for row in page]}


def _type(page: list[Row], name: str) -> str:
    values = {type(row.get(name)) for row in page} - {type(None)}
    kinds: dict[type, str] = {str: "string", int: "integer", bool: "boolean", float: "number"}
    return kinds.get(values.pop(), "object") if len(values) == 1 else "string"


def _number(options: dict[str, Any], key: str, default: int, *, least: int) -> int:
    value = options.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadQuery("InvalidOptions", f"'{key}' must be a whole number from {least}")
    return value


def _texts(value: Any, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadQuery("InvalidScope", f"'{key}' must be a list of texts")
    return value


def _read_token(token: Any) -> int:
    try:
        skip = json.loads(base64.b64decode(str(token), validate=True))["skip"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise BadQuery("InvalidSkipToken", "the $skipToken is not valid") from error
    if not isinstance(skip, int):
        raise BadQuery("InvalidSkipToken", "the $skipToken is not valid")
    return skip


def _clock(length: timedelta) -> str:
    """A length of time as the quota's header writes it: hh:mm:ss, rounded up."""
    seconds = max(1, -int(-length.total_seconds() // 1))
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


ROUTES = (
    ArmRoute(
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        ("2021-03-01", "2022-10-01", "2024-04-01"),
        resources,
        writes=True,  # the quota is counted
    ),
)
