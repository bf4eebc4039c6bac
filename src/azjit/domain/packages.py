"""What the services tell about a package: what was added, and what a consumer will see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from azjit.domain.findings import Finding
from azjit.errors import AzjitError

# The article: "By default, a managed application with JIT enabled has the following settings".
DEFAULT_MODE = "automatic"
DEFAULT_MAXIMUM = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of several packages came to; `unread` tells of those that it could not read."""

    findings: tuple[Finding, ...]
    unread: tuple[AzjitError, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an edit goes: in place, to a file that is not there yet, or nowhere."""

    in_place: bool = False
    output: Path | None = None


@dataclass(frozen=True, slots=True)
class PackageEdit:
    """What add-jit put, or would put, into a package; `added` is empty where all was there."""

    path: str
    added: tuple[str, ...]
    step: str | None
    control: str | None
    diff: tuple[str, ...]
    written: str | None = None
    backup: str | None = None
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class StepPreview:
    """The JIT step as the portal shows it: its texts from the package, its settings Microsoft's."""

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
