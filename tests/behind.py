"""Calls of other people to the sandbox, and connections that a test can break."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from azure.core.exceptions import ServiceResponseError

from azjit.cli.runtime import Runtime
from azjit.sandbox.core import Response, Sandbox

if TYPE_CHECKING:
    import pytest

ARM = "https://management.azure.com"
LOGIN = "https://login.microsoftonline.com"
VERSION = "2021-07-01"
RIGHTS = "2022-04-01"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"

Proceed = Callable[[], Response]
Act = Callable[[Proceed], Response]


@dataclass(frozen=True)
class Sent:
    """A call that reached Azure."""

    method: str
    path: str
    body: Any


@dataclass
class _Rule:
    method: str
    part: str
    act: Act
    left: int

    def fits(self, method: str, path: str) -> bool:
        return self.left > 0 and method == self.method and self.part.lower() in path.lower()


class Wire:
    """Sees every call to Resource Manager, and may answer in its place.

    Calls that belong to no subscription, PIM's approvals say, are seen `everywhere` only.
    """

    def __init__(self, patch: pytest.MonkeyPatch, *, everywhere: bool = False) -> None:
        self.sent: list[Sent] = []
        self._rules: list[_Rule] = []
        original = Sandbox.handle

        def handle(
            world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Response:
            path = urlsplit(url).path
            if path.lower().startswith(
                ("/subscriptions", "/providers", "/v1.0/ingestion")
                if everywhere
                else "/subscriptions"
            ):
                self.sent.append(Sent(method, path, json.loads(body) if body else None))
            for rule in self._rules:
                if rule.fits(method, path):
                    rule.left -= 1
                    return rule.act(lambda: original(world, method, url, headers, body))
            return original(world, method, url, headers, body)

        patch.setattr(Sandbox, "handle", handle)

    def on(self, method: str, part: str, act: Act, *, times: int = 1000) -> None:
        self._rules.append(_Rule(method, part, act, times))

    def rewrite(self, part: str, edit: Callable[[Any], None]) -> None:
        """Change what GET answers."""

        def act(proceed: Proceed) -> Response:
            answer = proceed()
            body = json.loads(answer.body)
            for one in body.get("value", [body]):
                edit(one)
            return Response(answer.status, answer.headers, json.dumps(body).encode())

        self.on("GET", part, act)

    @property
    def writes(self) -> list[Sent]:
        return [each for each in self.sent if each.method != "GET"]

    @property
    def decisions(self) -> list[Any]:
        """The bodies sent to updateAccess."""
        return [each.body for each in self.sent if each.path.lower().endswith("/updateaccess")]


def fails(status: int, code: str, headers: Mapping[str, str] | None = None) -> Act:
    """Azure refuses, and does nothing."""
    body = {"error": {"code": code, "message": f"told {code}"}}
    return lambda _: Response(status, dict(headers or {}), json.dumps(body).encode())


def fails_after(status: int, code: str) -> Act:
    """Azure acts, and a gateway answers otherwise."""
    refuse = fails(status, code)

    def act(proceed: Proceed) -> Response:
        proceed()
        return refuse(proceed)

    return act


def cut_before(_: Proceed) -> Response:
    """The line breaks before Azure acts."""
    raise ServiceResponseError("connection aborted")


def cut_after(proceed: Proceed) -> Response:
    """The line breaks when Azure has acted."""
    proceed()
    raise ServiceResponseError("connection aborted")


def first(do: Callable[[], object]) -> Act:
    """Somebody does something just before."""

    def act(proceed: Proceed) -> Response:
        do()
        return proceed()

    return act


def while_asked(patch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Somebody does something between the plan of a change and its sending."""
    acting_as = Runtime.acting_as

    def said(rt: Runtime) -> None:
        acting_as(rt)
        do()

    patch.setattr(Runtime, "acting_as", said)


