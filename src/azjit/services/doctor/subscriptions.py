"""Checks of lists over whole subscriptions, by a small read of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.findings import HERE, Finding, Rule, Subject
from azjit.domain.ids import ApplicationId
from azjit.domain.permissions import POLLING
from azjit.domain.right_checks import LIST, LOG, POLL, QUERY
from azjit.errors import AzjitError, NotAllowed
from azjit.services.doctor.environment import ELSEWHERE, EnvironmentDoctor
from azjit.services.doctor.rights import why_of
from azjit.services.parallel import each


class Subscriptions:
    """Tries the lists that a consumer's commands read."""

    def __init__(self, context: Context, environment: EnvironmentDoctor) -> None:
        self._environment = environment
        self._context = context

    def look(self, applications: Iterable[Application]) -> Iterator[Finding]:
        """Check which of the lists would fail."""
        vantage = {app.id.subscription.lower(): app.id for app in applications}
        if not any(self._environment.is_home(subscription) for subscription in vantage):
            return
        yield _tried(HERE, QUERY, "Resource Graph answers", self._context.resource_graph.probe)
        for told in each(self._one, vantage.values()):
            yield from told

    def _one(self, application: ApplicationId) -> list[Finding]:
        subscription, context = application.subscription, self._context
        subject = Subject(f"subscription {subscription}")
        if self._environment.is_home(subscription) is False:
            return [subject.unknown(rule, ELSEWHERE) for rule in (LOG, LIST, POLL)]

        def list_both() -> None:
            # The first page is enough, since the lists are read page by page.
            next(iter(context.solutions.applications(subscription)), None)
            next(iter(context.solutions.requests_of(subscription)), None)

        def read_log() -> None:
            context.activity_log.probe(subscription, context.now())

        return [
            _tried(subject, LOG, "the activity log can be read", read_log),
            _tried(subject, LIST, "applications and requests can be listed", list_both),
            self._polling(application, subject),
        ]

    def _polling(self, application: ApplicationId, subject: Subject) -> Finding:
        """Check the roles held at the subscription and above, since there is nothing to try."""
        caller, rights = self._context.caller, self._context.authorization
        home = f"/subscriptions/{application.subscription}".lower()
        try:
            held = rights.assignments(application, caller.id)
            whole = [each for each in held if each.is_whole]
            above = [it.role for it in whole if not it.scope.lower().startswith(f"{home}/")]
            roles = [
                rights.role(application, guid) for guid in dict.fromkeys(r.guid for r in above)
            ]
        except AzjitError as error:
            return subject.unknown(POLL, why_of(error))
        if any(block.allows(POLLING) for role in roles for block in role.blocks):
            return subject.ok(POLL, "allowed: locations/operationStatuses/read")
        if not all(each.is_whole for each in held):
            return subject.unknown(POLL, "a role assignment could not be read")
        return subject.found(POLL, "no role of yours there allows locations/operationStatuses/read")


def _tried(subject: Subject, rule: Rule, text: str, read: Callable[[], object]) -> Finding:
    try:
        read()
    except NotAllowed as error:
        return subject.found(rule, why_of(error))
    except AzjitError as error:
        return subject.unknown(rule, why_of(error))
    return subject.ok(rule, text)
