"""The world's keys, and the signatures of its tokens.

A served world signs its tokens RS256 and publishes the key, as Entra does. In process only the
world itself reads a signature: there it signs HS256 with the standard library, because the import
of PyJWT and cryptography and a new key cost 100 ms, more than most commands take.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from azjit.sandbox.world.world import World

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

_BITS, _EXPONENT = 2048, 65537
_META = "rsa-pem"


def sign_hs256(claims: Mapping[str, Any], secret: str) -> str:
    """Sign claims as a token that only the world itself can check."""
    parts = ({"typ": "JWT", "alg": "HS256"}, claims)
    text = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_mac(text, secret)}"


def is_hs256(token: str, secret: str) -> bool:
    """Whether a token was signed with a secret."""
    text, _, signature = token.rpartition(".")
    return hmac.compare_digest(signature.encode(), _mac(text, secret).encode())


def sign_rs256(world: World, claims: dict[str, Any]) -> str:
    """Sign claims as a token that others can check by the key set."""
    import jwt

    key = _private_key(world)
    name = _key_id(key)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": name, "x5t": name})


def is_rs256(world: World, token: str) -> bool:
    """Whether a token was signed with the world's own key."""
    is_made = world.find_meta(_META) is not None
    return is_made and _verifies(token, _private_key(world).public_key(), "RS256")


def is_signed_with(token: str, modulus: int) -> bool:
    """Whether a token was signed with the RSA key of a certificate, as RS256 or PS256."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    return _verifies(token, RSAPublicNumbers(_EXPONENT, modulus).public_key(), "RS256", "PS256")


def key_set(world: World) -> dict[str, list[dict[str, str]]]:
    """Give the public half of the world's key as a JSON Web Key Set."""
    from jwt.algorithms import RSAAlgorithm

    key = _private_key(world)
    name = _key_id(key)
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    found = {part: public[part] for part in ("kty", "n", "e")}
    return {"keys": [{**found, "use": "sig", "alg": "RS256", "kid": name, "x5t": name}]}


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the header and the claims of a token, whoever signed it.

    Raises:
        ValueError: it is no token.
    """
    head, claims, _signature = token.split(".")
    parts = [json.loads(base64.urlsafe_b64decode(f"{part}==")) for part in (head, claims)]
    if not all(isinstance(part, dict) for part in parts):
        raise ValueError("the parts of the token are no objects")
    return parts[0], parts[1]


def encoded(raw: bytes) -> str:
    """Give base64 as tokens write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(text: str, secret: str) -> str:
    return encoded(hmac.digest(secret.encode(), text.encode(), "sha256"))


def _verifies(token: str, key: RSAPublicKey, *algorithms: str) -> bool:
    import jwt

    try:
        jwt.PyJWS().decode(token, key, algorithms=algorithms)
    except jwt.InvalidTokenError:
        return False
    return True


def _key_id(key: RSAPrivateKey) -> str:
    modulus = key.public_key().public_numbers().n
    return encoded(hashlib.sha256(modulus.to_bytes(_BITS // 8)).digest()[:20])


def _private_key(world: World) -> RSAPrivateKey:
    """Give the world's own key, made on first use."""
    pem = world.find_meta(_META)
    if pem is None:
        pem = _new_pem()
        world.set_meta(_META, pem)
    return _loaded(pem)


def _new_pem() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    return (
        rsa.generate_private_key(_EXPONENT, _BITS)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


@lru_cache(maxsize=8)
def _loaded(pem: str) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
