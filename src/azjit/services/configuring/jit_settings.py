"""Changes an application's JIT settings: PATCH the whole policy, poll, read back, compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.applications import Application, ApprovalMode, Approver, JitPolicy
from azjit.domain.calls import Call
from azjit.domain.inputs import SettingsPatch
from azjit.domain.reports import SettingsChange
from azjit.domain.requests import RequestState
from azjit.domain.rules import check_manual_has_approver, check_policy_change
from azjit.errors import AzjitError, Refused, Unconfirmed, Usage
from azjit.services.directory_names import Directory
from azjit.services.lookup.approvers import named_policy
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.people import People
from azjit.services.recording import record
from azjit.services.sending import SentCall, Watch, follow, send_if_undone
from azjit.store.receipt_details import SettingsDetails
from azjit.store.receipts import Outcome

_PORTAL_DEFAULT = timedelta(hours=8)
# A read can show an older state for so long after a write.
_LAG = timedelta(seconds=30)


class _People(NamedTuple):
    """The people that a patch names, found."""

    exactly: tuple[Approver, ...] | None
    added: tuple[Approver, ...]
    removed: tuple[Approver, ...]


class SettingsPlan(NamedTuple):
    """A change to the settings of an application, and its call; no call if nothing changes.

    With a `doubt` it may be sent only after a person was asked.
    """

    change: SettingsChange
    call: Call | None = None
    warnings: tuple[str, ...] = ()
    doubt: Refused | None = None


class Configuring:
    """Changes JIT settings."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._people = context.service(People)
        self._directory = context.service(Directory)

    def plan(self, app: str, patch: SettingsPatch) -> SettingsPlan:
        """Compare the wanted settings of an application with those that a read shows.

        Raises:
            Usage: nothing to change, options that contradict each other, or an approver to
                remove who is none.
            Refused: JIT is off, or manual mode would be left without approvers.
        """
        _check_sense(patch)
        # The listing that finds a name can lag: what is changed is what a GET shows.
        found = self._finder.application(app, changes=True)
        application = self._context.solutions.application(found.id)
        before = check_policy_change(application.policy, application.name)
        # People are found after the application, because its reads settle the tenant.
        after = _patched(before, patch, self._people_of(before, patch))
        if after.same(before):
            return SettingsPlan(self._change(application, before, before, changed=False))
        check_manual_has_approver(after, allowed=patch.allow_no_approver)
        warnings = tuple(_warnings(before, after))
        doubt = None
        if after.mode is ApprovalMode.AUTOMATIC and before.mode is not ApprovalMode.AUTOMATIC:
            waiting, doubt = self._waiting(application)
            warnings += waiting
        if self._context.time.is_wrong_here and _loosens(before, after):
            doubt = Refused(
                f"the settings of {application.name} are not loosened: this machine's clock is"
                " wrong, and nobody is asked to confirm the change",
                hint="set the clock, or change them at a terminal without --yes",
            )
        call = self._context.solutions.settings_change(application.id, after)
        return SettingsPlan(self._change(application, before, after), call, warnings, doubt)

    def apply(self, plan: SettingsPlan) -> SettingsChange:
        """Change the settings, if they are as they were planned, and read them back.

        Raises:
            Refused: the settings changed after the plan.
            Unconfirmed: Azure accepted the change, but no read shows it.
        """
        if plan.call is None:
            return plan.change
        application, before, after = plan.change.application, plan.change.before, plan.change.after
        self._check_untouched(application, before)
        details = SettingsDetails(before, after)
        with record(self._context, "configure", application.id.text, None, details) as opened:
            sent = send_if_undone(
                self._context,
                plan.call,
                lambda: self._is_untouched(application, before),
                opened.leaves,
            )
            sent = follow(self._context, sent)
            seen, trouble = self._watch(application, after)
            policy = seen.policy if seen is not None and trouble is None else None
            if seen is None or policy is None or not policy.same(after):
                raise self._not_shown(application, sent, trouble)
            opened.conclude(Outcome.CONFIRMED, state="configured", request_id=sent.request_id)
        return self._change(seen, before, policy)

    def _change(
        self, application: Application, before: JitPolicy, after: JitPolicy, *, changed: bool = True
    ) -> SettingsChange:
        """Give a change with the names of approvers; a call has the names that Azure knows."""
        before, after = (named_policy(self._directory, each) for each in (before, after))
        return SettingsChange(application, before, after, changed)

    def _people_of(self, before: JitPolicy, patch: SettingsPatch) -> _People:
        """Find the people of a patch; those to remove are looked for in the settings first."""
        exactly = self._people.approvers(patch.approvers) if patch.approvers is not None else None
        added = self._people.approvers(patch.add)
        _check_kinds((*(exactly or ()), *added))
        known = (*before.approvers, *added)
        removed = tuple(self._people.among(known, text) for text in patch.remove)
        both = [each for each in added if any(each.id == other.id for other in removed)]
        if both:
            raise Usage(f"{both[0].id} is both added and removed", hint="use only one of the two")
        return _People(exactly, added, removed)

    def _watch(
        self, application: Application, after: JitPolicy
    ) -> tuple[Application | None, AzjitError | None]:
        return Watch(self._context, _LAG).until(
            lambda: self._context.solutions.application(application.id),
            lambda read: read.policy is not None and read.policy.same(after),
            "waiting for Azure to show the new settings",
        )

    def _check_untouched(self, application: Application, before: JitPolicy) -> None:
        # The contract has no ETag: a change between this read and the write is not noticed.
        if not self._is_untouched(application, before):
            raise Refused(
                f"the settings of {application.name} changed after azjit showed them; nothing"
                " was sent",
                hint=f"check again: azjit consumer show {application.name}",
            )

    def _is_untouched(self, application: Application, before: JitPolicy) -> bool:
        fresh = self._context.solutions.application(application.id).policy
        return fresh is not None and fresh.is_as(before)

    def _not_shown(
        self, application: Application, sent: SentCall, trouble: AzjitError | None
    ) -> AzjitError:
        link = self._context.portal_link(application.id)
        told = f"no read worked ({trouble.message})" if trouble else "a read shows other settings"
        return Unconfirmed(
            f"no read confirms the settings of {application.name}: {sent.said}, but {told}",
            hint=f"change them in the portal, JIT Configuration: {link}",
            request_id=sent.request_id,
        )

    def _waiting(self, application: Application) -> tuple[tuple[str, ...], Refused | None]:
        """Give a warning of what waits, and a refusal if a part of that is unknown."""
        why = "the state of a request is unknown"
        try:
            states = [each.state for each in self._finder.requests(application)]
        except AzjitError as error:
            states, why = None, error.message
        waiting = [each for each in states or () if each.may_wait]
        if states is not None and not waiting:
            return (), None
        warning = (
            f"{_counted(len(waiting))} wait for a decision: whether automatic mode approves them"
            " too is not documented; deny them first if it must not"
        )
        if waiting and all(each is RequestState.PENDING for each in waiting):
            return (warning,), None
        return (warning,), Refused(
            f"the mode of {application.name} is not changed, because what waits for a decision is"
            f" not known, and nobody is asked: {why}",
            hint="change it at a terminal without --yes, or in the portal",
        )


