"""Azure's answers, read: usable, refused, or lost. What is not known is never called a failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from azjit.azure.calls import Answer, Call
from azjit.azure.failures import error_for, told_wait
from azjit.errors import AnswerLost, AzjitError, Unavailable

_TRY_AGAIN = "try again; a gateway or proxy may be at work"
_READ_FIRST = "whether Azure acted is not known; read the state before trying again"


def read_answer(call: Call, status: int, text: str, headers: Mapping[str, str]) -> Answer:
    """Give a usable answer.

    Raises:
        AnswerLost: a write was sent, and what came tells nothing of what became of it.
        AzjitError: any other answer of 400 or more, by its status and code.
        Unavailable: a read came back as something else than JSON.
    """
    if status >= HTTPStatus.BAD_REQUEST:
        raise _failure(call, status, text, headers)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise lost(call, f"Azure answered {status}, a redirection that is not followed")
    if not text.strip():
        return Answer(status, None, headers)
    try:
        return Answer(status, json.loads(text), headers)
    except (ValueError, RecursionError) as error:
        raise lost(call, f"the answer ({status}) is not whole JSON") from error


def lost(call: Call, why: str) -> Unavailable:
    """Give the error for a call without a usable answer: a write may have been done."""
    message = f"could not {call.what}: {why}"
    if call.is_read:
        return Unavailable(message, hint=_TRY_AGAIN)
    return AnswerLost(message, hint=_READ_FIRST)


def _failure(call: Call, status: int, text: str, headers: Mapping[str, str]) -> AzjitError:
    request_id = headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id")
    wait = told_wait(headers)
    error = error_for(f"could not {call.what}", status, text, request_id, wait)
    error.status = status
    if isinstance(error, Unavailable):
        error.wait = wait
    # A gateway gives up on a call (5xx, 408) that the service behind it may still carry out.
    is_open = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT
    if call.is_read or not is_open or type(error) is not Unavailable:
        return error
    return AnswerLost(error.message, hint=_READ_FIRST, code=error.code, request_id=error.request_id)
