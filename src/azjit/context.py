"""The context of one command: its settings, clients, stores, clock and notes.

Each client and store is made on first use. Making one writes, sends and says nothing; a method
with a name does that. A service takes the context as its only argument.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING, TypeVar

from azjit.azure.connection import Connection
from azjit.azure.once import once
from azjit.domain.ids import ResourceId
from azjit.errors import AzjitError, Usage
from azjit.process import Notes, Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.domain.access import Identity
    from azjit.embedded_sandbox import EmbeddedSandbox
    from azjit.store.directory import DirectoryCache
    from azjit.store.names import KnownNames
    from azjit.store.receipts import Receipts
    from azjit.store.shown import ShownRequests
    from azjit.store.tokens import MemoryStore, SystemStore

_T = TypeVar("_T")


class Side(StrEnum):
    """The side of the contract that a command is for."""

    PUBLISHER = "publisher"
    CONSUMER = "consumer"


_PERSON = {Side.PUBLISHER: "alice", Side.CONSUMER: "bob", None: "alice"}


class Context(Connection):
    """The settings of a command, and the clients and stores that it uses.

    `reads_names` says whether a person reads the result, so that looking up names is worth a call.
    `unrecorded` are the errors of outcomes that could not be written to the receipts. No change is
    recorded before `has_settled`, so that no command skips the receipts of killed ones. `stop` is
    set when the command is interrupted: then its threads send nothing more.
    """

    def __init__(
        self,
        settings: Settings,
        process: Process,
        notes: Notes,
        side: Side | None,
        *,
        reads_names: bool = False,
    ) -> None:
        super().__init__(settings, process, notes, _PERSON[side])
        self.reads_names = reads_names
        self._side = side
        self._asking_the_time = RLock()
        self.unrecorded: list[AzjitError] = []
        self.has_settled = False
        self.stop = Event()
        self._services: dict[Callable[[Context], object], object] = {}

    @property
    def side(self) -> Side:
        """The side of the contract that this command is for."""
        assert self._side is not None  # only commands that do not use Azure have no side
        return self._side

    def subscription_name(self, subscription: str) -> str | None:
        """Give the name of a subscription that this command has listed."""
        return self.resources.names.get(subscription.lower())

    def service(self, made: Callable[[Context], _T]) -> _T:
        """Give the one instance of a service in this command; a service may cache what it reads."""
        with self.making:
            if made not in self._services:
                self._services[made] = made(self)
            return self._services[made]  # type: ignore[return-value]  # `made` gives a _T

    def enter(self, *, wants_fresh_token: bool = False) -> None:
        """Say that this is a sandbox, and check the tenant before anything is read.

        A decision that no person confirms `wants_fresh_token`: one of an earlier command contains
        the groups of that time.

        Raises:
            Refused: the tenant is not the expected one.
        """
        self.wants_fresh_token = wants_fresh_token
        self.say_sandbox()
        self._expect_tenant()

    @property
    def identity(self) -> Identity:
        """Who is signed in, and how."""
        from azjit.domain.access import Identity

        caller, arm, sign_in = self.caller, self.cloud.arm, self._sign_in
        if sign_in.person is not None:
            return Identity(caller, arm, "sandbox")
        return Identity(caller, arm, *sign_in.way)

    def portal_link(self, resource: ResourceId) -> str:
        """Give the address of a resource's page in the portal."""
        return self.cloud.portal_link(resource.text, self.caller.tenant)

    def close(self) -> None:
        """Save the names that were read, and close what was opened."""
        try:
            if "caller" in self.__dict__:
                caller = self.caller
                self.known.remember_principals(self.cloud.arm, {caller.id.key: caller.name})
            if "receipts" in self.__dict__ and self.settings.receipts_shared is not None:
                self._share_receipts(self.settings.receipts_shared)
        finally:
            super().close()

    def _share_receipts(self, folder: Path) -> None:
        """Bring the copy in the shared folder up to date; a failure changes no outcome."""
        import platform

        from azjit.store import disk
        from azjit.store.shared_copy import Differs, copy_receipts

        try:
            copy_receipts(self._memory, folder, platform.node())
        except Differs as copy:
            self.notes.warn(
                f"the receipts were not copied: {copy} has others than this machine; move it"
                " away, and find out who changed it: azjit receipts verify"
            )
        except (OSError, disk.Busy) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            self.notes.warn(
                f"the receipts were not copied to {folder}: {why}; the next command that records a"
                " change copies them"
            )

    def say_sandbox(self) -> None:
        """Note once that this is a sandbox, if it is one."""
        if self._side is not None and self.cloud.is_sandbox:
            self.notes.sandbox()

    # The clock, and ids

    def now(self) -> datetime:
        """Give the current time: Azure's if this machine's is wrong, a sandbox's in a sandbox."""
        if self._side is not None:
            _ = self.cloud  # its endpoints, once read, show the clock of a sandbox
        with self._asking_the_time:
            if self.time.wants_another():
                with suppress(AzjitError):
                    self.resources.probe()
        return self._time_so_far()

    def _time_so_far(self) -> datetime:
        """Give the current time without asking Azure: a store calls it while it holds a lock."""
        return self.process.now() + self.time.offset

    def new_id(self) -> str:
        """Make a new id."""
        return self.process.new_id()

    # The disk

    def open_token_store(self) -> MemoryStore | SystemStore:
        """Give the store of access tokens between commands."""
        from azjit.store.tokens import store_for

        return store_for(self.process.environ, self.state_directory)

    @once
    def receipts(self) -> Receipts:
        """The receipts of every change."""
        return self.receipts_in(self._memory)

    @property
    def may_have_unfinished(self) -> bool:
        """Whether there may be changes of killed commands in the receipts."""
        from azjit.store.place import has_open_intents

        try:
            return has_open_intents(self._memory)
        except OSError:
            return True  # who searches them tells what is wrong

    @property
    def may_have_receipts(self) -> bool:
        """Whether there may be receipts of this machine, or of others in the shared folder."""
        from azjit.store.place import has_receipts

        return self.settings.receipts_shared is not None or has_receipts(self._memory)

    def receipts_in(self, directory: Path) -> Receipts:
        """Give the receipts of a directory."""
        from azjit.store.receipts import Receipts

        process, warn = self.process, self.notes.warn
        return Receipts(
            directory,
            now=self._time_so_far,
            new_id=process.new_id,
            clean=process.clean,
            warn=warn,
        )

    @once
    def known(self) -> KnownNames:
        """The names of earlier commands; saved once, when the command ends."""
        from azjit.store.names import KnownNames

        names = KnownNames(self._memory, now=self.process.now)
        batch = names.batch()
        batch.__enter__()

        def write() -> None:
            batch.__exit__(None, None, None)

        self._closing.append(write)
        return names

    @once
    def shown(self) -> ShownRequests:
        """What this terminal, or a process without one, showed of each request."""
        from azjit.store.shown import ShownRequests

        return ShownRequests(self._memory, self.process.terminal())

    @once
    def directory_cache(self) -> DirectoryCache:
        """The directory entries of the last day; saved when the command ends."""
        from azjit.store.directory import DirectoryCache

        cache = DirectoryCache(self._memory, self.caller.tenant, now=self.process.now)
        self._closing.append(cache.save)
        return cache

    @once
    def embedded_sandbox(self) -> EmbeddedSandbox:
        """The sandbox in the state directory."""
        from azjit.embedded_sandbox import EmbeddedSandbox

        made = EmbeddedSandbox(self.state_directory, self.process)
        self._closing.append(made.close)
        return made

    @once
    def state_directory(self) -> Path:
        """The directory of receipts, names and the sandbox, private if it exists.

        Raises:
            Usage: there is no home directory for it, it cannot be azjit's own, or a newer azjit
                wrote there.
        """
        from azjit.store.place import take_place

        if not self._place:
            raise Usage(
                "there is no place for a state directory: the user has no home directory",
                hint="name one: --state-dir DIR, or set AZJIT_STATE_DIR or HOME",
            )
        take_place(directory := Path(self._place))
        return directory

    @once
    def _place(self) -> str:
        from azjit.store import locations

        return locations.state_directory(self.settings.state_dir, self.process.environ)

    @property
    def _memory(self) -> Path:
        """The directory of receipts and names; a sandbox has its own.

        Without a home directory it is one that nothing can be read from or written to.
        """
        if not self._place:
            return Path(os.devnull, "no home directory")
        return self.state_directory / "sandbox" if self.cloud.is_sandbox else self.state_directory
