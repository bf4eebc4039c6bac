"""How a batch ends: a line for each item that failed, and the exit code of them all."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.domain.reports import Verdicted
from azjit.errors import (
    AzjitError,
    Exit,
    Failed,
    NotAllowed,
    NotFound,
    PartlyDone,
    Refused,
    StillPending,
    Unavailable,
    Unconfirmed,
    Usage,
)
from azjit.runtime import Runtime

_KINDS: dict[Exit, type[AzjitError]] = {
    kind.exit: kind
    for kind in (
        Failed,
        Usage,
        NotFound,
        NotAllowed,
        Refused,
        Unavailable,
        StillPending,
        Unconfirmed,
    )
}


def end_of_batch(rt: Runtime, rows: Sequence[Verdicted]) -> None:
    """Raise what the batch comes to: nothing, the common failure, or "partly done".

    Raises:
        AzjitError: one item, or all alike, failed.
        PartlyDone: some items failed, or in different ways.
    """
    errors = [_error(row) for row in rows if row.exit is not Exit.DONE]
    if not errors:
        return
    if len(rows) == 1:
        raise errors[0]
    for error in errors:
        rt.notes.error(error)
    total = f"{len(errors)} of {len(rows)} requests failed"
    if len(errors) == len(rows) and len({error.exit for error in errors}) == 1:
        raise type(errors[0])(total)
    raise PartlyDone(total)


def _error(row: Verdicted) -> AzjitError:
    kind = _KINDS.get(row.exit, Failed)
    return kind(
        row.message or f"{row.action} of {row.asked} failed",
        hint=row.hint,
        code=row.code,
        request_id=row.request_id,
    )
