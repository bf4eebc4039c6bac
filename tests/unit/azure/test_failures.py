from __future__ import annotations

import json
from typing import Any

import pytest

from azjit.azure.failures import ErrorBody, error_for, read_error_body, requested_wait
from azjit.domain.calls import Call
from azjit.errors import AzjitError, Failed, NotAllowed, Refused, Unavailable

WEB_PAGE = "with a web page, not JSON; a gateway or proxy may have answered"


def error_of(status: int, text: str, headers: dict[str, str] | None = None) -> AzjitError:
    return error_for(Call("GET", "https://x", "x"), status, text, headers or {})


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "A", "message": "m"}}, "A", "m"),
        ({"code": "A", "message": "m"}, "A", "m"),
        ({"Code": "A", "Message": "m"}, "A", "m"),
        ({"odata.error": {"code": "A", "message": {"lang": "en", "value": "m"}}}, "A", "m"),
        ({"status": "Failed", "error": {"code": "A", "message": "m"}}, "A", "m"),
        ({"error": "invalid_grant", "error_description": "m"}, "invalid_grant", "m"),
        ({"error": "denied", "message": "m"}, "denied", "m"),
        ({"error": "denied"}, "denied", ""),
        ({"error": {"code": "A", "details": [{"code": "B", "message": "m"}]}}, "A", "m"),
        ({"error": {"code": "A", "details": []}}, "A", ""),
        ({"error": {"code": "A", "details": ["odd"]}}, "A", ""),
        ({"error": {"code": 7, "message": None}}, "7", ""),
        ({"error": None, "code": "A"}, "A", ""),
        ({"error": []}, "", ""),
        ({}, "", ""),
        ([], "", ""),
        ("text", "", ""),
        (None, "", ""),
    ],
)
def test_error_bodies_of_all_forms_are_read(body: Any, code: str, message: str) -> None:
    assert read_error_body(body) == ErrorBody(code, message)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "20"}, 0.02),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "20", "retry-after": "30"}, 0.02),
        ({"retry-after": "Mon, 02 Mar 2026 09:00:00 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "9" * 5000}, None),
    ],
)
def test_wait_is_read_from_any_header_that_azure_uses(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert requested_wait(headers) == seconds


def test_wait_is_passed_on() -> None:
    error = error_of(503, "", {"retry-after": "40"})

    assert type(error) is Unavailable
    assert error.hint == "Azure asks to wait 40 s; try again then"


@pytest.mark.parametrize("headers", [{}, {"retry-after-ms": "500"}])
def test_short_wait_is_no_advice(headers: dict[str, str]) -> None:
    error = error_of(429, "", headers)

    assert error.hint == "Azure throttles this principal; wait a minute and try again"


def test_lines_and_lengths_are_tamed() -> None:
    text = json.dumps({"error": {"code": "A", "message": "one\r\n  two\t" + "x" * 500}})

    error = error_of(400, text, {"x-ms-request-id": "id"})

    assert type(error) is Failed
    assert error.message.startswith("could not x: one two xxx")
    assert error.message.endswith("x...")
    assert len(error.message) < 430
    assert (error.code, error.request_id) == ("A", "id")


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (404, "", "Azure answered 404 Not Found"),
        (499, "no json", "Azure answered 499"),
        (
            403,
            " <HTML>blocked</HTML>",
            f"Azure answered 403 Forbidden {WEB_PAGE}",
        ),
    ],
)
def test_answer_without_words_is_told_by_its_number(status: int, text: str, said: str) -> None:
    error = error_of(status, text)

    assert error.message == f"could not x: {said}"
    assert error.code is None
    assert error.hint


def test_codes_are_read_without_case() -> None:
    error = error_of(409, '{"error": {"code": "SCOPELOCKED"}}')

    assert type(error) is Refused
    assert "lock" in str(error.hint)


def test_licensed_software_is_no_licence_of_entra() -> None:
    text = '{"error": {"code": "Forbidden", "message": "licensed by pool 2"}}'

    assert type(error_of(403, text)) is NotAllowed
