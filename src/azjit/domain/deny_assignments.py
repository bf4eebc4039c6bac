"""Deny assignments, which take actions away that roles allow."""

from __future__ import annotations

from typing import NamedTuple

from azjit.domain.access import Caller, Permissions
from azjit.domain.ids import PrincipalId

EVERYBODY = PrincipalId("00000000-0000-0000-0000-000000000000")


class Denial(NamedTuple):
    """A deny assignment as it was read."""

    name: str
    blocks: tuple[Permissions, ...]
    principals: tuple[PrincipalId, ...]
    excluded: tuple[PrincipalId, ...]

    def denies(self, action: str, caller: Caller) -> bool | None:
        """Tell whether it denies the caller an action; None if that depends on unknown groups."""
        if not any(block.allows(action) for block in self.blocks):
            return False
        aimed, spared = _among(caller, self.principals), _among(caller, self.excluded)
        if aimed is False or spared is True:
            return False
        return None if aimed is None or spared is None else True


def _among(caller: Caller, principals: tuple[PrincipalId, ...]) -> bool | None:
    if EVERYBODY in principals or caller.id in principals:
        return True
    inside = [caller.is_in(each) for each in principals]
    if any(each is True for each in inside):
        return True
    return None if any(each is None for each in inside) else False
