"""Checks that a decision is about the request that somebody judged, and about no other."""

from __future__ import annotations

from azjit.context import Context
from azjit.domain.ids import ResourceId, normal_guid
from azjit.domain.inputs import ChosenRequest
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, Refused, Usage
from azjit.services.lookup.omissions import ends_all

_AGAIN = "check it again: azjit consumer pending"


def check_as_judged(context: Context, chosen: ChosenRequest, request: JitRequest) -> None:
    """Check a request against the digest that was given, else against what was shown of it.

    Raises:
        Refused: it is another one, or a list names it that nobody was shown.
    """
    digest = request.digest()
    if chosen.digest is not None:
        if digest != chosen.digest:
            raise Refused(
                f"request {request.name} has the digest {digest}, not {chosen.digest}: its content"
                " differs from what was judged; it was not decided",
                hint=_AGAIN,
            )
        return
    shown = _shown(context, request)
    if shown is None and chosen.is_listed:
        raise Refused(
            f"request {request.name} was never shown here; it was not decided",
            hint="show it first: azjit consumer pending; or give its digest after its id",
        )
    if shown is not None and shown != digest:
        raise Refused(
            f"request {request.name} changed since azjit showed it to you; it was not decided",
            hint=_AGAIN,
        )


def check_origin(context: Context, origin: str | None, request: JitRequest) -> None:
    """Check that a given originRequestId names no other request: Azure may decide that one.

    Raises:
        Usage: it does, or it is empty.
        Refused: the requests that it may name cannot be listed.
    """
    if origin is None:
        return
    if not origin.strip():
        raise Usage("--origin-request-id is empty", hint="leave it out to send the request's name")
    group = request.id.group_id
    try:
        others = list(context.solutions.requests_in(group)) if group is not None else []
    except AzjitError as error:
        if ends_all(error):
            raise
        raise _may_name_another(error.message) from error
    for other in others:
        if other.unreadable is not None and not _may_name(origin, request):
            raise _may_name_another(f"a request in the list cannot be read: {other.unreadable}")
        if other.id != request.id and _may_name(origin, other):
            raise Usage(
                f"--origin-request-id {origin!r} names another request: {other.id}",
                hint=f"decide that one by its own id: azjit consumer approve {other.id}",
            )
    if origin.strip().startswith("/") and ResourceId.try_parse(origin) != request.id:
        raise Usage(
            f"--origin-request-id {origin!r} is the id of something else than the request",
            hint="leave it out to send the request's name",
        )


def _may_name_another(why: str) -> Refused:
    return Refused(
        f"--origin-request-id may name another request: {why}; nothing was sent",
        hint="leave it out to send the request's name",
    )


def _may_name(origin: str, request: JitRequest) -> bool:
    """Tell whether a text names a request in any spelling: its name, or an id that ends with it."""
    told = origin.strip().rstrip("/").rsplit("/", 1)[-1]
    return normal_guid(told) == normal_guid(request.name)


def _shown(context: Context, request: JitRequest) -> str | None:
    try:
        return context.shown.digest_of(request.id.text)
    except AzjitError as error:
        context.notes.warn(
            f"what was shown before is not known: {error.message}; azjit cannot tell whether"
            f" request {request.name} changed since"
        )
        return None
