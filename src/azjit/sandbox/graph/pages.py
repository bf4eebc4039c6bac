"""Collections of Graph: filtered, ordered, selected and cut into pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.graph.call import GraphCall, bad
from azjit.sandbox.graph.odata import Body, read_filter, read_search

_MOST = 999
_REFUSED = ("$skip", "$apply", "$compute")
_EXPANSION = re.compile(r"(\w+)(?:\(\$select=([\w,]+)\))?")
_MOST_EXPANDED = 20
# The properties that Graph sends by default.
_DEFAULT = {
    "users": (
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    )
}


Relations = Mapping[str, Callable[[Body], list[Body]]]


def collection(
    call: GraphCall, context: str, bodies: list[Body], relations: Relations | None = None
) -> Response:
    """One page of a collection, as its query options ask."""
    query = call.request.query
    for option in _REFUSED:
        if option in query:
            raise bad(f"The query option '{option}' is not supported by the sandbox.")
    found = _ordered(call, _filtered(call, bodies))
    top = _number(query.get("$top"), int(call.world.switch("page-size")))
    start = _start(query.get("$skiptoken", ""))
    body: dict[str, Any] = {"@odata.context": f"{call.base}/$metadata#{context}"}
    if query.get("$count", "").lower() == "true" and call.is_eventual:
        body["@odata.count"] = len(found)
    if start + top < len(found):
        options = {key: value for key, value in query.items() if key != "$skiptoken"}
        options["$skiptoken"] = f"sandbox-{start + top}"
        link = urlencode(options, safe="$'", quote_via=quote)
        path = quote(call.request.path.partition("/v1.0")[2], safe="/()=',")
        body["@odata.nextLink"] = f"{call.base}{path}?{link}"
    page = found[start : start + top]
    shown = [selected(call, context, item) | expanded(call, item, relations) for item in page]
    return answer(200, body | {"value": shown})


def one(call: GraphCall, context: str, body: Body, relations: Relations | None = None) -> Response:
    """One object, as its query options ask."""
    context_url = f"{call.base}/$metadata#{context}/$entity"
    shown = selected(call, context, body) | expanded(call, body, relations)
    return answer(200, {"@odata.context": context_url, **shown})


def expanded(call: GraphCall, body: Body, relations: Relations | None) -> Body:
    """Give the objects that $expand asks for: of one relation, 20 at most."""
    asked = call.request.query.get("$expand", "").strip()
    if not asked:
        return {}
    match = _EXPANSION.fullmatch(asked)
    if match is None or match[1] not in (relations or {}):
        known = ", ".join(relations or ()) or "none"
        raise bad(f"The sandbox cannot expand '{asked}', only {known}.")
    found = (relations or {})[match[1]](body)[:_MOST_EXPANDED]
    names = match[2].split(",") if match[2] else None
    return {match[1]: [_only(each, names) for each in found]}


def _only(body: Body, names: list[str] | None) -> Body:
    return {k: v for k, v in body.items() if names is None or k in names or k.startswith("@")}


def selected(call: GraphCall, context: str, body: Body) -> Body:
    """Give the properties that $select names, else those that Graph sends by default."""
    asked = call.request.query.get("$select", "")
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if not names:
        names = list(_DEFAULT.get(context, body))
    always = [key for key in body if key.startswith("@")]
    return {key: body[key] for key in [*always, *names] if key in body}


def _filtered(call: GraphCall, bodies: list[Body]) -> list[Body]:
    query = call.request.query
    properties = {key for body in bodies for key in body} or {"id", "displayName"}
    if "$filter" in query:
        test = read_filter(query["$filter"], properties, is_eventual=call.is_eventual)
        bodies = [body for body in bodies if test(body)]
    if "$search" in query:
        test = read_search(query["$search"], is_eventual=call.is_eventual)
        bodies = [body for body in bodies if test(body)]
    return bodies


def _ordered(call: GraphCall, bodies: list[Body]) -> list[Body]:
    asked = call.request.query.get("$orderby", "").split()
    if not asked:
        return bodies
    key = asked[0]
    return sorted(
        bodies,
        key=lambda body: str(body.get(key) or "").lower(),
        reverse=asked[1:] == ["desc"],
    )


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST:
        raise bad(f"Invalid page size specified: '{text}'. Must be between 1 and {_MOST}.")
    return int(text)


def _start(token: str) -> int:
    number = token.removeprefix("sandbox-") or "0"
    if not number.isdigit():
        raise bad("The $skiptoken is not valid.", "Directory_ExpiredPageToken")
    return int(number)
