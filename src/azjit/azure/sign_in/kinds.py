"""The kinds of sign-in that azure-identity has, each built from the environment.

Importing this module loads azure-identity: only the connection does, where it signs in by one.

Source: https://learn.microsoft.com/python/api/overview/azure/identity-readme
"""

from __future__ import annotations

import re
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.identity import (
    AzurePipelinesCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from azjit.azure.clouds import NAMED, Cloud, is_of
from azjit.azure.network import Network
from azjit.azure.redaction import first_line
from azjit.azure.sign_in.choice import (
    CERTIFICATE,
    CLIENT,
    CONNECTION,
    FEDERATED,
    GITHUB,
    PIPELINES,
    SECRET,
    TENANT,
    chosen_kind,
)
from azjit.azure.sign_in.github import audience_of, github_token
from azjit.azure.transport import NetworkTransport
from azjit.errors import NotSignedIn

_READ_SECONDS = 30
_BROWSER_SECONDS = 300


@dataclass(frozen=True, slots=True)
class SignIn:
    """The inputs of a sign-in; `say` shows a device code, and needs `may_prompt`."""

    kind: str
    tenant: str | None
    cloud: Cloud
    environ: Mapping[str, str]
    network: Network
    say: Callable[[str], None] = print
    hide: Callable[[str], None] = lambda _: None
    may_prompt: bool = True

    def required(self, *names: str) -> list[str]:
        """Give the values of variables that this kind needs.

        Raises:
            NotSignedIn: one of them is not set.
        """
        missing = [name for name in names if not self.environ.get(name)]
        if missing:
            raise NotSignedIn(
                f"sign-in by {self.kind} needs {', '.join(missing)}: not set",
                hint="set these variables, or sign in another way: azjit help sign-in",
            )
        return [self._value(name) for name in names]

    def _value(self, name: str) -> str:
        """Give a variable without the line end that a mounted secret often has."""
        value = self.environ[name].strip()
        if name in {CLIENT, TENANT} and re.search(r"[\s'\"]", value):
            raise NotSignedIn(
                f"{name} is {value!r}, with a quote or a blank in it",
                hint="set it without: docker's --env-file keeps quotes, for example",
            )
        return value

    def options(self) -> dict[str, Any]:
        """Give the options that every credential of azure-identity takes.

        The authority comes from the cloud: instance discovery would use the public one.
        """
        return {
            "authority": self.cloud.authority,
            "disable_instance_discovery": True,
            "additionally_allowed_tenants": ["*"],
            **self.network_options(self._may_reach),
        }

    def network_options(self, may_reach: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
        """Give the options of azure-identity's own pipeline, which waits for minutes by default."""
        transport = NetworkTransport(self.network, _READ_SECONDS, may_reach)
        return {"transport": transport, "retry_total": 2}

    def _may_reach(self, url: str) -> bool:
        """Tell whether a secret may go to an address: a sign-in host names the one for tokens."""
        if self.cloud.authority in {each.authority for each in NAMED.values()}:
            return True
        own = (self.cloud.authority, self.environ.get(PIPELINES[0], ""))
        named = {urlsplit(each).netloc.lower() for each in own}
        return urlsplit(url).netloc.lower() in named or is_of(self.cloud.arm, url)


def credential_for(sign_in: SignIn) -> TokenCredential:
    """Build the credential that `--auth` names.

    Raises:
        NotSignedIn: what it needs from the environment is missing or unusable.
    """
    kind = chosen_kind(sign_in.kind, sign_in.environ)
    sign_in = replace(sign_in, kind=kind)
    try:
        return KINDS[kind](sign_in)
    except (ValueError, OSError) as error:  # e.g. a certificate that is missing or unreadable
        why = first_line(error)
        if isinstance(error, OSError) and error.filename:
            why = f"{error.filename}: {error.strerror}"
        raise NotSignedIn(
            f"sign-in by {kind} is not usable: {why}",
            hint="check the AZURE_ variables that it needs: azjit help sign-in",
        ) from error


def _env(sign_in: SignIn) -> TokenCredential:
    missing = [name for name in (CLIENT, TENANT) if not sign_in.environ.get(name)]
    proofs = [name for name in (SECRET, CERTIFICATE) if sign_in.environ.get(name)]
    if not missing and not proofs:
        missing = [f"{SECRET} or {CERTIFICATE}"]
    if missing:
        raise NotSignedIn(
            f"the environment has no service principal: {', '.join(missing)} not set",
            hint="set the AZURE_ variables, or use the login of the Azure CLI with --auth cli",
        )
    return _secret(sign_in) if proofs[0] == SECRET else _certificate(sign_in)


def _secret(sign_in: SignIn) -> TokenCredential:
    client, tenant, secret = sign_in.required(CLIENT, TENANT, SECRET)
    return ClientSecretCredential(sign_in.tenant or tenant, client, secret, **sign_in.options())


def _certificate(sign_in: SignIn) -> TokenCredential:
    client, tenant, path = sign_in.required(CLIENT, TENANT, CERTIFICATE)
    password = sign_in.environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
    return CertificateCredential(
        sign_in.tenant or tenant, client, path, password=password, **sign_in.options()
    )


def _workload(sign_in: SignIn) -> TokenCredential:
    client, tenant, path = sign_in.required(CLIENT, TENANT, FEDERATED)
    return WorkloadIdentityCredential(
        tenant_id=sign_in.tenant or tenant,
        client_id=client,
        token_file_path=path,
        **sign_in.options(),
    )


def _github(sign_in: SignIn) -> TokenCredential:
    client, tenant = sign_in.required(CLIENT, TENANT)
    url, token = (sign_in.environ.get(name) for name in GITHUB)
    if not url or not token:
        raise NotSignedIn(
            f"this job cannot get a token from GitHub: {GITHUB[0]} is not set",
            hint="add to the job in its workflow: permissions: id-token: write",
        )
    # Asked for at each renewal: GitHub's own token ends after minutes, a long wait does not.
    trusted, audience = sign_in.network.authorities, audience_of(sign_in.cloud.login)

    def assertion() -> str:
        found = github_token(url, token, audience, trusted)
        sign_in.hide(found)
        return found

    return ClientAssertionCredential(
        sign_in.tenant or tenant,
        client,
        assertion,
        **sign_in.options(),
    )


def _pipelines(sign_in: SignIn) -> TokenCredential:
    _, token, connection = sign_in.required(*PIPELINES, CONNECTION)
    client = _either(sign_in, "AZURESUBSCRIPTION_CLIENT_ID", CLIENT)
    tenant = _either(sign_in, "AZURESUBSCRIPTION_TENANT_ID", TENANT)
    return AzurePipelinesCredential(
        tenant_id=sign_in.tenant or tenant,
        client_id=client,
        service_connection_id=connection,
        system_access_token=token,
        **sign_in.options(),
    )


def _either(sign_in: SignIn, first: str, second: str) -> str:
    return sign_in.environ.get(first) or sign_in.required(second)[0]


def _managed(sign_in: SignIn) -> TokenCredential:
    return ManagedIdentityCredential(
        client_id=sign_in.environ.get(CLIENT), **sign_in.network_options()
    )


def _browser(sign_in: SignIn) -> TokenCredential:
    _check_person(sign_in)
    _check_browser(sign_in)
    sign_in.say("to sign in, use the browser window that opens")
    return InteractiveBrowserCredential(
        timeout=_BROWSER_SECONDS, **_tenant(sign_in), **sign_in.options()
    )


def _device(sign_in: SignIn) -> TokenCredential:
    _check_person(sign_in)

    def prompt(address: str, code: str, _: object) -> None:
        sign_in.say(f"to sign in, open {address} and enter the code {code}")

    return DeviceCodeCredential(prompt_callback=prompt, **_tenant(sign_in), **sign_in.options())


def _check_person(sign_in: SignIn) -> None:
    """Refuse to ask a person where stdin or stderr is no terminal."""
    if not sign_in.may_prompt:
        raise NotSignedIn(
            f"sign-in by {sign_in.kind} is interactive and needs a terminal",
            hint="run it at a terminal, or sign in another way: azjit help sign-in",
        )


def _check_browser(sign_in: SignIn) -> None:
    """Refuse to open a text browser, which would write over the result."""
    if sign_in.environ.get("BROWSER"):
        return
    try:
        found: object = webbrowser.get()
    except webbrowser.Error:
        found = None
    if found is None or type(found) is webbrowser.GenericBrowser:
        raise NotSignedIn(
            "no browser can be opened here", hint="sign in with a device code: --auth device"
        )


def _tenant(sign_in: SignIn) -> dict[str, Any]:
    tenant = sign_in.tenant or sign_in.environ.get(TENANT)
    return {"tenant_id": tenant} if tenant else {}


KINDS: dict[str, Callable[[SignIn], TokenCredential]] = {
    "env": _env,
    "workload": _workload,
    "github": _github,
    "pipelines": _pipelines,
    "managed": _managed,
    "secret": _secret,
    "certificate": _certificate,
    "browser": _browser,
    "device": _device,
}
