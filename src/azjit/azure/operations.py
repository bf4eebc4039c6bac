"""Long-running operations: where to look, how long to wait, and whether one has ended.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from azjit.azure.calls import Answer
from azjit.azure.failures import read_error_body, requested_wait
from azjit.errors import Failed

_DEFAULT_WAIT = 2.0
_LONGEST_WAIT = 30.0


def status_address(answer: Answer) -> str | None:
    """Give where an answer's operation tells how it goes; None where it began none."""
    headers = answer.headers
    by_location = headers.get("location") if answer.status == HTTPStatus.ACCEPTED else None
    return headers.get("azure-asyncoperation") or by_location


def has_ended(seen: Answer, what: str) -> bool:
    """Tell whether an operation has ended well.

    A status address tells it in the body; `Location` has no status there and tells it by 202.

    Raises:
        Failed: it failed or was cancelled.
    """
    told = seen.body.get("status") if isinstance(seen.body, dict) else None
    if not isinstance(told, str):
        return seen.status != HTTPStatus.ACCEPTED
    status = told.lower()
    if status in {"failed", "canceled", "cancelled"}:
        error = read_error_body(seen.body)
        raise Failed(
            f"could not {what}: Azure's operation {status}: {error.message or 'no reason given'}",
            hint="read the state before trying again",
            code=error.code or None,
            request_id=seen.request_id,
        )
    return status == "succeeded"


def poll_wait(headers: Mapping[str, str]) -> float:
    """Give how many seconds to wait before the next look; never none, never very many."""
    told = requested_wait(headers)
    return min(told, _LONGEST_WAIT) if told else _DEFAULT_WAIT
