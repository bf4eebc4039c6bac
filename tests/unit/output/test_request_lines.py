"""The details of a request that cannot be read, and the cells that reports and tables share."""

from __future__ import annotations

from datetime import UTC, datetime

from azjit.domain.ids import RequestId
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest, Schedule
from azjit.output.cells import DisplayContext
from azjit.output.results.access_report import _code
from azjit.output.results.request_cells import state_of, state_style
from azjit.output.results.requests import request_lines

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_an_unreadable_request_says_why_and_that_it_names_no_role() -> None:
    request = JitRequest(
        id=RequestId.unusable(None),
        application=None,
        application_text="",
        rows=(),
        schedule=Schedule("once", AT, None),
        unreadable="it has no id",
    )
    report = RequestReport(request, AT)

    lines = {
        (line.title, line.text)
        for line in request_lines(report, DisplayContext(UTC, AT), full=True)
    }

    assert {("Unreadable", "it has no id"), ("Role", "names no role")} <= lines
    assert state_style(report) == "bad"
    assert state_of(report).endswith(", unreadable")


def test_markdown_has_a_dash_for_no_text_and_longer_fences_for_backticks() -> None:
    assert [_code(each) for each in (None, " ", "a", "`a", "a``b|c")] == [
        "-",
        "-",
        "`a`",
        "`` `a ``",
        "```a``b\\|c```",
    ]
