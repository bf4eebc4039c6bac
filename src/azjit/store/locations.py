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


def state_directory(explicit: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> str:
    """Give the folder of receipts and names; the first write creates it, for its owner only."""
    if explicit is not None:
        return _absolute(os.fspath(explicit))
    if sys.platform == "linux" and "HOME" in environ:
        return _of_user(environ, "XDG_STATE_HOME", ".local/state")
    from platformdirs import user_state_dir  # noqa: PLC0415 - 30 ms

    return user_state_dir("azjit", appauthor=False)


def config_file(environ: Mapping[str, str]) -> str:
    """Give the configuration file; the first write creates it."""
    explicit = environ.get("AZJIT_CONFIG_DIR")
    if explicit:
        return os.path.join(_absolute(explicit), CONFIG)
    if sys.platform == "linux" and "HOME" in environ:
        return os.path.join(_of_user(environ, "XDG_CONFIG_HOME", ".config"), CONFIG)
    from platformdirs import user_config_dir  # noqa: PLC0415 - 30 ms

    return os.path.join(user_config_dir("azjit", appauthor=False), CONFIG)


def _of_user(environ: Mapping[str, str], variable: str, usual: str) -> str:
    """Give what platformdirs answers on Linux, without its import."""
    base = environ.get(variable, "")
    home = base if base.startswith("/") else os.path.join(environ["HOME"], usual)
    return os.path.join(home, "azjit")


def _absolute(path: str) -> str:
    return os.path.join(os.getcwd(), os.path.expanduser(path))
