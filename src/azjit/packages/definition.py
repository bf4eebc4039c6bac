"""A createUiDefinition: its steps, elements and outputs, in both forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from azjit.packages.expression import Reference
from azjit.packages.jsonc import Node, NodeKind

CONFIGURATOR = "Microsoft.Solutions.JitConfigurator"
OUTPUT = "jitAccessPolicy"
VERSION = "0.1.2-preview"
SCHEMA = f"https://schema.management.azure.com/schemas/{VERSION}/CreateUIDefinition.MultiVm.json#"
HANDLERS = {"microsoft.azure.createuidef", "microsoft.compute.multivm"}
_WIZARD_SCHEMA = "createuidefinition"
_FORM_SCHEMA = "uiformdefinition"
_CLOSE_TYPE, _CLOSE_NAME = 0.93, 0.72


@dataclass(frozen=True, slots=True)
class Element:
    """An element, its step (None for the basics), and the sections that contain it."""

    node: Node
    step: Node | None
    sections: tuple[Node, ...]
    siblings: tuple[Node, ...]

    @property
    def type(self) -> str | None:
        """Its type, if that is a string."""
        return text_of(self.node, "type")

    @property
    def path(self) -> tuple[str | None, ...]:
        """The names of the step, the sections and the element; None for a missing name."""
        step = text_of(self.step, "name") if self.step is not None else ""
        return (step, *(text_of(each, "name") for each in (*self.sections, self.node)))

    @property
    def is_configurator(self) -> bool:
        """Whether it is the JIT control, spelled as Azure does."""
        return self.type == CONFIGURATOR

    @property
    def is_almost_configurator(self) -> bool:
        """Whether its type is a misspelled JIT control."""
        told = self.type
        return told is not None and told != CONFIGURATOR and _is_close(told)


@dataclass(frozen=True)
class Definition:
    """A parsed createUiDefinition."""

    root: Node
    is_form: bool

    @property
    def steps_owner(self) -> Node:
        """The object that contains the steps."""
        found = self.root.get("view", "properties") if self.is_form else self.root.get("parameters")
        return found if found is not None else self.root

    @property
    def outputs_owner(self) -> Node:
        """The object that contains the outputs."""
        found = self.root.get("view", "outputs") if self.is_form else self.root.get("parameters")
        return found if found is not None else self.root

    @property
    def outputs_key(self) -> str:
        """The key of the outputs in the object that contains them."""
        return "parameters" if self.is_form else "outputs"

    @property
    def steps(self) -> Node | None:
        """The list of steps, if there is one."""
        return _of_kind(self.steps_owner.get("steps"), NodeKind.LIST)

    @property
    def outputs(self) -> Node | None:
        """The outputs, if there are any."""
        return _of_kind(self.outputs_owner.get(self.outputs_key), NodeKind.OBJECT)

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Every element of the basics and of the steps, including those in sections."""
        found: list[Element] = []
        for step in self.steps.items if self.steps is not None else ():
            found.extend(_elements(step.get("elements"), step, ()))
        if not self.is_form:
            found.extend(_elements(self.steps_owner.get("basics"), None, ()))
        return tuple(found)

    def resolve(self, reference: Reference) -> Element | None:
        """The element that a reference names."""
        return next((each for each in self.elements if each.path == reference.path), None)

    def has_step(self, name: str) -> bool:
        """Whether a step has that name."""
        steps = self.steps.items if self.steps is not None else ()
        return any(text_of(step, "name") == name for step in steps)


def definition_of(root: Node) -> Definition | None:
    """Give a JSON value as a createUiDefinition; None if it is something else."""
    schema = (text_of(root, "$schema") or "").lower()
    kind = root.get("view", "kind")
    if _FORM_SCHEMA in schema or (kind is not None and kind.text == "Form"):
        return (
            Definition(root, is_form=True) if _of_kind(root.get("view"), NodeKind.OBJECT) else None
        )
    handler = (text_of(root, "handler") or "").lower()
    if _of_kind(root.get("parameters"), NodeKind.OBJECT) is None:
        return None
    is_ours = handler in HANDLERS if handler else _WIZARD_SCHEMA in schema
    return Definition(root, is_form=False) if is_ours else None


def why_not_editable(definition: Definition) -> str | None:
    """Say why add-jit does not support the schema of a definition; None if it does."""
    schema = text_of(definition.root, "$schema")
    if definition.is_form:
        known = schema is None or "2021-09-09/uiformdefinition.schema.json" in schema.lower()
        return None if known else f"its $schema is {schema}"
    version = text_of(definition.root, "version")
    if version != VERSION:
        return f"its version is {version}, not {VERSION}"
    known = schema is None or f"{VERSION}/createuidefinition.multivm.json" in schema.lower()
    return None if known else f"its $schema is {schema}"


def text_of(node: Node, key: str) -> str | None:
    """The value of a key, if it is a string."""
    found = node.get(key)
    return found.text if found is not None else None


def similarity(one: str, other: str) -> float:
    """The similarity of two names, ignoring case; 1 means equal."""
    return SequenceMatcher(None, one.strip().lower(), other.strip().lower()).ratio()


def _elements(
    listed: Node | None, step: Node | None, sections: tuple[Node, ...]
) -> Iterator[Element]:
    for node in listed.items if listed is not None else ():
        assert listed is not None
        yield Element(node, step, sections, listed.items)
        yield from _elements(node.get("elements"), step, (*sections, node))


def _is_close(told: str) -> bool:
    last = told.strip().rpartition(".")[2].lower()
    wanted = CONFIGURATOR.rpartition(".")[2]
    is_named_so = last.startswith("j") or "jit" in last
    return similarity(told, CONFIGURATOR) >= _CLOSE_TYPE or (
        is_named_so and similarity(last, wanted) >= _CLOSE_NAME
    )


def _of_kind(node: Node | None, kind: NodeKind) -> Node | None:
    return node if node is not None and node.kind is kind else None
