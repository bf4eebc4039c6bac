"""The JSON of roles in PIM and their activation; keys are only ever added."""

from __future__ import annotations

from typing import Annotated

from azjit.output.results.shapes import KnownItem, RowItem


class PimRoleItem(RowItem, KnownItem):
    """A role that the caller has in PIM."""

    holding: Annotated[str, "eligible or active"]
    scope: Annotated[str, "where, as Azure wrote it"]
    membership: Annotated[str | None, "direct, inherited, group, or Azure's own word"]
    assignment: Annotated[str | None, "of an active one: activated, assigned"]
    since: str | None
    until: Annotated[str | None, "null: no end"]
    scheduleId: Annotated[str | None, "the eligibility that an activation is linked to"]  # noqa: N815 - JSON


class ActivationItem(RowItem, KnownItem):
    """An activation of a role in PIM."""

    id: Annotated[str | None, "resource id; null: active by no request that could be read"]
    name: str | None
    state: Annotated[
        str,
        "active where PIM lists it so; else waiting for approval, scheduled, pending, granted,"
        " refused, ended or unknown",
    ]
    pimStatus: Annotated[str, "PIM's own word"]  # noqa: N815 - JSON
    scope: str
    start: str | None
    end: str | None
    duration: str | None
    justification: str | None
    ticket: str | None
    approvalId: Annotated[str | None, "the approval that it waits in"]  # noqa: N815 - JSON
