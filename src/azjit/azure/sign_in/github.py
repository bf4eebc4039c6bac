"""Gets the token that GitHub gives a job, with which the job signs in to Entra."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from azjit.azure.network import CONNECT_SECONDS, keep_token
from azjit.azure.transport_errors import TRY_AGAIN, unreached
from azjit.azure.wire.values import read_json
from azjit.errors import NotSignedIn, Unavailable

_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
_EXCHANGE = "api://AzureADTokenExchange"
_EXCHANGES = {
    "login.microsoftonline.us": f"{_EXCHANGE}USGov",
    "login.partner.microsoftonline.cn": f"{_EXCHANGE}China",
    "login.chinacloudapi.cn": f"{_EXCHANGE}China",
}
_READ_SECONDS = 30


def audience_of(login: str) -> str:
    """Give the audience that Entra wants of a federated token, by the cloud's sign-in host.

    Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
    """
    return _EXCHANGES.get(login.lower(), _EXCHANGE)


def github_token(url: str, token: str, audience: str, trusted: str | None) -> str:
    """Get an assertion from GitHub; `trusted` names certificates to trust, None the system's.

    Source: https://docs.github.com/actions/concepts/security/openid-connect

    Raises:
        NotSignedIn: GitHub refuses.
        Unavailable: GitHub was not reached, or fails.
    """
    import requests

    if not url.startswith("https://"):
        raise NotSignedIn(
            f"{_URL} is not an HTTPS address; nothing was sent",
            hint="leave the variable as the runner of GitHub Actions sets it",
        )
    try:
        answer = requests.get(
            url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {token}"},
            auth=keep_token,
            timeout=(CONNECT_SECONDS, _READ_SECONDS),
            verify=trusted or True,
            allow_redirects=False,
        )
        value = read_json(answer.text).get("value") if answer.status_code == HTTPStatus.OK else None
    except (requests.ConnectionError, requests.Timeout) as error:
        host = urlsplit(url).netloc
        raise unreached("GitHub returned no token", host, error) from error
    except (requests.RequestException, ValueError, AttributeError) as error:
        raise Unavailable(
            "GitHub returned no token: its answer is not the expected JSON", hint=TRY_AGAIN
        ) from error
    if isinstance(value, str):
        return value
    message = f"GitHub returned no token: it answered {answer.status_code}"
    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise NotSignedIn(message, hint="the workflow needs the permission id-token: write")
    raise Unavailable(message, hint=TRY_AGAIN)
