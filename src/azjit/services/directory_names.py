"""Reads names, group memberships and licences from the directory of the caller's tenant.

The directory has only the people of that tenant; all others stay ids. A name that cannot be read
never fails a command: without rights in Graph, results show ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from azjit.context import Context
from azjit.domain.access import Caller
from azjit.domain.directory import DirectoryEntry, Licence
from azjit.domain.ids import PrincipalId, is_guid, normal_guid
from azjit.errors import AzjitError, NotAllowed
from azjit.store.directory import LIFE, OUTAGE_LIFE

if TYPE_CHECKING:
    from azjit.azure.graph import Graph

_T = TypeVar("_T")
# az gives tokens that are up to 28 hours old, and groups change.
_TOKEN_LIFE = timedelta(hours=1)
_IDS = "people are shown as ids"
_REFUSED_LATELY = (
    f"{_IDS}: the directory returned no names recently; azjit asks it again after a day, or with"
    " --refresh"
)


class Directory:
    """The directory of the caller's tenant; it remembers its answers for one command."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._refreshes = context.settings.refresh
        self._told: dict[str, str | None] = {}
        self._is_closed = False
        self._has_said_closed = False
        self._members: dict[str, tuple[DirectoryEntry, ...] | AzjitError] = {}
        self._places: dict[str, bool] = {}
        self._unplaced: set[str] = set()
        self._turn, self._placing = Lock(), Lock()

    @property
    def is_asked(self) -> bool:
        """Whether the directory is asked for unknown names."""
        return (self._context.reads_names or self._refreshes) and not self._is_closed

    def learn(self, principals: Iterable[PrincipalId], tenant: str | None = None) -> None:
        """Look up the names of many principals in as few calls as possible.

        `tenant` is their home, if it is known: names of another tenant are not looked up.
        """
        if tenant is not None and tenant.lower() != self._context.caller.tenant.lower():
            self._told |= {each.key: self._told.get(each.key) for each in principals}
            return
        if not self.is_asked:
            return
        # Graph refuses all names of a call in which one id is none.
        keys = dict.fromkeys(each.key for each in principals if is_guid(each.key))
        wanted = [key for key in keys if key not in self._told and not self._is_kept(key)]
        wanted = [key for key in wanted if key != self._context.caller.id.key]
        if wanted and self._is_open:
            self._ask_names(wanted)
        elif wanted and not self._is_closed and not self._has_said_closed:
            self._has_said_closed = True
            self._context.notes.aside(_REFUSED_LATELY)

    def name(self, principal: PrincipalId) -> str | None:
        """Give the name of a principal; None if it is not known."""
        self.learn([principal])
        key = principal.key
        return self._told.get(key) or self._context.directory_cache.name(key)

    def placed(
        self, caller: Caller, groups: Iterable[PrincipalId], *, anew: bool = False
    ) -> Caller:
        """Give the caller with its membership in these groups, if the token does not contain it.

        `anew` uses no answer that an earlier command got, and no token that is older than an hour.
        """
        asked = {each.key for each in groups if each != caller.id}
        is_told = caller.groups is not None and not (anew and self._is_old(caller))
        if is_told or not asked:
            return caller
        with self._placing:
            known = {key: self._place(caller, key, anew=anew) for key in asked}
            unknown = [key for key in sorted(asked) if known[key] is None]
            if unknown and not self._unplaced.issuperset(unknown):
                found = self._groups_with(caller, unknown)
                self._remember_places(caller, unknown, found)
                known |= {key: key in found for key in unknown} if found is not None else {}
        inside = frozenset(key for key, is_in in known.items() if is_in)
        if not inside and None in known.values():
            # Nobody else says so, but what an old token lists may be the caller's own still.
            inside = (caller.groups or frozenset()) & asked
            return caller._replace(groups=inside or None)
        return caller._replace(groups=inside)

    def kinds(self, principals: Iterable[PrincipalId]) -> Mapping[str, str] | None:
        """Give the kind of each existing principal, by key; None if Graph cannot be read."""
        if self._is_closed:
            return None
        keys = [each.key for each in principals]
        found = self._try(lambda graph: graph.by_ids(keys, "look up principals", hurry=True))
        return None if found is None else {e.id.key: e.kind for e in found}

    def entries(self, principals: Iterable[PrincipalId]) -> Mapping[str, DirectoryEntry]:
        """Give the existing users, groups and service principals, by key."""
        keys = [each.key for each in principals]
        found = self._context.graph.by_ids(keys, "look up principals")
        return {entry.id.key: entry for entry in found}

    def members(self, group: PrincipalId) -> tuple[DirectoryEntry, ...]:
        """Give the members of a group and of its groups; each group is read once.

        Raises:
            AzjitError: Graph cannot be read, for example without GroupMember.Read.All.
        """
        key = f"{self._context.caller.tenant}/{group.key}"
        with self._turn:
            if key not in self._members:
                self._members[key] = self._asked_members(group)
        told = self._members[key]
        if isinstance(told, AzjitError):
            raise told
        return told

    def licence(self) -> Licence:
        """Read which licence for PIM and JIT access the caller's tenant has.

        Raises:
            AzjitError: Graph cannot be read, for example without LicenseAssignment.Read.All.
        """
        return self._context.graph.licence("read the tenant's licences")

    # The cache of earlier commands

    def _is_kept(self, key: str) -> bool:
        return not self._refreshes and self._context.directory_cache.has(key)

    def _is_old(self, caller: Caller) -> bool:
        return caller.issued is not None and self._context.now() - caller.issued > _TOKEN_LIFE

    def _place(self, caller: Caller, group: str, *, anew: bool) -> bool | None:
        known = self._places.get(group)
        if known is not None or anew or self._refreshes:
            return known
        return self._context.directory_cache.is_in(caller.id.key, group)

    def _remember_places(self, caller: Caller, asked: list[str], inside: set[str] | None) -> None:
        if inside is None:
            self._unplaced.update(asked)
            return
        self._places |= {key: key in inside for key in asked}
        self._context.directory_cache.remember_groups(caller.id.key, asked, inside)

    @property
    def _is_open(self) -> bool:
        caller = self._context.caller.id.key
        return not self._is_closed and (
            self._refreshes or not self._context.directory_cache.has_refused(caller)
        )

    # The calls to Graph

    def _ask_names(self, keys: list[str]) -> None:
        found = self._try(lambda graph: graph.by_ids(keys, "look up names", hurry=True))
        if found is None:
            return
        names: dict[str, str | None] = dict.fromkeys(keys)
        names |= {normal_guid(entry.id.text): entry.label for entry in found}
        self._told |= names
        self._context.directory_cache.remember_names(names)

    def _asked_members(self, group: PrincipalId) -> tuple[DirectoryEntry, ...] | AzjitError:
        try:
            return tuple(
                self._context.graph.members(group.key, f"list the members of group {group}")
            )
        except AzjitError as error:
            return error

    def _groups_with(self, caller: Caller, groups: list[str]) -> set[str] | None:
        return self._try(
            lambda graph: graph.groups_with(
                caller.id.key,
                groups,
                f"look up the groups of {caller.name}",
                is_service=not caller.is_person,
            ),
            f"whether {caller.name} is in an eligible group is unknown",
        )

    def _try(self, ask: Callable[[Graph], _T], lack: str = _IDS) -> _T | None:
        try:
            return ask(self._context.graph)
        except AzjitError as error:
            self._is_closed = True
            life = LIFE if isinstance(error, NotAllowed) else OUTAGE_LIFE
            self._context.directory_cache.remember_refusal(self._context.caller.id.key, life)
            self._context.notes.aside(f"{lack}: {error.message}")
            return None
