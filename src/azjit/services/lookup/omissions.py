"""What a list could not look at: said when it is met, counted when the list is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from azjit.context import Context
from azjit.errors import AzjitError, NotSignedIn, PartlyDone

_T = TypeVar("_T")
# So many are told in full at the end; of more, the number and as many names.
_FEW = 3


class Gaps:
    """What is known to be missing in a list."""

    def __init__(self, context: Context) -> None:
        self._notes = context.notes
        self._told: dict[str, str] = {}

    def note(self, name: str, why: str) -> None:
        """Keep that something could not be looked at; each is said once."""
        if why not in self._told:
            self._told[why] = name
            self._notes.warn(f"left out: {why}")

    def incomplete(self, hint: str) -> PartlyDone | None:
        """Give the error to end with where anything is missing."""
        if not self._told:
            return None
        said = "; ".join(self._told)
        more = len(self._told) - _FEW
        if more > 0:
            names = ", ".join(list(self._told.values())[:_FEW])
            said = f"{len(self._told)} things could not be looked at: {names} and {more} more"
        return PartlyDone(f"the list is incomplete: {said}", hint=hint)


def collected(listed: Callable[[], Iterable[_T]]) -> tuple[list[_T], AzjitError | None]:
    """Give what a list gave and, where that is not all, the first reason.

    A list that breaks off keeps what came before; one item that cannot be read costs only itself.

    Raises:
        NotSignedIn: nothing else could be read either.
    """
    found: list[_T] = []
    trouble: AzjitError | None = None
    left = iter(listed())
    while True:
        # After an item that cannot be decoded a `map` goes on; a list that broke off is over.
        try:
            found.append(next(left))
        except StopIteration:
            return found, trouble
        except NotSignedIn:
            raise
        except AzjitError as error:
            trouble = trouble or error
