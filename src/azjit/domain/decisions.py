"""A decision on a request, before and after it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access import Access, Proof
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.pim import Approval, Route, Stage
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, Exit

_DONE = {"approve": "approved", "deny": "denied", "revoke": "revoked", "cancel": "withdrawn"}
_ALREADY = {"cancel": "already cancelled"}
_FAILED = {
    Exit.NOT_FOUND: "not found",
    Exit.NOT_ALLOWED: "not allowed",
    Exit.REFUSED: "refused",
    Exit.UNCONFIRMED: "unconfirmed",
    Exit.USAGE: "malformed",
}


class Case(NamedTuple):
    """One named request: what was read of it, and the call that would be sent, if any.

    `asked` is what named it. There is no call where an `error` forbids it, and where the request
    is in that state already: `already` then tells by whom. On the route through PIM the `stage` of
    the `approval` is answered, and `fallback` is the same answer in another form. `remarks` is
    what a person might overlook.
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
    error: AzjitError | None = None

    @property
    def request(self) -> JitRequest:
        """The request, where it could be read."""
        assert self.report is not None
        return self.report.request

    @property
    def application(self) -> Application:
        """The application of the request, where it could be read."""
        assert self.report is not None
        assert self.report.application is not None
        return self.report.application

    @property
    def done(self) -> str:
        """The word for the action once a read has shown it."""
        return _DONE[self.action]

    def shown(
        self, request: JitRequest | None, at: datetime, access: Access | None = None
    ) -> RequestReport | None:
        """Give the report with what a read showed since, if it showed anything."""
        if self.report is None or request is None:
            return None
        return replace(self.report, request=request, at=at, access=access)

    @property
    def route_words(self) -> str:
        """Through what it is decided, as a person reads it."""
        if self.approval is None:
            return "its application (updateAccess)"
        return f"approval {self.approval.name} in PIM"


class DecisionResult(NamedTuple):
    """What became of a case: what a read showed, and why that is not what was wanted, if it is not.

    `shown` is None where nothing was read since the case was made.
    """

    case: Case
    shown: RequestReport | None = None
    error: AzjitError | None = None

    @property
    def report(self) -> RequestReport | None:
        """The request as it was read last."""
        return self.shown or self.case.report

    @property
    def exit(self) -> Exit:
        """What it counts as for the exit code of a batch."""
        return self.error.exit if self.error is not None else Exit.DONE

    @property
    def word(self) -> str:
        """What became of it, in a word or two."""
        if self.error is not None:
            return _FAILED.get(self.error.exit, "failed")
        done = self.case.done
        if self.case.already is not None:
            return _ALREADY.get(self.case.action, f"already {done}")
        is_gone = self.case.action == "cancel" and self.shown is not None and self.shown.access
        return f"{done}, access is gone" if is_gone else done

    @property
    def route(self) -> Route | None:
        """Through what it was decided; None where nothing was."""
        return self.case.route if self.case.call is not None else None

    @property
    def known_by(self) -> Proof | None:
        """What shows it; None where it was not done."""
        if self.error is not None:
            return None
        access = self.shown.access if self.shown is not None else None
        return access.proof if access is not None else Proof.REQUEST
