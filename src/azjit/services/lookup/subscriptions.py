"""The subscriptions of `--subscription`, by id or by name."""

from __future__ import annotations

import re
from functools import cached_property

from azjit.azure.resources import Subscription
from azjit.context import Context
from azjit.domain.ids import is_guid, normal_guid
from azjit.errors import NotFound, Usage, meant


class ChosenSubscriptions:
    """Gives the ids of the chosen subscriptions; only a name needs a list of them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids; empty if none is chosen.

        Raises:
            NotFound: no subscription in reach has a name.
            Usage: several have it.
        """
        chosen = self._context.settings.subscription
        return tuple(dict.fromkeys(self._id_of(text) for text in chosen))

    def _id_of(self, text: str) -> str:
        name = re.sub(r"(?i)^/subscriptions/", "", text)
        if is_guid(name):
            return normal_guid(name)
        found = [each.id for each in self._all if each.id and each.name.lower() == name.lower()]
        if not found:
            near = meant(name, [each.name for each in self._all])
            hint = f"{near}az account list shows yours; --subscription takes ids, too"
            raise NotFound(f"no subscription named {name!r} in reach", hint=hint)
        if len(found) > 1:
            hint = f"use an id: {', '.join(found)}"
            raise Usage(f"{len(found)} subscriptions are named {name!r}", hint=hint)
        return found[0]

    @cached_property
    def _all(self) -> list[Subscription]:
        return list(self._context.resources.subscriptions())
