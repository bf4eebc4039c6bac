"""Checks an activation against PIM's rules for the role."""

from __future__ import annotations

from azjit.domain.durations import human_duration
from azjit.domain.ids import is_guid
from azjit.domain.inputs import RequestSpec
from azjit.domain.pim import ActivationRules, PimRequest
from azjit.errors import AzjitError, Refused, Usage


def check_words(spec: RequestSpec) -> None:
    """Refuse texts that PIM never accepts.

    Raises:
        Usage: a text is empty, or the name is no GUID.
    """
    ticket = spec.ticket.partition("@")[0] if spec.ticket is not None else None
    for label, text in (("reason", spec.reason), ("ticket", ticket)):
        if text is not None and not text.strip():
            raise Usage(f"the {label} is empty", hint=f'add --{label} "..."')
    if spec.name is not None and not is_guid(spec.name):
        raise Usage(f"malformed name {spec.name!r}", hint="use a GUID: --name $(uuidgen)")


def refusal_by(
    rules: ActivationRules | None, spec: RequestSpec, draft: PimRequest
) -> AzjitError | None:
    """Give the error of an activation that the known rules of its role forbid."""
    if rules is None:
        return None
    if rules.justification and spec.reason is None:
        return Usage("PIM requires a justification for this role", hint='add --reason "..."')
    if rules.ticket and spec.ticket is None:
        return Usage("PIM requires a ticket for this role", hint="add --ticket NUMBER@SYSTEM")
    if rules.maximum is not None and draft.duration is not None and draft.duration > rules.maximum:
        return Refused(
            f"{human_duration(draft.duration)} is longer than PIM allows for {draft.role_label}:"
            f" {human_duration(rules.maximum)}",
            hint="request at most --duration",
        )
    return None
