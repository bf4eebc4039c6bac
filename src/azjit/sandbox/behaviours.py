"""What this world does where Azure's documents are silent or unsure: one list, with confidence.

[M] inferred from two or more public facts, [L] a guess that fits the facts, [U] no public
evidence. What is not listed here, in `switches` or in `routes` rests on a published contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from azjit.sandbox.entra_behaviours import ENTRA_BEHAVIOURS


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One inferred behaviour: where it lives, how sure it is, and what it is."""

    module: str
    confidence: str
    text: str


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(
        "deployment",
        "M",
        "the service gives each publisher principal a standing role, b9331d33, on the "
        "managed group",
    ),
    Behaviour(
        "deployment",
        "M",
        "without JIT the publisher's eligible roles stand for good on the managed group",
    ),
    Behaviour(
        "deployment",
        "M",
        "a deny assignment on the managed group leaves everyone but the publisher's "
        "principals only */read",
    ),
    Behaviour(
        "jit_requests",
        "M",
        "a JIT request lives in the managed resource group of the consumer's subscription",
    ),
    Behaviour(
        "jit_requests",
        "U",
        "an equal PUT by the same name answers 200 and changes nothing; another one is 409 "
        "once decided",
    ),
    Behaviour(
        "jit_requests",
        "U",
        "provisioningState is Accepted in the answer to PUT and Succeeded from then on",
    ),
    Behaviour("jit_requests", "U", "PUT answers with both Azure-AsyncOperation and Location"),
    Behaviour(
        "jit_requests",
        "U",
        "DELETE of a pending request makes it vanish; no state Canceled is seen",
    ),
    Behaviour(
        "jit_checks",
        "U",
        "the linked check wants the caller to be one of the application's publisher principals",
    ),
    Behaviour(
        "jit_checks",
        "U",
        "error codes: ApplicationNotFound, InvalidJitRequestScope, JitAccessNotEnabled, "
        "JitAuthorizationNotFound, JitPrincipalNotExplicit, JitDurationTooLong",
    ),
    Behaviour(
        "jit_checks",
        "M",
        "without a P2 licence in the consumer's tenant the request itself is refused; the "
        "code is [U]",
    ),
    Behaviour(
        "jit_checks",
        "U",
        "the start may lie any time ahead or behind; Recurring is taken and works as Once",
    ),
    Behaviour(
        "jit_checks",
        "U",
        "the duration is held to the application's maximum when the request is made; 8 "
        "hours when none is set",
    ),
    Behaviour(
        "present",
        "U",
        "a request that waits becomes Expired at its start plus its duration",
    ),
    Behaviour(
        "present",
        "L",
        "an approved request stays Approved when its time has passed; only the role goes",
    ),
    Behaviour(
        "jit",
        "L",
        "an approved request is a role assignment on the managed group, from its start or "
        "its approval to its end",
    ),
    Behaviour(
        "update_access",
        "M",
        "a person or service principal with updateAccess/action may decide; being an "
        "approver is not checked",
    ),
    Behaviour(
        "update_access",
        "M",
        "keys are taken in any casing: the contract writes camelCase, the SDK PascalCase",
    ),
    Behaviour(
        "update_access",
        "U",
        "originRequestId is the request's name in the managed group, or its full id",
    ),
    Behaviour("update_access", "U", "Elevate grants whatever subStatus says"),
    Behaviour(
        "update_access",
        "U",
        "Remove or NotSpecified with Denied, Failed, Expired or Timeout ends a request that waits",
    ),
    Behaviour(
        "update_access",
        "U",
        "Remove on an approved request ends its access and leaves its state",
    ),
    Behaviour(
        "update_access",
        "U",
        "Elevate on an approved request changes nothing; on one that ended it is 409",
    ),
    Behaviour("update_access", "U", "the operation's result is the application"),
    Behaviour(
        "applications",
        "L",
        "PATCH puts the sent jitAccessPolicy in place of the old one, whole",
    ),
    Behaviour(
        "applications",
        "U",
        "PATCH that enables or disables JIT is accepted and leaves the policy as it was",
    ),
    Behaviour("applications", "U", "PATCH answers 202, and the change shows at once"),
    Behaviour("access", "M", "a publisher may GET the application, by no role of its own"),
    Behaviour(
        "access",
        "U",
        "a publisher may GET the definition of its applications in the consumer's catalog",
    ),
    Behaviour(
        "arm",
        "M",
        "tokens of a publisher's tenant are taken in every subscription that has an "
        "application of it",
    ),
    Behaviour(
        "subscriptions",
        "M",
        "a publisher sees the customer's subscription with managedByTenants, and the "
        "managed groups in it",
    ),
    Behaviour(
        "operations",
        "U",
        "a publisher may poll the operations it started, with no role at the subscription",
    ),
    Behaviour(
        "operations",
        "M",
        "others need locations/operationStatuses/read at the subscription",
    ),
    Behaviour(
        "authorization",
        "M",
        "permissions answers everyone who holds any role at the scope, and shows no deny "
        "assignments",
    ),
    *(Behaviour(*row) for row in ENTRA_BEHAVIOURS),
)
