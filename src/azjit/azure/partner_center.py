"""Partner Center's ingestion API, as far as a package configuration's JIT flag needs it.

Microsoft documents how to reach this API for Azure applications (azure-app-apis in the Partner
Center documentation) and that `allowJitAccess` is a field of it; what an `If-Match` that no longer
holds is answered with is not documented, 412 is taken for it. So every write is read back.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from azjit.azure.clouds import NAMED, Cloud
from azjit.azure.exchange import exchange
from azjit.azure.responses import Answer
from azjit.azure.wire.offers import decode_configurations
from azjit.domain.calls import Call
from azjit.domain.offers import DraftId, PackageConfiguration
from azjit.errors import Refused, Usage

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

_HOST = "https://api.partner.microsoft.com"
_INGESTION = "/v1.0/ingestion"


def home_of(cloud: Cloud) -> Cloud:
    """Give Partner Center as a place of its own: its host, and the scope of its tokens.

    A served sandbox answers for it under its own address.

    Raises:
        Usage: a sovereign cloud; Partner Center is in the public one.
    """
    is_public = cloud.arm == NAMED["public"].arm
    if not is_public and not cloud.is_sandbox:
        raise Usage(f"Partner Center is not in the cloud {cloud.name}", hint="leave --cloud out")
    arm = _HOST if is_public else cloud.arm
    return Cloud("PartnerCenter", arm, cloud.authority, _HOST, "https://partner.microsoft.com")


class PartnerCenter:
    """Reads and replaces package configurations."""

    def __init__(self, client: ResourceManagementClient, home: Cloud) -> None:
        self._client = client
        self._home = home

    def read(self, draft: DraftId) -> list[PackageConfiguration]:
        """Read the package configurations of a draft."""
        path = f"{_configurations(draft)}/getByInstanceID(instanceID={draft.instance})"
        what = f"read the package configuration of {draft.product}"
        answer = self._send(Call("GET", f"{self._home.arm}{path}", what))
        return decode_configurations(draft, answer.text, answer.headers.get("etag"))

    def address(self, draft: DraftId, configuration: str) -> str:
        """Give the whole address of a configuration."""
        return self._home.arm + _path(draft, configuration)

    def replace(self, draft: DraftId, configuration: str, source: str, etag: str) -> None:
        """Replace a configuration; the call is never re-sent automatically.

        Raises:
            Refused: it changed since it was read.
            AnswerLost: it was sent and no usable answer came.
        """
        url = self.address(draft, configuration)
        call = Call("PUT", url, f"change {configuration}", resend=False)
        try:
            self._send(call, source, etag)
        except Refused as error:
            if error.status != HTTPStatus.PRECONDITION_FAILED:
                raise
            raise Refused(
                f"could not {call.what}: it changed since it was read, and is left as it is now",
                hint="look at it again, then run the command again: azjit publisher offer show",
                request_id=error.request_id,
            ) from error

    def _send(self, call: Call, source: str | None = None, etag: str = "") -> Answer:
        from azure.core.rest import HttpRequest

        headers = {} if source is None else {"If-Match": etag, "Content-Type": "application/json"}
        content = None if source is None else source.encode()
        request = HttpRequest(call.method, call.url, content=content, headers=headers)
        return exchange(self._client, self._home, call, request)


def _configurations(draft: DraftId) -> str:
    return f"{_INGESTION}/products/{quote(draft.product, safe='')}/packageConfigurations"


def _path(draft: DraftId, configuration: str) -> str:
    return f"{_configurations(draft)}/{quote(configuration, safe='')}"
