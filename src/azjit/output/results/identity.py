"""Who is signed in, and how."""

from __future__ import annotations

import platform
from datetime import datetime

from azjit import __version__
from azjit.domain.access import Identity
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Field, Result, Shape
from azjit.output.view import View

IDENTITY = Shape[Identity](
    "Identity",
    "The principal that azjit acts as.",
    Field("name", str, lambda i: i.caller.name),
    Field("id", str, lambda i: i.caller.id.text, "its object id"),
    Field("kind", str, lambda i: i.caller.kind, "user or service principal"),
    Field("tenant", str, lambda i: i.caller.tenant),
    Field("cloud", str, lambda i: i.cloud, "the address of its Resource Manager"),
    Field("signIn", str, lambda i: i.sign_in, "the kind of sign-in"),
    Field(
        "chosenBy", list[str], lambda i: list(i.variables), "the variables by which auto chose it"
    ),
    Field("tokenEnds", datetime | None, lambda i: i.caller.expires, "when its access token ends"),
    Field("version", str, lambda _: __version__, "the version of azjit"),
    Field("python", str, lambda _: platform.python_version()),
)
WHOAMI = Result("identity", IDENTITY, "whoami")


def _way(identity: Identity) -> str:
    chosen = f", by {' and '.join(identity.variables)}" if identity.variables else ""
    return f"{identity.sign_in}{chosen}"


_COLUMNS = IDENTITY.columns(
    Column("name", "Name", style="strong", priority=9),
    Column("kind", "Kind", priority=8),
    Column("id", "Object id", cut="middle", priority=7),
    Column("tenant", "Tenant", cut="middle", priority=7),
    Column("cloud", "Cloud", cut="middle", priority=6),
    Column("signIn", "Sign-in", cell=_way, cut="wrap", priority=6),
    Column("tokenEnds", "Token ends", cell=lambda i: i.caller.expires, priority=5),
    Column("version", "azjit", priority=4),
    Column("python", "Python", priority=3),
)


def identity_view(identity: Identity, display: DisplayContext) -> View:
    """Show who is signed in."""
    return View(WHOAMI, _COLUMNS, [identity], display)
