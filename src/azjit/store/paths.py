"""Where the state of this tool lives."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def state_directory(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Give the folder of receipts and names; the first write creates it, for its owner only."""
    if explicit is not None:
        return explicit.expanduser().absolute()
    if sys.platform == "linux" and "HOME" in environ:
        # What platformdirs answers here, without its 30 ms of import.
        base = environ.get("XDG_STATE_HOME", "")
        is_usable = base.startswith("/")
        return (Path(base) if is_usable else Path(environ["HOME"], ".local", "state")) / "azjit"
    from platformdirs import user_state_dir  # noqa: PLC0415 - the same 30 ms

    return Path(user_state_dir("azjit", appauthor=False))
