"""Every test asserts something, and something besides that a command ends with 0."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))
# What fails by itself where something is not as it should be.
ASSERTING = {"raises", "fail", "warns"}
SUCCESS = {"0", "Exit.DONE"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions() -> dict[str, list[Function]]:
    """The functions and methods below tests/, by their names."""
    found: dict[str, list[Function]] = {}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                found.setdefault(node.name, []).append(node)
    return found


def called(node: ast.AST) -> Iterator[str]:
    """The names of what is called, with or without an object before it."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            if isinstance(inner.func, ast.Name):
                yield inner.func.id
            elif isinstance(inner.func, ast.Attribute):
                yield inner.func.attr


def is_only_success(test: ast.expr) -> bool:
    """Whether an assertion says no more than that something ended well."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    left, right = ast.unparse(test.left), ast.unparse(test.comparators[0])
    return left.endswith(("code", "returncode")) and right in SUCCESS


def asserts(node: ast.AST, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function, or a helper that it calls, asserts more than success."""
    own = [inner for inner in ast.walk(node) if isinstance(inner, ast.Assert)]
    if any(not is_only_success(each.test) for each in own):
        return True
    names = set(called(node)) - seen
    return bool(names & ASSERTING) or any(
        asserts(helper, seen | names)
        for name in names
        if not name.startswith("test_")
        for helper in functions().get(name, [])
    )


@pytest.mark.parametrize("file", [str(f.relative_to(TESTS)) for f in FILES if "test_" in f.name])
def test_every_test_asserts_something(file: str) -> None:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))

    silent = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, Function) and node.name.startswith("test_") and not asserts(node)
    ]

    assert silent == []
