"""A new sandbox for each test, with a frozen clock and a caller."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from azjit.sandbox.core import Person, Response, Sandbox

ARM = "https://management.azure.com"
LOGIN = "https://login.microsoftonline.com"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
REAL = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Real time, as the test wants it."""

    def __init__(self) -> None:
        self.at = REAL

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])

    @property
    def value(self) -> list[Any]:
        return list(self.body["value"])

    @property
    def properties(self) -> dict[str, Any]:
        return dict(self.body["properties"])


class Azure:
    """The sandbox through its one entrance, and the names of what is in it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.people: dict[str, Person] = {person.alias: person for person in sandbox.people()}
        places = {item["name"]: item["id"] for item in sandbox.describe()["subscriptions"]}
        self.production = f"/subscriptions/{places['Contoso Production']}"
        self.test = f"/subscriptions/{places['Contoso Test']}"
        self._tokens: dict[str, str] = {}

    def app(self, name: str, group: str = "contoso-apps") -> str:
        place = f"{self.production}/resourceGroups/{group}"
        return f"{place}/providers/Microsoft.Solutions/applications/{name}"

    def managed(self, name: str) -> str:
        return f"{self.production}/resourceGroups/mrg-{name}"

    def request_id(self, app: str, name: str) -> str:
        return f"{self.managed(app)}/providers/Microsoft.Solutions/jitRequests/{name}"

    def token(self, alias: str) -> str:
        if alias not in self._tokens:
            self._tokens[alias] = str(self.sign_in(alias).body["access_token"])
        return self._tokens[alias]

    def sign_in(self, alias: str, **changed: str) -> Answer:
        person = self.people[alias]
        form = {"scope": f"{ARM}/.default"}
        if person.app_id is None:
            form |= {"grant_type": "password", "username": person.upn, "password": person.secret}
        else:
            form |= {
                "grant_type": "client_credentials",
                "client_id": person.app_id,
                "client_secret": person.secret,
            }
        body = urlencode(form | changed).encode()
        url = f"{LOGIN}/{person.tenant_id}/oauth2/v2.0/token"
        return _answer(self.sandbox.handle("POST", url, {}, body))

    def call(
        self,
        alias: str | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: str | None = "2021-07-01",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        url = path if path.startswith("https:") else ARM + path
        if version is not None and "api-version=" not in url:
            url += ("&" if "?" in url else "?") + f"api-version={version}"
        sent = dict(headers or {})
        if alias is not None:
            sent["Authorization"] = f"Bearer {self.token(alias)}"
        content = b"" if body is None else json.dumps(body).encode()
        return _answer(self.sandbox.handle(method, url, sent, content))

    def get(self, alias: str, path: str, version: str = "2021-07-01") -> Answer:
        return self.call(alias, "GET", path, version=version)

    def ask_body(self, app: str, alias: str = "alice", **changed: Any) -> dict[str, Any]:
        group = {"shop-eu": "shop-eu", "shop-us": "shop-us"}.get(app, "contoso-apps")
        name = "shop" if app.startswith("shop-") else app
        schedule = {
            "type": "Once",
            "duration": changed.pop("duration", "PT1H"),
            "startTime": changed.pop("start", self.sandbox.now().isoformat()),
        }
        row = {
            "principalId": changed.pop("principal", self.people[alias].object_id),
            "roleDefinitionId": changed.pop("role", CONTRIBUTOR),
        }
        properties = {
            "applicationResourceId": self.app(name, group),
            "jitAuthorizationPolicies": [row],
            "jitSchedulingPolicy": schedule,
        }
        return {"location": "westeurope", "properties": properties | changed}

    def ask(self, app: str, name: str = "req", alias: str = "alice", **changed: Any) -> Answer:
        body = self.ask_body(app, alias, **changed)
        return self.call(alias, "PUT", self.request_id(app, name), body)

    def decide(
        self, alias: str, app: str, name: str, status: str = "Elevate", sub: str = "Approved"
    ) -> Answer:
        body = {"status": status, "subStatus": sub, "metadata": {"originRequestId": name}}
        return self.call(alias, "POST", f"{self.app(app)}/updateAccess", body)

    def state(self, app: str, name: str = "req", alias: str = "bob") -> str:
        found = self.get(alias, self.request_id(app, name))
        return str(found.properties["jitRequestState"])

    def roles(self, app: str, alias: str = "alice") -> set[str]:
        """The roles that someone holds on a managed group, by their GUIDs."""
        oid = self.people[alias].object_id
        path = f"{self.managed(app)}/providers/Microsoft.Authorization/roleAssignments"
        found = self.get(alias, f"{path}?$filter=assignedTo('{oid}')", "2022-04-01")
        return {item["properties"]["roleDefinitionId"][-36:] for item in found.value}

    def has_grant(self, app: str, alias: str = "alice") -> bool:
        return CONTRIBUTOR in self.roles(app, alias)


def _answer(response: Response) -> Answer:
    body = json.loads(response.body) if response.body else None
    return Answer(response.status, response.headers, body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Callable[[], datetime], seeded_world: Path) -> Iterator[Sandbox]:
    shutil.copy(seeded_world, tmp_path / "world.db")
    sandbox = Sandbox(tmp_path / "world.db", now=clock)
    yield sandbox
    sandbox.close()


@pytest.fixture
def azure(sandbox: Sandbox) -> Azure:
    return Azure(sandbox)
