"""Microsoft Graph through msgraph-sdk, which only this module loads.

The SDK's builders make the addresses. Answers are read as plain JSON, with kiota's native response
handler: loading the SDK's models would take a second. The SDK is asynchronous; each client runs
its own event loop, hidden from callers. The SDK's middleware is not used: its retries sleep where
neither a test nor Ctrl-C can interrupt, and its redirects lead to other hosts.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

from azjit import __version__
from azjit.azure.clouds import Cloud
from azjit.azure.failures import may_be_mended, requested_wait
from azjit.azure.network import CONNECT_SECONDS, MAX_WAIT_SECONDS, READ_SECONDS, Network
from azjit.azure.redaction import first_line
from azjit.azure.responses import Answer, all_pages, listed, lost, read_answer
from azjit.azure.transport_errors import sign_in_failure, unreached
from azjit.azure.wire.directory import decode_entry, decode_licence
from azjit.azure.wire.values import decoded, items
from azjit.domain.calls import Call
from azjit.domain.directory import DirectoryEntry, Licence
from azjit.errors import Failed

MOST_IDS, MOST_GROUPS = 1000, 20  # more are refused
_PAGE = 100
_MAX_ATTEMPTS, _BACKOFF_SECONDS = 5, 0.4
_RETRIED = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_FIELDS = {
    "user": ["id", "displayName", "userPrincipalName", "mail", "accountEnabled"],
    "group": ["id", "displayName", "mail"],
}
_TYPES = ["user", "group", "servicePrincipal"]


class Graph:
    """Reads one tenant's directory, one call at a time.

    With `hurry`, a call is not retried: its answer is useful, not required.
    """

    def __init__(
        self, cloud: Cloud, credential: Any, network: Network, transport: Any = None
    ) -> None:
        self._cloud = cloud
        self._credential = credential
        self._network = network
        self._transport = transport
        self._one_at_a_time = RLock()

    def close(self) -> None:
        """Close the connections and the event loop."""
        if "_client" in self.__dict__:
            try:
                self._runner.run(self._client.aclose())
            finally:
                self._runner.close()

    def where(self, kind: str, condition: str, what: str) -> list[DirectoryEntry]:
        """List the users or groups (`user`, `group`) that match an OData condition."""
        with self._one_at_a_time, _using_sdk():
            builder = self._sdk.users if kind == "user" else self._sdk.groups
            query = _query_of(builder)(filter=condition, select=_FIELDS[kind], top=_PAGE)
            pages = self._pages(builder, query, what)
            return decoded(lambda body: decode_entry(body, kind), pages)

    def by_ids(self, ids: Iterable[str], what: str, *, hurry: bool = False) -> list[DirectoryEntry]:
        """Give the users, groups and service principals of these ids that are in the tenant."""
        found: list[DirectoryEntry] = []
        with self._one_at_a_time, _using_sdk():
            from msgraph.generated.directory_objects.get_by_ids import (
                get_by_ids_post_request_body as body,
            )

            builder = self._sdk.directory_objects.get_by_ids
            for part in _parts(ids, MOST_IDS):
                asked = body.GetByIdsPostRequestBody(ids=part, types=_TYPES)
                info = builder.to_post_request_information(asked)
                found += decoded(decode_entry, items(self._list(info, what, hurry=hurry)))
        return found

    def groups_with(
        self, principal: str, groups: Iterable[str], what: str, *, is_service: bool
    ) -> set[str]:
        """Give those of the groups that a principal is in, through other groups too."""
        found: set[str] = set()
        with self._one_at_a_time, _using_sdk():
            from msgraph.generated.users.item.check_member_groups import (
                check_member_groups_post_request_body as body,
            )

            by_id = self._sdk.users.by_user_id
            if is_service:
                by_id = self._sdk.service_principals.by_service_principal_id
            builder = by_id(principal).check_member_groups  # both kinds take the same body
            for part in _parts(groups, MOST_GROUPS):
                asked = body.CheckMemberGroupsPostRequestBody(group_ids=part)
                info = builder.to_post_request_information(asked)
                listed = self._list(info, what, hurry=True)
                found |= {each.lower() for each in listed if isinstance(each, str)}
        return found

    def members(self, group: str, what: str) -> list[DirectoryEntry]:
        """List who is in a group, through other groups too."""
        with self._one_at_a_time, _using_sdk():
            # A cast to users would be a query that Graph answers with eventual consistency only.
            builder = self._sdk.groups.by_group_id(group).transitive_members
            query = _query_of(builder)(select=_FIELDS["user"], top=999)
            return decoded(decode_entry, self._pages(builder, query, what))

    def licence(self, what: str) -> Licence:
        """Read which licence for PIM and JIT access the tenant has."""
        with self._one_at_a_time, _using_sdk():
            return decode_licence(list(self._pages(self._sdk.subscribed_skus, None, what)))

    # The client

    @cached_property
    def _runner(self) -> asyncio.Runner:
        # A second loop on one client ends in "Event loop is closed".
        return asyncio.Runner()

    @cached_property
    def _client(self) -> Any:
        import httpx

        authorities = self._network.authorities
        options: dict[str, Any] = {"transport": self._transport}
        if self._transport is None and authorities is not None:
            options = {"verify": _trust(authorities)}
        return httpx.AsyncClient(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": f"azjit/{__version__}"},
            **options,
        )

    @cached_property
    def _adapter(self) -> Any:
        from kiota_authentication_azure import azure_identity_authentication_provider as identity
        from msgraph.graph_request_adapter import GraphRequestAdapter

        home = urlsplit(self._cloud.arm)
        provider = identity.AzureIdentityAuthenticationProvider(
            self._credential,
            # Without scopes it would request a token named after the host.
            scopes=[self._cloud.scope],
            # It sends no token to any other host.
            allowed_hosts=[str(home.hostname)],
        )
        adapter = GraphRequestAdapter(provider, client=self._client)
        adapter.base_url = f"{self._cloud.arm}/v1.0"
        return adapter

    @cached_property
    def _sdk(self) -> Any:
        from msgraph.graph_service_client import GraphServiceClient

        return GraphServiceClient(request_adapter=self._adapter)

    # The calls

    def _pages(self, builder: Any, query: Any, what: str) -> Iterator[Any]:
        from kiota_abstractions.base_request_configuration import RequestConfiguration

        def send(page: Call) -> Answer:
            if page.url:
                return self._send(builder.with_url(page.url).to_get_request_information(), page)
            config = RequestConfiguration(query_parameters=query)
            return self._send(builder.to_get_request_information(config), page)

        return all_pages(_call(what), self._cloud, send, "@odata.nextLink")

    def _list(self, info: Any, what: str, *, hurry: bool) -> list[Any]:
        call = _call(what)
        return listed(call, self._send(info, call, hurry=hurry))

    def _send(self, info: Any, call: Call, *, hurry: bool = False) -> Answer:
        """Send a call, retry what may pass, and read the answer."""
        from kiota_abstractions.native_response_handler import NativeResponseHandler
        from kiota_http.middleware.options import ResponseHandlerOption

        info.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        attempt, has_renewed = 0, False
        while True:
            attempt += 1
            response = self._exchange(info, call)
            headers, status = dict(response.headers), response.status_code
            if self._is_outdated(response) and not has_renewed:
                has_renewed = True
                continue
            wait = requested_wait(headers)
            pause = wait if wait is not None else _BACKOFF_SECONDS * 2**attempt
            is_last = hurry or attempt == _MAX_ATTEMPTS or pause > MAX_WAIT_SECONDS
            if is_last or status not in _RETRIED:
                return read_answer(call, status, _text_of(response), headers)
            self._network.report_retry("Graph", status, pause)
            self._network.sleep(pause)

    def _is_outdated(self, response: Any) -> bool:
        if response.status_code not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return False
        refused = response.request.headers["Authorization"].removeprefix("Bearer ")
        is_mendable = may_be_mended(response.status_code, _text_of(response))
        return is_mendable and bool(self._credential.is_outdated(refused))

    def _exchange(self, info: Any, call: Call) -> Any:
        import httpx
        from azure.core.exceptions import AzureError

        what = f"could not {call.what}"
        began, outcome = time.perf_counter(), "no answer"
        try:
            response = self._runner.run(self._adapter.send_primitive_async(info, "bytes", {}))
            outcome = str(response.status_code)
        except AzureError as error:
            raise sign_in_failure(what, self._cloud.login, error) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise unreached(what, self._cloud.host, error) from error
        except (httpx.HTTPError, ValueError) as error:
            # ValueError: a malformed claims challenge.
            raise lost(call, f"no usable response ({first_line(error)})") from error
        finally:
            self._network.log_call(info.http_method.value, info.url, outcome, began)
        return response


def _call(what: str) -> Call:
    # The SDK makes the address of the first page; none of these calls changes anything.
    return Call("GET", "", what, is_graph=True)


@contextmanager
def _using_sdk() -> Iterator[None]:
    with warnings.catch_warnings():
        # msgraph-sdk's own classes call what its runtime has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            yield
        except ImportError as error:
            raise Failed(
                "the directory cannot be read: the package msgraph-sdk is not installed",
                hint="use ids, such as user:ID, or install it: pip install msgraph-sdk",
            ) from error


def _text_of(response: Any) -> str:
    # JSON is UTF-8, whatever the header says; httpx ends with an error on an odd charset.
    return str(response.content.decode("utf-8-sig", "replace"))


def _query_of(builder: Any) -> Any:
    kind = type(builder)
    return getattr(kind, f"{kind.__name__}GetQueryParameters")


def _parts(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    each = list(dict.fromkeys(ids))
    return (each[at : at + size] for at in range(0, len(each), size))


def _trust(authorities: str) -> ssl.SSLContext:
    try:
        is_folder = Path(authorities).is_dir()
        return ssl.create_default_context(
            capath=authorities if is_folder else None, cafile=None if is_folder else authorities
        )
    except OSError as error:
        raise Failed(
            f"the certificates in {authorities} could not be read: {first_line(error)}",
            hint="check REQUESTS_CA_BUNDLE",
        ) from error
