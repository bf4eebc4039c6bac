"""Creates a JIT request: applies the rules, sends one PUT under a fixed name, then reads."""

from __future__ import annotations

from typing import NamedTuple

from azjit.azure import routes
from azjit.context import Context
from azjit.domain.applications import Application, JitState, RoleGrant
from azjit.domain.calls import Call
from azjit.domain.ids import GroupId, is_guid, normal_guid
from azjit.domain.inputs import RequestSpec
from azjit.domain.reports import RequestReport
from azjit.domain.request_rules import (
    Wanted,
    check_duration,
    check_jit,
    default_duration,
    differences,
    ended_refusal,
    find_equal_request,
    is_same_request,
    may_equal,
    pick_row,
    refusal_of,
)
from azjit.domain.requests import (
    REASON_TAG,
    TAG_LIMIT,
    TICKET_TAG,
    JitRequest,
    RequestState,
    Schedule,
)
from azjit.errors import AzjitError, Refused, Unavailable, Unconfirmed, Usage
from azjit.services.directory_names import Directory
from azjit.services.lookup.eligible_roles import RoleNamer, eligible_rows
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import ends_all
from azjit.services.lookup.reports import Reporter
from azjit.services.recording import record
from azjit.services.sending import SentCall, send_if_undone
from azjit.store.receipt_details import RequestDetails
from azjit.store.receipts import Outcome


class RequestPlan(NamedTuple):
    """A request to create, and the call that creates it; no call if an equal one exists."""

    spec: RequestSpec
    request: JitRequest
    application: Application
    call: Call | None = None


