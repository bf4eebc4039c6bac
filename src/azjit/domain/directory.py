"""Who is in a directory: users, groups, service principals, and what a tenant has licences for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from azjit.domain.ids import PrincipalId


class Licence(StrEnum):
    """What of the licences that PIM and JIT access need a tenant has."""

    P2 = "Microsoft Entra ID P2"
    GOVERNANCE = "Microsoft Entra ID Governance"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """An object of a directory; `is_enabled` is None where the directory does not say."""

    id: PrincipalId
    kind: str
    name: str | None = None
    sign_in: str | None = None
    mail: str | None = None
    is_enabled: bool | None = None

    @property
    def label(self) -> str | None:
        """What to call it in one column: a user by the sign-in name, as the caller is.

        Two users may share a display name. A guest's sign-in name is made up: there it is the
        mail address.
        """
        if self.sign_in is not None and "#ext#" not in self.sign_in.lower():
            return self.sign_in
        return self.mail if self.sign_in is not None and self.mail is not None else self.name

    @property
    def whole(self) -> str:
        """Everything that tells it from others of its name."""
        told = [part for part in (self.label, f"{self.kind}:{self.id.key}") if part]
        name = [self.name] if self.name is not None and self.name != self.label else []
        return " ".join([*name, *told]) if name else " ".join(told)
