"""Checks, edits and previews packages on disk, without Azure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from azjit.domain.findings import Finding
from azjit.domain.packages import Checked, PackageEdit, StepPreview
from azjit.errors import AzjitError, Refused
from azjit.packages import files
from azjit.packages.addition import Addition, add_jit, diff
from azjit.packages.catalog import NO_OUTPUT, NO_STEP
from azjit.packages.definition import OUTPUT, text_of
from azjit.packages.jsonc import Node
from azjit.packages.package import Package, findings_of, open_package


class AdditionPlan(NamedTuple):
    """A package, and what to add to it."""

    package: Package
    addition: Addition
    edit: PackageEdit


def check(paths: Sequence[Path], *, is_catalog: bool) -> Checked:
    """Check packages against the rules; the result names the packages that cannot be read."""
    found: list[Finding] = []
    unread: list[AzjitError] = []
    for path in paths:
        try:
            found += findings_of(open_package(path), is_catalog=is_catalog)
        except AzjitError as error:
            unread.append(error)
    return Checked(tuple(found), tuple(unread), tuple(str(path) for path in paths))


def plan_addition(path: Path) -> AdditionPlan:
    """Plan to add the JIT step and its output, if they are missing, and nothing else."""
    package = open_package(path)
    addition = add_jit(package.source, package.definition)
    edit = PackageEdit(
        path=str(package.path),
        added=addition.added,
        step=addition.step,
        control=addition.control,
        diff=tuple(diff(package.source, addition.text)) if addition.added else (),
        notes=_worth_knowing(package),
    )
    return AdditionPlan(package, addition, edit)


def apply_addition(plan: AdditionPlan, output: Path | None, *, in_place: bool) -> PackageEdit:
    """Write the changed package to a new file or in place, if one of them is asked for."""
    package, addition, edit = plan.package, plan.addition, plan.edit
    if output is not None:
        content = package.with_text(addition.text) if addition.added else package.content
        files.write_new(output, content)
        return replace(edit, written=str(output))
    if in_place and addition.added:
        content = package.with_text(addition.text)
        backup = files.replace_with_backup(package.path, package.content, content)
        return replace(edit, written=str(package.path), backup=str(backup))
    return edit


def preview(path: Path) -> StepPreview:
    """Show what a consumer will see in the JIT step.

    Raises:
        Refused: there is no such step.
    """
    package = open_package(path)
    definition = package.definition
    element = next((e for e in definition.elements if e.is_configurator), None)
    if element is None or element.step is None:
        raise Refused(
            f"{package.source.name} has no JIT step: the consumer is not asked",
            hint=f"add it: azjit publisher package add-jit {shlex.quote(str(path))} --in-place",
        )
    step, steps, outputs = element.step, definition.steps, definition.outputs
    assert steps is not None
    policy = outputs.get(OUTPUT) if outputs is not None else None
    labels = [_label(each) for each in steps.items]
    shown = labels if definition.is_form else ["Basics", *labels]
    texts = step.get("subLabel")
    return StepPreview(
        path=package.source.name,
        step=text_of(step, "name") or "",
        control=text_of(element.node, "name") or "",
        label=_label(step),
        control_label=_label(element.node),
        title=text_of(step, "bladeTitle"),
        hint=text_of(texts, "preValidation") if texts is not None else None,
        position=steps.items.index(step) + (1 if definition.is_form else 2),
        steps=(*shown, "Review + create"),
        output=policy.text if policy is not None else None,
        findings=sum(each.fails for each in findings_of(package, is_catalog=False)),
    )


def _worth_knowing(package: Package) -> tuple[Finding, ...]:
    """Give the findings on the rest of the package."""
    added = {NO_STEP, NO_OUTPUT}
    return tuple(e for e in findings_of(package, is_catalog=False) if e.rule not in added)


def _label(node: Node) -> str:
    return text_of(node, "label") or text_of(node, "name") or "(no label)"
