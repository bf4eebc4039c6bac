"""As whom azjit acts, read from the token that it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azjit.azure.clouds import Cloud
from azjit.azure.credentials import caller_of
from azjit.domain.access import Caller
from azjit.errors import NotSignedIn

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def caller_from(credential: TokenCredential, cloud: Cloud) -> Caller:
    """Ask for the token that calls will carry and read whose it is.

    Raises:
        NotSignedIn: no sign-in works; the message is the credential's own.
    """
    from azure.core.exceptions import AzureError

    try:
        token = credential.get_token(cloud.scope, enable_cae=True)
    except AzureError as error:
        said = str(error).strip().splitlines()
        raise NotSignedIn(
            f"not signed in: {said[0] if said else 'no reason given'}",
            hint="sign in with az login, set the AZURE_ variables of a service principal, or try"
            " azjit with --sandbox",
        ) from error
    return caller_of(token.token)
