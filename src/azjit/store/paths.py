"""Where the state of this tool lives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from azjit.store.locations import state_place


def state_directory(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Give the folder of receipts and names; the first write creates it, for its owner only."""
    return Path(state_place(str(explicit) if explicit is not None else None, environ))
