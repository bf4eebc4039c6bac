"""Does one thing to each of several applications; what fails of one does not end the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.batches import ApplicationRow
from azjit.domain.inputs import RequestSpec
from azjit.errors import AzjitError
from azjit.services.configuring.jit_settings import Configuring, SettingsPlan
from azjit.services.configuring.wanted import WantedSettings
from azjit.services.lookup.omissions import ends_all
from azjit.services.requesting.create import Requesting, RequestPlan


class PlannedRequest(NamedTuple):
    """The request that one application would get, or the error of its plan."""

    asked: str
    plan: RequestPlan | None = None
    error: AzjitError | None = None


class PlannedSettings(NamedTuple):
    """The change that one application would get, or the error of its plan."""

    asked: str
    plan: SettingsPlan | None = None
    error: AzjitError | None = None


class Several:
    """Files requests, and changes settings, of several applications."""

    def __init__(self, context: Context) -> None:
        self._requesting = context.service(Requesting)
        self._configuring = context.service(Configuring)
        self.rows: list[ApplicationRow] = []
        """The results so far."""

    def plan_requests(self, apps: Iterable[str], spec: RequestSpec) -> list[PlannedRequest]:
        """Plan a request for each application, once where two texts name the same."""
        planned = [
            PlannedRequest(app, *_attempted(self._requesting.plan, spec._replace(app=app)))
            for app in apps
        ]
        return _distinct(planned, lambda each: each.application)

    def plan_settings(self, wanted: Iterable[WantedSettings]) -> list[PlannedSettings]:
        """Plan a change of settings for each application, once where two texts name the same."""
        planned = [
            PlannedSettings(each.asked, error=each.error)
            if each.error is not None
            else PlannedSettings(
                each.asked, *_attempted(self._configuring.plan, each.asked, each.patch)
            )
            for each in wanted
        ]
        return _distinct(planned, lambda each: each.change.application)

    def file(self, planned: Iterable[PlannedRequest]) -> list[ApplicationRow]:
        """File the requests, one after the other."""
        self.rows += map(self._filed, planned)
        return self.rows

    def configure(self, planned: Iterable[PlannedSettings]) -> list[ApplicationRow]:
        """Change the settings, one application after the other."""
        self.rows += map(self._configured, planned)
        return self.rows

    def _filed(self, one: PlannedRequest) -> ApplicationRow:
        if one.plan is None:
            return ApplicationRow(one.asked, "", error=one.error)
        word = "filed" if one.plan.call is not None else "already there"
        filed, error = _attempted(self._requesting.apply, one.plan)
        report, refusal = filed if filed is not None else (None, None)
        return ApplicationRow(one.asked, word, report=report, error=error or refusal)

    def _configured(self, one: PlannedSettings) -> ApplicationRow:
        if one.plan is None or one.error is not None:
            return ApplicationRow(one.asked, "", error=one.error)
        word = "configured" if one.plan.call is not None else "nothing to change"
        change, error = _attempted(self._configuring.apply, one.plan)
        return ApplicationRow(one.asked, word, change=change, error=error)


def _attempted(work: Callable[..., Any], *args: object) -> tuple[Any, AzjitError | None]:
    try:
        return work(*args), None
    except AzjitError as error:
        if ends_all(error):
            raise
        return None, error


def _distinct(planned: list[Any], application_of: Callable[[Any], Application]) -> list[Any]:
    kept: dict[str, Any] = {}
    for one in planned:
        key = application_of(one.plan).id.key if one.plan is not None else f"?{one.asked}"
        kept.setdefault(key, one)
    return list(kept.values())
