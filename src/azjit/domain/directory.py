"""The objects of a directory, and the licences of its tenant."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from azjit.domain.ids import PrincipalId


class Licence(StrEnum):
    """The licence of a tenant that allows PIM and JIT access."""

    P2 = "Microsoft Entra ID P2"
    GOVERNANCE = "Microsoft Entra ID Governance"
    NONE = "none"


class DirectoryEntry(NamedTuple):
    """A user, group or service principal; `is_enabled` is None if it is not known."""

    id: PrincipalId
    kind: str
    name: str | None = None
    sign_in: str | None = None
    mail: str | None = None
    is_enabled: bool | None = None

    @property
    def label(self) -> str | None:
        """The name for a column: a user's sign-in name, since two users may share a display name.

        A guest's sign-in name is generated, so that a guest has the mail address.
        """
        if self.sign_in is not None and "#ext#" not in self.sign_in.lower():
            return self.sign_in
        return self.mail if self.sign_in is not None and self.mail is not None else self.name

    @property
    def whole(self) -> str:
        """All names, the kind and the id, which distinguish it from others of the same name."""
        told = [part for part in (self.label, f"{self.kind}:{self.id.key}") if part]
        name = [self.name] if self.name is not None and self.name != self.label else []
        return " ".join([*name, *told]) if name else " ".join(told)
