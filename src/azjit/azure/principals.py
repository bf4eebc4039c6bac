"""Which principals a directory still has: one call to Graph, `directoryObjects/getByIds`.

Source: https://learn.microsoft.com/graph/api/directoryobject-getbyids
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from azjit.azure.clouds import NAMED, Cloud
from azjit.azure.wire.values import items, text
from azjit.domain.ids import PrincipalId, normal_guid

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

# Source: https://learn.microsoft.com/graph/deployments
_HOSTS = {
    NAMED["public"].arm: "https://graph.microsoft.com",
    NAMED["usgov"].arm: "https://graph.microsoft.us",
    NAMED["china"].arm: "https://microsoftgraph.chinacloudapi.cn",
}
_PATH = "/v1.0/directoryObjects/getByIds"
_TYPES = ["user", "group", "servicePrincipal"]
_MOST = 1000


def graph_of(cloud: Cloud) -> Cloud:
    """Give Graph as a place of its own; a served sandbox answers for it under its own address."""
    host = _HOSTS.get(cloud.arm, cloud.arm)
    audience = _HOSTS.get(cloud.arm, _HOSTS[NAMED["public"].arm])
    return Cloud("Graph", host, cloud.authority, audience, cloud.portal)


class Principals:
    """Asks the directory of the caller's tenant."""

    def __init__(self, client: ResourceManagementClient, graph: Cloud) -> None:
        self._client = client
        self._graph = graph

    def kinds(self, principals: Iterable[PrincipalId]) -> Mapping[str, str] | None:
        """Give the kind of each principal that is there, by key; None where it cannot be asked.

        It is a nicety of a check: any failure is "cannot be asked", and nothing is tried twice.
        """
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        ids = [each.key for each in principals]
        if len(ids) > _MOST:
            return None
        body = {"ids": ids, "types": _TYPES}
        request = HttpRequest("POST", self._graph.arm + _PATH, json=body)
        try:
            response = self._client.send_request(request, retry_total=0)
            told = response.text() if response.status_code == HTTPStatus.OK else ""
        except (AzureError, ValueError):
            return None
        return _kinds(told)


def _kinds(told: str) -> Mapping[str, str] | None:
    try:
        body: Any = json.loads(told)
    except (ValueError, RecursionError):
        return None
    listed = body.get("value") if isinstance(body, Mapping) else None
    if not isinstance(listed, list):
        return None
    return {
        normal_guid(key): (text(each.get("@odata.type")) or "").rpartition(".")[2]
        for each in items(listed)
        if (key := text(each.get("id"))) is not None
    }
