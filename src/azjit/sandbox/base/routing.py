"""Routes: a method, the pattern of a path, and who answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar


@dataclass(frozen=True)
class HttpRoute:
    """The calls of one method to the paths of one pattern; `{scope}` may be several segments."""

    method: str
    pattern: str

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        text = re.escape(self.pattern).replace(r"\{scope\}", "(?P<scope>(?:/.+)?)")
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", text), re.IGNORECASE)

    def match(self, path: str) -> dict[str, str] | None:
        """Give the named parts of a path; none when it does not fit the pattern."""
        found = self._regex.fullmatch(path)
        return None if found is None else found.groupdict()


_Route = TypeVar("_Route", bound=HttpRoute)


def find(routes: Iterable[_Route], method: str, path: str) -> tuple[_Route, dict[str, str]] | None:
    """Give the first route that takes a call, with the named parts of its path."""
    for route in routes:
        if route.method == method and (params := route.match(path)) is not None:
            return route, params
    return None