def _counted(waiting: int) -> str:
    if waiting > 1:
        return f"{waiting} requests"
    return "1 request may" if waiting else "requests may"


def _warnings(before: JitPolicy, after: JitPolicy) -> Iterator[str]:
    is_longer = after.maximum is not None and after.maximum > _PORTAL_DEFAULT
    if is_longer and after.maximum != before.maximum:
        yield "more than 8 hours: Microsoft does not document whether Azure accepts this"


def _loosens(before: JitPolicy, after: JitPolicy) -> bool:
    """Tell whether more becomes possible: no approval, a longer access or another approver."""
    is_longer = before.maximum is None or after.maximum is None or after.maximum > before.maximum
    known = {each.id for each in before.approvers}
    return (
        (after.mode is ApprovalMode.AUTOMATIC and before.mode is not ApprovalMode.AUTOMATIC)
        or (after.maximum != before.maximum and is_longer)
        or any(each.id not in known for each in after.approvers)
    )


def _check_sense(patch: SettingsPatch) -> None:
    if patch.is_empty:
        raise Usage(
            "nothing to change",
            hint="use one of --mode, --max-duration, --add-approver, --remove-approver",
        )
    if patch.approvers is not None and (patch.add or patch.remove):
        raise Usage(
            "--approvers replaces all approvers: it excludes --add-approver and --remove-approver",
            hint="use --approvers alone, or --add-approver and --remove-approver",
        )
    if patch.approvers == () and not patch.allow_no_approver:
        raise Usage(
            "--approvers is empty",
            hint="use --approvers user:ID,group:ID, or --allow-no-approver for none",
        )


def _check_kinds(approvers: Iterable[Approver]) -> None:
    kinds: dict[str, str] = {}
    for each in approvers:
        if kinds.setdefault(each.id.key, each.kind) != each.kind:
            raise Usage(f"{each.id} is named as a user and as a group", hint="it can be only one")


def _patched(before: JitPolicy, patch: SettingsPatch, named: _People) -> JitPolicy:
    after = before
    if patch.mode is not None:
        after = after._replace(mode=patch.mode, mode_text=None)
    if patch.maximum is not None:
        after = after._replace(maximum=patch.maximum, maximum_text=None)
    kept = before.approvers if named.exactly is None else ()
    for unwanted in named.removed:
        if not any(each.same(unwanted) for each in kept):
            raise Usage(
                f"{unwanted.kind}:{unwanted.id} is not an approver",
                hint="list the approvers: azjit consumer show APP",
            )
        kept = tuple(each for each in kept if not each.same(unwanted))
    approvers = list(kept)
    for wanted in (*(named.exactly or ()), *named.added):
        if not any(each.same(wanted) for each in approvers):
            approvers.append(_known(wanted, before))
    return after._replace(approvers=tuple(approvers))


def _known(wanted: Approver, before: JitPolicy) -> Approver:
    """Keep Azure's name and spelling of an approver who is added again without a name."""
    same = next((each for each in before.approvers if each.same(wanted)), None)
    return same if same is not None and wanted.name is None else wanted
