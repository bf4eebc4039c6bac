"""The server's certificates: an authority of its own, good for loopback names only."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_LIFE = timedelta(days=30)
_SPARE = timedelta(days=1)
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")


def ensure(directory: Path, now: datetime) -> tuple[Path, Path]:
    """Give the authority's certificate and the server's chain with its key, made when needed.

    They are kept, so that a shell that trusts them can do so after a restart.
    """
    authority, server = directory / "ca.pem", directory / "server.pem"
    if not (authority.exists() and server.exists() and _is_good(server, now)):
        directory.mkdir(parents=True, exist_ok=True)
        _make(authority, server, now)
    return authority, server


def ensure_client(file: Path, alias: str, now: datetime) -> tuple[bytes, int]:
    """Write a service principal's certificate with its key to a file; give its DER and modulus."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = serialization.Encoding.PEM
    if not (file.exists() and _is_good(file, now)):
        key = rsa.generate_private_key(65537, 2048)
        name = _name(alias)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SPARE)
            .not_valid_after(now + _LIFE)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write(file, private + made.public_bytes(pem))
    found = x509.load_pem_x509_certificate(file.read_bytes())
    public = found.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError(f"{file} holds no RSA key")
    return found.public_bytes(serialization.Encoding.DER), public.public_numbers().n


def _is_good(file: Path, now: datetime) -> bool:
    """Whether a certificate has days left, by its file's time: reading it costs 60 ms."""
    made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return made + _LIFE > now + _SPARE


def _make(authority: Path, server: Path, now: datetime) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    signer, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _root(signer, now)
    leaf = _leaf(key, signer, root, now)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The authority's key is not kept: nothing else can ever be signed with it.
    write(server, leaf.public_bytes(pem) + private)
    write(authority, root.public_bytes(pem))


def write(path: Path, content: bytes) -> None:
    """Write a file atomically, readable by its owner only."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def _root(signer: EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = _name("azjit sandbox authority")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SPARE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


def _leaf(
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
    root: x509.Certificate,
    now: datetime,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    names: list[x509.GeneralName] = [x509.DNSName(name) for name in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    return (
        x509.CertificateBuilder()
        .subject_name(_name("localhost"))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SPARE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
