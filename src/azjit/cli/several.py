"""`publisher request` and `consumer configure` of several applications: a row for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from azjit.cli import arguments as args
from azjit.cli import filing
from azjit.cli.changes import may_send, raise_failures
from azjit.cli.runtime import Runtime
from azjit.domain.batches import ApplicationRow
from azjit.domain.inputs import Goal, RequestSpec, SettingsPatch
from azjit.domain.waiting import check_timeout
from azjit.errors import Refused, Usage
from azjit.output.results.settings import change_view
from azjit.output.results.several import (
    changes_view,
    differences_view,
    filings_view,
    planned_changes_view,
)
from azjit.services.configuring.wanted import SettingsFile, WantedSettings
from azjit.services.several import PlannedSettings

_APPS = "applications"


def request(
    rt: Runtime,
    apps: Sequence[str],
    spec: RequestSpec,
    start: str | None,
    goal: Goal | None,
    timeout: str | None,
    *,
    dry_run: bool,
) -> None:
    """Request a role of each application; with a `goal`, wait for all of them."""
    if spec.name is not None or spec.group is not None:
        raise Usage("--name is for the request of one application", hint="name one application")
    rt.begin()
    several = rt.several
    planned = args.planned(rt, lambda one: several.plan_requests(apps, one), spec, start)
    plans = [each.plan for each in planned if each.plan is not None]
    calls = [plan.call for plan in plans if plan.call is not None]
    longest = args.length_of(timeout)
    if goal is not None:
        for plan in plans:
            check_timeout(plan.request, goal, rt.now(), longest)
    said = dict.fromkeys(filing.time_asked_for(rt, plan.request) for plan in plans)
    if (calls or dry_run) and not may_send(rt, calls, None, dry_run=dry_run, lines=said):
        raise_failures(rt.notes, [each.error for each in planned], _APPS)
        return
    with rt.or_show(lambda: filings_view(several.rows, rt.display)):
        rows = several.file(planned)
        if goal is not None:
            rows = _waited(rt, rows, goal, timeout)
    rt.show(filings_view(rows, rt.display))
    raise_failures(rt.notes, [row.error for row in rows], _APPS)


def _waited(
    rt: Runtime, rows: Sequence[ApplicationRow], goal: Goal, timeout: str | None
) -> list[ApplicationRow]:
    requests = [r.report.request for r in rows if r.report is not None and r.error is None]
    if not requests:
        return list(rows)
    waited = filing.wait_for_all(rt, requests, goal, args.length_of(timeout))
    seen = {each.report.request.id: each for each in waited}
    return [
        row._replace(report=found.report, error=found.error)
        if row.report is not None and (found := seen.get(row.report.request.id)) is not None
        else row
        for row in rows
    ]


def configure(
    rt: Runtime, apps: Iterable[str], patch: SettingsPatch, *, yes: bool, dry_run: bool
) -> None:
    """Change the settings of each application in the same way."""
    rt.begin()
    _configure(rt, [WantedSettings(app, patch) for app in apps], yes=yes, dry_run=dry_run)


def configure_by_file(
    rt: Runtime, file: str, *, yes: bool, dry_run: bool, allow_no_approver: bool
) -> None:
    """Change the settings of each application to those of a file."""
    told = _file_of(rt, file)
    rt.begin()
    wanted = rt.matching.wanted(told, allow_no_approver=allow_no_approver)
    _configure(rt, list(wanted), yes=yes, dry_run=dry_run)


def check_by_file(rt: Runtime, file: str) -> None:
    """Compare the settings of each application with those of a file; change nothing.

    Raises:
        Refused: some differ.
        PartlyDone: some could not be compared.
    """
    told = _file_of(rt, file)
    rt.begin()
    # What a change would be refused for differs all the same.
    planned = rt.several.plan_settings(rt.matching.wanted(told, allow_no_approver=True))
    rows = [_compared(each) for each in planned]
    rt.show(differences_view(rows))
    differ = sum(row.differs for row in rows)
    said = f"{differ} of {len(rows)} applications differ from {told.name}"
    if differ and any(row.error is not None for row in rows):
        rt.notes.say(said)
    raise_failures(rt.notes, [row.error for row in rows], _APPS)
    if differ:
        raise Refused(said, hint=f"change them: azjit consumer configure --file {file}")


def _compared(one: PlannedSettings) -> ApplicationRow:
    if one.plan is None:
        return ApplicationRow(one.asked, "", error=one.error)
    differs = one.plan.call is not None
    word = "differs" if differs else "as in the file"
    change = one.plan.change._replace(planned=one.plan.call)
    return ApplicationRow(one.asked, word, change=change, differs=differs)


def _file_of(rt: Runtime, file: str) -> SettingsFile:
    name = "stdin" if file == "-" else file
    return SettingsFile.read(args.text_of(rt, file, "--file"), name)


def _configure(rt: Runtime, wanted: Iterable[WantedSettings], *, yes: bool, dry_run: bool) -> None:
    several = rt.several
    planned = several.plan_settings(wanted)
    if yes and not dry_run:
        planned = [
            each._replace(error=each.plan.doubt)
            if each.plan is not None and each.plan.doubt is not None
            else each
            for each in planned
        ]
    changed = [
        (each.plan, each.plan.call)
        for each in planned
        if each.plan is not None and each.plan.call is not None and each.error is None
    ]
    for plan, _ in changed:
        for warning in plan.warnings:
            rt.notes.warn(warning)
        rt.present(change_view(plan.change))
    calls = [call for _, call in changed]
    question = None if yes else f"change the JIT settings of {len(calls)} applications?"
    view = planned_changes_view(
        [
            ApplicationRow(
                each.asked,
                "planned" if each.plan is not None and each.plan.call else "nothing to change",
                change=each.plan.change._replace(planned=each.plan.call) if each.plan else None,
                error=each.error,
            )
            for each in planned
        ]
    )
    if (calls or dry_run) and not may_send(rt, calls, question, dry_run=dry_run, planned=view):
        raise_failures(rt.notes, [each.error for each in planned], _APPS)
        return
    with rt.or_show(lambda: changes_view(several.rows, rt.display)):
        rows = several.configure(planned)
    rt.show(changes_view(rows, rt.display))
    raise_failures(rt.notes, [row.error for row in rows], _APPS)
