"""Adds the JIT step and the output to the text of a createUiDefinition; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import count

from azjit.domain.findings import Rule, Severity
from azjit.errors import Refused
from azjit.packages import catalog as rules
from azjit.packages.checks import check
from azjit.packages.definition import (
    CONFIGURATOR,
    OUTPUT,
    Definition,
    definition_of,
    why_not_editable,
)
from azjit.packages.expression import plain_reference, written
from azjit.packages.fault import Fault
from azjit.packages.insertion import Insertion, JsonStyle, insert
from azjit.packages.jsonc import parse
from azjit.packages.source import Source

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_STEP, _CONTROL, _LABEL = "jitConfiguration", "jitConfigurationControl", "JIT Configuration"
_ADDABLE = {rules.NO_STEP, rules.NO_OUTPUT}


@dataclass(frozen=True, slots=True)
class Addition:
    """A text with its JIT step; `added` names the inserted parts, and can be empty."""

    text: str
    added: tuple[str, ...]
    step: str | None = None
    control: str | None = None


def add_jit(source: Source, definition: Definition) -> Addition:
    """Add the step and the output of Microsoft's article, if they are missing.

    Raises:
        Refused: the schema is another one, or adding does not fix all faults.
    """
    why = why_not_editable(definition)
    if why is not None:
        raise Refused(
            f"{source.name} is unchanged: {why}", hint="add the step by hand, as in the article"
        )
    faults = [fault for fault in check(definition) if fault.rule.severity is Severity.ERROR]
    missing = {fault.rule for fault in faults}
    _check_addable(source, faults)
    if not missing:
        return Addition(source.text, ())
    step, path = _names(source, definition, missing)
    text = insert(source.text, _insertions(source.text, definition, missing, step, path))
    _assert_right(text)
    added = tuple(
        name
        for name, rule in (("step", rules.NO_STEP), ("output", rules.NO_OUTPUT))
        if rule in missing
    )
    return Addition(text, added, step, path[-1])


def diff(old: Source, new: str) -> list[str]:
    """Give a unified diff between a file and its new text, as lines that `patch` takes.

    A line keeps its carriage return, and the first one its byte order mark.
    """
    name = old.name.rpartition("/")[2]
    mark = "\ufeff" if old.mark and old.encoding == "utf-8" else ""
    before, after = (_LINE.findall(mark + text) for text in (old.text, new))
    found: list[str] = []
    for line in unified_diff(before, after, f"a/{name}", f"b/{name}"):
        found.append(line.removesuffix("\n"))
        if not line.endswith("\n"):
            found.append("\\ No newline at end of file")
    return found


def _check_addable(source: Source, faults: list[Fault]) -> None:
    hint = "see all: azjit publisher package check PATH"
    for fault in faults:
        if fault.rule not in _ADDABLE:
            line, column = source.position(fault.offset)
            raise Refused(
                f"{source.name}:{line}:{column}: {fault.rule.code} {fault.text}; add-jit does not"
                " fix this",
                hint=f"{fault.fix or fault.rule.fix}; {hint}",
            )
        if fault.fix is not None:
            # The list for the step or output is missing too.
            raise Refused(f"{source.name} is unchanged: {fault.text}", hint=fault.fix)


def _names(
    source: Source, definition: Definition, missing: set[Rule]
) -> tuple[str, tuple[str, ...]]:
    """Give the name of the step and the path to the control, existing or from the article."""
    if rules.NO_STEP not in missing:
        path = next(e.path for e in definition.elements if e.is_configurator)
        return str(path[0]), tuple(str(name) for name in path[1:])
    if rules.NO_OUTPUT in missing:
        free = next(name for name in _free(_STEP) if not definition.has_step(name))
        return free, (_CONTROL,)
    assert definition.outputs is not None
    member = definition.outputs.member(OUTPUT)
    told = member.value.text if member is not None else None
    reference = plain_reference(told) if told is not None else None
    is_ours = reference is not None and reference.root == "steps" and len(reference.rest) == 1
    if reference is None or not is_ours or definition.has_step(reference.first):
        raise Refused(
            f"{source.name} is unchanged: its output {OUTPUT} refers to no step that azjit could"
            f" add: {told}",
            hint="remove the output, then run the command again",
        )
    return reference.first, reference.rest


def _free(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}{number}" for number in count(2))


def _insertions(
    text: str, definition: Definition, missing: set[Rule], step: str, path: tuple[str, ...]
) -> list[Insertion]:
    style = JsonStyle(text, definition.root)
    found: list[Insertion] = []
    if rules.NO_STEP in missing:
        assert definition.steps is not None
        found += style.append(definition.steps, _step(step, path[-1], is_form=definition.is_form))
    if rules.NO_OUTPUT in missing:
        assert definition.outputs is not None
        found += style.append(definition.outputs, written(step, *path), key=OUTPUT)
    return found


def _step(step: str, control: str, *, is_form: bool) -> dict[str, object]:
    """Give the step of the article; Form view has neither subLabel nor bladeTitle."""
    element = {"name": control, "type": CONFIGURATOR, "label": _LABEL}
    if is_form:
        return {"name": step, "label": _LABEL, "elements": [element]}
    return {
        "name": step,
        "label": _LABEL,
        "subLabel": {
            "preValidation": "Configure JIT settings for your application",
            "postValidation": "Done",
        },
        "bladeTitle": _LABEL,
        "elements": [element],
    }


def _assert_right(text: str) -> None:
    """Check our own change against the rules before it is used."""
    definition = definition_of(parse(text))
    assert definition is not None
    left = [fault for fault in check(definition) if fault.rule.severity is Severity.ERROR]
    assert not left, left[0].text
