"""Builds Microsoft's client pipeline with our policies.

azure-core's client provides authentication, continuous access evaluation and retries for any route.
`ResourceManagementClient`, which takes longer to load than most commands take for their calls, is
made only for the operations that it has. Its default policies are not used: they register resource
providers after a 409, which is a hidden write, and send the token to any absolute URL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from azure.core import AzureClouds, PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    HTTPPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse

from azjit import __version__
from azjit.azure import routes
from azjit.azure.azure_time import AzureTime
from azjit.azure.clouds import Cloud
from azjit.azure.error_codes import EXPIRED_TOKEN
from azjit.azure.failures import may_be_mended, requested_wait, wanted_tenant
from azjit.azure.network import MAX_WAIT_SECONDS, Network
from azjit.azure.pacing import Pace, Room
from azjit.domain.calls import Call
from azjit.errors import Failed, TokenRenewed

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

Client = PipelineClient[HttpRequest, HttpResponse]


class Wiring(NamedTuple):
    """The functions and values that a client gets from its command.

    `switch_tenant` signs in to a tenant from then on, or refuses with False; `forget_tokens` drops
    the tokens at hand; `is_outdated` drops one that Azure refuses, and tells whether a newer one
    may be accepted; `time` hears each answer's `Date`.
    """

    network: Network
    new_id: Callable[[], str]
    pace: Pace
    switch_tenant: Callable[[str], bool] = lambda _: False
    forget_tokens: Callable[[], None] = lambda: None
    is_outdated: Callable[[str], bool] = lambda _: False
    time: AzureTime | None = None


class _Retries(RetryPolicy[Any, Any]):
    """Azure's retries, with a report of each longer wait."""

    def __init__(self, network: Network) -> None:
        super().__init__(
            retry_total=4, retry_connect=2, retry_read=2, retry_status=4, retry_backoff_factor=0.4
        )
        self._network = network

    def get_retry_after(self, response: Any) -> float | None:
        try:
            return super().get_retry_after(response)
        except ValueError:  # neither a number nor a date: what a proxy made of it
            return None

    def is_retry(self, settings: Any, response: Any) -> bool:
        seconds = self.get_retry_after(response)
        if seconds is not None and seconds > MAX_WAIT_SECONDS:
            return False
        return bool(super().is_retry(settings, response))

    def sleep(self, settings: Any, transport: Any, response: Any = None) -> None:
        seconds = self.get_retry_after(response) if response is not None else None
        if seconds is not None:
            self._network.report_retry("Azure", response.http_response.status_code, seconds)
        super().sleep(settings, transport, response)


