"""Users, groups, service principals and licences of Microsoft Graph.

Sources: https://learn.microsoft.com/graph/api/resources/user and .../subscribedsku
"""

from __future__ import annotations

from collections.abc import Iterable

from azjit.azure.wire.values import Body, items, principal, text
from azjit.domain.directory import DirectoryEntry, Licence

_KINDS = {"serviceprincipal": "service principal"}
_USABLE = {"enabled", "warning"}
_P2 = ("aad_premium_p2", "eec0eb4f-6444-4f95-aba0-50c24d67f998")
_GOVERNANCE = "identity_governance"


def decode_entry(body: Body, kind: str = "") -> DirectoryEntry | None:
    """Read a user, group or service principal; `kind` is for lists that hold one kind only."""
    key = principal(body.get("id"))
    if key is None:
        return None
    kind = (text(body.get("@odata.type")) or kind).rpartition(".")[2].lower()
    enabled = body.get("accountEnabled")
    return DirectoryEntry(
        id=key,
        kind=_KINDS.get(kind, kind),
        name=text(body.get("displayName")),
        sign_in=text(body.get("userPrincipalName")),
        mail=text(body.get("mail")),
        is_enabled=enabled if isinstance(enabled, bool) else None,
    )


def decode_licence(skus: Iterable[Body]) -> Licence:
    """Read which licence for PIM a tenant has; a suspended one does not count."""
    plans = [plan for sku in skus if _is_usable(sku) for plan in _plans(sku)]
    if any(plan[0] == _P2[0] or plan[1] == _P2[1] for plan in plans):
        return Licence.P2
    # Its plans have several names, e.g. Entra_Identity_Governance.
    if any(_GOVERNANCE in plan[0] for plan in plans):
        return Licence.GOVERNANCE
    return Licence.NONE


def _is_usable(sku: Body) -> bool:
    return (text(sku.get("capabilityStatus")) or "").lower() in _USABLE


def _plans(sku: Body) -> list[tuple[str, str]]:
    return [
        (
            (text(plan.get("servicePlanName")) or "").lower(),
            (text(plan.get("servicePlanId")) or "").lower(),
        )
        for plan in items(sku.get("servicePlans"))
        if (text(plan.get("provisioningStatus")) or "").lower() == "success"
    ]
