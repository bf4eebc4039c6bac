"""Records what is missing in a list: a warning for each part, and one error at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from azjit.azure.error_codes import WRONG_TENANT
from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, NotAllowed, NotFound, NotSignedIn, PartlyDone
from azjit.services.lookup.subscriptions import ChosenSubscriptions
from azjit.services.parallel import flow

_In = TypeVar("_In")
_T = TypeVar("_T")
_Item = TypeVar("_Item", Application, JitRequest)
# The final error quotes so many reasons; of more it gives the number and so many names.
_FEW = 3
_GONE = "resourcegroupnotfound"
_UNSEEN = (
    "this list may be incomplete: it has the applications that Azure lists to a publisher, and"
    " those that azjit saw before on this machine"
)


class PartialResults:
    """The parts of a list that could not be read."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Whether anything is missing."""
        return bool(self._told)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Each reason why something is missing."""
        return tuple(self._told)

    @property
    def said(self) -> str:
        """What is missing, and why; of many parts the number and a few names."""
        more = len(self._told) - _FEW
        if more <= 0:
            return "; ".join(self._told)
        names = ", ".join(list(self._told.values())[:_FEW])
        return f"{len(self._told)} items could not be read: {names} and {more} more"

    def note(self, name: str, why: str) -> None:
        """Record a part that could not be read, and warn of each reason once."""
        if why not in self._told:
            self._told[why] = name
            self._context.notes.warn(f"left out: {why}")

    def say_unseen(self) -> None:
        """Say that a publisher's list may lack applications, which no read can show."""
        _ = self._context.caller  # without a sign-in there is no list: NotSignedIn comes first
        self._context.notes.say(_UNSEEN)

    def lacks(self, subscription: str) -> bool:
        """Tell whether a subscription could not be listed whole."""
        return f"subscription {subscription}".lower() in map(str.lower, self._told.values())

    def incomplete(self, hint: str) -> PartlyDone | None:
        """Give the error to end with; None if nothing is missing."""
        return PartlyDone(f"the list is incomplete: {self.said}", hint=hint) if self else None

    def noted(self, listed: Iterable[_Item]) -> Iterator[_Item]:
        """Give applications or requests as they come, and note each that cannot be read."""
        for each in listed:
            if each.unreadable is not None:
                label = f"application {each.name or '?'}"
                if isinstance(each, JitRequest):
                    label = f"a request for {each.application_text or '?'}"
                self.note(label, f"{label}: {each.unreadable}")
            yield each

    def not_found(self, what: str) -> PartlyDone:
        """Give the error for a thing that is not in the parts that could be read."""
        return PartlyDone(f"no {what} in what could be read: {self.said}", hint="use its id")

    def subscriptions(self) -> list[str]:
        """Give the subscriptions to look through: those of `--subscription`, else all in reach."""
        if chosen := self._context.service(ChosenSubscriptions).ids:
            return list(chosen)
        found: dict[str, str] = {}
        for each in self._context.resources.subscriptions():
            if each.may_be_listed:
                found.setdefault(each.id.lower(), each.id)
            else:
                label = f"subscription {each.id or 'without an id'}"
                self.note(label, f"{label} is {each.state.lower() or 'unreadable'}")
        # Azure listed them for this tenant: one of another is left out, like any other.
        self._context.stay_in_tenant()
        return list(found.values())

    def parts(
        self,
        work: Callable[[_In], Iterable[_T]],
        many: Iterable[_In],
        label: Callable[[_In], str] = "subscription {}".format,
        *,
        has_more: bool = False,
    ) -> Iterator[_T]:
        """Give the lists of all parts, one after the other; a part that cannot be read is noted.

        Raises:
            AzjitError: no part could be read, and the list has nothing else: not `has_more`.
        """
        has_read, failed = False, list[tuple[str, AzjitError]]()
        for each in flow(partial(_attempted, work), many):
            if not isinstance(each, _End):
                has_read = True
                yield each
            elif each.error is None:
                has_read = True
            else:
                failed.append((label(each.part), each.error))
        if failed and not has_read and not has_more:
            raise _error_of_all([error for _, error in failed])
        for name, error in failed:
            self.note(name, f"{name}: {short(error)}")


class _End(NamedTuple):
    """The end of the list of a part, and the error that cut it."""

    part: Any
    error: AzjitError | None


def _attempted(work: Callable[[_In], Iterable[_T]], part: _In) -> Iterator[_T | _End]:
    try:
        yield from work(part)
    except AzjitError as error:
        if ends_all(error):
            raise
        yield _End(part, error)
    else:
        yield _End(part, None)


def _error_of_all(errors: list[AzjitError]) -> AzjitError:
    """Give one error for all parts: the first, if all have its exit code."""
    if len({error.exit for error in errors}) == 1:
        return errors[0]
    said = "; ".join(dict.fromkeys(error.message for error in errors[:_FEW]))
    return PartlyDone(f"nothing could be listed: {said}", hint="try --subscription ID")


def ends_all(error: AzjitError) -> bool:
    """Tell whether an error of one part is the error of all: without a sign-in nothing is read."""
    is_of_part = (error.code or "").lower() == WRONG_TENANT.lower()
    return isinstance(error, NotSignedIn) and not is_of_part


def is_gone(error: AzjitError) -> bool:
    """Tell whether an error says that the resource group does not exist."""
    return isinstance(error, NotFound) and (error.code or "").lower() == _GONE


def short(error: AzjitError) -> str:
    """Give the message of an error, shortened where a listing may have many of them."""
    if isinstance(error, NotAllowed):
        said = "you may not read it"
    elif isinstance(error, NotFound):
        said = "Azure does not find it"
    else:
        said = error.message.partition(": ")[2] or error.message
    return f"{said} ({error.code})" if error.code else said


def collected(listed: Callable[[], Iterable[_T]]) -> tuple[list[_T], AzjitError | None]:
    """Give the items of a list and, if the list is not complete, the first error.

    A list that ends with an error keeps the items before it. An item that cannot be read is left
    out.

    Raises:
        NotSignedIn: no other list can be read either.
    """
    found: list[_T] = []
    trouble: AzjitError | None = None
    left = iter(listed())
    while True:
        # `map` continues after an item that cannot be decoded; a generator has ended.
        try:
            found.append(next(left))
        except StopIteration:
            return found, trouble
        except AzjitError as error:
            if ends_all(error):
                raise
            trouble = trouble or error
