"""As whom azjit acts, read from the token that it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azjit.azure.clouds import Cloud
from azjit.azure.sign_in.credentials import caller_of
from azjit.azure.transport_errors import sign_in_failure
from azjit.domain.access import Caller

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def caller_from(credential: TokenCredential, cloud: Cloud) -> Caller:
    """Ask for the token that calls will carry and read whose it is.

    Raises:
        NotSignedIn: no sign-in works; the message is the credential's own.
        Unavailable: the sign-in host was not reached.
    """
    from azure.core.exceptions import AzureError

    try:
        token = credential.get_token(cloud.scope, enable_cae=True)
    except AzureError as error:
        raise sign_in_failure("not signed in", cloud.login, error) from error
    return caller_of(token.token)
