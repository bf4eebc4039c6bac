"""A property that is made on first use, once for all threads."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar, overload

_T = TypeVar("_T")


class once(cached_property[_T]):  # noqa: N801 - a decorator
    """A cached property that two threads cannot make twice, as `cached_property` can.

    Its owner has the lock, `making`.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> once[_T]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _T: ...
    def __get__(self, instance: Any, owner: type[Any] | None = None) -> once[_T] | _T:
        if instance is None:
            return self
        with instance.making:
            made: _T = super().__get__(instance, owner)
        return made
