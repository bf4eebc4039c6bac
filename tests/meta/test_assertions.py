"""Every test asserts something, and something besides that a command ends with 0."""

from __future__ import annotations

import ast
import itertools
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))
# What fails by itself where something is not as it should be.
ASSERTING = {"raises", "fail", "warns"}
SUCCESS = {"0", "Exit.DONE"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions_of(file: Path) -> list[Function]:
    """The functions and methods of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


@cache
def functions() -> dict[str, list[Function]]:
    """The functions and methods below tests/, by their names."""
    found: dict[str, list[Function]] = {}
    for function in itertools.chain.from_iterable(map(functions_of, FILES)):
        found.setdefault(function.name, []).append(function)
    return found


def is_only_success(test: ast.expr) -> bool:
    """Whether an assertion says no more than that something ended well."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    left, right = ast.unparse(test.left), ast.unparse(test.comparators[0])
    return left.endswith(("code", "returncode")) and right in SUCCESS


@cache
def said(function: Function) -> tuple[bool, frozenset[str]]:
    """Whether a function itself asserts more than success, and what it calls by name."""
    more, names = False, set()
    for inner in ast.walk(function):
        if isinstance(inner, ast.Assert):
            more = more or not is_only_success(inner.test)
        elif isinstance(inner, ast.Call):
            if isinstance(inner.func, ast.Name):
                names.add(inner.func.id)
            elif isinstance(inner.func, ast.Attribute):
                names.add(inner.func.attr)
    return more, frozenset(names)


def asserts(function: Function, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function, or a helper that it calls, asserts more than success."""
    more, called = said(function)
    names = called - seen
    return (
        more
        or bool(names & ASSERTING)
        or any(
            asserts(helper, seen | names)
            for name in names
            if not name.startswith("test_")
            for helper in functions().get(name, [])
        )
    )


def test_every_test_asserts_something() -> None:
    silent = [
        f"{file.relative_to(TESTS)}::{test.name}"
        for file in FILES
        if "test_" in file.name
        for test in functions_of(file)
        if test.name.startswith("test_") and not asserts(test)
    ]

    assert silent == []
