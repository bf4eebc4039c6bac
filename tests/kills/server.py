"""A server of a world that tells, in a byte that others can map, whether a write is going on."""

from __future__ import annotations

import mmap
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.server import SandboxServer
from azjit.sandbox.world.store import Store

# A write takes well under a millisecond: it is stretched, so that kills can meet it.
_STRETCH_SECONDS = 0.004


def main(folder: Path, port: int) -> None:
    sandbox = Sandbox(folder / "world.sqlite")
    with (folder / "writing").open("r+b") as file, mmap.mmap(file.fileno(), 1) as flag:
        _watch(sandbox._store, flag)
        server = SandboxServer(sandbox, port, directory=folder)
        (folder / "ready").write_text(server.url)
        server.serve_forever()


def _watch(store: Store, flag: mmap.mmap) -> None:
    """Raise the flag while changes are made that are not committed yet."""
    plain = store.transaction

    @contextmanager
    def watched(*, is_write: bool) -> Iterator[Any]:
        if not is_write:
            with plain(is_write=False) as connection:
                yield connection
            return
        with store._lock:
            with plain(is_write=True) as connection:
                before = connection.total_changes
                yield connection
                flag[0] = connection.total_changes > before
                time.sleep(_STRETCH_SECONDS)
            flag[0] = 0

    store.transaction = watched  # type: ignore[method-assign]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
