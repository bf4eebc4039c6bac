"""Changes an application's JIT settings: PATCH the whole policy, poll, read back, compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from azjit.context import Context
from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy
from azjit.domain.calls import Call
from azjit.domain.inputs import SettingsPatch
from azjit.domain.reports import SettingsChange
from azjit.domain.rules import check_manual_has_approver, check_policy_change
from azjit.errors import AzjitError, NotAllowed, NotFound, Refused, Unconfirmed, Usage
from azjit.services.directory_names import Directory
from azjit.services.lookup.approvers import named_policy
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.people import People
from azjit.services.recording import Journal
from azjit.services.sending import SentCall, Watch, follow, send
from azjit.store.receipt_details import SettingsDetails
from azjit.store.receipts import Outcome

Ask = Callable[[str, SettingsChange], None]
_PORTAL_DEFAULT = timedelta(hours=8)
# Reads may lag behind a write; longer than this is no lag.
_LAG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Meant:
    """The people of an edit, found."""

    exactly: tuple[Approver, ...] | None
    added: tuple[Approver, ...]
    removed: tuple[Approver, ...]


class Configuration:
    """Edits JIT settings."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._people = context.service(People)
        self._directory = context.service(Directory)

    def change(self, app: str, edit: SettingsPatch, *, dry_run: bool, ask: Ask) -> SettingsChange:
        """Change the settings of an application and give them before and after, as read.

        `ask` is shown the plan, and may raise to stop it.

        Raises:
            Usage: nothing to change, options that contradict each other, or an approver to
                remove who is none.
            Refused: JIT is off, manual mode would be left without approvers, or the settings
                changed since they were shown.
            Unconfirmed: Azure took the change, but no read shows it.
        """
        _check_sense(edit)
        # A listing, by which a name is found, may lag; what is edited is what a GET shows.
        application = self._context.solutions.application(self._finder.application(app).id)
        before = check_policy_change(application.policy, application.name)
        # Only now: the tenant that the application is in has been settled by its reads.
        after = _edited(before, edit, self._meant(before, edit))
        if after.same(before):
            return self._named(SettingsChange(application, before, before, changed=False))
        check_manual_has_approver(after, allowed=edit.allow_no_approver)
        self._warn(application, before, after)
        call = self._context.solutions.settings_change(application.id, after)
        plan = SettingsChange(application, before, after, changed=True, planned=call)
        ask(f"change the JIT settings of {application.name}?", self._named(plan))
        return plan if dry_run else self._named(self._carry_out(plan, call))

    def _named(self, change: SettingsChange) -> SettingsChange:
        """Give the change as a person reads it; what is sent and compared has Azure's names."""
        before, after = (
            named_policy(self._directory, each) for each in (change.before, change.after)
        )
        return replace(change, before=before, after=after)

    def _meant(self, before: JitPolicy, edit: SettingsPatch) -> _Meant:
        """Give who is meant: to be removed are first those of the settings."""
        exactly = self._people.approvers(edit.approvers) if edit.approvers is not None else None
        added = self._people.approvers(edit.add)
        _check_kinds((*(exactly or ()), *added))
        known = (*before.approvers, *added)
        removed = tuple(self._people.among(known, text) for text in edit.remove)
        both = [each for each in added if any(each.id == other.id for other in removed)]
        if both:
            raise Usage(f"{both[0].id} is to be added and removed", hint="say only one of the two")
        return _Meant(exactly, added, removed)

    def _carry_out(self, plan: SettingsChange, call: Call) -> SettingsChange:
        application, before, after = plan.application, plan.before, plan.after
        self._check_untouched(application, before)
        with Journal(self._context).record(
            "configure", application.id, None, SettingsDetails(before, after)
        ) as opened:
            sent = follow(self._context, send(self._context, call))
            seen, trouble = self._watch(application, after)
            policy = seen.policy if seen is not None and trouble is None else None
            if seen is None or policy is None or not policy.same(after):
                raise self._not_shown(application, sent, trouble)
            opened.conclude(Outcome.CONFIRMED, state="configured", request_id=sent.request_id)
        return SettingsChange(seen, before, policy, changed=True)

    def _watch(
        self, application: Application, after: JitPolicy
    ) -> tuple[Application | None, AzjitError | None]:
        return Watch(self._context, _LAG).until(
            lambda: self._context.solutions.application(application.id),
            lambda read: read.policy is not None and read.policy.same(after),
            "waiting for Azure to show the new settings",
        )

    def _check_untouched(self, application: Application, before: JitPolicy) -> None:
        # The contract has no ETag: the gap between this read and the write cannot be closed.
        fresh = self._context.solutions.application(application.id).policy
        if fresh is None or not fresh.same(before):
            raise Refused(
                f"the settings of {application.name} changed while you looked at them;"
                " nothing was sent",
                hint=f"look again: azjit consumer show {application.name}",
            )

    def _not_shown(
        self, application: Application, sent: SentCall, trouble: AzjitError | None
    ) -> AzjitError:
        link = self._context.cloud.portal_link(application.id.text, self._context.caller.tenant)
        told = f"no read worked ({trouble.message})" if trouble else "a read shows other settings"
        return Unconfirmed(
            f"{application.name} is not shown to be configured: {sent.said}, but {told}",
            hint=f"change them in the portal, JIT Configuration: {link}",
            request_id=sent.request_id,
        )

    def _warn(self, application: Application, before: JitPolicy, after: JitPolicy) -> None:
        notes = self._context.notes
        is_longer = after.maximum is not None and after.maximum > _PORTAL_DEFAULT
        if is_longer and after.maximum != before.maximum:
            notes.warn("more than 8 hours: whether Azure takes that is not documented")
        if after.mode is ApprovalMode.AUTOMATIC and before.mode is not ApprovalMode.AUTOMATIC:
            waiting = self._waiting(application)
            if waiting:
                notes.warn(
                    f"{waiting} wait for a decision: whether automatic mode approves them too is"
                    " not documented; deny them first if it must not"
                )

    def _waiting(self, application: Application) -> str:
        try:
            requests = list(self._finder.requests(application))
        except (NotAllowed, NotFound):
            return "requests may"
        count = sum(request.state.may_wait for request in requests)
        return f"{count} requests" if count > 1 else "1 request may" if count else ""


