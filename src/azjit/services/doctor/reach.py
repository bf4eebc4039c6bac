"""Finds the applications to examine; a subscription that cannot be listed becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from azjit.context import Context, Side
from azjit.domain import checks, right_checks
from azjit.domain.applications import Application
from azjit.domain.findings import HERE, Finding, Subject
from azjit.domain.ids import ApplicationId, GroupId, ResourceId
from azjit.errors import AzjitError, NotAllowed, NotFound, Usage
from azjit.services.doctor.rights import why_of
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import PartialResults
from azjit.services.parallel import each

NONE = "no application is in reach"


@dataclass(slots=True)
class ReachedApplications:
    """The applications that were found, findings about the others, and the error to report.

    `subscription` is that of the application's id.
    """

    applications: list[Application] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    trouble: AzjitError | None = None
    subscription: str | None = None


class Reach:
    """Looks for applications from one side."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)

    def one(self, app: str) -> ReachedApplications:
        """Find the application that a person named."""
        try:
            return ReachedApplications([self._finder.application(app)])
        except Usage:
            raise
        except AzjitError as error:
            said = HERE.unknown(checks.REACH, why_of(error))
            if isinstance(error, NotAllowed):
                said = HERE.found(right_checks.SEE, why_of(error))
            elif isinstance(error, NotFound):
                said = HERE.found(checks.REACH, error.message)
            where = ResourceId.parse(app).subscription if app.startswith("/") else None
            return ReachedApplications([], [said], error, where)

    def all(self) -> ReachedApplications:
        """Find the applications in every chosen subscription."""
        reached = ReachedApplications()
        try:
            subscriptions = PartialResults(self._context).subscriptions()
        except AzjitError as error:
            return ReachedApplications([], [HERE.unknown(checks.REACH, why_of(error))], error)
        of_one = self._as_consumer if self._context.side is Side.CONSUMER else self._as_publisher
        for subscription, told in zip(subscriptions, each(of_one, subscriptions), strict=True):
            if isinstance(told, AzjitError):
                subject = Subject(f"subscription {subscription}")
                reached.findings.append(subject.unknown(checks.REACH, why_of(told)))
                reached.trouble = reached.trouble or told
            else:
                reached.applications += [app for app in told if app.unreadable is None]
                reached.findings += [
                    Subject(f"application {app.name or '?'}").unknown(checks.REACH, app.unreadable)
                    for app in told
                    if app.unreadable is not None
                ]
        if self._context.side is Side.PUBLISHER:
            reached.applications = list(each(self._read, self._with_remembered(reached)))
        if not reached.applications and not reached.findings:
            reached.findings.append(HERE.found(checks.REACH, NONE))
        return reached

    def _as_consumer(self, subscription: str) -> list[Application] | AzjitError:
        try:
            return list(self._context.solutions.applications(subscription))
        except AzjitError as error:
            return error

    def _as_publisher(self, subscription: str) -> list[Application] | AzjitError:
        try:
            groups = list(self._context.resources.managed_groups(subscription))
        except AzjitError as error:
            return error
        return [
            _by_id(group.application, group.id)._replace(unreadable=group.unreadable)
            for group in groups
        ]

    def _with_remembered(self, reached: ReachedApplications) -> Iterator[Application]:
        found = {each_one.id: each_one for each_one in reversed(reached.applications)}
        yield from reversed(found.values())
        for known in self._context.known.applications():
            told = ApplicationId.try_parse(known.id)
            if told is not None and told not in found:
                yield _by_id(told, GroupId.try_parse(known.managed_group))

    def _read(self, known: Application) -> Application:
        try:
            return self._context.solutions.application(known.id)
        except AzjitError:
            # The checks of its settings report that they could not be read.
            return known


def _by_id(application: ApplicationId, group: GroupId | None) -> Application:
    return Application(application, application.name, group, is_read=False)
