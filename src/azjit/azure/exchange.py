"""Sends a call through Microsoft's pipeline, and turns a missing answer into one of our errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azjit.azure.clouds import Cloud
from azjit.azure.redaction import first_line
from azjit.azure.responses import Answer, lost, read_answer
from azjit.azure.transport_errors import sign_in_failure, unreached
from azjit.domain.calls import Call

if TYPE_CHECKING:
    from azure.core.rest import HttpRequest
    from azure.mgmt.resource.resources import ResourceManagementClient


def exchange(
    client: ResourceManagementClient, cloud: Cloud, call: Call, request: HttpRequest
) -> Answer:
    """Send the request of a call and read its answer.

    Raises:
        NotSignedIn: no token, or Azure refuses it.
        Unavailable: Azure was not reached, throttles or fails on a read.
        AnswerLost: a write was sent and no usable answer came.
        AzjitError: any other answer of 400 or more, by its status and code.
    """
    from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError

    what = f"could not {call.what}"
    try:
        if call.resend:
            response = client.send_request(request)
        else:
            response = client.send_request(request, retry_total=0)
        text = response.text()
    except ClientAuthenticationError as error:
        raise sign_in_failure(what, cloud.login, error) from error
    except ServiceRequestError as error:
        raise unreached(what, cloud.host, error) from error
    except (AzureError, ValueError) as error:
        # ValueError: azure-core on a malformed challenge, an unknown charset's bytes.
        raise lost(call, f"no usable answer came ({first_line(error)})") from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return read_answer(call, response.status_code, text, headers)
