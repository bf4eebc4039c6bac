"""Signs in to a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from azjit.azure.clouds import Cloud
from azjit.azure.redaction import first_line
from azjit.azure.wire.values import read_json
from azjit.errors import NotSignedIn, Unavailable

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

# Azure names the application of each sign-in by a GUID; a sandbox takes any.
_CLIENT_ID = "a21a0f0e-52a5-4bd0-9d0a-6c0a5d3f8b17"
_PASSWORD = "sandbox"  # noqa: S105 - the one password of every sandbox person


class SandboxCredential:
    """Signs in to a sandbox as one of its people; its tokens are worthless elsewhere."""

    def __init__(
        self, cloud: Cloud, alias: str, transport: Any, now: Callable[[], datetime]
    ) -> None:
        self._cloud = cloud
        self._alias = alias
        self._transport = transport
        self._now = now

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,  # noqa: ARG002 - the protocol of azure-core
        tenant_id: str | None = None,
        enable_cae: bool = False,  # noqa: ARG002 - the protocol of azure-core
        **_: Any,
    ) -> AccessToken:
        """Get a token of the person from the sandbox's token endpoint.

        Raises:
            NotSignedIn: the sandbox knows no such person.
            Unavailable: the sandbox does not answer.
        """
        from azure.core.credentials import AccessToken

        tenant, scope = tenant_id or "organizations", {"scope": " ".join(scopes)}
        person = {"client_id": _CLIENT_ID, "username": self._alias, "password": _PASSWORD}
        answer = self._ask(tenant, {"grant_type": "password", **person, **scope})
        if "access_token" not in answer:
            service = {"client_id": self._alias, "client_secret": _PASSWORD}
            grant = {"grant_type": "client_credentials", **service, **scope}
            as_service = self._ask(tenant, grant)
            answer = as_service if "access_token" in as_service else answer
        token, lifetime = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lifetime, int):
            reason = str(answer.get("error_description") or answer.get("error") or "no token")
            raise NotSignedIn(
                f"the sandbox refused to sign in {self._alias!r}: {reason.splitlines()[0]}",
                hint="list the people: azjit sandbox show",
            )
        return AccessToken(token, int(self._now().timestamp()) + lifetime)

    def _ask(self, tenant: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        url = f"{self._cloud.authority}/{tenant}/oauth2/v2.0/token"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = HttpRequest("POST", url, headers=headers, content=urlencode(form))
        try:
            answer = read_json(self._transport.send(request, read_timeout=30).text())
        except (AzureError, ValueError) as error:
            raise Unavailable(
                f"the sandbox at {self._cloud.login} returned no token: {first_line(error)}",
                hint="start it again: azjit sandbox serve",
            ) from error
        return answer if isinstance(answer, Mapping) else {}