def _check_sense(edit: SettingsPatch) -> None:
    if edit.is_empty:
        raise Usage(
            "nothing to change",
            hint="name a setting: --mode, --max-duration, --add-approver, --remove-approver",
        )
    if edit.approvers is not None and (edit.add or edit.remove):
        raise Usage(
            "--approvers says exactly who approves: nobody can be added or removed beside it",
            hint="use --approvers alone, or --add-approver and --remove-approver",
        )
    if edit.approvers == () and not edit.allow_no_approver:
        raise Usage(
            "--approvers names nobody",
            hint="name them: --approvers user:ID,group:ID; if nobody is meant: --allow-no-approver",
        )


def _check_kinds(approvers: Iterable[Approver]) -> None:
    kinds: dict[str, str] = {}
    for each in approvers:
        if kinds.setdefault(each.id.key, each.kind) != each.kind:
            raise Usage(f"{each.id} is named as a user and as a group", hint="it can be only one")


def _edited(before: JitPolicy, edit: SettingsPatch, named: _Meant) -> JitPolicy:
    after = before
    if edit.mode is not None:
        after = replace(after, mode=edit.mode, mode_text=None)
    if edit.maximum is not None:
        after = replace(after, maximum=edit.maximum, maximum_text=None)
    kept = before.approvers if named.exactly is None else ()
    for unwanted in named.removed:
        if not any(each.same(unwanted) for each in kept):
            raise Usage(
                f"{unwanted.kind}:{unwanted.id} is no approver",
                hint="see them: azjit consumer show APP",
            )
        kept = tuple(each for each in kept if not each.same(unwanted))
    approvers = list(kept)
    for wanted in (*(named.exactly or ()), *named.added):
        if not any(each.same(wanted) for each in approvers):
            approvers.append(_known(wanted, before))
    return replace(after, approvers=tuple(approvers))


def _known(wanted: Approver, before: JitPolicy) -> Approver:
    """Keep the name and spelling that Azure has of someone who is named again without one."""
    same = next((each for each in before.approvers if each.same(wanted)), None)
    return same if same is not None and wanted.name is None else wanted
