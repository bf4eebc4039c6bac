"""Turns JIT access on and off in an offer's draft: one field, guarded by its ETag, read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from azjit.azure.partner_center import PartnerCenter
from azjit.domain.offers import ConfigurationId, DraftId, OfferChange, PackageConfiguration
from azjit.domain.reports import PlannedCall
from azjit.errors import AnswerLost, AzjitError, NotFound, Refused, Unavailable, Unconfirmed
from azjit.packages.insertion import Hand, insert
from azjit.packages.jsonc import Kind, Malformed, Node, parse
from azjit.services.ports import Ports
from azjit.services.recording import Change, mapping_of
from azjit.store.receipts import Outcome

ACTIONS = {True: "enable-jit", False: "disable-jit"}
_KIND = "AzureManagedApplicationPackageConfiguration"
_FLAG = "allowJitAccess"
_ETAG = "@odata.etag"


class Offers:
    """The publisher's offers in Partner Center."""

    def __init__(self, ports: Ports, center: PartnerCenter) -> None:
        self._ports = ports
        self._center = center

    def show(self, draft: DraftId) -> PackageConfiguration:
        """Read the package configuration of a draft; what a kill left open on it is settled.

        Raises:
            NotFound: the draft has none.
            Refused: it is no managed application's.
        """
        found = self._read(draft)
        self._reconcile(found)
        return found

    def set_jit(
        self, draft: DraftId, *, allowed: bool, dry_run: bool, ask: Callable[[str], None]
    ) -> OfferChange:
        """Set whether consumers can choose JIT access; every other field stays as it is.

        Raises:
            Refused: it changed since it was read, or has no ETag to guard it.
            Unconfirmed: Partner Center took the change, but a read does not show it.
        """
        before = self.show(draft)
        if before.allows_jit is allowed:
            return OfferChange(before, changed=False)
        if before.etag is None:
            raise Refused(
                f"{before.id} has no ETag: another's change could be overwritten",
                hint="set the checkbox in Partner Center, Technical configuration",
            )
        source = _with_flag(before.source, allowed=allowed)
        address = self._center.address(draft, before.id)
        note = f"If-Match: {before.etag}"
        planned = PlannedCall("PUT", address, json.loads(source), note)
        if dry_run:
            return OfferChange(before, changed=True, planned=planned)
        ask(f"{ACTIONS[allowed]} on {before.id} of product {draft.product}?")
        return self._send(before, source, allowed=allowed)

    def _send(self, before: PackageConfiguration, source: str, *, allowed: bool) -> OfferChange:
        details = {"before": before.allows_jit, "after": allowed, "etag": before.etag}
        change = Change(ACTIONS[allowed], _target(before), None, details)
        said = "Partner Center took the change"
        with self._ports.journal.record(change) as opened:
            assert before.etag is not None
            try:
                self._center.replace(before.draft, before.id, source, before.etag)
            except AnswerLost as lost:
                said = lost.message
            seen = self._seen(before, said)
            if seen.allows_jit is not allowed:
                raise _not_shown(before, f"{said}, but a read does not show it")
            opened.conclude(Outcome.CONFIRMED, state=_word(allowed=allowed))
        self._warn_of_others(before, seen)
        return OfferChange(seen, changed=True)

    def _seen(self, before: PackageConfiguration, said: str) -> PackageConfiguration:
        try:
            return self._read(before.draft)
        except AzjitError as error:
            raise _not_shown(
                before, f"{said}, but it could not be read: {error.message}"
            ) from error

    def _warn_of_others(self, before: PackageConfiguration, seen: PackageConfiguration) -> None:
        old, new = _fields(before.source), _fields(seen.source)
        apart = {_FLAG, _ETAG}
        others = sorted(
            k for k in old.keys() | new.keys() if old.get(k) != new.get(k) and k not in apart
        )
        if others:
            self._ports.ear.warn(
                f"Partner Center shows other fields changed too: {', '.join(others)}; azjit sent"
                " them as they were"
            )

    def _read(self, draft: DraftId) -> PackageConfiguration:
        text, etag = self._center.read(draft)
        try:
            root = parse(text)
        except Malformed as error:
            raise Unavailable(
                f"the package configuration of {draft.product} is no whole JSON: {error}",
                hint="try again; a gateway or proxy may be at work",
            ) from error
        listed = root.get("value")
        nodes = listed.items if listed is not None and listed.kind is Kind.LIST else (root,)
        known = [_configuration(draft, text, node, etag) for node in nodes if node.get("id")]
        return _only(draft, known)

    def _reconcile(self, found: PackageConfiguration) -> None:
        """Conclude what a kill left open on this configuration: the read just made tells."""
        for left in self._ports.journal.receipts.unfinished():
            body = left.entry.body
            is_ours = body.get("target") == _target(found).text
            if not is_ours:
                left.release()
                continue
            wanted = mapping_of(body.get("details")).get("after")
            outcome = Outcome.CONFIRMED if found.allows_jit is wanted else Outcome.UNCONFIRMED
            state = _word(allowed=found.allows_jit is True)
            left.conclude(outcome, state=state, detail="reconciled by a read", reconciled=True)
            self._ports.ear.warn(
                f"an earlier {body.get('action')} was cut short; a read shows now: {state}"
            )


def _configuration(draft: DraftId, text: str, node: Node, etag: str | None) -> PackageConfiguration:
    flag, rows = node.get(_FLAG), node.get("publicAzureAuthorizations")
    return PackageConfiguration(
        draft=draft,
        id=_text(node, "id") or "",
        etag=_text(node, _ETAG) or etag,
        kind=_text(node, "resourceType") or "",
        allows_jit=flag.scalar if flag is not None and isinstance(flag.scalar, bool) else None,
        deployment_mode=_text(node, "deploymentMode"),
        management_mode=_text(node, "publisherManagementMode"),
        principals=len(rows.items) if rows is not None else 0,
        source=text[node.start : node.end],
    )


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
            f"the draft is no managed application's: {known[0].kind}",
            hint="JIT access is for plans of type managed application",
        )
    raise NotFound(
        f"draft {draft.instance} of product {draft.product} has no package configuration",
        hint="upload a package in Partner Center first, or check the ids",
    )


def _with_flag(source: str, *, allowed: bool) -> str:
    """Give the JSON with the flag set and every other character as it was."""
    root = parse(source)
    member = root.member(_FLAG)
    word = json.dumps(allowed)
    if member is None:
        return insert(source, Hand(source, root).append(root, allowed, key=_FLAG))
    return source[: member.value.start] + word + source[member.value.end :]


def _fields(source: str) -> Mapping[str, object]:
    told = parse(source).plain()
    return told if isinstance(told, Mapping) else {}


def _text(node: Node, key: str) -> str | None:
    found = node.get(key)
    return found.text if found is not None else None


def _target(configuration: PackageConfiguration) -> ConfigurationId:
    return ConfigurationId(
        f"partner-center/products/{configuration.draft.product}"
        f"/packageConfigurations/{configuration.id}"
    )


def _word(*, allowed: bool) -> str:
    return "JIT access allowed" if allowed else "JIT access not allowed"


def _not_shown(before: PackageConfiguration, said: str) -> Unconfirmed:
    draft = before.draft
    return Unconfirmed(
        f"{before.id}: {said}",
        hint=f"look again: azjit publisher offer show --product {draft.product}"
        f" --instance {draft.instance}",
    )
