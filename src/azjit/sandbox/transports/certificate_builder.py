"""Builds certificates; it loads cryptography, so it is imported only where one is made or read."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=30)
_SPARE = timedelta(days=1)
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def server(now: datetime) -> tuple[bytes, bytes]:
    """Make an authority and a server's certificate; give the former, and the latter with its key.

    The authority's key is not kept: nothing else can ever be signed with it.
    """
    signer, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = _name("azjit sandbox authority")
    root = (
        _builder(name, name, signer, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName(each) for each in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES]
    leaf = (
        _builder(_name("localhost"), name, key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return root.public_bytes(Encoding.PEM), leaf.public_bytes(Encoding.PEM) + _pem(key)


def client(alias: str, now: datetime) -> bytes:
    """Make a service principal's certificate; give its key and it."""
    key, name = rsa.generate_private_key(65537, 2048), _name(alias)
    made = _builder(name, name, key, now).sign(key, hashes.SHA256())
    return _pem(key) + made.public_bytes(Encoding.PEM)


def read_client(pem: bytes) -> tuple[bytes, int]:
    """Give the DER form of a certificate and the modulus of its RSA key."""
    found = x509.load_pem_x509_certificate(pem)
    public = found.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("the certificate has no RSA key")
    return found.public_bytes(Encoding.DER), public.public_numbers().n


def _builder(
    subject: x509.Name, issuer: x509.Name, key: _Key, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SPARE)
        .not_valid_after(now + _LIFE)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
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
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: _Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
