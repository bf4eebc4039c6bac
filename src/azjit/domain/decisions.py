"""The decision of one request: the case before the call, and the result after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.domain.access import Access, Proof
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.concerns import Concern
from azjit.domain.levels import Level
from azjit.domain.pim import Approval, Route, Stage
from azjit.domain.reports import RequestReport
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.errors import AzjitError, Exit, Refused

_DONE = {**{each.value: each.done for each in Verdict}, "cancel": "withdrawn"}
_ALREADY = {"cancel": "already cancelled"}
FAILED = {
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
    what a person might overlook. One that `is_bound` names the digest of the request; one that
    `is_gone` is for a request that was deleted. A person is asked about one that is `attended`.
    Where nobody is asked, `accepted` names the concerns that do not hold it up, and blockers among
    them only if it is the one that `is_alone`.
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
    is_gone: bool = False
    attended: bool = False
    accepted: frozenset[str] = frozenset()
    is_alone: bool = True
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
    def concerns(self) -> tuple[Concern, ...]:
        """The concerns that were found, the heaviest first."""
        sheet = self.report.sheet if self.report is not None else None
        return sheet.concerns if sheet is not None else ()

    def held_by(self, concerns: Iterable[Concern]) -> Refused | None:
        """Give the error for what holds up an approval that nobody is asked about; None if nothing.

        A blocker needs to be accepted for one request that is named.
        """
        if self.action != Verdict.APPROVE or self.attended:
            return None
        found = [each for each in concerns if each.level.holds_up]
        left = [each for each in found if each.code not in self.accepted]
        blockers = [each for each in found if each.level is Level.BLOCKER]
        if not left and (self.is_alone or not blockers):
            return None
        told = "; ".join(f"{each.text} ({each.code})" for each in left or blockers)
        codes = ",".join(each.code for each in found)
        alone = "" if self.is_alone or not blockers else "approve it by itself: "
        return Refused(
            f"request {self.request.name} is not approved, because nobody was asked: {told}",
            hint=f"{alone}accept it with --accept {codes}, or approve at a terminal without --yes",
        )

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
            return FAILED.get(self.error.exit, "failed")
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
