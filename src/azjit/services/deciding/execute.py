"""Approves or denies one request and finds what became of it: a finding is what a read showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from threading import Event

from azjit.context import Context
from azjit.domain.access import Access
from azjit.domain.applications import Application
from azjit.domain.calls import Call
from azjit.domain.requests import JitRequest, RequestState
from azjit.domain.rules import LEADS_TO, Verdict
from azjit.errors import AzjitError, Refused, Unavailable, Unconfirmed
from azjit.services.sending import Delivered, Watch, follow, send


@dataclass(frozen=True, slots=True)
class Task:
    """A decision that is about to be sent, for one request.

    `fallback` says the same in another form, for a service that finds the first one malformed.
    """

    verdict: Verdict
    request: JitRequest
    application: Application
    call: Call
    timeout: timedelta
    stop: Event | None = None
    fallback: Call | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a decision; where there is no error, a read has shown it.

    `access` is what was read of it, where that was looked at.
    """

    request: JitRequest | None
    error: AzjitError | None
    azure_id: str | None
    access: Access | None = None

    @property
    def state(self) -> str | None:
        """The state that was read last, in Azure's word where azjit has none."""
        if self.request is None:
            return None
        is_known = self.request.state is not RequestState.UNKNOWN
        return self.request.state.value if is_known else self.request.state_text


def carry_out(context: Context, task: Task) -> Finding:
    """Send an approval or a denial once, then read until it shows or the time is up.

    Raises:
        AzjitError: Azure refused the call or was not reached, and has not acted.
    """
    watch = Watch(context, task.timeout, task.stop)
    sent = _sent(context, task)
    request, trouble = _look(context, task, _glance(context, task))
    if request is None or request.state.may_wait:
        sent = follow(context, task.call, sent, task.timeout)
        request, trouble = _look(context, task, watch)
    return Finding(request, _error_of(context, task, sent, request, trouble), sent.request_id)


def _sent(context: Context, task: Task) -> Delivered:
    try:
        return _delivered(context, task)
    except Unavailable as error:
        # Said not to have reached Azure; a look makes sure that no decision is lost.
        request, _ = _look(context, task, _glance(context, task))
        if request is None or request.state.may_wait:
            raise
        return Delivered(trouble=error)


def _delivered(context: Context, task: Task) -> Delivered:
    try:
        return send(context, task.call)
    except AzjitError as error:
        # After a 400, whatever its code, Azure has not acted: it may not have read the form.
        if task.fallback is None or error.status != HTTPStatus.BAD_REQUEST:
            raise
        return send(context, task.fallback)


def _glance(context: Context, task: Task) -> Watch:
    # A clock that is set back makes even this one last: Ctrl-C must end it too.
    return Watch(context, timedelta(), task.stop)


def _look(
    context: Context, task: Task, watch: Watch
) -> tuple[JitRequest | None, AzjitError | None]:
    return watch.until(
        lambda: context.solutions.request(task.request.id),
        lambda seen: not seen.state.may_wait,
        f"waiting for Azure to show the decision on {task.request.name[:8]}",
    )


def _error_of(
    context: Context,
    task: Task,
    sent: Delivered,
    seen: JitRequest | None,
    trouble: AzjitError | None,
) -> AzjitError | None:
    if seen is not None and seen.state is LEADS_TO[task.verdict]:
        return None
    if seen is not None and not seen.state.may_wait:
        return _instead(context, task, seen)
    if seen is None or trouble is not None:
        told = f"its state could not be read ({trouble.message if trouble else 'no answer'})"
    else:
        told = f"a read still shows it as {Finding(seen, None, None).state}"
    return Unconfirmed(
        f"request {task.request.name} is not {task.verdict.done}: {sent.said}, but {told}",
        hint="decide it in the portal, JIT Access > Approve Requests:"
        f" {portal_link(context, task)}",
        request_id=sent.request_id,
    )


def _instead(context: Context, task: Task, seen: JitRequest) -> Refused:
    if task.verdict is Verdict.DENY and seen.state is RequestState.APPROVED:
        return Refused(
            f"request {seen.name} is APPROVED, though a denial was sent: its access is granted",
            hint=f"take it back: azjit consumer revoke {seen.name} --reason TEXT; then look in the"
            f" portal: {portal_link(context, task)}",
        )
    return Refused(
        f"request {seen.name} is {seen.state}, though it was to be {task.verdict.done}:"
        " somebody else may have decided it",
        hint="see it: azjit consumer history",
    )


def portal_link(context: Context, task: Task) -> str:
    """Give the address of the application in the portal."""
    return context.cloud.portal_link(task.application.id.text, context.caller.tenant)
