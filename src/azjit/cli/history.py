"""`azjit consumer history` and `azjit publisher history`: requests, their access, and activity."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli import arguments as args
from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.domain.inputs import RequestFilter
from azjit.errors import NotAllowed, PartlyDone, Usage
from azjit.output.results.requests import requests_view

# The commands belong to the groups of both sides.
consumer, publisher = typer.Typer(), typer.Typer()

RIGHT = "you need Microsoft.Insights/eventtypes/values/read, which the role Reader has"

Timeline = Annotated[
    bool, typer.Option("--timeline", help="draw who had which role when, until now")
]


@command(publisher, "history", side="publisher", example="azjit publisher history orders --sandbox")
def of_publisher(
    rt: Runtime,
    app: args.MaybeApp = None,
    state: args.State = None,
    phase: args.AtPhase = None,
    since: args.Since = None,
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="only requests filed by you or for you")
    ] = False,
    timeline: Timeline = False,
) -> None:
    """List past and current requests."""
    request_filter = args.filter_of(rt, state, phase, since, mine=mine)
    if timeline:
        _draw(rt, app, request_filter)
        return
    rt.begin()
    reports = rt.in_order(rt.publisher.history(app, request_filter))
    rt.show_list(requests_view(reports, rt.display, empty="no requests match"))


@command(consumer, "history", side="consumer", example="azjit consumer history orders --sandbox")
def of_consumer(
    rt: Runtime,
    app: args.MaybeApp = None,
    state: args.State = None,
    phase: args.AtPhase = None,
    since: args.Since = None,
    *,
    timeline: Timeline = False,
    activity: Annotated[
        bool, typer.Option("--activity", help="show who did what, from 90 days of activity log")
    ] = False,
    outside: Annotated[
        bool,
        typer.Option(
            "--outside-grants", help="with --activity: what publishers changed without a grant"
        ),
    ] = False,
) -> None:
    """List past and current requests."""
    if timeline and (activity or outside):
        other = "--activity" if activity else "--outside-grants"
        raise Usage(f"--timeline and {other} exclude each other", hint="use one of them")
    if outside:
        _show_outside(rt, app, since, is_whole=activity and not (state or phase))
        return
    request_filter = args.filter_of(rt, state, phase, since)
    if timeline:
        _draw(rt, app, request_filter)
        return
    if activity:
        _show_activity(rt, app, request_filter)
        return
    rt.begin()
    reports = rt.in_order(rt.consumer.history(app, request_filter))
    rt.show_list(requests_view(reports, rt.display, empty="no requests match", with_deciders=True))


def _show_outside(rt: Runtime, app: str | None, since: str | None, *, is_whole: bool) -> None:
    from azjit.output.results.work import work_view  # noqa: PLC0415 - only here

    if not is_whole:
        raise Usage(
            "--outside-grants needs --activity, and no --state or --phase",
            hint="azjit consumer history --activity --outside-grants",
        )
    earliest = args.filter_of(rt, None, None, since).since
    rt.begin()
    rt.notes.say("the activity log has 90 days, and no reads")
    rt.show_list(work_view(rt.work.outside(app, earliest), rt.display), RIGHT)


def _show_activity(rt: Runtime, app: str | None, request_filter: RequestFilter) -> None:
    from azjit.output.results.activity import activity_view  # noqa: PLC0415 - only here

    rt.begin()
    report = rt.activity.report(app, request_filter)
    view = activity_view(report.rows, rt.display)
    if not report.unread:
        rt.show_list(view)
    else:
        rt.show(view._replace(is_whole=lambda: False))
        first = report.unread[0]
        more = f" (and {len(report.unread) - 1} more)" if len(report.unread) > 1 else ""
        raise PartlyDone(
            f"the activity log is incomplete: {first.message}{more}",
            hint=RIGHT if isinstance(first, NotAllowed) else first.hint,
            code=first.code,
            request_id=first.request_id,
        )


def _draw(rt: Runtime, app: str | None, request_filter: RequestFilter) -> None:
    from azjit.output.results.lanes import lanes_view, legend  # noqa: PLC0415 - only here

    form = rt.console.form_of_drawing("--timeline")
    rt.begin()
    chart = rt.reporting.chart(app, request_filter)
    if chart.lanes:
        rt.notes.say(legend(chart, rt.display, rt.process.width()))
    rt.show_list(lanes_view(chart, rt.display, rt.process.width()), form=form)
