"""The world's keys: RSA with the standard library alone, but for the making of a key.

A served world signs its tokens RS256 and publishes the key, as Entra does. In process nobody reads
a signature but the world itself: there it signs HS256, because a new key costs an import of
`cryptography` and its generation, 70 to 90 ms, and an RSA signature 6 ms, against microseconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import lru_cache

from azjit.sandbox.world.world import World

_BITS, _EXPONENT = 2048, 65537
# The head of a SHA-256 digest in PKCS #1 v1.5 (RFC 8017, 9.2).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_META = "rsa-key"
_PSS_TRAILER = 0xBC


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key that checks signatures."""

    modulus: int
    exponent: int = _EXPONENT

    @property
    def size(self) -> int:
        """The length of a signature in bytes."""
        return (self.modulus.bit_length() + 7) // 8

    def verifies(self, message: bytes, signature: bytes, algorithm: str) -> bool:
        """Whether a signature by RS256 or PS256 is of this message."""
        if len(signature) != self.size:
            return False
        opened = pow(int.from_bytes(signature), self.exponent, self.modulus)
        if algorithm == "RS256":
            return hmac.compare_digest(opened.to_bytes(self.size), _padded(message, self.size))
        return algorithm == "PS256" and _is_pss(opened, message, self.modulus.bit_length() - 1)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An RSA key that signs: by its two primes, which is four times as fast."""

    p: int
    q: int
    dp: int
    dq: int
    inverse: int

    @property
    def public(self) -> PublicKey:
        """The half that others may have."""
        return PublicKey(self.p * self.q)

    @property
    def name(self) -> str:
        """The key's id, by which a token names it."""
        modulus = self.public.modulus.to_bytes(self.public.size)
        return encoded(hashlib.sha256(modulus).digest()[:20])

    def sign(self, message: bytes) -> bytes:
        """The RS256 signature of a message."""
        number = int.from_bytes(_padded(message, self.public.size))
        first, second = pow(number, self.dp, self.p), pow(number, self.dq, self.q)
        whole = second + ((first - second) * self.inverse % self.p) * self.q
        return whole.to_bytes(self.public.size)


def private_key(world: World) -> PrivateKey:
    """The world's own key, made on first use."""
    told = world.find_meta(_META)
    if told is None:
        told = json.dumps(_made())
        world.set_meta(_META, told)
    return _read(told)


def key_set(world: World) -> dict[str, list[dict[str, str]]]:
    """The published half of the world's key, as a JSON Web Key Set."""
    key = private_key(world)
    public = key.public
    found = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key.name,
        "x5t": key.name,
        "n": encoded(public.modulus.to_bytes(public.size)),
        "e": encoded(public.exponent.to_bytes(3)),
    }
    return {"keys": [found]}


def encoded(raw: bytes) -> str:
    """Base64 as tokens write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of base64 as tokens write it.

    Raises:
        ValueError: it is none.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@lru_cache(maxsize=8)
def _read(told: str) -> PrivateKey:
    return PrivateKey(*json.loads(told))


def _made() -> list[int]:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 costs 50 ms

    made = rsa.generate_private_key(_EXPONENT, _BITS).private_numbers()
    return [made.p, made.q, made.dmp1, made.dmq1, made.iqmp]


def _padded(message: bytes, size: int) -> bytes:
    digest = _DIGEST_INFO + hashlib.sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest


def _is_pss(opened: int, message: bytes, bits: int) -> bool:
    """EMSA-PSS-VERIFY of RFC 8017, 9.1.2, with SHA-256 and a salt of its length."""
    block = opened.to_bytes((bits + 7) // 8)
    masked, seed, trailer = block[:-33], block[-33:-1], block[-1]
    unused = 8 * len(block) - bits
    if trailer != _PSS_TRAILER or masked[0] >> (8 - unused):
        return False
    clear = bytearray(a ^ b for a, b in zip(masked, _mask(seed, len(masked)), strict=True))
    clear[0] &= 0xFF >> unused
    salt = bytes(clear[-32:])
    if clear[:-32] != bytes(len(clear) - 33) + b"\x01":
        return False
    inner = hashlib.sha256(bytes(8) + hashlib.sha256(message).digest() + salt).digest()
    return hmac.compare_digest(inner, seed)


def _mask(seed: bytes, length: int) -> bytes:
    blocks = (
        hashlib.sha256(seed + counter.to_bytes(4)).digest() for counter in range(length // 32 + 1)
    )
    return b"".join(blocks)[:length]
