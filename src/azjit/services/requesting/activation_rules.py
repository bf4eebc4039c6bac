"""What PIM's rules ask of who activates a role, checked before anything is sent."""

from __future__ import annotations

from azjit.domain.durations import human_duration
from azjit.domain.ids import is_guid
from azjit.domain.inputs import RequestSpec
from azjit.domain.pim import ActivationRules, PimRequest
from azjit.errors import Refused, Usage


def name_of(draft: PimRequest) -> str:
    """Give the role's name where it is known, else its GUID."""
    return draft.role_name or draft.role.guid


def check_words(wish: RequestSpec) -> None:
    """Refuse what no rule of PIM could allow.

    Raises:
        Usage: a text is empty, or the name is no GUID.
    """
    ticket = wish.ticket.partition("@")[0] if wish.ticket is not None else None
    for label, text in (("reason", wish.reason), ("ticket", ticket)):
        if text is not None and not text.strip():
            raise Usage(f"the {label} is empty", hint=f'say it: --{label} "..."')
    if wish.name is not None and not is_guid(wish.name):
        raise Usage(f"malformed name {wish.name!r}", hint="give a GUID: --name $(uuidgen)")


def check_rules(wish: RequestSpec, draft: PimRequest, rules: ActivationRules | None) -> None:
    """Hold a wish to the rules of its role, as far as they are known.

    Raises:
        Usage: a reason or a ticket is missing.
        Refused: it is longer than they allow.
    """
    if rules is None:
        return
    if rules.justification and wish.reason is None:
        raise Usage("PIM asks for a justification for this role", hint='say it: --reason "..."')
    if rules.ticket and wish.ticket is None:
        raise Usage("PIM asks for a ticket for this role", hint="say it: --ticket NUMBER@SYSTEM")
    if rules.maximum is not None and draft.duration is not None and draft.duration > rules.maximum:
        raise Refused(
            f"{human_duration(draft.duration)} is longer than PIM allows for {name_of(draft)}:"
            f" {human_duration(rules.maximum)}",
            hint="ask for less: --duration",
        )
