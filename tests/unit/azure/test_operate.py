"""What Microsoft's own client raises becomes one of our errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from azjit.azure.clouds import NAMED
from azjit.azure.exchange import operate
from azjit.domain.calls import Call
from azjit.errors import AzjitError, NotAllowed, NotSignedIn, Unavailable

PUBLIC = NAMED["public"]
CALL = Call("GET", f"{PUBLIC.arm}/x", "read provider X")


class Refusal:
    """An answer of Azure."""

    def __init__(self, status: int, code: str) -> None:
        self.headers = {"X-Ms-Request-Id": "r-1"}
        self.status_code = status
        self.reason = "refused"
        self._text = f'{{"error": {{"code": "{code}", "message": "told {code}"}}}}'

    def text(self) -> str:
        return self._text


def raising(error: Exception) -> Callable[[], Any]:
    def run() -> None:
        raise error

    return run


def refused(kind: type[HttpResponseError], status: int, code: str) -> HttpResponseError:
    return kind("told", response=Refusal(status, code))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refused(HttpResponseError, 403, "AuthorizationFailed"), NotAllowed),
        (refused(ClientAuthenticationError, 401, "InvalidAuthenticationToken"), NotSignedIn),
        (refused(HttpResponseError, 503, "ServerBusy"), Unavailable),
        (ClientAuthenticationError("no token"), NotSignedIn),
        (ServiceRequestError("no route"), Unavailable),
        (ServiceResponseError("cut"), Unavailable),
        (ValueError("malformed challenge"), Unavailable),
    ],
)
def test_an_error_of_the_client_is_one_of_ours(error: Exception, told: type[AzjitError]) -> None:
    with pytest.raises(told) as caught:
        operate(raising(error), PUBLIC, CALL)

    assert "read provider X" in caught.value.message


def test_a_result_is_given_as_it_is() -> None:
    assert operate(lambda: "registered", PUBLIC, CALL) == "registered"
