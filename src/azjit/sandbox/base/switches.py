"""The switches of the world: undocumented behaviour of Azure, delays and limits."""

from __future__ import annotations

import re
from typing import NamedTuple


class Switch(NamedTuple):
    """A setting of the whole world or of one application.

    `takes` lists its values, the default first, or the numbers that it may have; these have their
    default in `number`. `confidence` says how well it is known which value the real Azure has:
    [H], [M], [L], [U].
    """

    key: str
    confidence: str
    takes: str
    meaning: str
    number: str
    is_per_application: bool

    @property
    def values(self) -> tuple[str, ...]:
        """The values that it may have; none when it takes a number."""
        return () if self.number else tuple(self.takes.split(" | "))

    @property
    def default(self) -> str:
        """The value that it has until it is set."""
        return self.number or self.values[0]

    def check(self, value: str) -> str:
        """Give a value as it is stored.

        Raises:
            ValueError: the switch has no such value.
        """
        if self.values:
            if value.lower() in self.values:
                return value.lower()
            raise ValueError(f"{self.key} accepts {', '.join(self.values)}, not {value!r}")
        least, most = map(int, self.takes.split(" to "))
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return str(int(value))
        raise ValueError(f"{self.key} accepts a number from {self.takes}")


# Each switch: its key, its confidence, what may set it, and what it takes, the default first.
_TABLE = """\
update-access [U] application: honoured | ignored | forbidden | pim-linked
  what updateAccess does: decides, accepts and does nothing, answers 403, or leaves the decision
  to PIM, which then lists an approval for each request that waits
policy-patch [M] application: works | ignored
  whether PATCH of an application changes its jitAccessPolicy
delete-request [U] application: keeps-grant | drops-grant
  whether deleting an approved request ends its access
late-approval [U] application: ends-as-asked | runs-whole-length
  when access ends that was approved after its start: at the start plus the length, or when the
  whole length has passed since the approval
automatic-takes-pending [U] application: yes | no
  whether a switch to AutoApprove approves the requests that wait already
publisher-read-application [M] application: allowed | forbidden
  whether a publisher may GET the application and its definition
auto-approval-seconds [L] application: 2 of 0 to 86400
  world seconds until an automatic request is approved; the field reports minutes
confirm-delay-seconds [U] application: 0 of 0 to 86400
  world seconds until a decision by updateAccess shows
publisher-lists-subscriptions [M] world: yes | no
  whether the customer's subscription is listed to a publisher
decision-updated-by [U] application: decider | filer
  whom updatedBy names after a decision: its sender, or still who filed the request
licence [M] world: p2 | none
  the consumer tenant's Entra ID licence; none refuses every JIT request
solutions-provider [H] world: registered | unregistered
  whether the subscriptions have registered Microsoft.Solutions; otherwise writes to it answer
  409
page-size [U] world: 10 of 1 to 1000
  items on one page of a listing
operation-polls [U] world: 1 of 0 to 100
  polls that answer 202 before an operation ends
resource-graph [U] world: fresh | stale | forbidden
  what Resource Graph answers: the present, the past of resource-graph-lag-seconds, or 403
resource-graph-lag-seconds [U] world: 120 of 0 to 86400
  world seconds by which a stale Resource Graph is behind
resource-graph-state [U] application: filled | absent
  whether Resource Graph shows the jitRequestState of a request
resource-graph-quota [H] world: 1000 of 1 to 1000
  queries in five seconds for each caller; the real number is 15
resource-graph-subscriptions [H] world: 10000 of 1 to 10000
  the most subscriptions that one query covers; the real number is 10000
pim-lists-requests [U] application: no | yes | ambiguous
  whether PIM has an approval for each JIT request that waits: none unless updateAccess is
  pim-linked, one in any case, or two of the same scope, role and principal
pim-review-body [M] world: both | wrapped | unwrapped
  how the review of an approval's stage must be written: in 'properties', bare, or either
pim-step-up [U] world: none | mfa | acrs
  what PIM requires that no token has: nothing, a second factor, or an authentication context
graph [M] world: allowed | forbidden
  whether callers may read the directory in Microsoft Graph
token-groups [H] world: listed | overage
  whether tokens list their principal's groups, or refer to Graph because they are too many
graph-quota [U] world: 10000 of 1 to 10000
  calls to Microsoft Graph in ten seconds for each caller; above it 429 with Retry-After
"""


def _read(entry: str) -> Switch:
    head, *meaning = entry.splitlines()
    facts, _, takes = head.partition(": ")
    key, confidence, owner = facts.split()
    number, _, numbers = takes.rpartition(" of ")
    text = " ".join(line.strip() for line in meaning)
    return Switch(key, confidence[1], numbers, text, number, owner == "application")


SWITCHES = tuple(map(_read, re.split(r"\n(?=\S)", _TABLE)))
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
