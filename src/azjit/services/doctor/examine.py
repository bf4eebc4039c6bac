"""Runs all checks of the doctor for one side, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from azjit.azure.clouds import address_of
from azjit.context import Context, Side
from azjit.domain import checks, right_checks
from azjit.domain.applications import Application
from azjit.domain.findings import HERE, Checkup, Finding, Rule, Severity, Subject
from azjit.errors import AzjitError, NotAllowed, NotSignedIn, Refused, Unavailable, Usage
from azjit.services.doctor.application import ApplicationDoctor
from azjit.services.doctor.approvers import ApproverDoctor
from azjit.services.doctor.eligibility import EligibilityDoctor
from azjit.services.doctor.environment import (
    ELSEWHERE,
    EnvironmentDoctor,
    addresses_of,
    clock,
    proxy,
    signed_in,
    token_cache,
)
from azjit.services.doctor.machine import of_machine
from azjit.services.doctor.reach import Reach, ReachedApplications
from azjit.services.doctor.rights import RightsDoctor, why_of
from azjit.services.doctor.subscriptions import Subscriptions
from azjit.services.parallel import each
from azjit.services.reconcile import settle_receipts

# A part of an examination, and the rule that is not checked if the part fails.
Part = tuple[Rule, Iterator[Finding]]


class Doctor:
    """Examines the applications of one side, and everything that its commands need."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def examine(self, app: str | None) -> Checkup:
        """Check one application, or all in reach, and the way to Azure."""
        machine = of_machine(self._context)
        if self._context.settings.sandbox and not machine[0].is_ok:
            return Checkup(machine)  # the sandbox is in the state directory
        checkup = self._of_azure(app)
        return checkup._replace(findings=(*machine, *checkup.findings))

    def _of_azure(self, app: str | None) -> Checkup:
        try:
            self._context.enter()
            settle_receipts(self._context)
            _ = self._context.caller
        except NotSignedIn as error:
            return Checkup((HERE.found(checks.SIGN_IN, error.message),), error)
        except Refused as error:
            return self._wrong_tenant(error)
        except Unavailable as error:
            return Checkup(self._unreachable(error, [address_of(self._context.settings.cloud)]))
        except Usage as error:  # for example, the state directory belongs to another user
            return Checkup((), error)
        return self._examine(self._context, app)

    def _examine(self, context: Context, app: str | None) -> Checkup:
        found = [signed_in(context)]
        before = context.clock.now()
        try:
            probe = context.resources.probe()
        except NotSignedIn as error:
            return Checkup((HERE.found(checks.SIGN_IN, error.message),), error)
        except AzjitError as error:
            return Checkup((*found, *self._unreachable(error, addresses_of(context.cloud))))
        cloud = context.cloud
        found.append(HERE.ok(checks.ENDPOINT, f"{cloud.name} answers at {cloud.arm}"))
        found.append(proxy(self._context.process.environ, addresses_of(cloud)))
        found.append(clock(probe.date, before, context.clock.now(), cloud))
        found += token_cache(context.kept_tokens)
        environment = EnvironmentDoctor(context, probe.tenants)
        reach = Reach(context)
        reached = reach.all() if app is None else reach.one(app)
        foreign = environment.foreign(reached)
        found += _unread(reached, foreign)
        found += self._shared(environment, reached)
        found += self._of_each(environment, reached.applications)
        return Checkup(tuple(found), _trouble(reached, app, foreign))

    def _wrong_tenant(self, error: Refused) -> Checkup:
        """Report a sign-in of another tenant than expected: nothing is read with it."""
        why = "azjit reads nothing, because the tenant is not the one of --expect-tenant"
        told = (
            HERE.unknown(checks.ENDPOINT, why),
            proxy(self._context.process.environ, [address_of(self._context.settings.cloud)]),
            HERE.unknown(checks.CLOCK, why),
            HERE.found(checks.TENANT, error.message, error.hint),
        )
        return Checkup((HERE.ok(checks.SIGN_IN, "signed in"), *told), error)

    def _unreachable(self, error: AzjitError, called: list[str]) -> tuple[Finding, ...]:
        return (
            HERE.found(checks.ENDPOINT, error.message),
            proxy(self._context.process.environ, called),
        )

    def _shared(
        self, environment: EnvironmentDoctor, reached: ReachedApplications
    ) -> Iterator[Finding]:
        subscriptions = environment.subscriptions(reached)
        yield from environment.tenants(reached)
        yield from environment.providers(subscriptions)
        yield environment.licence(subscriptions)
        yield from environment.names()
        if self._context.side is Side.CONSUMER:
            yield from Subscriptions(self._context, environment).look(reached.applications)

    def _of_each(
        self, environment: EnvironmentDoctor, applications: list[Application]
    ) -> Iterator[Finding]:
        context = self._context
        rights = RightsDoctor(context)
        doctor = ApplicationDoctor(context)
        rows = EligibilityDoctor(context)
        approvers = ApproverDoctor(context, environment)
        if self._context.side is Side.CONSUMER:
            approvers.look_up(applications)

        def look(application: Application) -> list[Finding]:
            subject = Subject(application.label, application.id)
            if self._context.side is Side.CONSUMER:
                parts = _consumers(application, subject, rights, doctor, approvers)
            else:
                parts = _publishers(application, subject, rights, doctor, rows)
            return [told for rule, part in parts for told in _findings_of(part, subject, rule)]

        total = len(applications)
        for done, told in enumerate(each(look, applications), start=1):
            context.notes.progress(f"checked {done} of {total} applications")
            yield from told


