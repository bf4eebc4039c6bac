"""Results about packages: their findings, edits and previews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from azjit.domain.findings import Finding
from azjit.errors import AzjitError

# The article: "By default, a managed application with JIT enabled has the following settings".
DEFAULT_MODE = "automatic"
DEFAULT_MAXIMUM = timedelta(hours=8)


class Checked(NamedTuple):
    """The findings of several packages; `unread` has the errors of those that could not be read."""

    findings: tuple[Finding, ...]
    unread: tuple[AzjitError, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageEdit:
    """What add-jit added, or would add; `added` is empty if nothing was missing."""

    path: str
    added: tuple[str, ...]
    step: str | None
    control: str | None
    diff: tuple[str, ...]
    written: str | None = None
    backup: str | None = None
    notes: tuple[Finding, ...] = ()


class StepPreview(NamedTuple):
    """The JIT step as the portal shows it: the package's texts, Microsoft's default settings."""

    path: str
    step: str
    control: str
    label: str
    control_label: str
    title: str | None
    hint: str | None
    position: int
    steps: tuple[str, ...]
    output: str | None
    findings: int
