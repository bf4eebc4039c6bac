"""The completion script of each shell: its path, and the remaining step to load it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from azjit.errors import Failed, Usage, meant

SCRIPTS = {
    "bash": "azjit.bash",
    "zsh": "_azjit",
    "fish": "azjit.fish",
    "powershell": "azjit.ps1",
}
_OWN = {**SCRIPTS, "zsh": "azjit.zsh"}
_BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/bash_completion",
)
_BASH_OF_ALL = "/etc/bash.bashrc"
_BASH_STARTUPS = (".bashrc", ".bash_profile", ".profile")


class Installation(NamedTuple):
    """A script, its file, and the remaining step for the user."""

    script: str
    path: Path
    is_there: bool
    next: str | None


def script_of(shell: str) -> str:
    """Give the script that makes a shell complete azjit.

    Raises:
        Usage: azjit has no script for this shell.
    """
    if shell not in SCRIPTS:
        hint = f"{meant(shell, SCRIPTS)}one of: {', '.join(SCRIPTS)}"
        raise Usage(f"no completion for {shell!r}", hint=hint)
    return (Path(__file__).with_name("scripts") / _OWN[shell]).read_text()


def plan(shell: str, environ: Mapping[str, str]) -> Installation:
    """Find the file for the script of a shell."""
    script = script_of(shell)
    path = _place(shell, environ)
    is_there = path.exists() and path.read_text(errors="replace") == script
    return Installation(script, path, is_there, _left_to_do(shell, path, environ))


def install(plan: Installation) -> None:
    """Write the script into its file.

    Raises:
        Failed: the file cannot be written.
    """
    path = plan.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(plan.script)
        beside.replace(path)
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}",
            hint="write it to another file: azjit completion show SHELL > FILE",
        ) from error


def _home(environ: Mapping[str, str]) -> Path:
    try:
        return Path(environ.get("HOME") or Path.home())
    except RuntimeError as error:
        raise Usage(
            "the user has no home directory",
            hint="set HOME, or write the script to a file: azjit completion show SHELL > FILE",
        ) from error


def _place(shell: str, environ: Mapping[str, str]) -> Path:
    """Give the path where a shell, or a line in its configuration, loads the script."""
    home = _home(environ)
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    bash = Path(environ.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
    return {
        "bash": bash / "completions" / "azjit",
        "zsh": data / "zsh" / "site-functions" / "_azjit",
        "fish": config / "fish" / "completions" / "azjit.fish",
        "powershell": config / "powershell" / "azjit.ps1",
    }[shell]


def _left_for_bash(path: Path, home: Path) -> str | None:
    found = next((place for place in _BASH_COMPLETION if Path(place).exists()), None)
    if found is None:
        return f"bash-completion was not found; add to ~/.bashrc: . {path}"
    startups = (*(home / name for name in _BASH_STARTUPS), Path(_BASH_OF_ALL))
    if any(map(_loads_completion, startups)):
        return None
    return f"bash-completion is installed but not loaded; add to ~/.bashrc: . {found}"


def _loads_completion(startup: Path) -> bool:
    """Tell whether a startup file loads bash-completion; comments do not count."""
    try:
        lines = startup.read_text(errors="replace").splitlines()
    except OSError:
        return False
    return any("bash_completion" in line and not line.lstrip().startswith("#") for line in lines)


def _left_to_do(shell: str, path: Path, environ: Mapping[str, str]) -> str | None:
    home = _home(environ)
    if shell == "fish":
        return None
    if shell == "bash":
        return _left_for_bash(path, home)
    if shell == "powershell":
        return f'add to $PROFILE: . "{path}"'
    startup = Path(environ.get("ZDOTDIR") or home) / ".zshrc"
    if startup.exists() and str(path.parent) in startup.read_text(errors="replace"):
        return None
    return f"add to {startup}, before compinit: fpath=({path.parent} $fpath)"
