"""Checks the JIT step of a createUiDefinition against the rules; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from azjit.domain.findings import Rule
from azjit.packages import catalog as rules
from azjit.packages import references
from azjit.packages.definition import (
    CONFIGURATOR,
    OUTPUT,
    Definition,
    Element,
    similarity,
    text_of,
)
from azjit.packages.expression import is_always_false, plain_reference
from azjit.packages.fault import Fault
from azjit.packages.jsonc import Member, Node, NodeKind

_CLOSE_OUTPUT = 0.87
_CLOSE_KEY = 0.75
# Known keys: none of them is a misspelling of another key.
_KNOWN_KEYS = frozenset(
    {
        "basics",
        "bladeSubtitle",
        "bladeTitle",
        "config",
        "constraints",
        "defaultValue",
        "elements",
        "kind",
        "label",
        "location",
        "name",
        "options",
        "outputs",
        "parameters",
        "resourceGroupId",
        "resourceTypes",
        "steps",
        "subLabel",
        "title",
        "toolTip",
        "type",
        "visible",
    }
)


@dataclass(frozen=True, slots=True)
class _Output:
    member: Member
    is_named_right: bool


def check(definition: Definition) -> list[Fault]:
    """Give all faults of the JIT step, in the order of the file."""
    controls = _controls(definition)
    output = _output(definition, controls)
    main = _main(definition, controls, output)
    faults = [
        *_form(definition),
        *_repeated(definition, main),
        *_step_faults(definition, controls, main),
        *_output_faults(definition, main, output),
    ]
    return sorted(set(faults), key=lambda fault: (fault.offset, fault.rule.code))


def _controls(definition: Definition) -> list[Element]:
    found = [e for e in definition.elements if e.is_configurator or e.is_almost_configurator]
    if found:
        return found
    # No control has a similar type: use the one that the output names.
    member = definition.outputs.member(OUTPUT) if definition.outputs is not None else None
    told = member.value.text if member is not None else None
    reference = plain_reference(told) if told is not None else None
    meant = definition.resolve(reference) if reference is not None else None
    return [meant] if meant is not None else []


def _main(
    definition: Definition, controls: list[Element], output: _Output | None
) -> Element | None:
    """Select the control that the output names, or else the first."""
    told = output.member.value.text if output is not None else None
    reference = plain_reference(told) if told is not None else None
    named = definition.resolve(reference) if reference is not None else None
    if named is not None and named in controls:
        return named
    return next((c for c in controls if c.is_configurator), controls[0] if controls else None)


def _output(definition: Definition, controls: list[Element]) -> _Output | None:
    outputs = definition.outputs
    if outputs is None:
        return None
    exact = outputs.member(OUTPUT)
    if exact is not None:
        return _Output(exact, is_named_right=True)
    for member in outputs.members:
        told = member.value.text
        reference = plain_reference(told) if told is not None else None
        is_the_value = reference is not None and any(c.path == reference.path for c in controls)
        if is_the_value or similarity(member.key, OUTPUT) >= _CLOSE_OUTPUT:
            return _Output(member, is_named_right=False)
    return None


def _form(definition: Definition) -> Iterator[Fault]:
    if definition.is_form:
        yield Fault(rules.FORM_VIEW, definition.root.start, "the file is in Form view")


def _repeated(definition: Definition, main: Element | None) -> Iterator[Fault]:
    places = [definition.root, definition.steps_owner, definition.outputs_owner]
    if main is not None:
        places += [main.node, *([main.step] if main.step is not None else [])]
    for node in {id(place): place for place in places}.values():
        for member in node.repeated():
            yield _again(member)
    for member in definition.outputs.repeated() if definition.outputs is not None else ():
        if member.key == OUTPUT:
            yield _again(member)


def _again(member: Member) -> Fault:
    return Fault(rules.REPEATED_KEY, member.start, f"the key {member.key!r} is repeated")


def _step_faults(
    definition: Definition, controls: list[Element], main: Element | None
) -> Iterator[Fault]:
    if main is None:
        yield _no_step(definition)
        return
    for control in controls:
        if not control.is_configurator:
            yield _wrong_type(control)
        if control is not main:
            text = f"a second JIT control; the first is in {_where(main)}"
            yield Fault(rules.DOUBLED, control.node.start, text)
    yield from _place_faults(main)
    yield from _naming_faults(definition, main)


def _no_step(definition: Definition) -> Fault:
    if definition.steps is not None:
        for step in definition.steps.items:
            near = _near(step, "elements")
            if near is not None and _has_control(near.value):
                text = f"the JIT step has no elements; {near.key!r} is not 'elements'"
                return Fault(rules.NO_STEP, near.start, text, 'rename the key to "elements"')
        member = definition.steps_owner.member("steps")
        assert member is not None
        return Fault(rules.NO_STEP, member.start, "no step has a JIT control")
    near = _near(definition.steps_owner, "steps")
    if near is not None:
        text = f"there is no list of steps; {near.key!r} is not 'steps'"
        return Fault(rules.NO_STEP, near.start, text, 'rename the key to "steps"')
    return Fault(
        rules.NO_STEP, definition.steps_owner.start, "there is no list of steps", 'add "steps": []'
    )


def _has_control(node: Node) -> bool:
    return any(text_of(each, "type") == CONFIGURATOR for each in (node, *node.items))


def _wrong_type(control: Element) -> Fault:
    member = control.node.member("type")
    if member is None:
        return Fault(rules.WRONG_TYPE, control.node.start, "the control has no type")
    told = control.type
    if control.is_almost_configurator:
        return Fault(rules.WRONG_TYPE, member.value.start, f"the type is misspelled: {told!r}")
    text = f"the output {OUTPUT} refers to a control of type {told!r}"
    return Fault(rules.WRONG_TYPE, member.value.start, text)


def _place_faults(main: Element) -> Iterator[Fault]:
    if main.step is None:
        yield Fault(rules.IN_BASICS, main.node.start, "the JIT control is in the basics")
    elif main.sections:
        name = text_of(main.sections[-1], "name")
        yield Fault(rules.IN_SECTION, main.node.start, f"the JIT control is in section {name!r}")
    for node in (main.node, *main.sections, *([main.step] if main.step is not None else [])):
        member = node.member("visible")
        if member is not None and _is_false(member.value):
            told = member.value.text if member.value.text is not None else "false"
            text = f"the JIT control is never visible: {told}"
            yield Fault(rules.HIDDEN, member.start, text)


def _is_false(node: Node) -> bool:
    return node.scalar is False or (node.text is not None and is_always_false(node.text))


def _naming_faults(definition: Definition, main: Element) -> Iterator[Fault]:
    step = main.step
    if step is not None:
        yield from _text_faults(step, "name", "the JIT step", rules.NO_NAME)
        yield from _text_faults(step, "label", "the JIT step", rules.NO_LABEL)
        assert definition.steps is not None
        yield from _taken(step, definition.steps.items, "step")
    yield from _text_faults(main.node, "name", "the JIT control", rules.NO_NAME)
    yield from _text_faults(main.node, "label", "the JIT control", rules.NO_LABEL)
    yield from _taken(main.node, main.siblings, "element")


def _text_faults(node: Node, key: str, what: str, rule: Rule) -> Iterator[Fault]:
    member = node.member(key)
    if member is None:
        near = _near(node, key)
        if near is not None:
            text = f"{what} has no {key}; {near.key!r} is not {key!r}"
            yield Fault(rule, near.start, text, f'rename the key to "{key}"')
        else:
            yield Fault(rule, node.start, f"{what} has no {key}")
    elif member.value.kind is not NodeKind.TEXT:
        yield Fault(rule, member.value.start, f"the {key} of {what} is not a string")
    elif not (member.value.text or "").strip():
        yield Fault(rule, member.value.start, f"the {key} of {what} is empty")


def _taken(node: Node, among: tuple[Node, ...], what: str) -> Iterator[Fault]:
    name = text_of(node, "name")
    others = [e for e in among if e is not node and name and text_of(e, "name") == name]
    for other in others:
        # Report the later one.
        member = max(node, other, key=lambda each: each.start).member("name")
        assert member is not None
        yield Fault(rules.NAME_TAKEN, member.value.start, f"a second {what} is named {name!r}")


def _output_faults(
    definition: Definition, main: Element | None, output: _Output | None
) -> Iterator[Fault]:
    if output is None:
        yield _no_output(definition)
        return
    if not output.is_named_right:
        text = f"the output is named {output.member.key!r}"
        yield Fault(rules.MISNAMED, output.member.start, text)
    assert definition.outputs is not None
    for member in definition.outputs.members:
        is_other_case = member.key != OUTPUT and member.key.lower() == OUTPUT.lower()
        if is_other_case and member is not output.member:
            text = f"an output {member.key!r} in addition to {OUTPUT!r}"
            yield Fault(rules.MISNAMED, member.start, text, "remove it")
    # Without a control, the missing step is the only fault; the output can be correct.
    if main is not None:
        yield from references.check(definition, main, output.member.value)


def _no_output(definition: Definition) -> Fault:
    key = definition.outputs_key
    member = definition.outputs_owner.member(key)
    if definition.outputs is not None and member is not None:
        return Fault(rules.NO_OUTPUT, member.start, f"there is no output {OUTPUT}")
    near = _near(definition.outputs_owner, key)
    if near is not None:
        text = f"there are no outputs; {near.key!r} is not {key!r}"
        return Fault(rules.NO_OUTPUT, near.start, text, f'rename the key to "{key}"')
    return Fault(
        rules.NO_OUTPUT,
        definition.outputs_owner.start,
        "there are no outputs",
        f'add "{key}": {{}}',
    )


def _near(node: Node, key: str) -> Member | None:
    near = [m for m in node.members if m.key not in _KNOWN_KEYS]
    best = max(near, key=lambda m: similarity(m.key, key), default=None)
    return best if best is not None and similarity(best.key, key) >= _CLOSE_KEY else None


def _where(element: Element) -> str:
    return "step " + repr(element.path[0]) if element.step is not None else "the basics"
