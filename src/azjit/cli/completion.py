"""`azjit completion`: print or install the completion script of a shell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Failed, Usage, meant
from azjit.output.results.config import installation_view, script_view

group = typer.Typer()

SCRIPTS = {
    "bash": "azjit.bash",
    "zsh": "_azjit",
    "fish": "azjit.fish",
    "powershell": "azjit.ps1",
}
Shell = Annotated[str, typer.Argument(metavar="SHELL", help=", ".join(SCRIPTS))]
_OWN = {**SCRIPTS, "zsh": "azjit.zsh"}
_BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/bash_completion",
)
_BASH_OF_ALL = "/etc/bash.bashrc"
_BASH_STARTUPS = (".bashrc", ".bash_profile", ".profile")


@command(group, "show", side="here", lenient=True, example="azjit completion show zsh")
def show(rt: Runtime, shell: Shell) -> None:
    """Print the completion script of a shell."""
    script = script_of(_known(shell))
    if rt.console.is_page or (rt.settings.output == "tsv" and rt.settings.query is None):
        # The escapes of a table cell would break the script.
        rt.process.stdout.write(script)
        return
    rt.show(script_view({"shell": shell, "script": script}))


@command(group, "install", side="here", lenient=True, example="azjit completion install fish")
def install(
    rt: Runtime,
    shell: Shell,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show the path without writing the script")
    ] = False,
) -> None:
    """Install the completion script of a shell, and show the remaining steps.

    azjit does not change the startup files of your shell. If one needs a line, azjit prints it.
    """
    environ = rt.process.environ
    path = _place(_known(shell), environ)
    script = script_of(shell)
    is_there = path.exists() and path.read_text(errors="replace") == script
    if not is_there and not dry_run:
        _write(path, script)
    missing = "would be written" if dry_run else "written"
    rt.show(
        installation_view(
            {
                "shell": shell,
                "path": str(path),
                "result": "unchanged" if is_there else missing,
                "next": _left_to_do(shell, path, environ),
            }
        )
    )


def script_of(shell: str) -> str:
    """Give the script that makes a shell complete azjit."""
    folder = Path(__file__).parents[1] / "complete" / "scripts"
    return (folder / _OWN[shell]).read_text()


def _known(shell: str) -> str:
    if shell not in SCRIPTS:
        hint = f"{meant(shell, SCRIPTS)}one of: {', '.join(SCRIPTS)}"
        raise Usage(f"no completion for {shell!r}", hint=hint)
    return shell


def _place(shell: str, environ: Mapping[str, str]) -> Path:
    """Give the path where a shell, or a line in its configuration, loads the script."""
    home = Path(environ.get("HOME") or Path.home())
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    bash = Path(environ.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
    return {
        "bash": bash / "completions" / "azjit",
        "zsh": data / "zsh" / "site-functions" / "_azjit",
        "fish": config / "fish" / "completions" / "azjit.fish",
        "powershell": config / "powershell" / "azjit.ps1",
    }[shell]


def _write(path: Path, script: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(script)
        beside.replace(path)
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}",
            hint="write it to another file: azjit completion show SHELL > FILE",
        ) from error


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
    home = Path(environ.get("HOME") or Path.home())
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
