"""Microsoft's client pipeline with our policies: the only module that builds a client.

`ResourceManagementClient` gives authentication, retries, and clouds for any route. Its default
policies are not used: they register resource providers unasked after a 409, which is a hidden
write, leave continuous access evaluation off, and send the token to any absolute URL.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    HeadersPolicy,
    RequestIdPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.resource.resources import ResourceManagementClient

from azjit import __version__
from azjit.azure.clouds import Cloud
from azjit.azure.error_codes import EXPIRED_TOKEN
from azjit.azure.failures import wanted_tenant
from azjit.azure.redaction import loggable
from azjit.errors import Failed

CONNECT_SECONDS = 10
READ_SECONDS = 60
_WORTH_SAYING = 3.0
# A longer wait is told to the person instead of being sat out.
_LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the pipeline needs from outside: waiting, ids, ears, and a way to another tenant.

    `turn_to` signs in to a tenant from then on and says so, or refuses with False; `renew` forgets
    the tokens at hand; `authorities` are the certificates to trust, where not the system's.
    """

    sleep: Callable[[float], None]
    new_id: Callable[[], str]
    say_wait: Callable[[str], None]
    turn_to: Callable[[str], bool] = lambda _: False
    renew: Callable[[], None] = lambda: None
    hear_date: Callable[[str], None] | None = None
    log: Callable[[str], None] | None = None
    authorities: str | None = None


class _Transport(RequestsTransport):  # type: ignore[misc]  # azure-core exports it untyped
    """Azure's requests transport, with a sleep that a test can hold."""

    def __init__(self, wiring: Wiring, session: Any) -> None:
        super().__init__(
            session=session,
            session_owner=session is None,
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            connection_verify=wiring.authorities or True,
        )
        self._wait = wiring.sleep

    def open(self) -> None:
        super().open()
        # Else requests puts a password from ~/.netrc in the place of the token.
        # https://requests.readthedocs.io/en/latest/user/authentication/#netrc-authentication
        self.session.auth = _as_it_is

    def sleep(self, duration: float) -> None:
        self._wait(duration)


def _as_it_is(request: Any) -> Any:
    return request


class _Retries(RetryPolicy[Any, Any]):
    """Azure's retries; a longer wait is said, so that nobody takes it for a hang."""

    def __init__(self, say_wait: Callable[[str], None]) -> None:
        super().__init__(
            retry_total=4,
            retry_connect=2,
            retry_read=2,
            retry_status=4,
            retry_backoff_factor=0.4,
        )
        self._say_wait = say_wait

    def get_retry_after(self, response: Any) -> float | None:
        try:
            return super().get_retry_after(response)
        except ValueError:  # neither a number nor a date: what a proxy made of it
            return None

    def is_retry(self, settings: Any, response: Any) -> bool:
        seconds = self.get_retry_after(response)
        if seconds is not None and seconds > _LONGEST_WAIT:
            return False
        return bool(super().is_retry(settings, response))

    def sleep(self, settings: Any, transport: Any, response: Any = None) -> None:
        seconds = self.get_retry_after(response) if response is not None else None
        if seconds is not None and seconds >= _WORTH_SAYING:
            status = response.http_response.status_code
            self._say_wait(f"Azure answered {status}; trying again in {seconds:.0f} s")
        super().sleep(settings, transport, response)


class _Authentication(ARMChallengeAuthenticationPolicy):
    """Azure's authentication; an expired token, or one of the wrong tenant, is asked for once."""

    def __init__(self, credential: TokenCredential, scope: str, wiring: Wiring) -> None:
        # CAE tokens live long and are revoked by a challenge; the policy answers it once.
        super().__init__(credential, scope, enable_cae=True)
        self._scope = scope
        self._wiring = wiring

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
            self._wiring.renew()
        else:
            tenant = wanted_tenant(answer.text(), challenge)
            if tenant is None or not self._wiring.turn_to(tenant):
                return False
        self.authorize_request(request, self._scope)
        return True


class _OnlyHome(SansIOHTTPPolicy[Any, Any]):
    """Refuses any request to another host than Resource Manager's, before the token is added."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def on_request(self, request: PipelineRequest[Any]) -> None:
        if not self._cloud.owns(request.http_request.url):
            raise Failed(
                f"refused to send the token elsewhere than to {self._cloud.host}",
                hint="an answer pointed to a foreign host; report this to whoever runs the network",
            )


class _Clock(SansIOHTTPPolicy[Any, Any]):
    """Hears each answer's `Date`: a sandbox's clock may be moved while somebody waits."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear

    def on_response(
        self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]
    ) -> None:
        del request
        told = response.http_response.headers.get("Date")
        if told:
            self._hear(told)


class _Log(SansIOHTTPPolicy[Any, Any]):
    """Writes a line a call for `--debug`: no header, no body, so no secret can be in it."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

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
        took = (time.perf_counter() - request.context["azjit_started"]) * 1000
        sent = request.http_request
        self._write(f"{sent.method} {loggable(sent.url)} -> {outcome} ({took:.0f} ms, {label})")


def build_client(
    cloud: Cloud, credential: TokenCredential, wiring: Wiring, session: Any = None
) -> ResourceManagementClient:
    """Build the one client that all of azjit sends through.

    `session` is a requests session with the sandbox's transport, or None for the network.
    """
    policies: list[Any] = [
        RequestIdPolicy(),
        HeadersPolicy({"x-ms-correlation-request-id": wiring.new_id()}),
        UserAgentPolicy(f"azjit/{__version__}", user_agent_overwrite=True),
        _OnlyHome(cloud),
        _Retries(wiring.say_wait),
        _Authentication(credential, cloud.scope, wiring),
    ]
    if wiring.hear_date is not None:
        policies.append(_Clock(wiring.hear_date))
    if wiring.log is not None:
        policies.append(_Log(wiring.log))
    return ResourceManagementClient(
        credential,
        "unused",
        base_url=cloud.arm,
        credential_scopes=[cloud.scope],
        policies=policies,
        transport=_Transport(wiring, session),
    )
