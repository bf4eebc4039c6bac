"""Chooses one of the caller's own requests where a command names only the application."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.ids import RequestId, is_guid
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, NotFound, Usage
from azjit.services.lookup.either import EitherFinder
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.named_requests import PREFIX
from azjit.services.lookup.omissions import ends_all


class OwnRequests:
    """Finds a request by its name, or by its application among the caller's own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._either = context.service(EitherFinder)

    def newest(self, text: str, *, changes: bool = False) -> JitRequest:
        """Give the request that a text names, or the newest of the caller's for an application.

        Raises:
            NotFound: the caller has none there.
            Usage: which one is the newest is not known.
        """
        found = self._find(text, changes=changes)
        if isinstance(found, JitRequest):
            return found
        mine = self._mine(found)
        if not mine:
            raise NotFound(
                f"no request for {found.name} was filed by you or for you",
                hint=f"list them all: azjit publisher history {found.name}",
            )
        times = [each.created_at for each in mine]
        known = [at for at in times if at is not None]
        if len(known) < len(mine) or times.count(max(known)) > 1:
            if len(mine) > 1:
                raise Usage(
                    f"which of your requests for {found.name} is the newest is not known:"
                    f" {_names(mine)}",
                    hint="use the name of one",
                )
            newest = mine[0]
        else:
            newest = mine[times.index(max(known))]
        count = f"the newest of your {len(mine)} requests" if len(mine) > 1 else "your only request"
        self._context.notes.say(f"request {newest.name} is {count} for {found.label}")
        return newest

    def newest_of_each(self, texts: Sequence[str]) -> tuple[list[JitRequest], list[AzjitError]]:
        """Give the request of each text, each once, and the errors of those that have none.

        Raises:
            AzjitError: the only one has none, or the sign-in has ended.
        """
        found, failed = dict[RequestId, JitRequest](), list[AzjitError]()
        for text in texts:
            try:
                request = self.newest(text)
            except AzjitError as error:
                if len(texts) == 1 or ends_all(error):
                    raise
                failed.append(error)
            else:
                found.setdefault(request.id, request)
        return list(found.values()), failed

    def to_cancel(self, text: str) -> JitRequest:
        """Give the request that a text names, or the only one of the caller's that waits.

        Raises:
            Usage: an application is named for which not exactly one waits.
        """
        found = self._find(text, changes=True)
        if isinstance(found, JitRequest):
            return found
        waiting = [each for each in self._mine(found) if each.state.may_wait]
        if len(waiting) != 1:
            told = f": {_names(waiting)}" if waiting else ""
            raise Usage(
                f"{len(waiting)} of your requests for {found.name} are pending{told}",
                hint="use the name of one" if waiting else "list them: azjit publisher history",
            )
        return waiting[0]

    def _find(self, text: str, *, changes: bool = False) -> Application | JitRequest:
        """Give what a text names; what no application is called may be a request without a GUID."""
        try:
            return self._either.find(text, changes=changes)
        except NotFound as error:
            if "/" in text or len(text) < PREFIX or is_guid(text):
                raise
            try:
                return self._finder.request(text, changes=changes)
            except NotFound:
                raise error from None

    def _mine(self, application: Application) -> list[JitRequest]:
        caller = self._context.caller.id
        return [each for each in self._finder.requests(application) if each.concerns(caller)]


def _names(requests: list[JitRequest]) -> str:
    return ", ".join(each.name for each in requests)
