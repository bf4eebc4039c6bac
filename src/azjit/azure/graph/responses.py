"""Microsoft Graph's answers, read: JSON, or one of our errors."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from azjit.azure.failures import error_for, told_wait
from azjit.errors import AzjitError, Unavailable

TRY_AGAIN = "try again; a gateway or proxy may be at work"


def read_json(response: Any, what: str) -> Any:
    """Give the JSON of an answer; `what` names the call in errors.

    Raises:
        AzjitError: an answer of 400 or more, by its status and code.
        Unavailable: a redirection, or no JSON.
    """
    status = response.status_code
    if status >= HTTPStatus.BAD_REQUEST:
        raise _failure(response, what)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Unavailable(
            f"could not {what}: Graph answered {status}, a redirection that is not followed",
            hint=TRY_AGAIN,
        )
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        raise Unavailable(
            f"could not {what}: the answer ({status}) is not whole JSON", hint=TRY_AGAIN
        ) from error


def listed(answer: Any, what: str) -> list[Any]:
    """Give the list that an answer holds.

    Raises:
        Unavailable: it holds none.
    """
    found = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Unavailable(f"could not {what}: the answer holds no list", hint=TRY_AGAIN)
    return found


def _failure(response: Any, what: str) -> AzjitError:
    headers: Mapping[str, str] = response.headers
    label = headers.get("request-id") or headers.get("client-request-id")
    wait = told_wait(headers)
    what = f"could not {what}"
    return error_for(what, response.status_code, response.text, label, wait, knows_pim=False)
