"""Partner Center's ingestion API: finds a plan's draft, and reads and sets its JIT flag.

Microsoft documents how to reach this API for Azure applications (azure-app-apis in the Partner
Center documentation) and its field `allowJitAccess`, but not the answer to an outdated `If-Match`:
412 is assumed, and every write is read back. Its clients find a draft by products, variants and
branches, as here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from azjit.azure.clouds import NAMED, Cloud
from azjit.azure.exchange import exchange
from azjit.azure.responses import Answer, all_pages
from azjit.azure.wire.offers import (
    decode_branch,
    decode_configurations,
    decode_plan,
    decode_product,
    encode_jit,
)
from azjit.azure.wire.values import Body
from azjit.domain.calls import Call
from azjit.domain.offers import Branch, DraftId, OfferPart, PackageConfiguration
from azjit.errors import Refused, Usage

if TYPE_CHECKING:
    from azure.core import PipelineClient

_HOST = "https://api.partner.microsoft.com"
_INGESTION = "/v1.0/ingestion"


def home_of(cloud: Cloud) -> Cloud:
    """Give Partner Center as a cloud of its own; a served sandbox answers under its own address.

    Raises:
        Usage: a sovereign cloud; Partner Center is in the public one.
    """
    public = NAMED["public"]
    is_public = cloud.arm == public.arm or cloud.name == public.name
    if not is_public and not cloud.is_sandbox:
        raise Usage(f"Partner Center is not in the cloud {cloud.name}", hint="remove --cloud")
    arm = _HOST if is_public else cloud.arm
    return Cloud("PartnerCenter", arm, cloud.authority, _HOST, "https://partner.microsoft.com")


class PartnerCenter:
    """Finds drafts, and reads and changes their package configurations."""

    def __init__(self, client: PipelineClient[Any, Any], home: Cloud) -> None:
        self._client = client
        self._home = home

    def products(self) -> Iterator[OfferPart]:
        """List the publisher's products."""
        return map(decode_product, self._list(self._products(), "list the offers"))

    def plans(self, product: str) -> Iterator[OfferPart]:
        """List the plans of a product."""
        listed = self._list(f"{self._products(product)}/variants", f"list the plans of {product}")
        return map(decode_plan, listed)

    def branches(self, product: str) -> Iterator[Branch]:
        """List the drafts of the packages of a product."""
        url = f"{self._products(product)}/branches/getByModule(module=Package)"
        return map(decode_branch, self._list(url, f"list the drafts of {product}"))

    def read(self, draft: DraftId) -> list[PackageConfiguration]:
        """Read the package configurations of a draft."""
        url = f"{self._url(draft)}/getByInstanceID(instanceID={draft.instance})"
        call = Call("GET", url, f"read the package configuration of {draft.product}")
        answer = exchange(self._client, self._home, call)
        return decode_configurations(draft, answer.text, answer.headers.get("etag"))

    def change(self, before: PackageConfiguration, etag: str, *, allowed: bool) -> Call:
        """Make the call that allows JIT access or not; it is never re-sent automatically."""
        source = encode_jit(before.source, allowed=allowed)
        return Call(
            "PUT",
            f"{self._url(before.draft)}/{quote(before.id, safe='')}",
            f"change {before.id}",
            json.loads(source),
            text=source,
            headers={"If-Match": etag, "Content-Type": "application/json"},
        )

    def send(self, change: Call, leaving: Callable[[], None]) -> None:
        """Send a change; `leaving` runs right before it leaves.

        Raises:
            Refused: the configuration changed since it was read.
            AnswerLost: it was sent and no usable answer came.
        """
        try:
            exchange(self._client, self._home, change, leaving=leaving)
        except Refused as error:
            if error.status != HTTPStatus.PRECONDITION_FAILED:
                raise
            raise Refused(
                f"could not {change.what}: somebody changed it since it was read, so azjit did not",
                hint="check it with azjit publisher offer show, then run the command again",
                request_id=error.request_id,
            ) from error

    def _list(self, url: str, what: str) -> Iterator[Body]:
        def send(page: Call) -> Answer:
            answer = exchange(self._client, self._home, page)
            # The address of the next page comes without a host.
            if isinstance(answer.body, dict) and answer.body.get("nextLink"):
                answer.body["nextLink"] = urljoin(
                    f"{self._home.arm}/", str(answer.body["nextLink"])
                )
            return answer

        return all_pages(Call("GET", url, what), self._home, send)

    def _url(self, draft: DraftId) -> str:
        return f"{self._products(draft.product)}/packageConfigurations"

    def _products(self, product: str = "") -> str:
        one = f"/{quote(product, safe='')}" if product else ""
        return f"{self._home.arm}{_INGESTION}/products{one}"