class GraphWatch:
    """Sees the calls to Microsoft Graph, and may answer in its place."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self._answers: list[tuple[str, Response, bool]] = []
        original = Sandbox.handle

        def handle(
            world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Response:
            _, is_graph, path = url.partition("/v1.0/")
            if not is_graph:
                return original(world, method, url, headers, body)
            self.calls.append((method, f"/{path}", json.loads(body or b"null")))
            return self._answer(path) or original(world, method, url, headers, body)

        patch.setattr(Sandbox, "handle", handle)

    @property
    def paths(self) -> list[str]:
        return [urlsplit(path).path for _, path, _ in self.calls]

    def on(self, part: str, body: Any, *, status: int = 200) -> None:
        """Answer each call whose path has this part."""
        self._answers.append((part, Response(status, {}, json.dumps(body).encode()), True))

    def answers_next(self, answer: Response, part: str = "") -> None:
        """Answer the next call, or the next whose path has this part."""
        self._answers.append((part, answer, False))

    def fails(
        self, status: int, code: str, message: str = "told", *, part: str = "", **headers: str
    ) -> None:
        """Let the next call fail."""
        body = {"error": {"code": code, "message": message}}
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers_next(Response(status, told, json.dumps(body).encode()), part)

    def _answer(self, path: str) -> Response | None:
        for row in self._answers:
            part, answer, is_lasting = row
            if part.strip("/") in path:
                if not is_lasting:
                    self._answers.remove(row)
                return answer
        return None


class People:
    """Anybody of the world, with another client than azjit."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self._people = {person.alias: person for person in world.people()}

    def id_of(self, alias: str) -> str:
        return self._people[alias].object_id

    def tenant_of(self, alias: str) -> str:
        return self._people[alias].tenant_id

    def call(
        self, alias: str, method: str, path: str, body: Any = None, *, version: str = VERSION
    ) -> Any:
        answer = self._world.handle(
            method,
            f"{ARM}{quote(path)}?api-version={version}",
            {"Authorization": f"Bearer {self._token(alias)}"},
            b"" if body is None else json.dumps(body).encode(),
        )
        assert answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    def give(self, scope: str, holder: str = "alice", *, by: str = "bob") -> str:
        """Make somebody a Contributor somewhere, without any request; give the assignment's id."""
        place = f"{scope}/providers/Microsoft.Authorization"
        path = f"{place}/roleAssignments/{uuid.uuid4()}"
        properties = {
            "principalId": self.id_of(holder),
            "roleDefinitionId": f"{place}/roleDefinitions/{CONTRIBUTOR}",
        }
        self.call(by, "PUT", path, {"properties": properties}, version=RIGHTS)
        return path

    def file(self, app_id: str, group_id: str, name: str, **changed: Any) -> str:
        """File a request as alice, of any shape that the contract allows; give its id."""
        alias = changed.pop("by", "alice")
        schedule = {
            "type": changed.pop("kind", "Once"),
            "duration": changed.pop("duration", "PT1H"),
            "startTime": changed.pop("start", None) or self._world.now().isoformat(),
        }
        row = {"principalId": self.id_of(alias), "roleDefinitionId": CONTRIBUTOR}
        properties = {
            "applicationResourceId": app_id,
            "jitAuthorizationPolicies": changed.pop("rows", [row]),
            "jitSchedulingPolicy": schedule,
        }
        path = f"{group_id}/providers/Microsoft.Solutions/jitRequests/{name}"
        self.call(alias, "PUT", path, {"location": "westeurope", "properties": properties})
        return path

    def _token(self, alias: str) -> str:
        person = self._people[alias]
        form = {"scope": f"{ARM}/.default"}
        if person.app_id is None:
            form |= {"grant_type": "password", "username": person.upn, "password": person.secret}
        else:
            form |= {
                "grant_type": "client_credentials",
                "client_id": person.app_id,
                "client_secret": person.secret,
            }
        url = f"{LOGIN}/{person.tenant_id}/oauth2/v2.0/token"
        answer = self._world.handle("POST", url, {}, urlencode(form).encode())
        return str(json.loads(answer.body)["access_token"])
