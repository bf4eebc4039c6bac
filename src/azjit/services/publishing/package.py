"""Checks, edits and previews packages on the disk; nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from azjit.domain.findings import Finding
from azjit.domain.packages import Checked, Destination, PackageEdit, StepPreview
from azjit.errors import AzjitError, Refused
from azjit.packages import files
from azjit.packages.addition import Addition, add_jit, diff
from azjit.packages.catalog import NO_OUTPUT, NO_STEP
from azjit.packages.definition import OUTPUT, Definition, Element, text_of
from azjit.packages.jsonc import Node
from azjit.packages.package import Package, findings_of, open_package


class Packages:
    """The publisher's packages."""

    def check(self, paths: Sequence[Path], *, is_catalog: bool) -> Checked:
        """Hold packages to the rules; what cannot be read is told beside the findings."""
        found: list[Finding] = []
        unread: list[AzjitError] = []
        for path in paths:
            try:
                found += findings_of(open_package(path), is_catalog=is_catalog)
            except AzjitError as error:
                unread.append(error)
        return Checked(tuple(found), tuple(unread), tuple(str(path) for path in paths))

    def add_jit(self, path: Path, destination: Destination) -> PackageEdit:
        """Add the JIT step and its output where they are missing, and nothing else.

        Raises:
            Refused: another schema, or something wrong that adding does not mend.
            Usage: unreadable, or the output file is there already.
            Failed: it could not be written; the package is as it was.
        """
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
        return _written(package, addition, edit, destination)

    def preview(self, path: Path) -> StepPreview:
        """Tell what a consumer will see in the JIT step.

        Raises:
            Refused: there is no such step.
        """
        package = open_package(path)
        definition = package.definition
        element = next((e for e in definition.elements if e.is_configurator), None)
        if element is None or element.step is None:
            raise Refused(
                f"{package.source.name} has no JIT step: the consumer is not asked",
                hint=f"add it: azjit publisher package add-jit {path} --in-place",
            )
        findings = findings_of(package, is_catalog=False)
        return _preview(
            str(package.source.name), definition, element, sum(each.fails for each in findings)
        )

    def save_report(self, path: Path, text: str) -> None:
        """Write a report, in place of an earlier one.

        Raises:
            Failed: it could not be written.
        """
        files.write_report(path, text.encode())


def _written(
    package: Package, addition: Addition, edit: PackageEdit, destination: Destination
) -> PackageEdit:
    if destination.output is not None:
        content = package.with_text(addition.text) if addition.added else package.content
        files.write_new(destination.output, content)
        return replace(edit, written=str(destination.output))
    if destination.in_place and addition.added:
        kept = files.replace_with_backup(
            package.path, package.content, package.with_text(addition.text)
        )
        return replace(edit, written=str(package.path), backup=str(kept))
    return edit


def _worth_knowing(package: Package) -> tuple[Finding, ...]:
    """Give what is no fault of the step, but what whoever edits the package should know."""
    added = {NO_STEP, NO_OUTPUT}
    return tuple(e for e in findings_of(package, is_catalog=False) if e.rule not in added)


def _preview(path: str, definition: Definition, element: Element, findings: int) -> StepPreview:
    step = element.step
    assert step is not None
    assert definition.steps is not None
    outputs = definition.outputs
    policy = outputs.get(OUTPUT) if outputs is not None else None
    labels = [_label(each) for each in definition.steps.items]
    shown = labels if definition.is_form else ["Basics", *labels]
    position = definition.steps.items.index(step) + (1 if definition.is_form else 2)
    texts = step.get("subLabel")
    return StepPreview(
        path=path,
        step=text_of(step, "name") or "",
        control=text_of(element.node, "name") or "",
        label=_label(step),
        control_label=_label(element.node),
        title=text_of(step, "bladeTitle"),
        hint=text_of(texts, "preValidation") if texts is not None else None,
        position=position,
        steps=(*shown, "Review + create"),
        output=policy.text if policy is not None else None,
        findings=findings,
    )


def _label(node: Node) -> str:
    return text_of(node, "label") or text_of(node, "name") or "(no label)"
