"""The names of Azure's built-in roles, known offline; what a role can do only Azure tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from azjit.azure.clouds import Cloud
from azjit.context import Context


class BuiltInRoles:
    """Knows the built-in roles of Microsoft's own clouds, and of a sandbox; of others none."""

    def __init__(self, context: Context) -> None:
        self.names: Mapping[str, str] = MappingProxyType(_names_in(context.cloud))

    def named(self, text: str) -> str | None:
        """Give the GUID of the role with a name, in any case."""
        wanted = text.casefold()
        return next((guid for guid, name in self.names.items() if name.casefold() == wanted), None)


def _names_in(cloud: Cloud) -> dict[str, str]:
    """Read the generated list: a GUID and a name on each line."""
    if not cloud.has_microsofts_roles:
        return {}
    content = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    lines = (line for line in content.splitlines() if not line.startswith("#"))
    return dict(line.split(" ", 1) for line in lines)
