"""What is inferred of PIM, Resource Graph, the activity log and Microsoft Graph.

Module, confidence and text, as `behaviours.Behaviour` has them.
"""

from __future__ import annotations

ENTRA_BEHAVIOURS: tuple[tuple[str, str, str], ...] = (
    (
        "pim.linked",
        "U",
        (
            "that PIM has approvals for JIT requests at all; where a switch says so, each request"
            " has one approval, each of its role rows one roleAssignmentScheduleRequest with its id"
        ),
    ),
    (
        "pim.linked",
        "U",
        (
            "the approvers of such an approval are the application's jitApprovers, users and"
            " groups; without any, nobody is asked"
        ),
    ),
    ("pim.linked", "U", "the result of the stage becomes the state of the JIT request"),
    ("pim.seed", "U", "somebody of the publisher's tenant may be eligible on the managed group"),
    (
        "pim.approvals",
        "M",
        "the review of a stage may be written in 'properties' or bare, by PUT or by PATCH",
    ),
    (
        "pim.approvals",
        "U",
        (
            "error codes: 403 AuthorizationFailed for who must not review, 409 for what is decided,"
            " 400 JustificationRequired"
        ),
    ),
    (
        "pim.approvals",
        "U",
        "without a filter the listing has what the caller approves, asked for or is meant by",
    ),
    (
        "pim.approvals",
        "L",
        "when PIM decides a JIT request the activity log has updateAccess by PIM's own principal",
    ),
    (
        "pim.filters",
        "M",
        (
            "a listing has rows at, above and below its scope, with atScope() only at and above;"
            " asTarget(), asRequestor() and asApprover() need no right there"
        ),
    ),
    ("pim.activation", "M", "a role that is held in any way answers RoleAssignmentExists"),
    ("pim.activation", "M", "a role can't be given back in its first five minutes"),
    (
        "pim.activation",
        "U",
        "a PUT by a name that is taken is 409, once every other check has passed",
    ),
    ("pim.activation", "L", "an activation that starts later has the status ScheduleCreated"),
    ("pim.rules", "U", "an eligibility that is missing is told as EligibilityRule"),
    ("pim.rules", "L", "a role's default rules: 8 hours, justification and a second factor"),
    ("pim.policies", "U", "DELETE of a policy or of its assignment brings the default rules back"),
    (
        "pim.routes",
        "M",
        "without a P2 licence every route of PIM answers AadPremiumLicenseRequired",
    ),
    (
        "resource_graph.query",
        "U",
        "a publisher finds the managed groups and requests that it may read",
    ),
    (
        "resource_graph.query",
        "M",
        "without allowPartialScopes a query over too many subscriptions is 400",
    ),
    ("resource_graph.query", "U", "the $skipToken is good for any query of the same order"),
    (
        "resource_graph.query",
        "M",
        "named subscriptions that cannot be read are left out; where none is left it is 400",
    ),
    ("resource_graph.rows", "M", "resourceGroup and type are in lower case, other texts as in ARM"),
    (
        "activity.record",
        "M",
        "a write that is accepted is one event, Succeeded, named by its action, at once",
    ),
    (
        "activity.listing",
        "M",
        "a grant's start and end are roleAssignments/write and delete by the service",
    ),
    ("activity.listing", "M", "the newest event comes first; 90 days are kept"),
    ("graph.objects", "U", "more than 20 ids to checkMemberGroups: the code of the 400"),
    ("graph.objects", "M", "ids of other tenants are left out of getByIds"),
    ("graph.door", "M", "without permissions in the directory only /me answers"),
)
