"""How applications, eligible roles and settings look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from azjit.domain.applications import Application
from azjit.domain.reports import ApplicationReport, RoleReport, SettingsChange
from azjit.output.cells import (
    Cell,
    DisplayContext,
    called,
    known_cell,
    length_cell,
    named,
    short_of,
    text_cell,
)
from azjit.output.render.styles import Style
from azjit.output.results.items import (
    application_item,
    application_report_item,
    change_item,
    role_item,
)
from azjit.output.results.requests import pending_columns
from azjit.output.view import Column, Item, Section, View

_STANDING = "off: standing access"


def applications_view(applications: Iterable[Application], *, empty: str) -> View:
    """List applications."""
    items = (application_item(application) for application in applications)
    return View("applications", _application_columns(), items, empty=empty)


def roles_view(roles: Iterable[RoleReport], reader: DisplayContext) -> View:
    """List eligible roles and what each is now."""
    columns = (
        Column("roleName", "Role", cell=_role_cell, cut="wrap", priority=7),
        Column("principalName", "Principal", cell=_principal_cell, priority=9),
        Column("mayRequest", "May request", style=_may_style, priority=7),
        Column("state", "State", cut="wrap", style="state", priority=8),
        Column("until", "Until", cell=reader.time_cell("until"), cut="never", priority=5),
        Column("knownBy", "Known by", cell=known_cell, cut="never", priority=7),
        Column("roleId", "Role id", cut="middle", wide_only=True),
        Column("principalId", "Principal id", cut="middle", wide_only=True),
    )
    return View("roles", columns, [role_item(role) for role in roles], empty="no eligible roles")


def application_view(report: ApplicationReport, reader: DisplayContext) -> View:
    """Show an application: settings, approvers, what waits, who has access."""
    item = application_report_item(report)
    fields = (
        Column("name", "Application", cell=_full_name, style="strong"),
        Column("subscriptionId", "Subscription", style="quiet"),
        Column("managedResourceGroupId", "Managed group", cell=_managed_group),
        Column("jit", "JIT access", cell=_jit_cell, style=_jit_style),
        Column("approvalMode", "Approval"),
        Column("maximumDuration", "Longest access", cell=length_cell("maximumDuration")),
        Column("hasIdentity", "Identity", cell=_identity_cell),
    )
    return View(
        "application",
        _application_columns(),
        [item],
        single=True,
        sections=(
            Section(fields=fields if report.application.jit == "on" else fields[:4]),
            Section("Approvers", "approvers", columns=_approver_columns(), empty="none"),
            Section(
                "Waiting, by the requests' state",
                "waiting",
                columns=pending_columns(reader),
                empty=_waits(item),
            ),
            Section(
                "Access of the publisher now, by role assignment",
                "access",
                columns=_holder_columns(reader),
                empty=_nobody(item),
            ),
        ),
    )


def change_view(change: SettingsChange) -> View:
    """Show settings before and after."""
    item = change_item(change)
    columns = (
        Column("application.name", "Application"),
        Column("changed", "Changed"),
        Column("after.approvalMode", "Approval"),
        Column("after.maximumDuration", "Longest access"),
    )
    return View("settings", columns, [item], single=True, sections=_change_sections(item))


def _change_sections(item: Item) -> tuple[Section, ...]:
    def line(key: str, title: str) -> Column:
        def cell(_: Item) -> str:
            before, after = _setting(item, "before", key), _setting(item, "after", key)
            return before if before == after else f"{before}  ->  {after}"

        def style(_: Item) -> Style:
            same = _setting(item, "before", key) == _setting(item, "after", key)
            return "quiet" if same else "strong"

        return Column("", title, cell=cell, style=style)

    fields = (
        Column("application.name", "Application", style="strong"),
        line("approvalMode", "Approval"),
        line("maximumDuration", "Longest access"),
        line("approvers", "Approvers"),
    )
    return (Section(fields=fields),)


def _setting(item: Item, side: str, key: str) -> str:
    settings = item.get(side)
    assert isinstance(settings, Mapping)
    if key == "maximumDuration":
        return length_cell(key)(settings)
    if key != "approvers":
        return str(settings.get(key))
    people = settings.get(key)
    listed = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
    return ", ".join(f"{p.get('kind')}:{named(p, 'name', 'id')}" for p in listed) or "none"


def _application_columns() -> tuple[Column, ...]:
    return (
        Column("name", "Application", priority=9),
        Column("resourceGroup", "Group", priority=6),
        Column("jit", "JIT", cell=_jit_cell, style=_jit_style, priority=8),
        Column("approvalMode", "Approval", cell=text_cell("approvalMode"), priority=7),
        Column("maximumDuration", "Longest", cell=length_cell("maximumDuration"), priority=5),
        Column(
            "approvers", "Approvers", cell=_approvers_cell, priority=4, export=_approvers_export
        ),
        Column("id", "Id", cut="middle", wide_only=True, priority=3),
    )


def _approver_columns() -> tuple[Column, ...]:
    return (
        Column("name", "Name", cell=text_cell("name"), priority=9),
        Column("kind", "Kind"),
        Column("id", "Id", cut="middle", priority=8),
    )


def _holder_columns(reader: DisplayContext) -> tuple[Column, ...]:
    return (
        Column("principalName", "Principal", cell=_principal_cell, priority=9),
        Column("roleName", "Role", cell=_role_cell, cut="wrap", priority=8),
        Column(
            "until", "Until", cell=_until(reader), cut="never", style=_standing_style, priority=7
        ),
        Column("requestId", "Request", cell=short_of("requestId"), wide_only=True),
    )


def _until(reader: DisplayContext) -> Cell:
    ends = reader.time_cell("until")

    def cell(item: Item) -> str:
        if item.get("standing"):
            return "standing, no end"
        return ends(item) if item.get("until") else "end not known"

    return cell


def _standing_style(item: Item) -> Style:
    if item.get("standing"):
        return "bad"
    return "good" if item.get("until") else "wait"


def _full_name(item: Item) -> str:
    return f"{item.get('resourceGroup')}/{item.get('name')}"


def _managed_group(item: Item) -> str:
    return str(item.get("managedResourceGroupId") or "not known").rsplit("/", 1)[-1]


def _jit_cell(item: Item) -> str:
    return _STANDING if item.get("standingAccess") else str(item.get("jit"))


def _jit_style(item: Item) -> Style:
    if item.get("jit") == "unknown":
        return "quiet"
    return "good" if item.get("jit") == "on" else "bad"


def _identity_cell(item: Item) -> str:
    return "yes: the publisher can act as it by listTokens" if item.get("hasIdentity") else "none"


def _may_style(item: Item) -> Style:
    return "good" if item.get("mayRequest") == "yes" else "quiet"


def _role_cell(item: Item) -> str:
    return named(item, "roleName", "roleId")


def _principal_cell(item: Item) -> str:
    return named(item, "principalName", "principalId")


def _approvers_cell(item: Item) -> str:
    people = item.get("approvers")
    listed = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
    return ", ".join(named(p, "name", "id") for p in listed) or "-"


def _approvers_export(item: Item) -> str:
    people = item.get("approvers")
    listed = [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []
    return ", ".join(called(p, "name", "id") for p in listed)


def _waits(item: Item) -> str:
    return "not known" if item.get("waiting") is None else "nothing waits"


def _nobody(item: Item) -> str:
    return "not known" if item.get("access") is None else "nobody"