class Requesting:
    """Creates requests."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._namer = context.service(RoleNamer)
        self._reporter = context.service(Reporter)
        self._directory = context.service(Directory)

    def plan(self, spec: RequestSpec) -> RequestPlan:
        """Apply the rules, and look for an equal request.

        Raises:
            Usage: a malformed name, a reason or ticket that is empty or too long.
            Refused: JIT is off, the principal is not named, the duration is over the maximum,
                or the name belongs to another request.
            NotFound: no such application, or the role is not eligible.
        """
        _check_words(spec)
        application = self._finder.application(spec.app, changes=True)
        check_jit(application)
        group = spec.group or self._finder.managed_group(application)
        wanted, row = self._wanted(spec, application, group)
        check_duration(wanted.duration, application)
        self._say_unknowns(application)
        known = self._already_there(spec, wanted, application, group)
        if known is not None:
            return RequestPlan(spec, known, application)
        request = self._draft(spec, wanted, row, application, group)
        call = self._context.solutions.creation(request)
        return RequestPlan(spec, request, application, call)

    def apply(self, plan: RequestPlan) -> tuple[RequestReport, AzjitError | None]:
        """Create the request, and give it as a read shows it.

        Beside it stands the error to end with if it gives nothing: it is denied or has ended.

        Raises:
            Unconfirmed: the PUT was sent, but no read shows the request as it was asked for.
        """
        request = self._send(plan, plan.call) if plan.call is not None else plan.request
        report = self._reporter.request(request, plan.application)
        return report, refusal_of(request) or ended_refusal(request, report.at)

    def _wanted(
        self, spec: RequestSpec, application: Application, group: GroupId
    ) -> tuple[Wanted, RoleGrant]:
        rows = eligible_rows(self._context, application)
        role = self._namer.role(spec.role, group, rows)
        caller = self._context.caller
        principal = spec.principal or caller.id
        if rows is not None and not (principal == caller.id and RoleGrant(principal, role) in rows):
            # A caller who is named needs no groups.
            others = [row.principal for row in rows if row.role == role]
            caller = self._directory.placed(caller, [*others, principal])
        if rows is None:
            self._context.notes.warn(
                f"{application.name} does not list its eligible roles: azjit cannot check this role"
            )
            row = RoleGrant(principal, role)
        else:
            row = pick_row(rows, role, principal, caller)
        policy = application.policy
        duration = spec.duration or default_duration(policy.maximum if policy is not None else None)
        start = spec.start
        return Wanted(row.role, row.principal, start.at, duration, is_now=start.is_now), row

    def _say_unknowns(self, application: Application) -> None:
        if application.jit is JitState.UNKNOWN:
            self._context.notes.warn(
                f"the settings of {application.name} could not be read: azjit cannot check"
                " whether JIT is enabled and how long access can last"
            )
        elif application.policy is not None and application.policy.maximum is None:
            written = application.policy.maximum_text
            unknown = f"has a maximum duration of {written!r}, which azjit cannot read"
            self._context.notes.warn(
                f"{application.name} {unknown if written else 'has no maximum duration'}:"
                " azjit cannot check it"
            )

    def _already_there(
        self, spec: RequestSpec, wanted: Wanted, application: Application, group: GroupId
    ) -> JitRequest | None:
        if spec.name is not None:
            return self._by_fixed_name(normal_guid(spec.name), wanted, application, group)
        if spec.new:
            return None
        try:
            among = list(self._context.solutions.requests_in(group))
        except AzjitError as error:
            if ends_all(error) or isinstance(error, Unavailable):
                raise
            raise _maybe_there(error.message, error) from error
        found = find_equal_request(wanted, application, among)
        if found is not None:
            self._context.notes.say(
                f"an equal request is already {found.state_word}: {found.name}; nothing was sent"
                " (--new files another)"
            )
        elif unsure := [each for each in among if may_equal(each, wanted)]:
            raise _maybe_there(f"request {unsure[0].name or 'without an id'} cannot be read whole")
        return found

    def _by_fixed_name(
        self, name: str, wanted: Wanted, application: Application, group: GroupId
    ) -> JitRequest | None:
        found = self._context.solutions.find_request(routes.request_in(group, name))
        if found is None:
            return None
        differing = differences(found, wanted, application)
        if differing:
            raise Refused(
                f"request {name} already exists with other contents: {'; '.join(differing)}",
                hint=f"show it: azjit publisher show {name}; choose another --name",
            )
        self._context.notes.say(
            f"request {found.name} is already {found.state_word}: nothing was sent"
        )
        return found

    def _draft(
        self,
        spec: RequestSpec,
        wanted: Wanted,
        row: RoleGrant,
        application: Application,
        group: GroupId,
    ) -> JitRequest:
        tags = {REASON_TAG: spec.reason, TICKET_TAG: spec.ticket}
        return JitRequest(
            # One spelling, because to ARM a GUID without dashes is another name.
            id=routes.request_in(group, normal_guid(spec.name or self._context.new_id())),
            application=application.id,
            application_text=application.id.text,
            rows=(row,),
            schedule=Schedule("once", wanted.start, wanted.duration),
            state=RequestState.NOT_SPECIFIED,
            location=application.location,
            tags={key: value for key, value in tags.items() if value is not None},
        )

    def _send(self, plan: RequestPlan, call: Call) -> JitRequest:
        request, spec = plan.request, plan.spec
        asked = request.schedule
        details = RequestDetails(
            request.application_text, request.rows, asked.start, asked.duration, spec.ticket
        )
        with record(self._context, "request", request.id.text, spec.reason, details) as opened:
            solutions = self._context.solutions
            sent = send_if_undone(
                self._context,
                call,
                lambda: solutions.find_request(request.id) is None,
                opened.leaves,
            )
            seen = self._read_back(request, sent)
            opened.conclude(Outcome.CONFIRMED, state=seen.state_word, request_id=sent.request_id)
        return seen

    def _read_back(self, request: JitRequest, sent: SentCall) -> JitRequest:
        look_again = f"check again: azjit publisher show {request.id}"
        try:
            seen = self._context.solutions.find_request(request.id)
        except AzjitError as error:
            # The PUT was sent: only the read of its result failed.
            raise Unconfirmed(
                f"request {request.name} was sent, but no read shows it: {error.message}",
                hint=look_again,
                code=error.code,
                request_id=error.request_id,
            ) from error
        if seen is None:
            raise sent.trouble or Unconfirmed(
                f"request {request.name} was sent, but a read does not show it yet", hint=look_again
            )
        if not is_same_request(seen, request):
            raise Unconfirmed(
                f"request {request.name} was sent, but a read shows other contents",
                hint=f"somebody else may have used that name; {look_again}",
            )
        return seen


def _maybe_there(why: str, error: AzjitError | None = None) -> Refused:
    """Make the error for a list in which an equal request may be missing."""
    return Refused(
        f"an equal request may exist already: {why}",
        hint="use --new to file one in any case, or --name GUID, which files it once",
        code=error.code if error is not None else None,
        request_id=error.request_id if error is not None else None,
    )


def _check_words(spec: RequestSpec) -> None:
    for label, text in (("reason", spec.reason), ("ticket", spec.ticket)):
        if text is not None and not text.strip():
            raise Usage(f"the {label} is empty", hint=f'add --{label} "..."')
        if text is not None and len(text) > TAG_LIMIT:
            raise Usage(
                f"the {label} has {len(text)} characters; a tag holds at most {TAG_LIMIT}",
                hint="shorten it",
            )
    if spec.name is not None and not is_guid(spec.name):
        raise Usage(
            f"malformed name {spec.name!r}",
            hint="use a GUID that each rerun repeats, derived from the name of the job: python3"
            " -c \"import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, 'my-job'))\"",
        )
