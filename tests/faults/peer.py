"""The client of azjit as the product builds it, with a simulated Azure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import responses  # noqa: TC002 a fixture's type
from azure.core.credentials import AccessToken

from azjit.azure.arm import Arm
from azjit.azure.azure_time import AzureTime
from azjit.azure.clouds import NAMED
from azjit.azure.network import Network
from azjit.azure.pacing import Pace
from azjit.azure.pipeline import Wiring, build_client
from azjit.azure.transport import NetworkTransport
from azjit.domain.calls import Call
from azjit.domain.polling import Clock as PollClock
from azjit.errors import AzjitError
from harness import Clock

HOME = "https://management.azure.com"
APP = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/apps/providers"
    "/Microsoft.Solutions/applications/orders"
)
VERSION = "2021-07-01"
_QUERY = f"?api-version={VERSION}"
GET = Call("GET", f"{HOME}{APP}{_QUERY}", "read application orders")
PUT = Call("PUT", f"{HOME}{APP}-request{_QUERY}", "file request r", body={"properties": {}})
DELETE = Call("DELETE", f"{HOME}{APP}-request{_QUERY}", "cancel request r")
PATCH = Call("PATCH", f"{HOME}{APP}{_QUERY}", "configure orders", body={"properties": {}})
DECIDE = Call(
    "POST",
    f"{HOME}{APP}/updateAccess{_QUERY}",
    "approve request r",
    body={"status": "Elevate"},
)


def url_of(call: Call) -> str:
    return call.url.partition("?")[0]


def token_of(**claims: Any) -> str:
    """An access token with claims; nobody can verify it."""
    body = {
        "oid": "22222222-2222-2222-2222-222222222222",
        "tid": "33333333-3333-3333-3333-333333333333",
        "upn": "bob@contoso.example",
        **claims,
    }
    parts = [{"alg": "none"}, body]
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


TOKEN = token_of()


@dataclass
class Asked:
    """A credential that gives one token and remembers how it was asked."""

    token: str = TOKEN
    questions: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.questions.append({"scopes": scopes, **options})
        if self.refusals:
            raise self.refusals.pop(0)
        return AccessToken(self.token, 2**40)


class Peer:
    """An Arm, its credential, its clock, and everything that it said."""

    def __init__(self, azure: responses.RequestsMock) -> None:
        self.azure = azure
        self.clock = Clock()
        self.credential = Asked()
        self.said: list[str] = []
        self.logged: list[str] = []
        self.time = AzureTime(self.clock.now, self.said.append)
        network = Network(self.clock.sleep, self.said.append, self.logged.append)
        times = PollClock(self.clock.now, self.clock.sleep)
        pace = Pace(times)
        wiring = Wiring(
            network,
            lambda: "44444444-4444-4444-4444-444444444444",
            pace,
            time=self.time,
        )
        transport = NetworkTransport(network)
        self._client = build_client(NAMED["public"], self.credential, wiring, transport)
        self.arm = Arm(self._client, NAMED["public"], times, pace)

    def refused(self, call: Call) -> AzjitError:
        """Send a call that must fail and give the error."""
        try:
            self.arm.send(call)
        except AzjitError as error:
            return error
        raise AssertionError(f"{call.method} did not fail")

    def settle(self, call: Call, **timeout: float) -> bool:
        """Send a call and follow its operation."""
        answer = self.arm.send(call)
        return self.arm.settle(answer, call.what, timedelta(**(timeout or {"minutes": 5})))

    def close(self) -> None:
        self._client.close()
