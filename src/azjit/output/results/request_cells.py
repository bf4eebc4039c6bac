"""How the parts of a request are shown in one cell each."""

from __future__ import annotations

from datetime import datetime, timedelta

from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.requests import Phase
from azjit.output.cells import NameOf
from azjit.output.fields import Ago, Style
from azjit.output.results.parts import Named, principal_of, role_of


def state_style(report: RequestReport) -> Style:
    """Give the style of the state."""
    if report.request.unreadable is not None:
        return "bad"
    if report.revoked_at is not None:
        return "quiet"
    phase = report.request.phase(report.at)
    return "quiet" if phase is Phase.ENDED else "wait" if phase is Phase.SCHEDULED else "state"


def name_of(report: RequestReport, shown: str) -> str:
    """Give the name for a column, as it is shown there, and whether it is unreadable."""
    if report.request.unreadable is None:
        return shown
    name = report.request.name
    return f"unreadable: {name}" if name else "unreadable"


def name_style(report: RequestReport) -> Style:
    """Give the style of the name."""
    return "plain" if report.request.unreadable is None else "bad"


def plain_state(report: RequestReport) -> str:
    """Give the state in the words of Azure and no other."""
    word = report.request.state_word
    return word if report.request.unreadable is None else f"{word}, unreadable"


def state_of(report: RequestReport) -> str:
    """Give the state, and what time or a revocation made of it: `approved, ended`."""
    phase = report.request.phase(report.at)
    word = plain_state(report)
    if report.request.unreadable is not None:
        return word
    if report.revoked_at is not None:
        return f"{word}, revoked"
    return f"{word}, {phase}" if phase in {Phase.SCHEDULED, Phase.ENDED} else word


def application_name(report: RequestReport) -> str | None:
    """Give the application's name."""
    app_id = report.request.application
    if report.application is not None:
        return report.application.name
    return app_id.name if app_id is not None else None


def application_group(report: RequestReport) -> str | None:
    """Give the application's resource group."""
    app_id = report.request.application
    return app_id.group if app_id is not None else None


def start_of(report: RequestReport) -> datetime | str | None:
    """Give the start, or Azure's own value."""
    return report.request.schedule.start or report.request.schedule.start_text


def age_of(report: RequestReport) -> Ago:
    """Give when it was filed."""
    return Ago(report.request.created_at)


def length_of(report: RequestReport) -> timedelta | str | None:
    """Give the length, or Azure's own value."""
    schedule = report.request.schedule
    return schedule.duration if schedule.duration is not None else schedule.duration_text


def creator_of(report: RequestReport) -> Named | None:
    """Give who filed it."""
    by = report.request.created_by
    return Named(by, report.names.get(by.key)) if by is not None else None


def roles_of(name_of: NameOf, report: RequestReport) -> str:
    """Give the roles in one cell."""
    return ", ".join(role_of(each, name_of) for each in report.grants)


def people_of(name_of: NameOf, report: RequestReport) -> str:
    """Give for whom it is, in one cell."""
    people = (principal_of(each, name_of) for each in report.grants)
    return ", ".join(dict.fromkeys(people))


def routes_of(report: RequestReport) -> str:
    """Give the ways to decide it, in short words."""
    # Short, or it would push out for whom the access is.
    words = {Route.APPLICATION.value: "app", Route.PIM.value: "PIM"}
    return ", ".join(words.get(each, each) for each in report.routes or ())
