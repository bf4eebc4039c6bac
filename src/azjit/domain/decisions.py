"""The decision of one request: the case before the call, and the result after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access import Access, Proof
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.pim import Approval, Route, Stage
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, Exit

_DONE = {**{each.value: each.done for each in Verdict}, "cancel": "withdrawn"}
_ALREADY = {"cancel": "already cancelled"}
_FAILED = {
    Exit.NOT_FOUND: "not found",
    Exit.NOT_ALLOWED: "not allowed",
    Exit.REFUSED: "refused",
    Exit.UNCONFIRMED: "unconfirmed",
    Exit.USAGE: "malformed",
}


class Case(NamedTuple):
    """One named request: its report, and the call that decides it.

    `asked` is the name as typed. There is no call if an `error` prevents it, or if the request is
    in the wanted state: then `already` says who decided it. On the route PIM the call answers the
    `stage` of the `approval`, and `fallback` is the same answer in another form. `remarks` warn of
    what a person might overlook. One that `is_bound` names the digest of the request; a person is
    asked about one that is `attended`.
    """

    asked: str
    action: str
    report: RequestReport | None = None
    call: Call | None = None
    remarks: tuple[str, ...] = ()
    route: Route | None = None
    approval: Approval | None = None
    stage: Stage | None = None
    fallback: Call | None = None
    reason: str | None = None
    origin: str | None = None
    timeout: timedelta = timedelta()
    already: str | None = None
    is_bound: bool = False
    attended: bool = False
    error: AzjitError | None = None

    @property
    def request(self) -> JitRequest:
        """The request; only for a case that has a report."""
        assert self.report is not None
        return self.report.request

    @property
    def application(self) -> Application:
        """The application of the request; only for a case that has one in its report."""
        assert self.report is not None
        assert self.report.application is not None
        return self.report.application

    @property
    def done(self) -> str:
        """The word for the action when a read shows it."""
        return _DONE[self.action]

    def shown(
        self, request: JitRequest | None, at: datetime | None = None, access: Access | None = None
    ) -> RequestReport | None:
        """Give the report of a later read of the request; None if there was none."""
        if self.report is None or request is None:
            return None
        return self.report._replace(request=request, at=at or self.report.at, access=access)

    @property
    def route_words(self) -> str:
        """The route in words for a person."""
        if self.approval is None:
            return "its application (updateAccess)"
        return f"approval {self.approval.name} in PIM"


class DecisionResult(NamedTuple):
    """The result of a case: what a later read showed, and the error if the decision failed.

    `shown` is None if nothing was read after the case was made. `trouble` is what went wrong after
    the result was read, and changes nothing about it: the receipt could not be written.
    """

    case: Case
    shown: RequestReport | None = None
    error: AzjitError | None = None
    trouble: AzjitError | None = None

    @property
    def report(self) -> RequestReport | None:
        """The last report of the request."""
        return self.shown or self.case.report

    @property
    def exit(self) -> Exit:
        """The exit code of this row."""
        return self.error.exit if self.error is not None else Exit.DONE

    @property
    def word(self) -> str:
        """The result in a few words."""
        if self.error is not None:
            return _FAILED.get(self.error.exit, "failed")
        done = self.case.done
        if self.case.already is not None:
            return _ALREADY.get(self.case.action, f"already {done}")
        is_gone = self.case.action == "cancel" and self.shown is not None and self.shown.access
        return f"{done}, access is gone" if is_gone else done

    @property
    def route(self) -> Route | None:
        """The route of the decision; None if nothing was decided."""
        return self.case.route if self.case.call is not None else None

    @property
    def known_by(self) -> Proof | None:
        """How the result is known; None if it failed."""
        if self.error is not None:
            return None
        access = self.shown.access if self.shown is not None else None
        return access.proof if access is not None else Proof.REQUEST
