"""The JSON of findings, package edits, previews and offers: our keys and what each holds."""

from __future__ import annotations

from typing import Annotated, TypedDict


class FindingItem(TypedDict):
    """Something a check found."""

    code: Annotated[str, "stable, e.g. JIT001; all are in the documentation"]
    rule: Annotated[str, "the rule's name"]
    level: Annotated[str, "error, warning, or note; a note does not fail the check"]
    place: Annotated[str | None, "FILE:LINE:COLUMN, or what the finding is about"]
    file: str | None
    entry: Annotated[str | None, "where file is a zip: the entry in it"]
    line: Annotated[int | None, "from 1"]
    column: Annotated[int | None, "from 1, in characters"]
    message: Annotated[str, "what was found"]
    why: Annotated[str, "why that is wrong"]
    fix: Annotated[str, "what to do about it"]
    breaks: Annotated[str | None, "the command, or step, that fails while it is so"]


class EditItem(TypedDict):
    """What add-jit put, or would put, into a package."""

    path: str
    changed: Annotated[bool, "false where step and output were there"]
    added: Annotated[list[str], "step, output"]
    step: Annotated[str | None, "the step's name"]
    control: Annotated[str | None, "the control's name"]
    written: Annotated[str | None, "the file that was written, null where none was"]
    backup: Annotated[str | None, "where the old file is kept"]
    diff: Annotated[str, "unified diff of createUiDefinition.json"]


class PreviewItem(TypedDict):
    """The JIT step as a consumer will see it."""

    path: str
    step: Annotated[str, "the step's name"]
    control: Annotated[str, "the control's name"]
    label: str
    controlLabel: str
    title: str | None
    hint: Annotated[str | None, "the line below the step's label"]
    position: Annotated[int, "among steps, from 1"]
    steps: Annotated[list[str], "the labels that the consumer walks through"]
    enabled: Annotated[bool, "Microsoft's default"]
    approvalMode: Annotated[str, "Microsoft's default"]
    maximumDuration: Annotated[str, "Microsoft's default, ISO 8601"]
    approvers: Annotated[list[str], "Microsoft's default: none"]
    output: Annotated[str | None, "the expression of the output jitAccessPolicy"]


class RowsItem(TypedDict):
    """An application's eligible roles after a refresh."""

    application: str
    definition: str | None
    added: Annotated[list[str], "each ROLE for PRINCIPAL that it has now and had not"]
    confirmed: Annotated[bool, "whether a read shows that nothing of the definition is missing"]


class OfferItem(TypedDict):
    """A plan's package configuration in Partner Center."""

    product: str
    instance: Annotated[str, "the draft instance"]
    configuration: Annotated[str, "the package configuration's id"]
    allowJitAccess: Annotated[bool | None, "null where Partner Center does not tell it"]
    deploymentMode: str | None
    managementMode: str | None
    principals: Annotated[int, "rows of publicAzureAuthorizations"]
    changed: Annotated[bool, "whether this command changed it"]
