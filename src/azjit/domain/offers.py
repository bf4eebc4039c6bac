"""The JIT access of a plan's package configuration in Partner Center."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from azjit.domain.applications import RoleGrant
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
                    hint="use --offer and --plan with the ids in Partner Center instead",
                )


class Plan(NamedTuple):
    """An offer and one of its plans, by the ids that the publisher gave them."""

    offer: str
    plan: str


class OfferPart(NamedTuple):
    """A product or a plan in Partner Center: its own id, and the names that the publisher gave."""

    id: str
    names: tuple[str, ...]


class Branch(NamedTuple):
    """The draft of one module of a product; `plan` is the own id of the plan that it is of."""

    plan: str | None
    instance: str | None


class PackageConfiguration(NamedTuple):
    """A package configuration as it was read.

    `rows` are the roles that its applications in the public cloud get, and `tenant` is the one of
    their principals. `source` is its exact JSON, `others` its fields without the JIT flag and the
    ETag.
    """

    draft: DraftId
    id: str
    etag: str | None
    kind: str
    allows_jit: bool | None
    deployment_mode: str | None
    management_mode: str | None
    tenant: str | None
    rows: tuple[RoleGrant, ...]
    source: str
    others: Mapping[str, object]

    def changed_others(self, later: PackageConfiguration) -> list[str]:
        """Name the other fields that differ in a later read."""
        keys = self.others.keys() | later.others.keys()
        return sorted(key for key in keys if self.others.get(key) != later.others.get(key))
