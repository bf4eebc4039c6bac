"""Changes an application's JIT settings: PATCH the whole policy, poll, read back, compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy
from azjit.domain.reports import PlannedCall, SettingsChange
from azjit.domain.requests import RequestState
from azjit.domain.rules import check_manual_has_approver, check_policy_change
from azjit.errors import AnswerLost, AzjitError, NotAllowed, NotFound, Unconfirmed, Usage
from azjit.services.finder import Finder
from azjit.services.journal import Change
from azjit.services.ports import Ports
from azjit.store.receipts import Outcome

Ask = Callable[[str, SettingsChange], None]
_PORTAL_DEFAULT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person wants changed; None leaves a setting as it is."""

    mode: ApprovalMode | None = None
    maximum: timedelta | None = None
    approvers: tuple[Approver, ...] | None = None
    add: tuple[Approver, ...] = ()
    remove: tuple[Approver, ...] = ()
    allow_no_approver: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be changed."""
        nothing_set = self.mode is None and self.maximum is None and self.approvers is None
        return nothing_set and not self.add and not self.remove


class Configuration:
    """Edits JIT settings."""

    def __init__(self, ports: Ports, finder: Finder) -> None:
        self._ports = ports
        self._finder = finder

    def change(self, app: str, edit: Edit, *, dry_run: bool, ask: Ask) -> SettingsChange:
        """Change the settings of an application and give them before and after, as read.

        Raises:
            Usage: nothing to change, or an approver to remove who is none.
            Refused: JIT is off, or manual mode would be left without approvers.
            Unconfirmed: Azure took the change, but a read does not show it.
        """
        if edit.is_empty:
            raise Usage(
                "nothing to change",
                hint="name a setting: --mode, --max-duration, --add-approver, --remove-approver",
            )
        application = self._finder.application(app)
        before = check_policy_change(application.policy, application.name)
        after = _edited(before, edit)
        if after.same(before):
            return SettingsChange(application, before, before, changed=False)
        check_manual_has_approver(after, allowed=edit.allow_no_approver)
        self._warn(application, before, after)
        call = self._ports.solutions.settings_change(application.id, after)
        planned = PlannedCall(call.method, self._ports.solutions.address(call), call.body)
        plan = SettingsChange(application, before, after, changed=True, planned=planned)
        if dry_run:
            return plan
        ask(f"change the JIT settings of {application.name}?", plan)
        return self._send(application, before, after)

    def _send(
        self, application: Application, before: JitPolicy, after: JitPolicy
    ) -> SettingsChange:
        details = {"before": words_of(before), "after": words_of(after)}
        change = Change("configure", application.id, None, details)
        with self._ports.journal.record(change) as opened:
            self._check_untouched(application, before)
            answer_id, lost = self._patch(application, after)
            seen = self._ports.solutions.application(application.id)
            if seen.policy is None or not seen.policy.same(after):
                raise self._not_shown(application, lost)
            opened.conclude(Outcome.CONFIRMED, state="configured", request_id=answer_id)
        return SettingsChange(seen, before, seen.policy, changed=True)

    def _check_untouched(self, application: Application, before: JitPolicy) -> None:
        # The contract has no ETag: the gap between this read and the write cannot be closed.
        fresh = self._ports.solutions.application(application.id).policy
        if fresh is None or not fresh.same(before):
            raise Usage(
                f"the settings of {application.name} changed while you looked at them",
                hint="run the command again",
            )

    def _patch(
        self, application: Application, policy: JitPolicy
    ) -> tuple[str | None, AnswerLost | None]:
        call = self._ports.solutions.settings_change(application.id, policy)
        try:
            answer = self._ports.solutions.send(call)
            self._ports.ear.progress(f"waiting for Azure to {call.what}")
            if not self._ports.solutions.settle(answer, call.what):
                self._ports.ear.warn(f"Azure has not finished to {call.what}")
        except AnswerLost as lost:
            return lost.request_id, lost
        return answer.request_id, None

    def _not_shown(self, application: Application, lost: AnswerLost | None) -> AzjitError:
        link = self._ports.cloud.portal_link(application.id.text, self._ports.caller().tenant)
        said = lost.message if lost is not None else "Azure took the change"
        return Unconfirmed(
            f"{application.name} is not configured: {said}, but a read shows other settings",
            hint=f"change them in the portal, JIT Configuration: {link}",
        )

    def _warn(self, application: Application, before: JitPolicy, after: JitPolicy) -> None:
        ear = self._ports.ear
        if after.maximum is not None and after.maximum > _PORTAL_DEFAULT:
            ear.warn("more than 8 hours: whether Azure takes that is not documented")
        if after.mode is ApprovalMode.AUTOMATIC and before.mode is not ApprovalMode.AUTOMATIC:
            waiting = self._waiting(application)
            if waiting:
                ear.warn(
                    f"{waiting} wait for a decision: whether automatic mode approves them too is"
                    " not documented; deny them first if it must not"
                )

    def _waiting(self, application: Application) -> str:
        try:
            requests = list(self._finder.requests(application))
        except (NotAllowed, NotFound):
            return "requests may"
        count = sum(r.state is RequestState.PENDING for r in requests)
        return f"{count} requests" if count > 1 else "1 request may" if count else ""


def words_of(policy: JitPolicy) -> dict[str, object]:
    """Describe a policy for receipts and diffs."""
    maximum = policy.maximum.total_seconds() if policy.maximum is not None else None
    return {
        "enabled": policy.enabled,
        "mode": policy.mode.value if policy.mode is not ApprovalMode.UNKNOWN else policy.mode_text,
        "maximumSeconds": maximum if maximum is not None else policy.maximum_text,
        "approvers": [f"{a.kind.lower()}:{a.id.key}" for a in policy.approvers],
    }


def _edited(before: JitPolicy, edit: Edit) -> JitPolicy:
    after = before
    if edit.mode is not None:
        after = replace(after, mode=edit.mode, mode_text=None)
    if edit.maximum is not None:
        after = replace(after, maximum=edit.maximum, maximum_text=None)
    approvers = list(edit.approvers if edit.approvers is not None else before.approvers)
    for unwanted in edit.remove:
        kept = [each for each in approvers if not each.same(unwanted)]
        if len(kept) == len(approvers):
            raise Usage(
                f"{unwanted.kind}:{unwanted.id} is no approver",
                hint="see them: azjit consumer show APP",
            )
        approvers = kept
    for wanted in edit.add:
        if not any(each.same(wanted) for each in approvers):
            approvers.append(wanted)
    return replace(after, approvers=tuple(approvers))
