"""What is missing in a list: a warning for each part, and one error at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from azjit.context import Context
from azjit.errors import AzjitError, NotSignedIn, PartlyDone

_T = TypeVar("_T")
# The final error quotes so many reasons; of more it gives the number and so many names.
_FEW = 3


class PartialResults:
    """The parts of a list that could not be read."""

    def __init__(self, context: Context) -> None:
        self._notes = context.notes
        self._told: dict[str, str] = {}

    def note(self, name: str, why: str) -> None:
        """Record a part that could not be read, and warn of each reason once."""
        if why not in self._told:
            self._told[why] = name
            self._notes.warn(f"left out: {why}")

    def incomplete(self, hint: str) -> PartlyDone | None:
        """Give the error to end with; None if nothing is missing."""
        if not self._told:
            return None
        said = "; ".join(self._told)
        more = len(self._told) - _FEW
        if more > 0:
            names = ", ".join(list(self._told.values())[:_FEW])
            said = f"{len(self._told)} items could not be read: {names} and {more} more"
        return PartlyDone(f"the list is incomplete: {said}", hint=hint)


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
        except NotSignedIn:
            raise
        except AzjitError as error:
            trouble = trouble or error
