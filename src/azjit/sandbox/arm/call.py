"""One authenticated call to ARM, and what all answers have in common."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar
from urllib.parse import quote, urlencode

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.messages import Page, Problem, Request, Response, answer
from azjit.sandbox.entra.tokens import TokenCaller
from azjit.sandbox.world.world import Resource, World

# systemData came to Microsoft.Solutions with this version.
_SYSTEM_DATA_SINCE = "2021-02-01"
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class ArmCall:
    """A request of an authorized caller; `params` come from the path."""

    request: Request
    params: Mapping[str, str]
    world: World
    caller: TokenCaller
    api_version: str

    def __getitem__(self, name: str) -> str:
        """A part of the path."""
        return self.params[name]

    @property
    def scope(self) -> str:
        """The scope that the path names, empty for the root."""
        return self.params.get("scope") or ""

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise invalid(f"the request content is not valid JSON: {error}") from error
        if not isinstance(body, dict):
            raise invalid("the request content is not a JSON object")
        return body

    def stamp(self) -> str:
        """Sandbox time as text."""
        return stamp(self.world.now)

    def identity(self) -> dict[str, str]:
        """Give the caller as `createdBy` and `updatedBy` name one."""
        return self.caller.person.identity(self.caller.app_id)

    def system_data(self, before: Resource | None = None) -> dict[str, Any]:
        """Give a resource's systemData after the caller has created or changed it."""
        created = before.body.get("systemData", {}) if before is not None else {}
        changed = self.caller.person.system_data(self.stamp())
        return {**changed, **created, **{k: v for k, v in changed.items() if "Modified" in k}}

    def after(self) -> str:
        """Give the key after which the requested page starts."""
        token = self.request.query.get("$skiptoken", "")
        try:
            return base64.urlsafe_b64decode(token).decode()
        except (binascii.Error, ValueError) as error:
            raise Problem(400, "InvalidSkipToken", "the $skiptoken is not valid") from error

    def listing(self, page: Page, show: Callable[[Any], Any]) -> Response:
        """One page of a listing, with the link to the next."""
        body: dict[str, Any] = {"value": [show(item) for item in page.items]}
        if page.next_token is not None:
            token = base64.urlsafe_b64encode(page.next_token.encode()).decode()
            query = {k: v for k, v in self.request.query.items() if k != "$skiptoken"}
            link = urlencode({**query, "$skiptoken": token}, safe="$'", quote_via=quote)
            body["nextLink"] = f"{self.request.site.arm}{quote(self.request.path)}?{link}"
        return answer(200, body)

    def paged(self, items: Iterable[_Item], key: Callable[[_Item], str]) -> Page:
        """Give the requested page of items that have a key, sorted by it."""
        size, after = self.world.page_size, self.after()
        rest = sorted((item for item in items if key(item) > after), key=key)
        return Page(rest[:size], key(rest[size - 1]) if len(rest) > size else None)

    def clauses(self, pattern: re.Pattern[str], code: str) -> list[re.Match[str]]:
        """Give the clauses of $filter between its `and`s; 400 with the code if one does not fit."""
        text = self.request.query.get("$filter", "").strip()
        found = []
        for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []:
            match = pattern.fullmatch(part.strip())
            if match is None:
                raise Problem(400, code, f"the filter '{text}' is not supported")
            found.append(match)
        return found

    def versioned(self, body: dict[str, Any]) -> dict[str, Any]:
        """Give a resource as the api-version of the call shows it."""
        if self.api_version >= _SYSTEM_DATA_SINCE:
            return body
        return {key: value for key, value in body.items() if key != "systemData"}


def invalid(message: str) -> Problem:
    """A 400 for content that breaks the contract."""
    return Problem(400, "InvalidRequestContent", message)


def has_texts(value: Any, *keys: str) -> TypeGuard[dict[str, Any]]:
    """Whether a value is an object with a text at each of the keys."""
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in keys)


def text_tags(tags: Any) -> dict[str, str]:
    """Give the tags of a request, which must be an object of strings."""
    if tags is None:
        return {}
    if not isinstance(tags, dict) or not all(isinstance(v, str) for v in tags.values()):
        raise invalid("'tags' must be an object of strings")
    return dict(tags)
