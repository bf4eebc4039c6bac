"""A served sandbox accepts each audience that its /metadata/endpoints announces."""

from __future__ import annotations

import pytest
import requests

from azjit.sandbox.core import Person
from azjit.sandbox.transports.server import SandboxServer


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_each_announced_audience_opens_what_it_is_announced_for(
    server: SandboxServer, people: dict[str, Person], host: str
) -> None:
    base, bob = server.url.replace("localhost", host), people["bob"]
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(server.ca_file)
        cloud = session.get(f"{base}/metadata/endpoints?api-version=2022-09-01").json()

        def read(audience: str, path: str) -> int:
            form = {
                "grant_type": "password",
                "client_id": "x",
                "username": bob.upn,
                "password": bob.secret,
                "scope": f"{audience.rstrip('/')}/.default",
            }
            told = session.post(f"{base}/{bob.tenant_id}/oauth2/v2.0/token", data=form).json()
            headers = {"Authorization": f"Bearer {told['access_token']}"}
            return session.get(base + path, headers=headers).status_code

        arm = "/subscriptions?api-version=2022-12-01"
        codes = [read(each, arm) for each in cloud["authentication"]["audiences"]]
        graph = read(cloud["microsoftGraphResourceId"], "/v1.0/me")

    assert (codes, graph) == ([200, 200, 200], 200)
