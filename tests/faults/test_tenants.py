"""A token of the wrong tenant: requested once for the right one, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from azure.core.credentials import AccessToken

from azjit.azure.arm import Arm
from azjit.azure.clouds import NAMED
from azjit.azure.network import Network
from azjit.azure.pacing import Pace
from azjit.azure.pipeline import Wiring, build_client
from azjit.azure.sign_in.token_cache import CachedCredential
from azjit.azure.transport import NetworkTransport
from azjit.console import Console
from azjit.context import Context, Side
from azjit.domain.polling import Clock as PollClock
from azjit.errors import NotSignedIn
from azjit.process import Process
from azjit.services.configuring.contexts import resolve_settings
from harness import Cli, Clock, Stream

PUBLIC = NAMED["public"]
RIGHT = "11111111-2222-4333-8444-555555555555"
URL = "https://management.azure.com/subscriptions/s/resourceGroups/g"
CHALLENGE = (
    f'Bearer authorization_uri="https://login.windows.net/{RIGHT}", error="invalid_token",'
    ' error_description="The access token is from the wrong issuer."'
)
WRONG = {"error": {"code": "InvalidAuthenticationTokenTenant", "message": "wrong issuer"}}


class Tenants:
    """Gives a token that names the tenant it was asked of."""

    def get_token(self, *_: str, tenant_id: str | None = None, **__: Any) -> AccessToken:
        return AccessToken(f"token-of-{tenant_id or 'home'}", 4_000_000_000)


def _arm(credential: CachedCredential, *, turns: bool) -> tuple[Arm, list[str]]:
    clock, turned = Clock(), list[str]()

    def switch_tenant(tenant: str) -> bool:
        if not turns:
            return False
        turned.append(tenant)
        credential.tenant = tenant
        return True

    times = PollClock(clock.now, clock.sleep)
    network, pace = Network(clock.sleep, lambda _: None), Pace(times)
    wiring = Wiring(network, lambda: "id", pace, switch_tenant)
    client = build_client(PUBLIC, credential, wiring, NetworkTransport(network))
    return Arm(client, PUBLIC, times, pace), turned


def _credential() -> CachedCredential:
    return CachedCredential(Tenants, Clock().now, None)


@responses.activate(assert_all_requests_are_fired=True)
def test_the_right_tenant_is_tried_once_and_kept() -> None:
    responses.get(URL, status=401, json=WRONG, headers={"WWW-Authenticate": CHALLENGE})
    responses.get(URL, json={"id": "found"})
    responses.get(URL, json={"id": "again"})
    arm, turned = _arm(_credential(), turns=True)

    first = arm.read("/subscriptions/s/resourceGroups/g", "2021-04-01", "read it")
    arm.read("/subscriptions/s/resourceGroups/g", "2021-04-01", "read it")

    sent = [call.request.headers["Authorization"] for call in responses.calls]
    assert first == {"id": "found"}
    assert turned == [RIGHT]
    assert sent == ["Bearer token-of-home", *[f"Bearer token-of-{RIGHT}"] * 2]


@responses.activate(assert_all_requests_are_fired=True)
def test_a_tenant_that_the_user_named_is_not_left() -> None:
    responses.get(URL, status=401, json=WRONG, headers={"WWW-Authenticate": CHALLENGE})
    arm, turned = _arm(_credential(), turns=False)

    with pytest.raises(NotSignedIn) as raised:
        arm.read("/subscriptions/s/resourceGroups/g", "2021-04-01", "read it")

    assert turned == []
    assert raised.value.code == "InvalidAuthenticationTokenTenant"
    assert "--tenant" in str(raised.value.hint)


@responses.activate(assert_all_requests_are_fired=True)
def test_any_other_401_turns_to_nobody() -> None:
    other = {"error": {"code": "InvalidAuthenticationToken", "message": "no"}}
    responses.get(URL, status=401, json=other, headers={"WWW-Authenticate": CHALLENGE})
    arm, turned = _arm(_credential(), turns=True)

    with pytest.raises(NotSignedIn):
        arm.read("/subscriptions/s/resourceGroups/g", "2021-04-01", "read it")

    assert turned == []


def test_what_a_directory_told_is_filed_under_the_tenant_that_was_turned_to(cli: Cli) -> None:
    """A person whose token is of another tenant from then on."""
    person = {"AZJIT_AS": "alice"}
    process = Process(
        stdin=Stream(),
        stdout=Stream(),
        stderr=Stream(),
        environ={"AZJIT_STATE_DIR": str(cli.state), **cli.transport, **person},
        now=cli.clock.now,
        new_id=cli.ids,
        sleep=cli.clock.sleep,
        width=lambda: 80,
    )
    settings = resolve_settings({}, process.environ)
    place = Context(settings, process, Console(settings, process).notes, Side.CONSUMER)
    theirs = place.caller.tenant
    place.directory_cache.remember_names({RIGHT: "Ada"})

    place._switch_tenant(theirs)
    place.__dict__["caller"] = place.caller._replace(tenant=RIGHT)

    assert place.directory_cache.name(RIGHT) is None
    place.close()
    filed = json.loads((cli.state / "sandbox" / "directory.json").read_text())["items"]
    assert list(filed) == [f"{theirs}/name/{RIGHT}"]
