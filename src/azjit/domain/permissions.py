"""The rights that the commands need, and the scope of each.

Source: azure-docs managed-applications for the names; that they suffice is inferred.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from azjit.domain import right_checks
from azjit.domain.findings import Rule


class Right(NamedTuple):
    """The actions that commands need at the application or at its managed resource group."""

    rule: Rule
    where: Literal["application", "group"]
    actions: tuple[str, ...]


UPDATE_ACCESS: Final = "Microsoft.Solutions/applications/updateAccess/action"
POLLING: Final = "Microsoft.Solutions/locations/operationStatuses/read"
_APPLICATIONS = "Microsoft.Solutions/applications"
_REQUESTS = "Microsoft.Solutions/jitRequests"

# Other rights at the subscription are tried, or read from the roles held there.
CONSUMER_RIGHTS: tuple[Right, ...] = (
    Right(right_checks.SEE, "application", (f"{_APPLICATIONS}/read",)),
    Right(right_checks.SEE, "group", (f"{_REQUESTS}/read",)),
    Right(right_checks.DECIDE, "application", (UPDATE_ACCESS,)),
    Right(right_checks.CONFIGURE, "application", (f"{_APPLICATIONS}/write",)),
    Right(right_checks.VERIFY, "group", ("Microsoft.Authorization/roleAssignments/read",)),
)
PUBLISHER_RIGHTS: tuple[Right, ...] = (
    Right(right_checks.REQUEST, "group", (f"{_REQUESTS}/write",)),
    Right(right_checks.WITHDRAW, "group", (f"{_REQUESTS}/delete",)),
    Right(right_checks.FOLLOW, "group", (f"{_REQUESTS}/read",)),
    Right(right_checks.READ, "group", ("*/read",)),
    Right(right_checks.REFRESH, "application", (f"{_APPLICATIONS}/refreshPermissions/action",)),
)