def _unread(reached: ReachedApplications, foreign: str | None) -> list[Finding]:
    """Report what could not be found; a wrong tenant explains all of it."""
    if foreign is None:
        return reached.findings
    return [
        each_one._replace(severity=Severity.NOT_CHECKED, text=f"not checked: {ELSEWHERE}")
        for each_one in reached.findings
    ]


def _trouble(
    reached: ReachedApplications, app: str | None, foreign: str | None
) -> AzjitError | None:
    """Give the error to end with: the application was not found, or nothing could be read."""
    error = reached.trouble
    if error is None or reached.applications:
        return None
    hint = error.hint if foreign is None else f"sign in to that tenant: az login --tenant {foreign}"
    if app is not None:
        error.hint = hint
        return error
    told = f"nothing could be checked: {why_of(error)}"
    return NotAllowed(told, hint=hint, code=error.code, request_id=error.request_id)


def _consumers(
    application: Application,
    subject: Subject,
    rights: RightsDoctor,
    doctor: ApplicationDoctor,
    approvers: ApproverDoctor,
) -> Iterator[Part]:
    found = approvers.judge(application, subject)
    yield (
        checks.JIT_OFF,
        doctor.settings(application, subject, nobody_can_decide=found.nobody_can_decide),
    )
    yield checks.UNABLE, iter(found.findings)
    yield checks.STANDING, doctor.standing(application, subject)
    yield checks.STALE, doctor.stale(application, subject)
    yield right_checks.SEE, rights.consumer(application, subject)


def _publishers(
    application: Application,
    subject: Subject,
    rights: RightsDoctor,
    doctor: ApplicationDoctor,
    rows: EligibilityDoctor,
) -> Iterator[Part]:
    yield checks.JIT_OFF, doctor.settings(application, subject)
    yield checks.GONE, doctor.foreign_approvers(application, subject)
    yield checks.IDENTITY, iter([doctor.identity(application, subject)])
    yield checks.STALE, doctor.stale(application, subject)
    yield right_checks.REQUEST, rights.publisher(application, subject)
    yield right_checks.EXPLICIT, rows.look(application, subject)


def _findings_of(part: Iterator[Finding], subject: Subject, rule: Rule) -> Iterator[Finding]:
    """Give the findings of a part; an error becomes a finding, and the other parts go on."""
    try:
        yield from part
    except AzjitError as error:
        yield subject.unknown(rule, why_of(error))
