"""Sends a call through Microsoft's pipeline, and turns a missing answer into one of our errors."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from azjit.azure.clouds import Cloud
from azjit.azure.redaction import first_line
from azjit.azure.responses import Answer, lost, read_answer
from azjit.azure.transport_errors import sign_in_failure, unreached
from azjit.domain.calls import Call

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.rest import HttpResponse


_T = TypeVar("_T")


def exchange(client: PipelineClient[Any, Any], cloud: Cloud, call: Call, **options: Any) -> Answer:
    """Send a call and read its answer; the options are those of our own policies.

    Raises:
        NotSignedIn: no token, or Azure refuses it.
        TokenRenewed: Azure refused the token of a write; with the newer one it was not sent.
        Unavailable: Azure was not reached, throttles or fails on a read.
        AnswerLost: a write was sent and no usable answer came.
        AzjitError: any other answer of 400 or more, by its status and code.
    """
    from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
    from azure.core.rest import HttpRequest

    headers, what = dict(call.headers), f"could not {call.what}"
    if call.text is None:
        request = HttpRequest(call.method, call.url, json=call.body, headers=headers)
    else:
        content = call.text.encode()
        request = HttpRequest(call.method, call.url, content=content, headers=headers)
    try:
        if not call.is_read:
            options |= {"retry_total": 0, "write": call}
        response = client.send_request(request, **options)
        text = response.text()
    except ClientAuthenticationError as error:
        raise sign_in_failure(what, cloud.login, error) from error
    except ServiceRequestError as error:
        raise unreached(what, cloud.host, error) from error
    except (AzureError, ValueError) as error:
        # ValueError: azure-core on a malformed challenge, an unknown charset's bytes.
        raise lost(call, f"no usable response ({first_line(error)})") from error
    return _read(call, response, text)


def operate(run: Callable[[], _T], cloud: Cloud, call: Call) -> _T:
    """Run a read of Microsoft's own client; `call` tells what it is.

    Raises:
        AzjitError: as for `exchange`.
    """
    from azure.core.exceptions import (
        AzureError,
        ClientAuthenticationError,
        HttpResponseError,
        ServiceRequestError,
    )

    what = f"could not {call.what}"
    try:
        return run()
    except ServiceRequestError as error:
        raise unreached(what, cloud.host, error) from error
    except (AzureError, ValueError) as error:
        response: Any = error.response if isinstance(error, HttpResponseError) else None
        if response is not None and response.status_code >= HTTPStatus.BAD_REQUEST:
            _read(call, response, response.text())
        if isinstance(error, ClientAuthenticationError):
            raise sign_in_failure(what, cloud.login, error) from error
        raise lost(call, f"no usable response ({first_line(error)})") from error


def _read(call: Call, response: HttpResponse, text: str) -> Answer:
    got = {name.lower(): value for name, value in response.headers.items()}
    return read_answer(call, response.status_code, text, got)
