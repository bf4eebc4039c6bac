"""Applications: a list, and one with its settings, pending requests and access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter

from azjit.domain.applications import Application, Approver, JitPolicy, JitState
from azjit.domain.ids import ApplicationId
from azjit.domain.reports import ApplicationReport, Holder
from azjit.domain.requests import JitRequest
from azjit.output.cells import DisplayContext, called, length, named
from azjit.output.fields import Column, Field, Many, Maybe, Result, Shape, Style
from azjit.output.names import customers, unique_names
from azjit.output.results.parts import GRANT, KNOWN, UNREADABLE, principal_of, role_of
from azjit.output.results.requests import PENDING, REQUEST
from azjit.output.view import Line, Section, View


def _id(application: Application) -> ApplicationId:
    return application.id


def _jit(application: Application) -> str:
    if application.unreadable is not None:
        return "unreadable"
    return "off: standing access" if application.jit is JitState.OFF else application.jit.value


def _jit_style(application: Application) -> Style:
    if application.jit is JitState.UNKNOWN:
        return "quiet"
    return "good" if application.jit is JitState.ON else "bad"


def _settings(application: Application) -> JitPolicy | None:
    """Give the settings that are in effect."""
    policy = application.policy
    return policy if policy is not None and policy.enabled else None


def _longest(policy: JitPolicy) -> timedelta | str | None:
    return policy.maximum if policy.maximum is not None else policy.maximum_text


def longest_word(policy: JitPolicy) -> str:
    """Give the longest access as text."""
    return length(_longest(policy))


def _mode(application: Application) -> str | None:
    policy = _settings(application)
    return policy.mode_word if policy is not None else None


def _people(application: Application) -> tuple[Approver, ...]:
    policy = _settings(application)
    return policy.approvers if policy is not None else ()


def _approvers(application: Application) -> str:
    return ", ".join(named(each.name, each.id) for each in _people(application))


def _all_approvers(application: Application) -> str:
    return ", ".join(called(each.name, each.id) for each in _people(application))


def _has_standing_access(application: Application) -> bool | None:
    return application.jit is JitState.OFF if application.is_read else None


def _has_identity(application: Application) -> bool | None:
    return application.has_identity if application.is_read else None


def _until(holder: Holder) -> datetime | str:
    return "standing, no end" if holder.standing else holder.until or "end not known"


def _until_style(holder: Holder) -> Style:
    return "bad" if holder.standing else "good" if holder.until is not None else "wait"


def _request_name(holder: Holder) -> str | None:
    return holder.request.name if holder.request is not None else None


_STANDING_ACCESS = "deployed without JIT: the publisher's access never ends"
_MANAGED = "where the publisher gets access"
_HAS_IDENTITY = "has a managed identity, which the publisher can use through listTokens"
_UNTIL = "null if it has no end, or no known end"
_STANDING = "certainly without an end: deployed without JIT, and without a request"
_MODES = "automatic, manual, not specified, or Azure's own value"
APPROVER = Shape[Approver](
    "Approver",
    "A user or group that can decide requests.",
    Field("id", str, lambda a: a.id, "Entra object id, in the consumer's tenant"),
    Field("kind", str, lambda a: a.kind.lower(), "user, group, or Azure's own value"),
    Field("name", str | None, lambda a: a.name, "display name in the settings"),
)
SETTINGS = Shape[JitPolicy](
    "Settings",
    "An application's JIT settings.",
    Field("approvalMode", str | None, lambda p: p.mode_word, _MODES),
    Field("maximumDuration", timedelta | None, _longest, "the longest access, as ISO 8601"),
    Field("approvers", Many(APPROVER), lambda p: p.approvers),
)
APPLICATION = Shape[Application](
    "Application",
    "A managed application.",
    Field("id", str, lambda a: a.id, "resource id"),
    Field("name", str, lambda a: a.name),
    Field("resourceGroup", str | None, lambda a: a.id.group),
    Field("subscriptionId", str, lambda a: a.id.subscription),
    Field("managedResourceGroupId", str | None, lambda a: a.managed_group, _MANAGED),
    Field("kind", str | None, lambda a: a.kind, "MarketPlace or ServiceCatalog"),
    Field("location", str | None, lambda a: a.location),
    Field("publisherTenantId", str | None, lambda a: a.publisher_tenant),
    Field("jit", str, lambda a: a.jit, "on, off, or unknown if it could not be read"),
    *SETTINGS.within(_settings),
    Field("standingAccess", bool | None, _has_standing_access, _STANDING_ACCESS),
    Field("hasIdentity", bool | None, _has_identity, _HAS_IDENTITY),
    Field("unreadable", str | None, lambda a: a.unreadable, UNREADABLE),
)
HOLDER = Shape[Holder](
    "Holder",
    "Who has access now.",
    *GRANT.within(attrgetter("grant")),
    Field("until", datetime | None, lambda h: h.until, _UNTIL),
    Field("standing", bool, lambda h: h.standing, _STANDING),
    Field("requestId", str | None, lambda h: h.request),
    Field("knownBy", str, lambda h: h.known_by, KNOWN),
)
REPORT = Shape[ApplicationReport](
    "ApplicationReport",
    "An application with its pending requests and current access.",
    *APPLICATION.within(attrgetter("application")),
    Field("waiting", Maybe(Many(REQUEST)), lambda r: r.waiting, "null if it could not be read"),
    Field("access", Maybe(Many(HOLDER)), lambda r: r.holders, "null if it could not be read"),
)
APPLICATIONS = Result("applications", Many(APPLICATION), "publisher apps, consumer apps")
ONE = Result("application", REPORT, "consumer show")

_CUSTOMERS = customers(_id)
_COLUMNS = APPLICATION.columns(
    Column("name", "Application", priority=9),
    Column("resourceGroup", "Group", priority=6),
    Column("customer", "Customer", wide_only=True, priority=3, among=_CUSTOMERS, exported=False),
    Column("jit", "JIT", cell=_jit, style=_jit_style, priority=8),
    Column("approvalMode", "Approval", cell=_mode, priority=7),
    Column("maximumDuration", "Longest", priority=5),
    Column("approvers", "Approvers", _approvers, priority=4, export=_all_approvers, shortens=True),
    Column("id", "Id", cut="middle", wide_only=True, priority=3),
)
_REPORT_COLUMNS = REPORT.columns(
    *("name", "resourceGroup", "jit", "approvalMode", "maximumDuration"),
    Column("approvers", "Approvers", export=lambda r: _all_approvers(r.application)),
    "id",
)
_APPROVERS = APPROVER.columns(
    Column("name", "Name", cell=lambda a: a.name, priority=9),
    Column("kind", "Kind"),
    Column("id", "Id", cut="middle", priority=8),
)
_HOLDERS = HOLDER.columns(
    Column("principalName", "Principal", lambda h: principal_of(h.grant), priority=9),
    Column("roleName", "Role", lambda h: role_of(h.grant), cut="wrap", priority=8),
    Column("until", "Until", _until, _until_style, cut="never", priority=7),
    Column("requestId", "Request", cut="name", wide_only=True, among=unique_names(_request_name)),
)


def applications_view(
    applications: Iterable[Application], display: DisplayContext, *, empty: str
) -> View:
    """List applications."""
    return View(APPLICATIONS, _COLUMNS, applications, display, empty)


def application_view(report: ApplicationReport, display: DisplayContext) -> View:
    """Show an application: settings, approvers, pending requests and access."""
    return View(ONE, _REPORT_COLUMNS, [report], display, details=_details, requests=_waiting)


def _waiting(report: ApplicationReport, form: str) -> Iterator[JitRequest]:
    if form not in {"csv", "tsv"}:  # their row is about the application
        yield from (each.request for each in report.waiting or ())


def _details(report: ApplicationReport, _: DisplayContext) -> Iterator[Line | Section]:
    yield from _lines(report.application)
    yield Section("Approvers", columns=_APPROVERS, rows=_people(report.application))
    yield Section(
        "Pending requests",
        columns=PENDING,
        rows=report.waiting or (),
        empty="not known" if report.waiting is None else "no pending requests",
    )
    yield Section(
        "Access of the publisher now, by role assignment",
        columns=_HOLDERS,
        rows=report.holders or (),
        empty="not known" if report.holders is None else "nobody",
    )


def _lines(application: Application) -> Iterator[Line]:
    yield Line("Application", application.label, "strong")
    yield Line("Subscription", application.id.subscription, "quiet")
    group = application.managed_group
    yield Line("Managed group", group.name if group is not None else "not known")
    yield Line("JIT access", _jit(application), _jit_style(application))
    policy = _settings(application)
    if application.jit is JitState.ON and policy is not None:
        yield Line("Approval", policy.mode_word)
        yield Line("Longest access", longest_word(policy))
        lends = "yes: the publisher can act as it by listTokens"
        yield Line("Identity", lends if application.has_identity else "none")
