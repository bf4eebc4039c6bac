"""The report of a time as one page of HTML, which holds its style, its script and its data."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path

from azjit.domain.access_report import AccessReport, ApplicationActivity, access_in, is_automatic
from azjit.domain.durations import human_duration
from azjit.domain.holders import HeldRole
from azjit.domain.receipts import Receipt
from azjit.domain.reports import RequestReport
from azjit.domain.requests import RequestState
from azjit.domain.times import zone_label
from azjit.output.cells import DisplayContext
from azjit.output.fields import Many, Result
from azjit.output.render.text import harmless
from azjit.output.results.access_report import EXPIRED, people_in, reason_of, roles_in
from azjit.output.results.decided import decider_of
from azjit.output.results.parts import principal_of, role_of, text_view
from azjit.output.view import View

_PARTS = Path(__file__)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# A script of type application/json ends at `</script`; `<!--` and `<script` change how it is read.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none';"
    " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def page_view(report: AccessReport, display: DisplayContext) -> View:
    """Give a report as a page that needs no network, and runs and shows only what azjit wrote."""
    view = text_view(Result("report", Many(str), ""), _page(report, display))
    return view._replace(verbatim=True)


def _page(report: AccessReport, display: DisplayContext) -> Iterator[str]:
    style, script = _part(".css"), _part(".js")
    policy = _POLICY.format(style=_hash(style), script=_hash(script))
    head, rest = _part(".html").split("{data}")
    yield head.replace("{policy}", policy).replace("{style}", style)
    yield from _data(report, display)
    yield rest.replace("{script}", script).removesuffix("\n")


def _part(suffix: str) -> str:
    return _PARTS.with_suffix(suffix).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _data(report: AccessReport, display: DisplayContext) -> Iterator[str]:
    """Give the data as JSON, a line for each request, of which there may be many."""
    whole: dict[str, object] = {
        "since": _milliseconds(report.since),
        "until": _milliseconds(report.until),
        "at": _milliseconds(report.at),
        "zone": list(_zone(report, display.zone)),
        "missing": [harmless(each) for each in report.missing],
        "applications": [_counts(each) for each in report.applications],
        "standingRead": any(each.standing is not None for each in report.applications),
        "standing": [
            _standing(held, each, report, display)
            for each in report.applications
            for held in each.standing or ()
        ],
        "settings": [
            _setting(receipt, each, display)
            for each in report.applications
            for receipt in each.settings
        ],
    }
    yield f'{_json(whole).removesuffix("}")},"requests":['
    rows = (
        _request(one, each, report, display)
        for each in report.applications
        for one in each.requests
    )
    comma = ""
    for row in rows:
        yield comma + _json(row)
        comma = ","
    yield "]}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).translate(_ESCAPES)


def _counts(activity: ApplicationActivity) -> dict[str, object]:
    return {
        "application": harmless(activity.label),
        "requested": len(activity.requests),
        "approved": activity.approved,
        "automatic": activity.automatic,
        "denied": activity.count(RequestState.DENIED),
        "expired": activity.count(*EXPIRED),
        "canceled": activity.count(RequestState.CANCELED),
        "used": _length(activity.used),
        "standing": len(activity.standing) if activity.standing is not None else None,
    }


def _request(
    one: RequestReport, activity: ApplicationActivity, report: AccessReport, display: DisplayContext
) -> dict[str, object]:
    request, decision = one.request, one.decision
    schedule = request.schedule
    return {
        "application": harmless(activity.label),
        "request": harmless(request.name),
        "state": harmless(request.state_word),
        "who": harmless(people_in(one)),
        "role": harmless(roles_in(one)),
        "grants": [[harmless(principal_of(g)), harmless(role_of(g))] for g in one.grants],
        "start": _time(schedule.start or schedule.start_text, display),
        "length": _length(schedule.duration),
        "span": _span(access_in(one, report.since, report.until)),
        "revoked": _time(one.revoked_at, display),
        "automatic": is_automatic(one),
        "decider": harmless(decider_of(one) or ("not known" if decision is not None else "")),
        "decided": _time(decision.at if decision is not None else None, display),
        "reason": harmless(reason_of(one) or ""),
        "claim": harmless(request.reason_claim or ""),
        "ticket": harmless(request.ticket_claim or ""),
    }


def _standing(
    held: HeldRole, activity: ApplicationActivity, report: AccessReport, display: DisplayContext
) -> dict[str, object]:
    span = (max(held.since, report.since), report.until) if held.since is not None else None
    return {
        "application": harmless(activity.label),
        "who": harmless(principal_of(held.grant)),
        "role": harmless(role_of(held.grant)),
        "since": _time(held.since, display),
        "span": _span(span if span is not None and span[0] < span[1] else None),
    }


def _setting(
    receipt: Receipt, activity: ApplicationActivity, display: DisplayContext
) -> dict[str, object]:
    return {
        "application": harmless(activity.label),
        "at": _time(receipt.began, display),
        "by": harmless(receipt.actor_name),
        "action": harmless(receipt.action),
        "outcome": receipt.outcome or "no outcome",
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _span(span: tuple[datetime, datetime] | None) -> list[int] | None:
    return [_milliseconds(each) for each in span] if span is not None else None


def _length(span: timedelta | None) -> list[object] | None:
    if span is None:
        return None
    return [int(span.total_seconds()), human_duration(span) if span else "0"]


def _time(at: datetime | str | None, display: DisplayContext) -> list[object] | None:
    """Give an instant and its local text; of a time that could not be read the text alone."""
    if at is None or isinstance(at, str):
        return [None, harmless(at)] if at else None
    try:
        local = at.astimezone(display.zone)
    except OverflowError:
        local = at.astimezone(UTC)
    text = local.replace(tzinfo=None).isoformat(" ", "minutes")
    return [_milliseconds(at), harmless(f"{text} {zone_label(local)}")]


def _zone(report: AccessReport, zone: tzinfo) -> Iterator[list[object]]:
    """Give each change of the zone's offset in the report: since when, its minutes and its name."""
    yield _offset(report.since, zone)
    for before, after in pairwise(_days(report.since, max(report.until, report.at))):
        if _offset(before, zone)[1:] != _offset(after, zone)[1:]:
            yield _offset(_change(before, after, zone), zone)


def _days(start: datetime, end: datetime) -> Iterable[datetime]:
    at = start
    while at < end:
        yield at
        at += _DAY
    yield end


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Give the minute at which the offset changes between two instants."""
    while after - before > _MINUTE:
        middle = before + (after - before) / 2
        if _offset(middle, zone)[1:] == _offset(before, zone)[1:]:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0)


def _offset(at: datetime, zone: tzinfo) -> list[object]:
    local = at.astimezone(zone)
    minutes = int((local.utcoffset() or timedelta()) / _MINUTE)
    return [_milliseconds(at), minutes, harmless(zone_label(local))]
