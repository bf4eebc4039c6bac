"""Long-running operations: where to poll, how long to wait, and whether one has ended.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from azjit.azure.failures import read_error_body, requested_wait
from azjit.azure.responses import Answer
from azjit.errors import Failed

_DEFAULT_WAIT_SECONDS = 2.0
_MAX_WAIT_SECONDS = 30.0


def status_address(answer: Answer) -> str | None:
    """Give the address of an operation's status; None if the answer began no operation."""
    headers = answer.headers
    by_location = headers.get("location") if answer.status == HTTPStatus.ACCEPTED else None
    return headers.get("azure-asyncoperation") or by_location


def is_by_location(answer: Answer) -> bool:
    """Tell whether an operation is followed by `Location`, whose result may have any `status`."""
    return "azure-asyncoperation" not in answer.headers


def has_ended(answer: Answer, what: str, *, by_location: bool = False) -> bool:
    """Tell whether an operation has ended well.

    `Azure-AsyncOperation` answers with the status in the body, `Location` with 202 until the end.

    Raises:
        Failed: it failed or was cancelled.
    """
    status = answer.body.get("status") if isinstance(answer.body, dict) else None
    if not isinstance(status, str):
        return answer.status != HTTPStatus.ACCEPTED
    status = status.lower()
    if status in {"failed", "canceled", "cancelled"}:
        error = read_error_body(answer.body)
        raise Failed(
            f"could not {what}: Azure's operation {status}: {error.message or 'no reason given'}",
            hint="read the state before trying again",
            code=error.code or None,
            request_id=answer.request_id,
        )
    return answer.status != HTTPStatus.ACCEPTED if by_location else status == "succeeded"


def poll_wait(answer: Answer) -> timedelta:
    """Give how long to wait before the next read: what Azure asks for, at most 30 seconds."""
    seconds = requested_wait(answer.headers)
    return timedelta(seconds=min(seconds, _MAX_WAIT_SECONDS) if seconds else _DEFAULT_WAIT_SECONDS)
