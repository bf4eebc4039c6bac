"""The embedded sandbox of one command: its file, its people, and its transports."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azjit.errors import Failed, NotSignedIn, meant
from azjit.process import Process

if TYPE_CHECKING:
    from azjit.sandbox.core import Person, Sandbox

_SHOWN = 10


class EmbeddedSandbox:
    """A sandbox in the state directory, opened on first use."""

    def __init__(self, state_dir: Path, process: Process) -> None:
        self.path = state_dir / "sandbox" / "world.sqlite"
        self._process = process

    @cached_property
    def world(self) -> Sandbox:
        """The embedded world, seeded on first use.

        Raises:
            Failed: the file is a world of another version.
        """
        from azjit.sandbox.core import Sandbox
        from azjit.store import disk

        disk.make_private_directory(self.path.parent)
        # SQLite would make the file by the umask, and its other files as this one.
        disk.make_private_file(self.path)
        try:
            return Sandbox(self.path, now=self._process.now)
        except ValueError as error:
            raise Failed(str(error), hint="create a new one: azjit sandbox reset") from error

    def fresh(self) -> Sandbox:
        """Give a world that can be seeded again, and delete the receipts and names of the old one.

        The file stays, because a server may have it open; an unreadable file is replaced.
        """
        folder = self.path.parent
        for pattern in ("names.json", "directory.json", "receipts.*", "open/*"):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
        try:
            return self.world
        except Failed:
            for path in folder.glob("world.sqlite*"):
                path.unlink(missing_ok=True)
            return self.world

    def inhabitant(self, name: str) -> Person:
        """Give the person with an alias, a sign-in name or an id.

        Raises:
            NotSignedIn: there is no such person.
        """
        people = self.world.people()
        for one in people:
            if name.lower() in {one.alias.lower(), one.upn.lower(), one.object_id, one.app_id}:
                return one
        aliases = [one.alias for one in people]
        raise NotSignedIn(
            f"the sandbox has no person named {name!r}",
            hint=f"{meant(name, aliases)}there are {', '.join(aliases[:_SHOWN])}",
        )

    def azure_core_transport(self) -> Any:  # noqa: ANN401 - azure-core is not imported here
        """Give the transport through which azure-core calls the world."""
        from azjit.sandbox.transports.azure_core import AzureCoreTransport

        return AzureCoreTransport(self.world, self._process.sleep)

    def httpx_transport(self) -> Any:  # noqa: ANN401 - httpx is not imported here
        """Give the transport through which httpx calls the world."""
        from azjit.sandbox.transports.in_process import HttpxTransport

        return HttpxTransport(self.world)

    def close(self) -> None:
        """Close the file of the world, if it is open."""
        if "world" in self.__dict__:
            self.world.close()
