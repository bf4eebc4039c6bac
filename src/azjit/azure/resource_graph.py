"""Resource Graph: finds applications and undecided requests in all subscriptions.

The index may lag behind: a command reads from Resource Manager what it acts on.
Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from azjit.azure import routes
from azjit.azure.arm import Arm
from azjit.azure.failures import quota_reset
from azjit.azure.network import Network
from azjit.azure.responses import Answer
from azjit.azure.wire.access import decode_assignment
from azjit.azure.wire.applications import decode_application
from azjit.azure.wire.requests import DECIDED_STATES
from azjit.azure.wire.values import items, text, unusable
from azjit.domain.access import RoleAssignment
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.ids import RequestId, ResourceId
from azjit.errors import Failed, NotFound, Unavailable

_PAGE = 1000
_MAX_ATTEMPTS = 5
_MAX_WAIT_SECONDS = 60.0
_OPTIONS: Mapping[str, Any] = {"resultFormat": "objectArray", "allowPartialScopes": True}
_NO_GROUP = "invalidmanagementgroup"
# A new state, or one that the index does not show, may be waiting.
_OVER = ", ".join(f"'{state}'" for state in DECIDED_STATES)
_APPLICATIONS = (
    "resources"
    " | where type in~ ('microsoft.solutions/applications')"
    " | project id, name, kind, location,"
    " managedResourceGroupId = properties.managedResourceGroupId,"
    " jitAccessPolicy = properties.jitAccessPolicy"
    " | order by id asc"
)
_UNDECIDED = (
    "resources"
    " | where type in~ ('microsoft.solutions/jitrequests')"
    f" | where tostring(properties.jitRequestState) !in~ ({_OVER})"
    " | project id, name, state = tostring(properties.jitRequestState)"
    " | order by id asc"
)
_ASSIGNMENTS = (
    "authorizationresources"
    " | where type =~ 'microsoft.authorization/roleassignments'"
    " | project id, name, properties"
    " | order by id asc"
)


class IndexedRequest(NamedTuple):
    """A request that may wait; `has_state` is False if the index does not show its state."""

    id: RequestId
    has_state: bool


class Index(NamedTuple):
    """What Resource Graph found; `cuts` say why something may be missing."""

    applications: tuple[Application, ...]
    undecided: tuple[IndexedRequest, ...]
    cuts: tuple[str, ...]


class SearchScope(NamedTuple):
    """Where to search: subscriptions or a management group; neither means all in reach."""

    subscriptions: tuple[str, ...] = ()
    management_group: str | None = None

    def body(self) -> dict[str, Any]:
        """Give the keys of a query's body."""
        if self.management_group is not None:
            return {"managementGroups": [self.management_group]}
        return {"subscriptions": list(self.subscriptions)} if self.subscriptions else {}


