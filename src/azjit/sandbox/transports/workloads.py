"""What a workload needs to sign in to a served world: variables, a certificate, a token file."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.core import Person, Sandbox
from azjit.sandbox.transports import certificates

KINDS = ("secret", "certificate", "federated", "managed-identity", "github", "pipelines")


def environment(
    sandbox: Sandbox, url: str, ca_file: Path, person: Person, kind: str = "secret"
) -> dict[str, str]:
    """Give the variables that let other clients sign in to a server as a service principal.

    Raises:
        ValueError: the person is a user, or there is no such kind of sign-in.
    """
    if person.app_id is None:
        raise ValueError(f"{person.alias} is a user; use a service principal")
    if kind not in KINDS:
        raise ValueError(f"no sign-in is named {kind!r}: {', '.join(KINDS)}")
    found = {
        "AZURE_AUTHORITY_HOST": url,
        "AZURE_TENANT_ID": person.tenant_id,
        "AZURE_CLIENT_ID": person.app_id,
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "REQUESTS_CA_BUNDLE": str(ca_file),
        "SSL_CERT_FILE": str(ca_file),
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "AZJIT_CLOUD": url,
    }
    base = f"{url}/identities/{person.alias}"
    if kind == "secret":
        found["AZURE_CLIENT_SECRET"] = person.secret
    elif kind == "certificate":
        found["AZURE_CLIENT_CERTIFICATE_PATH"] = str(_certificate(sandbox, ca_file.parent, person))
    elif kind == "federated":
        file = ca_file.parent / f"{person.alias}.jwt"
        certificates.write(file, sandbox.assertion(person, url).encode())
        found["AZURE_FEDERATED_TOKEN_FILE"] = str(file)
    elif kind == "managed-identity":
        found |= {"IDENTITY_ENDPOINT": f"{base}/msi/token", "IDENTITY_HEADER": person.secret}
    elif kind == "github":
        found["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{base}/oidc/token?"
        found["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = person.secret
    else:
        found |= {
            "SYSTEM_OIDCREQUESTURI": f"{base}/oidc/token",
            "SYSTEM_ACCESSTOKEN": person.secret,
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": stable_id(f"connection/{person.alias}"),
        }
    return found


def _certificate(sandbox: Sandbox, directory: Path, person: Person) -> Path:
    """Write the service principal's certificate and key, and add it to the directory."""
    file = directory / f"{person.alias}.pem"
    der, modulus = certificates.ensure_client(file, person.alias, sandbox.now() - sandbox.offset)
    names = [hashlib.sha1(der).digest(), hashlib.sha256(der).digest()]  # noqa: S324 x5t is SHA-1
    for name in names:
        thumbprint = base64.urlsafe_b64encode(name).rstrip(b"=").decode()
        sandbox.add_certificate(person, thumbprint, modulus)
    return file