class _Authentication(BearerTokenCredentialPolicy[Any, Any]):
    """Azure's authentication, which replaces an expired token or one of the wrong tenant once."""

    def __init__(self, credential: TokenCredential, scope: str, wiring: Wiring) -> None:
        # CAE tokens live long and are revoked by a challenge; the policy answers it once.
        super().__init__(credential, scope, enable_cae=True)
        self._scope = scope
        self._wiring = wiring

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        response, refused = super().send(request), _token_of(request)
        if not self._is_outdated(request, response):
            return response
        self.authorize_request(request, self._scope)
        if _token_of(request) == refused:
            return response
        response = self.next.send(request)
        self._is_outdated(request, response)  # it drops this one, too, if Azure refuses it
        return response

    def _is_outdated(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> bool:
        answer = response.http_response
        if answer.status_code not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return False
        answer.read()
        is_mendable = may_be_mended(answer.status_code, answer.text())
        return is_mendable and self._wiring.is_outdated(_token_of(request))

    def on_challenge(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> bool:
        if super().on_challenge(request, response):
            return True
        answer = response.http_response
        answer.read()
        challenge = answer.headers.get("WWW-Authenticate", "")
        # By a clock that is not right, a token may seem good here and be over there.
        if EXPIRED_TOKEN in answer.text():
            self._wiring.forget_tokens()
        else:
            tenant = wanted_tenant(answer.text(), challenge)
            if tenant is None or not self._wiring.switch_tenant(tenant):
                return False
        self.authorize_request(request, self._scope)
        return True


def _token_of(request: PipelineRequest[Any]) -> str:
    return str(request.http_request.headers["Authorization"]).removeprefix("Bearer ")


class _OnlyHome(SansIOHTTPPolicy[Any, Any]):
    """Refuses a request to any host but the cloud's own, before the token is added."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def on_request(self, request: PipelineRequest[Any]) -> None:
        if not self._cloud.owns(request.http_request.url):
            raise Failed(
                f"refused to send the token to a host other than {self._cloud.host}",
                hint="a response pointed to a foreign host; report this to your network"
                " administrator",
            )


class _Pacing(HTTPPolicy[Any, Any]):
    """Waits before each attempt until Azure's token bucket allows it."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        sent = request.http_request
        room: Room | None = request.context.options.pop("room", None)
        path = urlsplit(sent.url).path
        bucket = room.take() if room is not None else self._pace.begin(sent.method, path)
        headers: Mapping[str, str] = {}
        wait = timedelta()
        try:
            response = self.next.send(request)
            headers = response.http_response.headers
            wait = _wait_of(response)
        finally:
            self._pace.end(bucket, headers, wait)
        return response


def _wait_of(response: PipelineResponse[Any, Any]) -> timedelta:
    """Give for how long an answer refuses all calls, if that is no longer than azjit waits."""
    got = response.http_response
    if got.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        return timedelta()
    seconds = requested_wait({name.lower(): text for name, text in got.headers.items()}) or 0
    return timedelta(seconds=seconds if seconds <= MAX_WAIT_SECONDS else 0)


class _Leaving(SansIOHTTPPolicy[Any, Any]):
    """Runs the option `leaving` of a call right before each attempt leaves, with its token.

    The call of the option `write` leaves once: with another token it needs a read before it.
    """

    def on_request(self, request: PipelineRequest[Any]) -> None:
        context = request.context
        write: Call | None = context.get("azjit_write")
        if write is not None:
            raise TokenRenewed(
                f"could not {write.what}: Azure refused the token; there is a newer one now",
                hint="read the state, and run the command again",
            )
        for option in ("write", "leaving"):
            if option in context.options:
                context[f"azjit_{option}"] = context.options.pop(option)
        leaving = context.get("azjit_leaving")
        if leaving is not None:
            leaving()


class _Dates(SansIOHTTPPolicy[Any, Any]):
    """Passes on the date of each answer: a clock may be set while a command runs."""

    def __init__(self, azure: AzureTime) -> None:
        self._azure = azure

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context["azjit_asked"] = self._azure.now_here()

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        got = response.http_response
        self._azure.hear(got.status_code, got.headers, request.context["azjit_asked"])


class _Log(SansIOHTTPPolicy[Any, Any]):
    """Writes one line per attempt for `--debug`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context["azjit_started"] = time.perf_counter()

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        got = response.http_response
        label = got.headers.get("x-ms-request-id", "-")
        self._line(request, str(got.status_code), label)

    def on_exception(self, request: PipelineRequest[Any]) -> None:
        self._line(request, "no answer", type(sys.exc_info()[1]).__name__)

    def _line(self, request: PipelineRequest[Any], outcome: str, label: str) -> None:
        sent, began = request.http_request, request.context["azjit_started"]
        self._network.log_call(sent.method, sent.url, outcome, began, f", {label}")


def build_client(
    cloud: Cloud,
    credential: TokenCredential,
    wiring: Wiring,
    transport: HttpTransport[Any, Any],
) -> Client:
    """Build the client of one host."""
    policies: list[Any] = [
        RequestIdPolicy(),
        HeadersPolicy({"x-ms-correlation-request-id": wiring.new_id()}),
        UserAgentPolicy(f"azjit/{__version__}", user_agent_overwrite=True),
        _OnlyHome(cloud),
        _Retries(wiring.network),
        _Pacing(wiring.pace),
        _Authentication(credential, cloud.scope, wiring),
        _Leaving(),
    ]
    if wiring.time is not None:
        policies.append(_Dates(wiring.time))
    if wiring.network.log is not None:
        policies.append(_Log(wiring.network))
    return PipelineClient(cloud.arm, policies=policies, transport=transport)


def resource_manager(client: Client, cloud: Cloud, subscription: str) -> ResourceManagementClient:
    """Give Microsoft's client for the operations that it has, through the same pipeline."""
    from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - 20 ms

    credential: Any = object()  # the pipeline has its own
    return ResourceManagementClient(
        credential,
        subscription,
        base_url=cloud.arm,
        # Else the client makes a class of all settings, only to see which cloud has its defaults.
        cloud_setting=AzureClouds.AZURE_PUBLIC_CLOUD,
        credential_scopes=[cloud.scope],
        api_version=routes.RESOURCES,
        pipeline=client._pipeline,  # noqa: SLF001 - azure-core takes one and gives none
        policies=[],
    )
