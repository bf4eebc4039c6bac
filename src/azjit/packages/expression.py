"""References in the expression of an output: steps('name').control, also in the old form."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"[A-Za-z_$][A-Za-z0-9_$]*+"
_QUOTED = r"'(?:[^']|'')*+'"
_STEP = rf"\s*(?:\.\s*{_NAME}|\[\s*{_QUOTED}\s*\])"
_REFERENCE = rf"(steps|basics)\s*\(\s*({_QUOTED})\s*\)((?:{_STEP})*+)"
_FIND = re.compile(rf"(?<![A-Za-z0-9_$.']){_REFERENCE}")
_PLAIN = re.compile(rf"\[\s*{_REFERENCE}\s*\]")
_PART = re.compile(rf"\.\s*({_NAME})|\[\s*({_QUOTED})\s*\]")
_OLD = re.compile(r"\[\s*parse\s*\(\s*concat\s*\(", re.IGNORECASE)
_FALSE = re.compile(r"(?:false|bool\('false'\)|not\((?:true|bool\('true'\))\))", re.IGNORECASE)
_EQUALS = re.compile(rf"equals\(({_QUOTED}|true|false),({_QUOTED}|true|false)\)", re.IGNORECASE)
_USABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Reference:
    """The parts of `steps('a').b.c`: the root, the first name and the other names."""

    root: str
    first: str
    rest: tuple[str, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """All names, beginning with the step; for a control of the basics, the step is empty."""
        return (self.first, *self.rest) if self.root == "steps" else ("", self.first, *self.rest)

    def __str__(self) -> str:
        return f"{self.root}('{self.first}')" + "".join(f".{part}" for part in self.rest)


def plain_reference(text: str) -> Reference | None:
    """Parse an expression that is exactly one reference; None if it is not."""
    match = _PLAIN.fullmatch(text.strip())
    return _reference(match) if match is not None else None


def references_in(text: str) -> list[Reference]:
    """Find every reference inside an expression."""
    return [_reference(match) for match in _FIND.finditer(text)]


def is_expression(text: str) -> bool:
    """Tell whether a text is an expression: in brackets, but without the escape `[[`."""
    told = text.strip()
    return told.startswith("[") and told.endswith("]") and not told.startswith("[[")


def is_old_form(text: str) -> bool:
    """Tell whether a text has the form of the preview: `[parse(concat(...))]`."""
    return is_expression(text) and _OLD.match(text.strip()) is not None


def is_always_false(text: str) -> bool:
    """Tell whether an expression, or a text that Azure takes for a boolean, is a constant false."""
    told = text.strip()
    inner = told[1:-1] if is_expression(told) else told
    inner = "".join(re.split(rf"\s+(?=(?:[^']|{_QUOTED})*$)", inner))
    equals = _EQUALS.fullmatch(inner)
    if equals is not None:
        return equals[1].lower() != equals[2].lower()
    return _FALSE.fullmatch(inner) is not None


def written(step: str, *names: str) -> str:
    """Give the expression that refers to a control of a step."""
    return f"[steps({_quoted(step)}){''.join(map(_accessor, names))}]"


def _reference(match: re.Match[str]) -> Reference:
    rest = tuple(name or _unquoted(key) for name, key in _PART.findall(match[3]))
    return Reference(match[1], _unquoted(match[2]), rest)


def _accessor(name: str) -> str:
    return f".{name}" if _USABLE.fullmatch(name) else f"[{_quoted(name)}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")
