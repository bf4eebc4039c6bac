"""Describes the changes that an interrupted command sent and did not confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azjit.context import Context

_HISTORY = "azjit consumer history"
# By action: what was sent, and where to look for it; {0} is the name of its target, {1} the action,
# {2} the resource group or product that the target is in.
_SENT = {
    "approve": ("the approval of {0}", _HISTORY),
    "deny": ("the denial of {0}", _HISTORY),
    "revoke": ("the revocation of the access of {0}", _HISTORY),
    "request": ("request {0}", "azjit publisher show {0}"),
    "cancel": ("the deletion of request {0}", "azjit publisher show {0}"),
    "activate": ("activation {0}", "azjit publisher roles APP --pim"),
    "deactivate": ("the end of activation {0}", "azjit publisher roles APP --pim"),
    "configure": ("the change of the settings of {0}", "azjit consumer show {2}/{0}"),
    "refresh-permissions": (
        "the refresh of the permissions of {0}",
        "azjit publisher check {2}/{0}",
    ),
}
_PLACE = re.compile("/(?:resourceGroups|products)/([^/]+)/", re.IGNORECASE)
_OTHER = ("{1} of {0}", "azjit publisher offer show --product {2} --instance INSTANCE")


def sent_lines(context: Context) -> Iterator[str]:
    """Give a line for each change whose call has left and that is not recorded as done."""
    from azjit.services.recording import ChangesUnderWay  # noqa: PLC0415 - only at an interruption

    for each in context.service(ChangesUnderWay).changes:
        if not each.is_sent:
            continue
        name, place = each.target.rsplit("/", 1)[-1], _PLACE.search(each.target)
        told = name, each.action, place[1] if place is not None else ""
        what, look = (text.format(*told) for text in _SENT.get(each.action, _OTHER))
        seen = f" and a read shows: {each.seen}" if each.seen else ", but no read shows it yet"
        yield f"interrupted: {what} was sent{seen}; check: {look}"