class ResourceGraph:
    """Queries Resource Graph, within its quota."""

    def __init__(self, arm: Arm, network: Network) -> None:
        self._arm = arm
        self._network = network
        self._pause_seconds = 0.0

    def index(self, scope: SearchScope) -> Index:
        """Find the applications and the requests that may wait.

        Raises:
            NotFound: there is no such management group.
            AzjitError: Resource Graph cannot be asked.
        """
        applications = self._rows(_APPLICATIONS, "applications", scope)
        undecided = self._rows(_UNDECIDED, "requests that wait", scope)
        return Index(
            tuple(app for app in map(_application, applications.usable) if not app.unreadable),
            tuple(
                IndexedRequest(RequestId.parse(row["id"]), has_state=bool(row.get("state")))
                for row in undecided.usable
            ),
            tuple(dict.fromkeys([*applications.cuts(), *undecided.cuts()])),
        )

    def assignments(self, scope: SearchScope) -> tuple[list[RoleAssignment], tuple[str, ...]]:
        """Find the role assignments on, above and below what the scope has, and what is missing.

        Raises:
            AzjitError: Resource Graph cannot be asked.
        """
        options = {"authorizationScopeFilter": "AtScopeAboveAndBelow"}
        found = self._rows(_ASSIGNMENTS, "role assignments", scope, options)
        return [decode_assignment(each) for each in found.usable], tuple(found.cuts())

    def probe(self) -> None:
        """Send one small query."""
        self._query(
            "ask Resource Graph", {"query": _APPLICATIONS, "options": {**_OPTIONS, "$top": 1}}
        )

    def _rows(
        self, query: str, things: str, scope: SearchScope, more: Mapping[str, Any] | None = None
    ) -> _Found:
        found = _Found(things)
        what = f"find the {things}"
        while True:
            options = {**_OPTIONS, **(more or {}), "$top": _PAGE}
            if found.token is not None:
                options["$skipToken"] = found.token
            body = {**scope.body(), "query": query, "options": options}
            answer = self._query(what, body)
            page = answer.body if isinstance(answer.body, dict) else {}
            if not isinstance(page.get("data"), list):
                raise unusable(f"could not {what}: the answer of Resource Graph has no rows")
            if not found.add(answer, page):
                return found

    def _query(self, what: str, body: Mapping[str, Any]) -> Answer:
        url = self._arm.url(routes.GRAPH_QUERY, routes.RESOURCE_GRAPH)
        call = Call("POST", url, what, body=body, asks=True)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            self._wait()
            try:
                answer = self._arm.send(call)
            except Unavailable as error:
                if (
                    error.wait_seconds is None
                    or error.wait_seconds > _MAX_WAIT_SECONDS
                    or attempt == _MAX_ATTEMPTS
                ):
                    raise
                self._pause_seconds = max(error.wait_seconds, 1.0)
                continue
            except Failed as error:
                if (error.code or "").lower() != _NO_GROUP:
                    raise
                raise NotFound(error.message, hint="check --management-group") from error
            # 15 queries in 5 s: waiting before the next query avoids a refusal.
            if answer.headers.get("x-ms-user-quota-remaining") == "0":
                self._pause_seconds = min(quota_reset(answer.headers) or 1.0, _MAX_WAIT_SECONDS)
            return answer
        raise AssertionError  # the last attempt returned or raised

    def _wait(self) -> None:
        if self._pause_seconds:
            self._network.say_wait(f"Resource Graph asks to wait {self._pause_seconds:.0f} s")
            self._network.sleep(self._pause_seconds)
            self._pause_seconds = 0.0


def _application(row: Mapping[str, Any]) -> Application:
    properties = {key: row.get(key) for key in ("managedResourceGroupId", "jitAccessPolicy")}
    return decode_application({**row, "properties": properties})


@dataclass
class _Found:
    """The rows of all pages of a query, and the signs that some are missing."""

    things: str
    usable: list[Mapping[str, Any]] = field(default_factory=list)
    token: str | None = None
    _tokens: set[str] = field(default_factory=set)
    _listed: int = 0
    _total: int = 0
    _is_limited: bool = False
    _is_truncated: bool = False
    _is_circular: bool = False

    def add(self, answer: Answer, page: Mapping[str, Any]) -> bool:
        """Add a page, and tell whether to ask for another."""
        rows = items(page["data"])
        self._listed += len(page["data"])
        # A row without an id cannot be acted on, nor be told from a row of another page.
        self.usable += [r for r in rows if ResourceId.try_parse(r.get("id")) is not None]
        total = page.get("totalRecords")
        self._total = max(self._total, total if isinstance(total, int) else 0)
        limit = answer.headers.get("x-ms-tenant-subscription-limit-hit", "")
        self._is_limited |= limit.lower() == "true"
        self.token = text(page.get("$skipToken"))
        if self.token is None:
            self._is_truncated |= str(page.get("resultTruncated")).lower() == "true"
            return False
        self._is_circular = self.token in self._tokens
        self._tokens.add(self.token)
        return not self._is_circular

    def cuts(self) -> list[str]:
        """Describe what is missing."""
        dropped = self._listed - len(self.usable)
        signs = {
            "Resource Graph searches at most 10,000 subscriptions, and you can see more": (
                self._is_limited
            ),
            "Resource Graph truncated its answer": self._is_truncated,
            f"Resource Graph's pages of {self.things} repeat": self._is_circular,
            f"Resource Graph gave {self._listed} of {self._total} {self.things}": (
                self._listed < self._total
            ),
            f"Resource Graph gave {dropped} {self.things} without an id": dropped > 0,
        }
        return [cut for cut, is_so in signs.items() if is_so]
