"""`azjit completion install`: a new shell loads the installed script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shells.conftest import Shell, absent

BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
# What a person's own configuration does, or is told to do by `install`.
STARTUP = {
    "bash": f"source {BASH_COMPLETION}",
    "zsh": "fpath=($HOME/.local/share/zsh/site-functions $fpath);"
    " autoload -Uz compinit; compinit -u -D",
    "fish": "set -p fish_complete_path $HOME/.config/fish/completions",
}


def test_an_installed_script_is_found(bare_shell: Shell) -> None:
    shell = bare_shell
    if shell.name == "bash" and not BASH_COMPLETION.exists():
        absent("bash-completion")
    line = [sys.executable, "-m", "azjit", "completion", "install", shell.name]
    subprocess.run(line, env=shell.environ, check=True, capture_output=True)

    shell.do(STARTUP[shell.name])

    assert shell.run("azjit pub\thist\t") == ["publisher", "history"]
