"""Checks that a request is still what somebody judged: what was shown here, or a given digest."""

from __future__ import annotations

from azjit.context import Context
from azjit.domain.inputs import ChosenRequest
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, Refused

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
                f"request {request.name} is not what was judged: its digest is {digest}, and"
                f" {chosen.digest} is expected; it was not decided",
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


def _shown(context: Context, request: JitRequest) -> str | None:
    try:
        return context.shown.digest_of(request.id.text)
    except AzjitError as error:
        context.notes.warn(
            f"what was shown before is not known: {error.message}; azjit cannot tell whether"
            f" request {request.name} changed since"
        )
        return None
