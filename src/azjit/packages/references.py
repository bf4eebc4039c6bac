"""Checks whether the output is the value of the JIT control; pure."""

from __future__ import annotations

from collections.abc import Iterator

from azjit.packages import catalog as rules
from azjit.packages.definition import OUTPUT, Definition, Element, text_of
from azjit.packages.expression import (
    Reference,
    is_expression,
    is_old_form,
    plain_reference,
    references_in,
    written,
)
from azjit.packages.fault import Fault
from azjit.packages.jsonc import Node

# The values of the preview's control, from which the old form builds the policy.
_OLD_VALUES = {"jitEnabled", "jitApprovalMode", "maxAccessDuration", "approvers"}


def check(definition: Definition, main: Element, value: Node) -> Iterator[Fault]:
    """Give the faults of the output, which must be the value of the control `main`."""
    if None in main.path:
        return  # the missing name is another fault; no output can refer to the control
    told = value.text
    if told is None:
        yield Fault(rules.UNREADABLE, value.start, "the output is not a string", _fix(main))
    elif not is_expression(told):
        text = f"the output is a plain string, not an expression in brackets: {told!r}"
        yield Fault(rules.UNREADABLE, value.start, text, _fix(main))
    elif (reference := plain_reference(told)) is not None:
        yield from _reference_faults(definition, main, reference, value.start)
    elif is_old_form(told):
        yield from _old_faults(definition, main, told, value.start)
    else:
        yield _other(main, told, value.start)


def _reference_faults(
    definition: Definition, main: Element, reference: Reference, at: int
) -> Iterator[Fault]:
    if reference.path == main.path:
        return
    if reference.path[0] != main.path[0]:
        yield Fault(rules.WRONG_STEP, at, _step_text(definition, main, reference), _fix(main))
    else:
        yield Fault(rules.WRONG_CONTROL, at, _control_text(main, reference), _fix(main))


def _step_text(definition: Definition, main: Element, reference: Reference) -> str:
    if reference.root == "basics":
        return f"{reference} is in the basics, the JIT control is not"
    if definition.has_step(reference.first):
        return f"step {reference.first!r} has no JIT control; it is in {_name_of(main)}"
    return f"there is no step {reference.first!r}; the JIT control is in {_name_of(main)}"


def _name_of(main: Element) -> str:
    return f"step {main.path[0]!r}" if main.step is not None else "the basics"


def _control_text(main: Element, reference: Reference) -> str:
    wanted = main.path
    if reference.path[: len(wanted)] == wanted:
        part = ".".join(reference.path[len(wanted) :])
        return f"the output contains only {part!r} of the policy"
    if len(reference.path) == 1:
        return f"{reference} names no control"
    told = ".".join(reference.path[1:])
    return f"{told!r} is not the JIT control, {text_of(main.node, 'name')!r} is"


def _old_faults(definition: Definition, main: Element, told: str, at: int) -> Iterator[Fault]:
    fix = f"replace it with {_expression(main)}"
    yield Fault(rules.OLD_FORM, at, f"the output {OUTPUT} has the form of the preview", fix)
    length = len(main.path)
    for reference in references_in(told):
        rest = reference.path[length:]
        if reference.path[:length] != main.path:
            yield from _reference_faults(definition, main, _up_to(reference, length), at)
        elif len(rest) != 1 or rest[0] not in _OLD_VALUES:
            text = f"the old control has no value {'.'.join(rest)!r}"
            yield Fault(rules.WRONG_CONTROL, at, text, fix)


def _up_to(reference: Reference, length: int) -> Reference:
    keep = length - (1 if reference.root == "steps" else 2)
    return Reference(reference.root, reference.first, reference.rest[:keep])


def _other(main: Element, told: str, at: int) -> Fault:
    if any(each.path[: len(main.path)] == main.path for each in references_in(told)):
        return Fault(rules.COMPUTED, at, f"the output is computed: {told}", _fix(main))
    return Fault(
        rules.UNREADABLE, at, f"the output does not refer to the control: {told}", _fix(main)
    )


def _fix(main: Element) -> str:
    return f"set the output to {_expression(main)}"


def _expression(main: Element) -> str:
    names = [name for name in main.path if name is not None]
    if main.step is None:
        return f"[basics('{names[1]}')]"
    return written(names[0], *names[1:])
