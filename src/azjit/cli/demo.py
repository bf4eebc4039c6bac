"""`azjit demo`: the story on the sandbox."""

from __future__ import annotations

import typer


def demo(ctx: typer.Context) -> None:
    """Tell the whole story on the sandbox, in ten seconds."""
    del ctx
