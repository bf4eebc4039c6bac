"""Asks a cloud for its own endpoints: `/metadata/endpoints`, which takes no sign-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from azjit.azure import routes
from azjit.azure.clouds import Cloud, cloud_from_metadata
from azjit.azure.redaction import first_line
from azjit.azure.transport_errors import unreached
from azjit.errors import Unavailable

_SECONDS = 20


def read_cloud(session: Any, arm: str) -> tuple[Cloud, str]:
    """Read a cloud from its own description; the text is the answer's `Date`.

    Raises:
        Unavailable: it was not reached, or its answer is no description.
        Refused: it asks for a token that is not its own.
    """
    import requests

    url = f"{arm}{routes.METADATA}?api-version={routes.ENDPOINTS}"
    try:
        response = session.get(url, timeout=_SECONDS, allow_redirects=False)
        answer = response.json()
    except (requests.ConnectionError, requests.Timeout) as error:
        what = "the cloud's endpoints could not be read"
        raise unreached(what, urlsplit(arm).netloc, error) from error
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(
            f"{url} could not be read: {first_line(error)}",
            hint="check --cloud, the network, and REQUESTS_CA_BUNDLE for a private CA",
        ) from error
    return cloud_from_metadata(arm, answer), response.headers.get("Date", "")
