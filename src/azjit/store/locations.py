"""The folders of state and configuration, as plain texts: completion asks on every TAB.

`pathlib` alone would double the time of a TAB, and `platformdirs` triple it.
"""
# ruff: noqa: PTH109, PTH111, PTH118

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = "config.toml"

# A name of its own keeps mypy from calling the rest unreachable.
_IS_LINUX: bool = sys.platform == "linux"


def state_directory(explicit: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> str:
    """Give the folder of receipts and names; the first write creates it, for its owner only.

    Empty if the user has no home directory.
    """
    if explicit is not None:
        return _absolute(os.fspath(explicit))
    if _IS_LINUX:
        return _of_user(environ, "XDG_STATE_HOME", ".local/state")
    from platformdirs import user_state_dir  # noqa: PLC0415 - 30 ms

    return user_state_dir("azjit", appauthor=False)


def config_file(environ: Mapping[str, str]) -> str:
    """Give the configuration file; the first write creates it.

    Empty if the user has no home directory.
    """
    explicit = environ.get("AZJIT_CONFIG_DIR")
    if explicit:
        return os.path.join(_absolute(explicit), CONFIG)
    if _IS_LINUX:
        folder = _of_user(environ, "XDG_CONFIG_HOME", ".config")
        return folder and os.path.join(folder, CONFIG)
    from platformdirs import user_config_dir  # noqa: PLC0415 - 30 ms

    return os.path.join(user_config_dir("azjit", appauthor=False), CONFIG)


def _of_user(environ: Mapping[str, str], variable: str, usual: str) -> str:
    """Give what platformdirs answers on Linux, without its import; empty without a home."""
    base = environ.get(variable, "")
    if not base.startswith("/"):
        home = environ.get("HOME") or _listed_home()
        if not home:
            return ""
        base = os.path.join(home, usual)
    return os.path.join(base, "azjit")


def _listed_home() -> str:
    """Give the home in the system's list of users; empty for a container's user outside it."""
    import pwd  # noqa: PLC0415 - only without HOME

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def _absolute(path: str) -> str:
    try:
        here = os.getcwd()
    except OSError:  # the directory was deleted: an absolute path needs none
        here = "/"
    return os.path.join(here, os.path.expanduser(path))
