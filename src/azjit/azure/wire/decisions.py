"""`updateAccess`: the only documented write that concerns a decision.

Microsoft documents the shape of its body, but not what the fields do; no public code calls it.
These are all the assumptions that azjit makes, and a read verifies every use of it:

- `originRequestId` is the JIT request's name (`--origin-request-id` sends another);
- approving is `Elevate` with `Approved`, the only use of `Elevate` in azjit;
- denying is `Remove` with `Denied`; it is sent only while the request is pending, since on an
  active one `Remove` could take access away;
- revoking is `Remove` with `Expired`.
"""

from __future__ import annotations

from azjit.azure.wire.values import Json, full
from azjit.domain.rules import AccessUpdate, Verdict

_STATUSES = {
    Verdict.APPROVE: ("Elevate", "Approved"),
    Verdict.DENY: ("Remove", "Denied"),
    Verdict.REVOKE: ("Remove", "Expired"),
}


def encode_access_update(update: AccessUpdate) -> Json:
    """Write the body of `updateAccess`, in the camelCase of the published contract."""
    status, sub_status = _STATUSES[update.verdict]
    return full(
        {
            "approver": update.approver,
            "metadata": full(
                {
                    "originRequestId": update.origin_request,
                    "requestorId": update.requestor,
                    "tenantDisplayName": update.publisher,
                    "subjectDisplayName": update.subject,
                }
            ),
            "status": status,
            "subStatus": sub_status,
        }
    )
