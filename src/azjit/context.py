"""The context of one command: what it was told, its clients, its store, its clock, its notes.

Each is made on first use, and making it does nothing else: what says, writes or refuses something
is a method. Services take the context alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from azjit.azure.connection import Connection, once
from azjit.process import Notes, Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.embedded_sandbox import EmbeddedSandbox
    from azjit.store.directory import DirectoryCache
    from azjit.store.names import KnownNames
    from azjit.store.receipts import Receipts

_T = TypeVar("_T")


class Side(StrEnum):
    """From which side of the contract a command looks."""

    PUBLISHER = "publisher"
    CONSUMER = "consumer"


_PERSON = {Side.PUBLISHER: "alice", Side.CONSUMER: "bob", None: "alice"}


class Context(Connection):
    """What a command was told, and what it works with.

    `reads_names` tells whether a person reads the result, so that names are worth a call.
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
        self._services: dict[Callable[[Context], object], object] = {}

    @property
    def side(self) -> Side:
        """From which side of the contract this command looks."""
        assert self._side is not None  # the commands about the sandbox itself look at no contract
        return self._side

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions that were named."""
        return self.settings.subscription

    def service(self, made: Callable[[Context], _T]) -> _T:
        """Give the command's one instance of a service, which may remember what it read."""
        with self.making:
            if made not in self._services:
                self._services[made] = made(self)
            return self._services[made]  # type: ignore[return-value]  # what `made` gave

    def enter(self) -> None:
        """Say that this is a sandbox, and refuse another tenant before anything is read.

        Raises:
            Refused: the tenant is not the expected one.
        """
        self._say_sandbox()
        self._expect_tenant()

    def seen_subscriptions(self) -> list[str]:
        """List the subscriptions to look through: the named ones, else all in reach."""
        return list(self.subscriptions) or self.resources.subscriptions()

    def close(self) -> None:
        """Write what was seen and close what was opened, the last first."""
        if "caller" in self.__dict__:
            self.known.remember_principals({self.caller.id.key: self.caller.name})
        super().close()

    def _say_sandbox(self) -> None:
        if self.cloud.is_sandbox:
            self.notes.sandbox()

    # The clock, and ids

    def now(self) -> datetime:
        """Give the time that requests are measured by: the sandbox's own there."""
        if self._side is not None:
            self._say_sandbox()  # reading its endpoints tells a sandbox's clock
        return self.process.now() + self._offset

    def new_id(self) -> str:
        """Make a new id."""
        return self.process.new_id()

    # The disk

    @once
    def receipts(self) -> Receipts:
        """The receipts of every change."""
        from azjit.store.receipts import Receipts

        return Receipts(self._memory, now=self.now, new_id=self.process.new_id)

    @once
    def known(self) -> KnownNames:
        """The names seen before; written once, when the command ends."""
        from azjit.store.names import KnownNames

        names = KnownNames(self._memory, now=self.process.now)
        batch = names.batch()
        batch.__enter__()

        def write() -> None:
            batch.__exit__(None, None, None)

        self._closing.append(write)
        return names

    @once
    def directory_cache(self) -> DirectoryCache:
        """What the caller's directory told within the last day; written when the command ends."""
        from azjit.store.directory import DirectoryCache

        cache = DirectoryCache(self._memory, self.caller.tenant, now=self.process.now)
        self._closing.append(cache.save)
        return cache

    @once
    def embedded_sandbox(self) -> EmbeddedSandbox:
        """The sandbox in the state directory."""
        from azjit.embedded_sandbox import EmbeddedSandbox

        made = EmbeddedSandbox(self._state_dir, self.process)
        self._closing.append(made.close)
        return made

    @once
    def _state_dir(self) -> Path:
        """Where receipts, names and the sandbox live."""
        from azjit.store.locations import state_directory

        return Path(state_directory(self.settings.state_dir, self.process.environ))

    @property
    def _memory(self) -> Path:
        """Where receipts and names are; those of the sandbox are kept apart from the real ones."""
        return self._state_dir / "sandbox" if self.cloud.is_sandbox else self._state_dir
