"""Stops new access: manual mode first, then denials, then a list of who still has access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.applications import Application, ApprovalMode
from azjit.domain.decisions import Case
from azjit.domain.holders import Basis, HeldRole
from azjit.domain.inputs import ChosenRequest, DecisionSpec, SettingsPatch
from azjit.domain.requests import JitRequest
from azjit.domain.rules import Verdict
from azjit.domain.stopping import Stop, Stopped, StoppedApplication
from azjit.errors import AzjitError, Refused
from azjit.services.configuring.jit_settings import Configuring, SettingsPlan
from azjit.services.deciding.decide import Deciding
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.holders import Holders
from azjit.services.lookup.omissions import PartialResults, ends_all

_MANUAL = SettingsPatch(mode=ApprovalMode.MANUAL, allow_no_approver=True)
_DECISION_TIME = timedelta(minutes=2)
_DELETE = "Microsoft.Authorization/roleAssignments/delete"


class StopPlan(NamedTuple):
    """The changes of settings, and the requests to deny."""

    settings: tuple[tuple[StoppedApplication, SettingsPlan | None], ...]
    denials: tuple[Case, ...]

    @property
    def errors(self) -> list[AzjitError | None]:
        """The error of each application and request, if it could not be planned."""
        settings = [
            None if row.result is Stop.WITHOUT_JIT else row.error for row, _ in self.settings
        ]
        return [*settings, *(case.error for case in self.denials)]


class Stopping:
    """Stops new access to applications."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._configuring = context.service(Configuring)
        self._deciding = context.service(Deciding)
        self._omissions = context.service(PartialResults)
        self._done: list[StoppedApplication] = []

    def plan(self, apps: Sequence[str], *, attended: bool, reason: str | None) -> StopPlan:
        """Read the settings of the applications, or of all, and what waits for a decision."""
        names = list(apps) or [
            each.id.text for each in self._finder.applications() if each.unreadable is None
        ]
        settings = tuple(self._planned(name) for name in names)
        listed = [each for row, _ in settings for each in self._requests(row)]
        waiting = [each.id.text for each in listed if each.state.may_wait and not each.unreadable]
        chosen = tuple(ChosenRequest(each) for each in waiting)
        spec = DecisionSpec(Verdict.DENY, chosen, reason, _DECISION_TIME)
        denials = self._deciding.plan(spec._replace(attended=attended)) if chosen else []
        for case in denials:
            if case.error is not None and ends_all(case.error):
                raise case.error
        return StopPlan(settings, tuple(denials))

    def apply(self, plan: StopPlan, reason: str) -> Stopped:
        """Set manual mode, deny what waits, and read what waits still and who has access.

        No failure of a part stops the others.
        """
        for row, change in plan.settings:
            self._done.append(self._set(row, change))
        denials = self._deciding.apply(plan.denials, reason) if plan.denials else []
        known = [each.application for each in self._done if each.application is not None]
        requests = [each for row in self._done for each in self._requests(row)]
        waiting = tuple(each.name for each in requests if each.state.may_wait)
        access = tuple(self._context.service(Holders).of(known, requests))
        may_remove = tuple(self._may_remove(access))
        return Stopped(tuple(self._done), tuple(denials), access, waiting, may_remove)

    def known(self) -> Stopped:
        """Give what is known so far."""
        return Stopped(tuple(self._done), tuple(self._deciding.results()))

    def _planned(self, name: str) -> tuple[StoppedApplication, SettingsPlan | None]:
        application: Application | None = None
        try:
            application = self._finder.application(name, changes=True)
            change = self._configuring.plan(application.id.text, _MANUAL)
        except AzjitError as error:
            if ends_all(error):
                raise
            is_without = isinstance(error, Refused) and application is not None
            result = Stop.WITHOUT_JIT if is_without else Stop.UNKNOWN
            return StoppedApplication(application, name, result, error), None
        result = Stop.ALREADY if change.call is None else Stop.UNKNOWN
        return StoppedApplication(change.change.application, name, result), change

    def _set(self, row: StoppedApplication, change: SettingsPlan | None) -> StoppedApplication:
        if change is None or change.call is None:
            return row
        try:
            self._configuring.apply(change)
        except AzjitError as error:
            return row._replace(error=error)
        return row._replace(result=Stop.SET)

    def _requests(self, row: StoppedApplication) -> Iterator[JitRequest]:
        if row.application is None:
            return
        try:
            yield from self._omissions.noted(self._finder.requests(row.application))
        except AzjitError as error:
            if ends_all(error):
                raise
            self._omissions.note(row.name, f"the requests for {row.name}: {error.message}")

    def _may_remove(self, access: Sequence[HeldRole]) -> Iterator[str]:
        """Give those that are not the publisher's and whose role deletes role assignments."""
        reader, seen = self._context.service(AccessReader), set[str]()
        for held in access:
            grant = held.grant
            is_theirs = held.is_publisher is not False or held.basis is Basis.SCHEDULED
            if is_theirs or grant.principal.key in seen:
                continue
            definition = reader.definition(held.application.managed_group, grant.role)
            if definition is not None and any(each.allows(_DELETE) for each in definition.blocks):
                seen.add(grant.principal.key)
                yield grant.principal_name or grant.principal.text
