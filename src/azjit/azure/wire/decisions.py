"""`updateAccess`: the one documented write that concerns a decision.

Microsoft documents its shape and nothing of what its fields do; no public code calls it. All
that azjit assumes of it stands here, and every use is verified by a read afterwards:

- `originRequestId` is taken for the JIT request's name (`--origin-request-id` sends another);
- approving is `Elevate` with `Approved`, the only use of `Elevate` in azjit;
- denying is `Remove` with `Denied`; it is sent only while the request is pending, since on an
  active one `Remove` could take access away;
- revoking is `Remove` with `Expired`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azjit.azure.wire.values import Json, full, mapping, text, unusable
from azjit.domain.rules import Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as `updateAccess` carries it; there is no field for a reason."""

    verdict: Verdict
    origin_request: str
    requestor: str
    approver: str | None
    publisher: str | None
    subject: str | None


_STATUSES = {
    Verdict.APPROVE: ("Elevate", "Approved"),
    Verdict.DENY: ("Remove", "Denied"),
    Verdict.REVOKE: ("Remove", "Expired"),
}
_VERDICTS = {(status.lower(), sub.lower()): verdict for verdict, (status, sub) in _STATUSES.items()}


def encode_decision(decision: Decision) -> Json:
    """Write the body of `updateAccess`, in the camelCase of the published contract."""
    status, sub_status = _STATUSES[decision.verdict]
    return full(
        {
            "approver": decision.approver,
            "metadata": full(
                {
                    "originRequestId": decision.origin_request,
                    "requestorId": decision.requestor,
                    "tenantDisplayName": decision.publisher,
                    "subjectDisplayName": decision.subject,
                }
            ),
            "status": status,
            "subStatus": sub_status,
        }
    )


def decode_decision(body: Mapping[str, Any]) -> Decision:
    """Read the body that a 202 echoes.

    Raises:
        Unavailable: its pair of statuses is none that azjit knows.
    """
    pair = (str(body.get("status", "")).lower(), str(body.get("subStatus", "")).lower())
    if pair not in _VERDICTS:
        raise unusable(f"Azure echoed a decision that azjit does not know: {pair}")
    about = mapping(body.get("metadata"))
    return Decision(
        verdict=_VERDICTS[pair],
        origin_request=text(about.get("originRequestId")) or "",
        requestor=text(about.get("requestorId")) or "",
        approver=text(body.get("approver")),
        publisher=text(about.get("tenantDisplayName")),
        subject=text(about.get("subjectDisplayName")),
    )
