"""`azjit consumer history --activity`: who did what, beside the requests."""

from __future__ import annotations

from azjit.domain.inputs import RequestFilter
from azjit.errors import NotAllowed, PartlyDone
from azjit.runtime import Runtime

_RIGHT = "reading it takes Microsoft.Insights/eventtypes/values/read, which Reader has"


def show_activity(rt: Runtime, app: str | None, look: RequestFilter) -> None:
    """Show what was done.

    Raises:
        PartlyDone: the log, or a part of it, could not be read; what is shown is not all.
    """
    from azjit.output.results.activity import activity_view  # noqa: PLC0415 - only here

    report = rt.activity.report(app, look)
    rt.show(activity_view(report.rows, rt.reader))
    if report.unread:
        first = report.unread[0]
        more = f" (and {len(report.unread) - 1} more)" if len(report.unread) > 1 else ""
        raise PartlyDone(
            f"what others did is not all here: {first.message}{more}",
            hint=_RIGHT if isinstance(first, NotAllowed) else first.hint,
            code=first.code,
            request_id=first.request_id,
        )
