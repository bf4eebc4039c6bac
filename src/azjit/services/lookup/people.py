"""Finds the users and groups that a person names by id, sign-in name, mail or display name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from azjit.context import Context
from azjit.domain.applications import Approver
from azjit.domain.directory import DirectoryEntry
from azjit.domain.ids import PrincipalId, is_guid
from azjit.domain.inputs import APPROVER_KINDS, parse_approver
from azjit.errors import NotAllowed, NotFound, NotSignedIn, Usage

_FIELDS = {
    "user": ("userPrincipalName", "mail", "displayName"),
    "group": ("displayName", "mail"),
}
_BY_ID = "use ids: user:ID or group:ID"


class People:
    """Finds the users and groups that may approve, in the directory of the caller's tenant."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def approvers(self, texts: Iterable[str]) -> tuple[Approver, ...]:
        """Read approvers: `user:ID` and `group:ID` as they are, others from the directory.

        Raises:
            Usage: malformed, or several have that name.
            NotFound: nobody has.
            NotAllowed: the directory may not be read.
        """
        return tuple(self._approver(text.strip()) for text in texts)

    def among(self, approvers: Iterable[Approver], text: str) -> Approver:
        """Find the approver with an id or name; ask the directory if none has it.

        Raises:
            Usage: several have that name, or none has that id.
            NotFound: no approver has that name, and nobody in the directory.
            NotAllowed: no approver has that name, and the directory may not be read.
        """
        text, known = text.strip(), tuple(approvers)
        kind, who = _kind_and_rest(text)
        named = [each for each in known if _is_named(each, kind, who)]
        if len(named) > 1:
            listed = "; ".join(f"{each.name or ''} {_label(each)}".strip() for each in named)
            raise Usage(
                f"{len(named)} approvers are named {text!r}: {listed}",
                hint="use the id of one of these",
            )
        if named:
            return named[0]
        if is_guid(who):
            raise Usage(
                f"{text} is not an approver", hint="list the approvers: azjit consumer show APP"
            )
        found = self._approver(text)
        return next((each for each in known if each.id == found.id), found)

    def _approver(self, text: str) -> Approver:
        given = parse_approver(text)
        if given is not None:
            return given
        kind, colon, rest = text.partition(":")
        if colon and kind.lower() in APPROVER_KINDS:
            return self._found(rest.strip(), (kind.lower(),))
        return self._found(text, APPROVER_KINDS)

    def _found(self, text: str, kinds: tuple[str, ...]) -> Approver:
        try:
            found = self._by_id(text) if is_guid(text) else self._named(text, kinds)
        except (NotAllowed, NotSignedIn) as error:
            error.hint = f"{_BY_ID}; {error.hint}" if error.hint else _BY_ID
            raise
        if len(found) > 1:
            listed = "; ".join(sorted(entry.whole for entry in found))
            raise Usage(
                f"{len(found)} are named {text!r}: {listed}", hint="use the id of one of these"
            )
        if not found:
            raise self._nobody(text, kinds)
        return self._accepted(text, found[0])

    def _accepted(self, text: str, entry: DirectoryEntry) -> Approver:
        if entry.kind not in APPROVER_KINDS:
            raise Usage(
                f"{text} is a {entry.kind}: only users and groups can approve",
                hint="use a user or a group",
            )
        if entry.is_enabled is False:
            self._context.notes.warn(f"{entry.label} is disabled: nobody can approve as this user")
        return Approver(entry.id, entry.kind, entry.name)

    def _by_id(self, text: str) -> list[DirectoryEntry]:
        return self._context.graph.by_ids([PrincipalId(text).key], f"look up {text}")

    def _named(self, text: str, kinds: tuple[str, ...]) -> list[DirectoryEntry]:
        same = f" eq '{_quoted(text)}'"
        found: dict[PrincipalId, DirectoryEntry] = {}
        for kind in kinds:
            condition = " or ".join(f"{field}{same}" for field in _FIELDS[kind])
            found |= {entry.id: entry for entry in self._where(kind, condition, text)}
        return list(found.values())

    def _where(self, kind: str, condition: str, text: str) -> list[DirectoryEntry]:
        return self._context.graph.where(kind, condition, f"look up {text}")

    def _nobody(self, text: str, kinds: tuple[str, ...]) -> NotFound:
        near = [] if is_guid(text) else self._near(text, kinds)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        return NotFound(
            f"no user or group {text!r} in your directory", hint=f"{meant}{_BY_ID} if you know it"
        )

    def _near(self, text: str, kinds: tuple[str, ...]) -> list[str]:
        """Give names with the same beginning and a similar spelling."""
        begins = _quoted(text[:2])
        spelled: dict[str, str] = {}
        for kind in kinds:
            fields = [field for field in _FIELDS[kind] if field != "mail"]
            condition = " or ".join(f"startswith({field},'{begins}')" for field in fields)
            for entry in self._where(kind, condition, text):
                names = [name for name in (entry.name, entry.label) if name]
                spelled |= {name.lower(): repr(name) for name in names}
        close = get_close_matches(text.lower(), spelled, n=2, cutoff=0.6)
        return [spelled[name] for name in close]


def _kind_and_rest(text: str) -> tuple[str | None, str]:
    kind, colon, rest = text.partition(":")
    is_kind = bool(colon) and kind.lower() in APPROVER_KINDS
    who = rest if is_kind else text
    bare = who.partition("=")[0]
    return kind.lower() if is_kind else None, bare if is_guid(bare) else who.strip()


def _is_named(approver: Approver, kind: str | None, who: str) -> bool:
    if kind is not None and approver.kind.lower() != kind:
        return False
    if is_guid(who):
        return approver.id == PrincipalId(who)
    return bool(who) and (approver.name or "").lower() == who.lower()


def _label(approver: Approver) -> str:
    return f"{approver.kind.lower()}:{approver.id}"


def _quoted(text: str) -> str:
    # OData doubles a quote inside a text.
    return text.replace("'", "''")
