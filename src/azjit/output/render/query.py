"""`--query`: JMESPath over a result, before any format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azjit.errors import Usage
from azjit.output.fields import Column, Many, encode
from azjit.output.render.values import columns_of
from azjit.output.view import View

_LONGEST_REASON = 200
_HINT = "--query takes JMESPath, for example \"[?state=='pending'].name\"; see jmespath.org"


def check_query(text: str) -> None:
    """Refuse an unusable expression before anything is sent.

    Raises:
        Usage: it is not JMESPath, or calls a function that is not there or with wrong arguments.
    """
    compiled(text)


def compiled(text: str, warn: Callable[[str], None] | None = None) -> Callable[[object], Any]:
    """Give the expression as a function of a plain value; `warn` hears what it may have lacked.

    Raises:
        Usage: as `check_query`; from the function, when the values don't suit the expression.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        with warnings.catch_warnings():
            # `orders` for 'orders' is an old form, which the pages of the Azure CLI have.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            expression = jmespath.compile(text)
    except JMESPathError as error:
        raise Usage(f"--query {text!r} is not JMESPath{_place(error)}", hint=_HINT) from error
    for node in _nodes(expression.parsed):
        if node["type"] == "function_expression":
            _check_call(text, node)

    def search(value: object) -> Any:  # noqa: ANN401 - a query may give any JSON
        if warn is not None and (word := _misquoted(expression.parsed, value)) is not None:
            warn(
                f"--query compares with a field {word!r}, which nothing here has; text needs quotes"
            )
        try:
            return expression.search(value)
        except JMESPathError as error:
            said = str(error)
            if len(said) > _LONGEST_REASON:  # it repeats the value
                said = f"{said[:_LONGEST_REASON]}..."
            raise Usage(
                f"--query {text!r} does not fit the result: {said}",
                hint="see the result with -o json",
            ) from error

    return search


def _misquoted(parsed: Any, value: object) -> str | None:  # noqa: ANN401 - jmespath's tree
    """Give a word that was meant as text, as far as one can tell; None if none was.

    A shell took its quotes, and what is left is the name of a field that no part of the value has.
    """
    rights = [node["children"][1] for node in _nodes(parsed) if node["type"] == "comparator"]
    words = [str(right["value"]) for right in rights if right["type"] == "field"]
    known = set(_keys_of(value)) if words and value else set(words)
    return next((word for word in words if word not in known), None)


def _keys_of(value: object) -> Iterator[str]:
    parts = value if isinstance(value, list) else []
    if isinstance(value, Mapping):
        yield from value
        parts = list(value.values())
    for part in parts:
        yield from _keys_of(part)


def bare(view: View) -> object:
    """Give the plain value of a view, as JSON has it."""
    if view.single:
        (item,) = view.items
        return encode(view.item_type, item)
    return [encode(view.item_type, item) for item in view.items]


def queried(view: View, search: Callable[[object], Any]) -> View:
    """Give the view of a query's result: the view itself if the query only picks its items."""
    view = view._replace(items=list(view.items))
    value = bare(view)
    result = search(value)
    picked = _picked(view, value, result)
    return view._replace(items=picked) if picked is not None else _rows_of(view, result)


def _picked(view: View, value: object, result: object) -> list[object] | None:
    """Give the items whose own values the result has; None if it has anything else."""
    if view.single:
        return list(view.items) if result is value else None
    assert isinstance(value, list)
    items = dict(zip(map(id, value), view.items, strict=True))
    rows = result if isinstance(result, list) else [result]
    return [items[id(row)] for row in rows] if rows and all(id(r) in items for r in rows) else None


def _rows_of(view: View, result: object) -> View:
    """Give the view that shows a value as rows, according to its shape."""
    if isinstance(result, Mapping):
        kind = view.result._replace(type=object)
        return View(kind, columns_of([result]), [result])
    rows = result if isinstance(result, list) else [] if result is None else [result]
    items = [row for row in rows if isinstance(row, Mapping)]
    columns = columns_of(items)
    if len(items) < len(rows):
        lists = [row for row in rows if isinstance(row, list)]
        lists = lists if len(lists) == len(rows) else [[row] for row in rows]
        items = [{str(at): value for at, value in enumerate(row)} for row in lists]
        longest = max(items, key=len)
        columns = tuple(Column(key) for key in longest)
    kind = view.result._replace(type=Many(object))
    return View(kind, columns, items, empty="nothing matches --query")


def _place(error: Exception) -> str:
    at = getattr(error, "lex_position", None)
    return ": it is empty" if at is None else f" at character {at + 1}"


def _nodes(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - jmespath's tree of dicts
    if not isinstance(node, dict):
        return
    yield node
    for child in node.get("children", []):
        yield from _nodes(child)


def _check_call(text: str, call: dict[str, Any]) -> None:
    """Refuse calls of functions that jmespath itself checks only when it evaluates them."""
    from jmespath.functions import Functions

    name, count = call["value"], len(call["children"])
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        raise Usage(f"--query {text!r} calls {name}(), which JMESPath does not have", hint=_HINT)
    signature = known["signature"]
    is_variadic = bool(signature) and bool(signature[-1].get("variadic"))
    if count < len(signature) or (count > len(signature) and not is_variadic):
        raise Usage(
            f"--query {text!r} gives {name}() {count} arguments, not {len(signature)}", hint=_HINT
        )
