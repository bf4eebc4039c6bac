"""Reads and checks an offer's draft, and sets its JIT flag, guarded by an ETag and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.calls import Call
from azjit.domain.findings import Finding
from azjit.domain.offer_rules import DraftFacts, judge
from azjit.domain.offers import DraftId, PackageConfiguration, Plan
from azjit.errors import AnswerLost, AzjitError, NotFound, Refused, TokenRenewed, Unconfirmed
from azjit.services.directory_names import Directory
from azjit.services.lookup.built_in_roles import BuiltInRoles
from azjit.services.publishing.drafts import find_draft
from azjit.services.recording import record
from azjit.store.receipt_details import OfferDetails
from azjit.store.receipts import Outcome

_KIND = "AzureManagedApplicationPackageConfiguration"


class OfferPlan(NamedTuple):
    """A change to a draft, and its call; no call if nothing changes."""

    before: PackageConfiguration
    allowed: bool
    call: Call | None = None

    @property
    def action(self) -> str:
        """The command that makes the change."""
        return "enable-jit" if self.allowed else "disable-jit"


class Offers:
    """The publisher's offers in Partner Center."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def role_names(self) -> Mapping[str, str]:
        """The names of the built-in roles, by GUID."""
        return self._context.service(BuiltInRoles).names

    def find(self, plan: Plan) -> DraftId:
        """Find the draft of a plan by the ids that the publisher gave to its offer and to it."""
        return find_draft(self._context, plan)

    def check(self, draft: DraftId) -> list[Finding]:
        """Give the findings on a draft: its flag and its authorizations."""
        found = self.show(draft)
        principals = list(dict.fromkeys(row.principal for row in found.rows if row.is_whole))
        # The principals are of the offer's tenant: no other directory has them.
        is_home = found.tenant in {None, self._context.caller.tenant}
        directory = self._context.service(Directory)
        kinds = directory.kinds(principals) if is_home and principals else None
        names = {} if kinds is None else {one.key: directory.name(one) for one in principals}
        known = {key: name for key, name in names.items() if name is not None}
        facts = DraftFacts(found, kinds, known, self.role_names)
        return judge(facts, f"{draft.product}/{draft.instance}")

    def show(self, draft: DraftId) -> PackageConfiguration:
        """Read the package configuration of a draft, and settle its receipts of killed commands."""
        found = self._read(draft)
        self._reconcile(found)
        return found

    def plan(self, draft: DraftId, *, allowed: bool) -> OfferPlan:
        """Plan to allow JIT access or not; every other field stays as it is.

        Raises:
            Refused: the configuration has no ETag to guard the change.
        """
        before = self.show(draft)
        if before.allows_jit is allowed:
            return OfferPlan(before, allowed)
        if before.etag is None:
            raise Refused(
                f"{before.id} has no ETag: the change could overwrite another one",
                hint="set the checkbox in Partner Center, Technical configuration",
            )
        call = self._context.partner_center.change(before, before.etag, allowed=allowed)
        return OfferPlan(before, allowed, call)

    def apply(self, plan: OfferPlan) -> PackageConfiguration:
        """Send the change, which the ETag guards, and read the configuration back.

        Raises:
            Refused: the configuration changed after the plan.
            Unconfirmed: Partner Center accepted the change, but a read does not show it.
        """
        before, allowed = plan.before, plan.allowed
        if plan.call is None:
            return before
        details = OfferDetails(before.allows_jit, allowed, before.etag)
        said = "Partner Center accepted the change"
        with record(self._context, plan.action, _target(before), None, details) as opened:
            try:
                self._send(plan.call, before, opened.leaves)
            except AnswerLost as lost:
                said = lost.message
            seen = self._seen(before, said)
            if seen.allows_jit is not allowed:
                raise _not_shown(before, f"{said}, but a read does not show it")
            opened.conclude(Outcome.CONFIRMED, state=_word(allowed=allowed))
        self._warn_of_others(before, seen)
        return seen

    def _send(self, call: Call, before: PackageConfiguration, leaving: Callable[[], None]) -> None:
        """Send a change; with a newer token only if a read shows everything as before."""
        try:
            self._context.partner_center.send(call, leaving)
        except TokenRenewed:
            if self._read(before.draft) != before:
                raise
            self._context.partner_center.send(call, leaving)

    def _seen(self, before: PackageConfiguration, said: str) -> PackageConfiguration:
        try:
            return self._read(before.draft)
        except AzjitError as error:
            raise _not_shown(
                before, f"{said}, but it could not be read: {error.message}"
            ) from error

    def _warn_of_others(self, before: PackageConfiguration, seen: PackageConfiguration) -> None:
        others = before.changed_others(seen)
        if others:
            self._context.notes.warn(
                f"Partner Center also shows changes in other fields: {', '.join(others)}; azjit"
                " sent these fields unchanged"
            )

    def _read(self, draft: DraftId) -> PackageConfiguration:
        return _only(draft, self._context.partner_center.read(draft))

    def _reconcile(self, found: PackageConfiguration) -> None:
        """Conclude the receipts of killed commands by what the configuration shows."""
        for left in self._context.receipts.unfinished():
            told = left.intent.known_details
            if left.intent.target != _target(found) or not isinstance(told, OfferDetails):
                left.release()
                continue
            state = _word(allowed=found.allows_jit is True)
            if found.allows_jit is told.after:
                # Partner Center does not tell who set the field, so nobody is credited with it.
                state += ", by whom is not known"
            self._context.notes.warn(
                f"an earlier {left.intent.action} was interrupted; a read now shows: {state}"
            )
            detail = "reconciled by a read"
            try:
                left.conclude(Outcome.UNCONFIRMED, state=state, detail=detail, reconciled=True)
            except AzjitError as error:
                self._context.notes.warn(error.message)


def _only(draft: DraftId, known: list[PackageConfiguration]) -> PackageConfiguration:
    ours = [each for each in known if each.kind == _KIND]
    if len(ours) == 1:
        return ours[0]
    if len(ours) > 1:
        raise Refused(
            f"the draft has {len(ours)} package configurations: {', '.join(e.id for e in ours)}",
            hint="set the checkbox in Partner Center, Technical configuration",
        )
    if known:
        raise Refused(
            f"the draft does not belong to a managed application: {known[0].kind}",
            hint="JIT access is for plans of type managed application",
        )
    raise NotFound(
        f"draft {draft.instance} of product {draft.product} has no package configuration",
        hint="upload a package in Partner Center first, or check the ids",
    )


def _target(configuration: PackageConfiguration) -> str:
    return (
        f"partner-center/products/{configuration.draft.product}"
        f"/packageConfigurations/{configuration.id}"
    )


def _word(*, allowed: bool) -> str:
    return "JIT access allowed" if allowed else "JIT access not allowed"


def _not_shown(before: PackageConfiguration, said: str) -> Unconfirmed:
    draft = before.draft
    return Unconfirmed(
        f"{before.id}: {said}",
        hint=f"check again: azjit publisher offer show --product {draft.product} --instance"
        f" {draft.instance}",
    )
