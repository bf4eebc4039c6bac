"""The switches of the world: what Microsoft's documents leave open, and delays and limits."""

from __future__ import annotations

from typing import NamedTuple


class Switch(NamedTuple):
    """A setting of the whole world or of one application.

    `confidence` says how well it is known which value the real Azure has: [H], [M], [L], [U].
    """

    key: str
    default: str
    values: tuple[str, ...]
    confidence: str
    meaning: str
    least: int = 0
    most: int = 0
    is_per_application: bool = True

    def check(self, value: str) -> str:
        """Give a value as it is stored.

        Raises:
            ValueError: the switch has no such value.
        """
        if self.values:
            if value.lower() in self.values:
                return value.lower()
            raise ValueError(f"{self.key} accepts {', '.join(self.values)}, not {value!r}")
        if value.isascii() and value.isdigit() and self.least <= int(value) <= self.most:
            return str(int(value))
        raise ValueError(f"{self.key} accepts a number from {self.least} to {self.most}")


_DAY = 86_400

SWITCHES: tuple[Switch, ...] = (
    Switch(
        "update-access",
        "honoured",
        ("honoured", "ignored", "forbidden", "pim-linked"),
        "U",
        "what updateAccess does: decides, accepts and does nothing, answers 403, or leaves"
        " the decision to PIM, which then lists an approval for each request that waits",
    ),
    Switch(
        "policy-patch",
        "works",
        ("works", "ignored"),
        "M",
        "whether PATCH of an application changes its jitAccessPolicy",
    ),
    Switch(
        "delete-request",
        "keeps-grant",
        ("keeps-grant", "drops-grant"),
        "U",
        "whether deleting an approved request ends its access",
    ),
    Switch(
        "automatic-takes-pending",
        "yes",
        ("yes", "no"),
        "U",
        "whether a switch to AutoApprove approves the requests that wait already",
    ),
    Switch(
        "publisher-read-application",
        "allowed",
        ("allowed", "forbidden"),
        "M",
        "whether a publisher may GET the application and its definition",
    ),
    Switch(
        "auto-approval-seconds",
        "2",
        (),
        "L",
        "world seconds until an automatic request is approved; the field reports minutes",
        most=_DAY,
    ),
    Switch(
        "confirm-delay-seconds",
        "0",
        (),
        "U",
        "world seconds until a decision by updateAccess shows",
        most=_DAY,
    ),
    Switch(
        "publisher-lists-subscriptions",
        "yes",
        ("yes", "no"),
        "M",
        "whether the customer's subscription is listed to a publisher",
        is_per_application=False,
    ),
    Switch(
        "licence",
        "p2",
        ("p2", "none"),
        "M",
        "the consumer tenant's Entra ID licence; none refuses every JIT request",
        is_per_application=False,
    ),
    Switch(
        "solutions-provider",
        "registered",
        ("registered", "unregistered"),
        "H",
        "whether the subscriptions have registered Microsoft.Solutions; otherwise writes to it"
        " answer 409",
        is_per_application=False,
    ),
    Switch(
        "page-size",
        "10",
        (),
        "U",
        "items on one page of a listing",
        least=1,
        most=1000,
        is_per_application=False,
    ),
    Switch(
        "operation-polls",
        "1",
        (),
        "U",
        "polls that answer 202 before an operation ends",
        most=100,
        is_per_application=False,
    ),
    Switch(
        "resource-graph",
        "fresh",
        ("fresh", "stale", "forbidden"),
        "U",
        "what Resource Graph answers: the present, the past of resource-graph-lag-seconds, or 403",
        is_per_application=False,
    ),
    Switch(
        "resource-graph-lag-seconds",
        "120",
        (),
        "U",
        "world seconds by which a stale Resource Graph is behind",
        most=_DAY,
        is_per_application=False,
    ),
    Switch(
        "resource-graph-state",
        "filled",
        ("filled", "absent"),
        "U",
        "whether Resource Graph shows the jitRequestState of a request",
    ),
    Switch(
        "resource-graph-quota",
        "1000",
        (),
        "H",
        "queries in five seconds for each caller; the real number is 15",
        least=1,
        most=1000,
        is_per_application=False,
    ),
    Switch(
        "resource-graph-subscriptions",
        "10000",
        (),
        "H",
        "the most subscriptions that one query covers; the real number is 10000",
        least=1,
        most=10_000,
        is_per_application=False,
    ),
    Switch(
        "pim-lists-requests",
        "no",
        ("no", "yes", "ambiguous"),
        "U",
        "whether PIM has an approval for each JIT request that waits: none unless updateAccess is"
        " pim-linked, one in any case, or two of the same scope, role and principal",
    ),
    Switch(
        "pim-review-body",
        "both",
        ("both", "wrapped", "unwrapped"),
        "M",
        "how the review of an approval's stage must be written: in 'properties', bare, or either",
        is_per_application=False,
    ),
    Switch(
        "pim-step-up",
        "none",
        ("none", "mfa", "acrs"),
        "U",
        "what PIM requires that no token has: nothing, a second factor, or an authentication"
        " context",
        is_per_application=False,
    ),
    Switch(
        "graph",
        "allowed",
        ("allowed", "forbidden"),
        "M",
        "whether callers may read the directory in Microsoft Graph",
        is_per_application=False,
    ),
    Switch(
        "token-groups",
        "listed",
        ("listed", "overage"),
        "H",
        "whether tokens list their principal's groups, or refer to Graph because they are too many",
        is_per_application=False,
    ),
    Switch(
        "graph-quota",
        "10000",
        (),
        "U",
        "calls to Microsoft Graph in ten seconds for each caller; above it 429 with Retry-After",
        least=1,
        most=10_000,
        is_per_application=False,
    ),
)

BY_KEY = {switch.key: switch for switch in SWITCHES}


def find(key: str, *, for_application: bool) -> Switch:
    """Give the switch of a name.

    Raises:
        ValueError: there is none, or an application cannot have it.
    """
    valid = [s.key for s in SWITCHES if s.is_per_application or not for_application]
    if key not in valid:
        owner = "an application" if for_application else "the world"
        raise ValueError(f"{owner} has no switch {key!r}: {', '.join(valid)}")
    return BY_KEY[key]
