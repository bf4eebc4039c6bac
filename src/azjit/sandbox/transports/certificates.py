"""The files of the server's certificates: an authority of its own, good for loopback names only."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_LIFE = timedelta(days=29)  # a day less than in the certificate


def ensure(directory: Path, now: datetime) -> tuple[Path, Path]:
    """Give the authority's certificate and the server's chain with its key, made when needed.

    They are kept, so that a shell that trusts them can do so after a restart.
    """
    authority, chain = directory / "ca.pem", directory / "server.pem"
    if not (authority.exists() and _is_good(chain, now)):
        from azjit.sandbox.transports import certificate_builder

        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        root, leaf = certificate_builder.server(now)
        write(chain, leaf)
        write(authority, root)
    return authority, chain


def ensure_client(file: Path, alias: str, now: datetime) -> tuple[bytes, int]:
    """Write a service principal's certificate with its key to a file; give its DER and modulus."""
    from azjit.sandbox.transports import certificate_builder

    if not _is_good(file, now):
        write(file, certificate_builder.client(alias, now))
    return certificate_builder.read_client(file.read_bytes())


def write(path: Path, content: bytes) -> None:
    """Write a file atomically, readable by its owner only."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.chmod(0o600)  # whatever the umask
    part.replace(path)


def _is_good(file: Path, now: datetime) -> bool:
    """Whether a certificate has days left, by its file's time: reading it costs 60 ms."""
    return file.exists() and datetime.fromtimestamp(file.stat().st_mtime, UTC) + _LIFE > now
