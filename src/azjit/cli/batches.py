"""The end of a batch: an error line for each failed item, and one exit code."""

from __future__ import annotations

from collections.abc import Sequence

from azjit.cli.runtime import Runtime
from azjit.errors import AzjitError, PartlyDone


def end_of_batch(rt: Runtime, told: Sequence[AzjitError | None]) -> None:
    """Raise the error of a batch, if an item failed; `told` has the error of each item.

    Raises:
        AzjitError: the only item failed, or all items failed with the same exit code.
        PartlyDone: some items failed, or items failed with different exit codes.
    """
    errors = [error for error in told if error is not None]
    if not errors:
        return
    if len(told) == 1:
        raise errors[0]
    for error in errors:
        rt.notes.error(error)
    total = f"{len(errors)} of {len(told)} requests failed"
    if len(errors) == len(told) and len({error.exit for error in errors}) == 1:
        raise type(errors[0])(total)
    raise PartlyDone(total)
