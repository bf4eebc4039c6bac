"""azure-identity, unchanged, signs in to a served sandbox with each of its credentials."""

from __future__ import annotations

import base64
import hashlib
import json
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzurePipelinesCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from azjit.sandbox.core import Person, Sandbox
from azjit.sandbox.dispatch.dispatcher import site_of
from azjit.sandbox.entra.tokens import signed
from azjit.sandbox.transports.server import SandboxServer
from azjit.sandbox.transports.workloads import KINDS, environment
from azjit.sandbox.world.world import World
from browser import opener

CI = "contoso-ci"


class Scene:
    """A served world, and the environment of a workload in it."""

    def __init__(
        self,
        sandbox: Sandbox,
        server: SandboxServer,
        people: dict[str, Person],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.sandbox, self.server, self.people = sandbox, server, people
        self._patch = monkeypatch
        self.person = people[CI]
        self.scope = f"{server.url}/.default"
        self.more: dict[str, Any] = {
            "authority": server.url,
            "disable_instance_discovery": True,
            "connection_verify": str(server.ca_file),
        }

    def enter(self, kind: str) -> dict[str, str]:
        found = environment(self.sandbox, self.server.url, self.server.ca_file, self.person, kind)
        for name, value in found.items():
            self._patch.setenv(name, value)
        return found

    def get(self, path: str, token: str) -> requests.Response:
        return requests.get(
            f"{self.server.url}{path}",
            headers={"Authorization": f"Bearer {token}"},
            verify=str(self.server.ca_file),
            timeout=5,
        )

    def signs_in(self, credential: Any, alias: str = CI) -> bool:
        """Whether a token is of this person, by the published key, and opens ARM."""
        token = credential.get_token(self.scope).token
        keys = self.get("/common/discovery/v2.0/keys", "").json()["keys"]
        key = jwt.PyJWK(keys[0])
        claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
        listed = self.get("/subscriptions?api-version=2022-12-01", token)
        return listed.status_code == 200 and claims["oid"] == self.people[alias].object_id


@pytest.fixture
def scene(
    sandbox: Sandbox,
    server: SandboxServer,
    people: dict[str, Person],
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    return Scene(sandbox, server, people, monkeypatch)


def _secret(scene: Scene) -> Any:
    scene.enter("secret")
    return EnvironmentCredential(disable_instance_discovery=True)


def _certificate(scene: Scene) -> Any:
    scene.enter("certificate")
    return EnvironmentCredential(disable_instance_discovery=True)


def _chain(scene: Scene) -> Any:
    path = scene.enter("certificate")["AZURE_CLIENT_CERTIFICATE_PATH"]
    who = scene.person.tenant_id, str(scene.person.app_id)
    return CertificateCredential(*who, path, send_certificate_chain=True, **scene.more)


def _federated(scene: Scene) -> Any:
    scene.enter("federated")
    return WorkloadIdentityCredential(disable_instance_discovery=True)


def _managed_identity(scene: Scene) -> Any:
    scene.enter("managed-identity")
    return ManagedIdentityCredential()


def _github(scene: Scene) -> Any:
    told = scene.enter("github")

    def assertion() -> str:
        url = f"{told['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=api://AzureADTokenExchange"
        path = url.removeprefix(scene.server.url)
        return str(scene.get(path, told["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]).json()["value"])

    who = scene.person.tenant_id, str(scene.person.app_id)
    return ClientAssertionCredential(*who, assertion, **scene.more)


def _pipelines(scene: Scene) -> Any:
    told = scene.enter("pipelines")
    return AzurePipelinesCredential(
        tenant_id=scene.person.tenant_id,
        client_id=str(scene.person.app_id),
        service_connection_id="connection",
        system_access_token=told["SYSTEM_ACCESSTOKEN"],
        **scene.more,
    )


@pytest.mark.parametrize(
    "make",
    [_secret, _certificate, _chain, _federated, _managed_identity, _github, _pipelines],
)
def test_workload_signs_in(scene: Scene, make: Callable[[Scene], Any]) -> None:
    assert scene.signs_in(make(scene))


def test_every_kind_of_sign_in_is_tried_above(scene: Scene) -> None:
    assert len(KINDS) == 6
    with pytest.raises(ValueError, match="no sign-in is named 'other'"):
        scene.enter("other")


def test_person_signs_in_elsewhere_by_a_code(scene: Scene) -> None:
    pages: list[str] = []

    def prompt(_uri: str, user_code: str, _expires: datetime) -> None:
        page = scene.get(f"/devicelogin?user_code={user_code}", "")
        pages.append(page.text)
        scene.get(f"/devicelogin?user_code={user_code}&as=bob", "")

    credential = DeviceCodeCredential(
        client_id="04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        tenant_id="organizations",
        prompt_callback=prompt,
        **scene.more,
    )

    assert scene.signs_in(credential, "bob")
    assert "Bob Brandt" in pages[0]


def test_browser_comes_back_with_a_code(scene: Scene) -> None:
    query = "client_id=c&redirect_uri=http://localhost:9/back&state=s&scope=openid"
    back = requests.get(
        f"{scene.server.url}/organizations/oauth2/v2.0/authorize?{query}&as=bob",
        verify=str(scene.server.ca_file),
        allow_redirects=False,
        timeout=5,
    )
    code = back.headers["Location"].split("code=")[1].split("&")[0]

    form = {
        "grant_type": "authorization_code",
        "client_id": "c",
        "code": code,
        "scope": f"{scene.scope} openid offline_access",
        "redirect_uri": "http://localhost:9/back",
    }
    first = _post(scene, form).json()
    again = _post(scene, form)
    form |= {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    renewed = _post(scene, form).json()

    assert (back.status_code, again.status_code) == (302, 400)
    assert jwt.decode(renewed["access_token"], options={"verify_signature": False})["upn"] == (
        "bob@contoso.example"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"redirect_uri": "http://localhost:10/other"}, "AADSTS500112"),
        ({"code_verifier": "another"}, "AADSTS50148"),
        ({"code_verifier": ""}, "AADSTS50148"),
    ],
)
def test_a_code_is_redeemed_by_who_asked_for_it_only(
    scene: Scene, changed: dict[str, str], code: str
) -> None:
    digest = hashlib.sha256(b"verifier").digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    query = (
        "client_id=c&redirect_uri=http://localhost:9/back&state=s&scope=openid&as=bob"
        f"&code_challenge={challenge}&code_challenge_method=S256"
    )
    back = requests.get(
        f"{scene.server.url}/organizations/oauth2/v2.0/authorize?{query}",
        verify=str(scene.server.ca_file),
        allow_redirects=False,
        timeout=5,
    )
    form = {
        "grant_type": "authorization_code",
        "client_id": "c",
        "code": back.headers["Location"].split("code=")[1].split("&")[0],
        "scope": scene.scope,
        "redirect_uri": "http://localhost:9/back",
        "code_verifier": "verifier",
    }

    refused = _post(scene, form | changed)

    assert refused.status_code == 400
    assert code in refused.json()["error_description"]


def test_browser_credential_signs_in_unchanged(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.enter("secret")  # whose variables name the server's certificate
    monkeypatch.setattr(webbrowser, "open", opener("bob", str(scene.server.ca_file)))
    credential = InteractiveBrowserCredential(
        authority=scene.server.url, disable_instance_discovery=True, timeout=20
    )

    token = credential.get_token(scene.scope).token

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["upn"] == "bob@contoso.example"


def _post(scene: Scene, form: dict[str, str]) -> requests.Response:
    url = f"{scene.server.url}/organizations/oauth2/v2.0/token"
    return requests.post(url, data=form, verify=str(scene.server.ca_file), timeout=5)


def _forged(scene: Scene, **changed: Any) -> str:
    """A token as this world signs it, with other claims: only the world itself can make one."""
    token = _secret(scene).get_token(scene.scope).token
    claims = jwt.decode(token, options={"verify_signature": False}) | changed
    with scene.sandbox._store.transaction(is_write=True) as connection:
        world = World(connection, datetime.now(UTC))
        return signed(world, claims, site_of(urlsplit(scene.server.url)))


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        (
            {"aud": "https://graph.microsoft.com"},
            "InvalidAuthenticationTokenAudience",
            "wrong audience",
        ),
        ({"exp": 1_500_000_000}, "ExpiredAuthenticationToken", "7/14/2017 2:40:00 AM"),
        ({"nbf": 4_000_000_000}, "InvalidAuthenticationToken", "not valid yet"),
        ({"tid": "other"}, "InvalidAuthenticationTokenTenant", "wrong issuer"),
        ({"oid": "nobody"}, "InvalidAuthenticationTokenTenant", "wrong issuer"),
    ],
)
def test_token_of_another_kind_is_refused_as_arm_does(
    scene: Scene, changed: dict[str, Any], code: str, says: str
) -> None:
    answer = scene.get("/subscriptions?api-version=2022-12-01", _forged(scene, **changed))

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert says in answer.json()["error"]["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def test_token_with_another_signature_is_refused(scene: Scene) -> None:
    token = _secret(scene).get_token(scene.scope).token
    head, claims, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[-1] ^= 1
    forged = f"{head}.{claims}.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()

    for each in (forged, f"{none}.{claims}.", f"{none}.{claims}.{signature}"):
        assert scene.get("/subscriptions?api-version=2022-12-01", each).status_code == 401


def test_publishers_token_does_not_open_a_subscription_without_its_applications(
    scene: Scene,
) -> None:
    scene.sandbox.reset(
        content={
            "version": 1,
            "people": [{"alias": "f-ci", "tenant": "Fabrikam", "kind": "servicePrincipal"}],
            "assignments": [],
        }
    )
    person = next(iter(scene.sandbox.people()))
    credential = ClientSecretCredential(
        person.tenant_id, str(person.app_id), person.secret, **scene.more
    )
    (place, *_) = scene.sandbox.describe()["subscriptions"]

    token = credential.get_token(scene.scope).token
    answer = scene.get(f"/subscriptions/{place['id']}?api-version=2022-12-01", token)

    assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenTenant"


@pytest.mark.parametrize(
    ("assertion", "code"),
    [("x", "AADSTS50027"), ("e30.e30.e30", "AADSTS700211")],
)
def test_assertion_of_nobody_is_refused(scene: Scene, assertion: str, code: str) -> None:
    who = scene.person.tenant_id, str(scene.person.app_id)
    credential = ClientAssertionCredential(*who, lambda: assertion, **scene.more)

    with pytest.raises(ClientAuthenticationError, match=code):
        credential.get_token(scene.scope)


def test_assertion_of_another_principal_is_refused(scene: Scene) -> None:
    theirs = scene.sandbox.assertion(scene.people["fabrikam-ci"], scene.server.url)
    who = scene.person.tenant_id, str(scene.person.app_id)
    credential = ClientAssertionCredential(*who, lambda: theirs, **scene.more)

    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        credential.get_token(scene.scope)
