"""Finds the requests that a command names, with at most one listing for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Lock

from azjit.context import Context, Side
from azjit.domain.ids import RequestId, is_guid, looks_cut
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, NotAllowed, NotFound, Usage
from azjit.services.lookup.omissions import PartialResults, ends_all

PREFIX = 8
_MOST_SHOWN = 20
Listing = Callable[[], Iterable[JitRequest]]
Beginnings = dict[str, dict[RequestId, None]]


class NotSurelyOne(Usage):
    """Another request may have the name of `request`, because not all could be listed."""

    def __init__(self, request: JitRequest, text: str, missing: str) -> None:
        super().__init__(
            f"another request may be named {text!r}, because not all could be listed: {missing}",
            hint=f"use the id: {request.id}",
        )
        self.request = request


class NamedRequests:
    """Looks up the names of one command: in the cached names, and in one listing.

    A known name may have a namesake elsewhere, so that the listing is read as well; a whole GUID
    that is known is enough for a command that only reads. What is known is read once, so that a
    listing for one name changes nothing for another. What the listing cannot show is in `missing`:
    a command that `changes` something then needs an id.
    """

    def __init__(
        self,
        context: Context,
        listing: Listing,
        missing: PartialResults,
        names: Iterable[str],
        *,
        changes: bool,
    ) -> None:
        self._context = context
        self._listing = listing
        self._missing = missing
        self._changes = changes
        self._names = [each for each in names if _may_be_name(each)]
        self._wanted = set(map(_beginning, self._names))
        self._reading, self._searching = Lock(), Lock()
        self._known: Beginnings | None = None
        self._listed: list[JitRequest] | None = None
        self._error: AzjitError | None = None

    def prepare(self) -> None:
        """List the requests in reach now if a name needs it; `find` raises its error."""
        # First what is known, because the listing adds to it.
        are_known = all(map(self._known_by, self._names))
        if self._names and (self._changes or not are_known):
            with suppress(AzjitError):
                self._all_listed()

    def find(self, text: str) -> JitRequest:
        """Find the request that REQUEST names: an id, a name, or a prefix of 8 characters or more.

        Raises:
            NotFound: none matches.
            PartlyDone: none matches in what could be listed.
            NotSurelyOne: a command that `changes` something does not name it by its id, and not
                all could be listed.
            Usage: several match, or the prefix is too short.
        """
        if len(each := text.split()) > 1 and all(map(_may_be_id, each)):
            raise Usage(
                f"{text!r} is {len(each)} requests in one argument",
                hint="leave out the quotes around them",
            )
        if text.startswith("/"):
            wanted = RequestId.parse(text)
            if not wanted.is_usable:
                raise Usage(
                    f"{text} is not a JIT request",
                    hint="its id ends with /resourceGroups/GROUP/providers/Microsoft.Solutions"
                    "/jitRequests/NAME",
                )
            return self._context.solutions.request(wanted)
        if not _may_be_name(text):
            raise self._malformed(text)
        known = self._known_by(text)
        if is_guid(text) and not self._changes and (one := _only(known, text)) is not None:
            with suppress(NotFound):  # of a subscription of another tenant, say
                if (found := self._context.solutions.find_request(one)) is not None:
                    return found
        return self._in_listing(text, known)

    def _known_by(self, prefix: str) -> list[RequestId]:
        with self._reading:
            if self._known is None:
                self._known = self._read_known()
        near = self._known.get(_beginning(prefix), {})
        return [each for each in near if each.name.lower().startswith(prefix.lower())]

    def _read_known(self) -> Beginnings:
        from azjit.services.receipt_index import requests_of  # noqa: PLC0415 - 7 ms

        found: Beginnings = {}
        named = self._context.known.requests_by_prefix(*self._wanted)
        for each in (
            *(RequestId.try_parse(known.id) for known in named),
            *requests_of(self._context.receipts),
        ):
            if each is not None:
                found.setdefault(_beginning(each.name), {})[each] = None
        return found

    def _in_listing(self, text: str, known: list[RequestId]) -> JitRequest:
        matches, missing = self._matches(text, known)
        chosen = _only(list(matches), text)
        if chosen is None and self._missing:
            raise self._missing.not_found(f"request {text!r}")
        if chosen is None:
            raise NotFound(
                f"no request {text!r} in reach",
                hint=f"list them with: azjit {self._context.side} history",
            )
        if self._changes and missing:
            raise NotSurelyOne(matches[chosen], text, missing)
        return matches[chosen]

    def _matches(
        self, text: str, known: list[RequestId]
    ) -> tuple[dict[RequestId, JitRequest], str]:
        """Give the requests of a name, and why the list of them may be incomplete."""
        missing, listed = "", list[JitRequest]()
        try:
            listed = self._all_listed()
            missing = self._missing.said
        except AzjitError as error:
            if not known or ends_all(error):
                raise
            missing = error.message
            self._context.notes.warn(missing)
        matches = {r.id: r for r in listed if r.name.lower().startswith(text.lower())}
        for one in known:
            # A list may lag behind, or not reach a request that is known. In a batch the read right
            # before each decision is enough for those that are listed.
            if one in matches and len(self._names) > 1:
                continue
            try:
                found = self._context.solutions.find_request(one)
            except (NotAllowed, NotFound):
                continue  # it was seen by another caller, and is not in reach of this one
            except AzjitError as error:
                if self._changes or one not in matches:
                    raise
                self._context.notes.warn(error.message)
                continue
            if found is not None:
                matches[one] = found
        return matches, missing

    def _all_listed(self) -> list[JitRequest]:
        """List the requests in reach once; an error of the list is the error of each name."""
        with self._searching:
            if self._error is not None:
                raise self._error
            if self._listed is None:
                try:
                    self._listed = list(self._wanted_of(self._listing()))
                except AzjitError as error:
                    self._error = error
                    raise
            return self._listed

    def _wanted_of(self, requests: Iterable[JitRequest]) -> Iterator[JitRequest]:
        readable = (each for each in requests if each.unreadable is None)
        return (each for each in readable if _beginning(each.name) in self._wanted)

    def _malformed(self, text: str) -> Usage:
        name = text.rpartition("/")[2].lower()
        if any(app.name.lower() == name for app in self._context.known.applications()):
            pending = (
                "consumer pending" if self._context.side is Side.CONSUMER else "publisher history"
            )
            return Usage(
                f"{text!r} is an application, not a request", hint=f"see: azjit {pending} {text}"
            )
        if not text:
            return Usage("the request's name is empty", hint="use its name, a prefix, or its id")
        if "/" in text:
            return Usage(f"malformed request {text!r}", hint="use its name, a prefix, or its id")
        return Usage(
            f"request {text!r} is too short to be unique",
            hint=f"use the name, at least its first {PREFIX} characters, or the id",
        )


def _may_be_name(text: str) -> bool:
    return len(text) >= PREFIX and "/" not in text


def _may_be_id(text: str) -> bool:
    return text.startswith("/subscriptions/") or is_guid(text) or looks_cut(text)


def _beginning(name: str) -> str:
    return name[:PREFIX].lower()


def _only(ids: list[RequestId], text: str) -> RequestId | None:
    """Give the one match; only a whole GUID goes before the names that begin with it.

    Raises:
        Usage: several match.
    """
    exact = [each for each in ids if each.name.lower() == text.lower()]
    ids = exact if exact and is_guid(text) else ids
    if len(ids) > 1:
        shown = sorted(each.text for each in ids)
        more = f" and {len(ids) - _MOST_SHOWN} more" if len(ids) > _MOST_SHOWN else ""
        raise Usage(
            f"{len(ids)} requests match {text!r}",
            hint=f"use the id of one: {', '.join(shown[:_MOST_SHOWN])}{more}",
        )
    return ids[0] if ids else None
