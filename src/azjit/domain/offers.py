"""The JIT access of a plan's package configuration in Partner Center."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from azjit.errors import Usage

# The characters of Partner Center's ids; none leads to another path.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class DraftId:
    """A product and one of its draft instances."""

    product: str
    instance: str

    def __post_init__(self) -> None:
        """Refuse what is no id.

        Raises:
            Usage: a character that no id has.
        """
        for what, text in (("product", self.product), ("instance", self.instance)):
            if _ID.fullmatch(text) is None:
                raise Usage(
                    f"malformed {what} {text!r}",
                    hint="take the id from Partner Center's address bar, or from its API",
                )


class PackageConfiguration(NamedTuple):
    """A package configuration as it was read.

    `source` is its exact JSON, `others` its fields without the JIT flag and the ETag.
    """

    draft: DraftId
    id: str
    etag: str | None
    kind: str
    allows_jit: bool | None
    deployment_mode: str | None
    management_mode: str | None
    principals: int
    source: str
    others: Mapping[str, object]

    def changed_others(self, later: PackageConfiguration) -> list[str]:
        """Name the other fields that differ in a later read."""
        keys = self.others.keys() | later.others.keys()
        return sorted(key for key in keys if self.others.get(key) != later.others.get(key))
