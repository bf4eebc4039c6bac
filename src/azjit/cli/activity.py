"""`azjit consumer history --activity`: the activity log next to the requests."""

from __future__ import annotations

from azjit.cli.runtime import Runtime
from azjit.domain.inputs import RequestFilter
from azjit.errors import NotAllowed, PartlyDone

_RIGHT = "you need Microsoft.Insights/eventtypes/values/read, which the role Reader has"


def show_activity(rt: Runtime, app: str | None, look: RequestFilter) -> None:
    """Show who did what.

    Raises:
        PartlyDone: a part of the activity log could not be read; the result is incomplete.
    """
    from azjit.output.results.activity import activity_view  # noqa: PLC0415 - only here

    rt.begin()
    report = rt.activity.report(app, look)
    rt.show(activity_view(report.rows, rt.display))
    if report.unread:
        first = report.unread[0]
        more = f" (and {len(report.unread) - 1} more)" if len(report.unread) > 1 else ""
        raise PartlyDone(
            f"the activity log is incomplete: {first.message}{more}",
            hint=_RIGHT if isinstance(first, NotAllowed) else first.hint,
            code=first.code,
            request_id=first.request_id,
        )
