"""Names of requests and applications in a table: short, and still those of one thing each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from azjit.domain.ids import ResourceId, is_guid, looks_cut
from azjit.output.cells import NONE
from azjit.output.fields import Among, Fit

T = TypeVar("T")
# The lengths of the beginnings of a GUID that end where one of its parts does.
SHORT, LONG, WHOLE = 8, 13, 36
_LENGTHS = (SHORT, LONG, 18, 23, WHOLE)


def unique_names(
    name_of: Callable[[T], str | None], cell_of: Callable[[T, str], object] | None = None
) -> Among[T]:
    """Give the cells of requests' names: each so long that no other of the table begins so.

    `cell_of` makes the cell of an item from the name that is shown.
    """

    def among(items: Sequence[T], fit: Fit) -> Callable[[T], object]:
        shown = _shortened({name for each in items if (name := name_of(each))}, fit.least)

        def cell(item: T) -> object:
            name = name_of(item)
            text = (shown.get(name) or _alone(name, fit.least)) if name else NONE
            return cell_of(item, text) if cell_of is not None else text

        return cell

    return among


def _alone(name: str, size: int) -> str:
    return name[:size] if is_guid(name) else f"(no GUID) {name}" if looks_cut(name) else name


def _shortened(names: set[str], least: int) -> dict[str, str]:
    shown = {name: _alone(name, WHOLE) for name in names}
    left = {name for name in names if is_guid(name)}
    for size in (each for each in _LENGTHS if each >= least):
        begun = Counter(name[:size].lower() for name in names)
        alone = {name for name in left if begun[name[:size].lower()] == 1}
        shown |= {name: name[:size] for name in alone}
        left -= alone
    return shown


def told_apart(id_of: Callable[[T], ResourceId | None], name_of: Callable[[T], str]) -> Among[T]:
    """Give the cells of applications: `name`, `group/name` where that is not unique.

    Where that is not unique either, the customer is added.
    """

    def among(items: Sequence[T], fit: Fit) -> Callable[[T], object]:
        apps = {app.key: app for each in items if (app := id_of(each)) is not None}
        names = Counter(app.name.lower() for app in apps.values())
        places = Counter(_place(app) for app in apps.values())

        def cell(item: T) -> str:
            app, name = id_of(item), name_of(item)
            if app is None or (names[app.name.lower()] == 1 and fit.least != LONG):
                return name
            told = f"{app.group}/{name}"
            return told if places[_place(app)] == 1 else f"{told} ({customer_of(app, fit)})"

        return cell

    return among


def _place(app: ResourceId) -> tuple[str, str]:
    return (app.group or "").lower(), app.name.lower()


def customer_of(app: ResourceId, fit: Fit) -> str:
    """Give the name of an application's subscription, if this command has read it, or its id."""
    name_of = fit.display.subscription_name if fit.display is not None else None
    told = name_of(app.subscription) if name_of is not None else None
    return told or app.subscription[: fit.least]


def customers(id_of: Callable[[T], ResourceId | None]) -> Among[T]:
    """Give the cells of customers: the names of their subscriptions, where there are several."""

    def among(items: Sequence[T], fit: Fit) -> Callable[[T], object] | None:
        told = [app.subscription for each in items if (app := id_of(each)) is not None]
        if len({each.lower() for each in told}) < 2:  # noqa: PLR2004 - one needs no column
            return None

        def cell(item: T) -> str:
            app = id_of(item)
            return customer_of(app, fit) if app is not None else NONE

        return cell

    return among
