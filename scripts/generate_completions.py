"""Writes what completion is made from: the table of commands, and the scripts in completions/.

`python scripts/generate_completions.py` writes, `--check` compares and fails where they differ.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

from typer.main import get_command

from azjit.cli.app import tree as whole_tree
from azjit.cli.arguments import STATES
from azjit.cli.completion import SCRIPTS, script_of
from azjit.cli.doctor import SIDES
from azjit.cli.help_topics import PAGES
from azjit.options import BY_NAME, KEYS, OPTIONS
from azjit.output.schema import RESULTS
from azjit.sandbox.base.switches import SWITCHES
from azjit.sandbox.core import Sandbox
from azjit.sandbox.faults import registry
from azjit.sandbox.transports import workloads

ROOT = Path(__file__).parents[1]
TREE = ROOT / "src" / "azjit" / "complete" / "tree.py"

# What stands where a command's help says this; what is not here is free text.
KINDS = {
    "APP": "app",
    "REQUEST": "request",
    "ROLE": "role",
    "PERSON": "person",
    "CONTEXT": "context",
    "STATE": "states",
    "MODE": "mode",
    "SHELL": "shell",
    "TOPIC": "topic",
    "RESULT": "result",
    "KEY": "key",
    "FILE": "file",
    "PATH": "file",
    "DIR": "dir",
    "WORLD.YAML": "file",
    "SIDE": "side",
    "[APP] [KEY=VALUE]": "switch",
}
# Where the word in the help is not enough to tell.
OF_COMMANDS = {
    ("sandbox", "fault", "add", "kind"): "fault",
    ("sandbox", "env", "sign_in"): "sign-in",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "state": STATES,
    "mode": ("automatic", "manual"),
    "shell": tuple(SCRIPTS),
    "topic": tuple(PAGES),
    "side": SIDES,
    "fault": tuple(registry.KINDS),
    "sign-in": workloads.KINDS,
    "result": tuple(RESULTS),
    "key": KEYS,
    "cloud": ("public", "usgov", "china"),
}

HEAD = '''\
"""Every command, option and choice; made by scripts/generate_completions.py."""
# fmt: off
# ruff: noqa: E501, Q000

from __future__ import annotations

Options = dict[str, tuple[str, str, bool]]
"""By name: the kind of its value, or none; what it does; whether it may repeat."""

'''
TYPES = {
    "GROUPS": "dict[str, dict[str, str]]",
    "LEAVES": "dict[str, tuple[tuple[str, ...], Options, bool]]",
    "COMMON": "Options",
    "SHORT": "dict[str, str]",
    "CHOICES": "dict[str, tuple[str, ...]]",
    "PAIRS": "dict[str, dict[str, tuple[str, ...]]]",
    "PEOPLE": "dict[str, str]",
}

Command = Any
"""typer's own click: it is vendored and has no public types."""


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    is_check = parser.parse_args().check
    stale = [path for path, text in made().items() if not same(path, text, write=not is_check)]
    if not is_check or not stale:
        return 0
    sys.stderr.write("stale; run: python scripts/generate_completions.py\n")
    return 1


def same(path: Path, text: str, *, write: bool) -> bool:
    """Tell whether a file is as it should be; if not, write it or show the difference."""
    there = path.read_text() if path.exists() else ""
    if there == text:
        return True
    name = str(path.relative_to(ROOT))
    if write:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        sys.stdout.write(f"wrote {name}\n")
    else:
        lines = (there.splitlines(), text.splitlines())
        sys.stderr.write("\n".join(unified_diff(*lines, name, name, lineterm="", n=1)) + "\n")
    return False


def made() -> dict[Path, str]:
    """Give every generated file as it should be."""
    scripts = {ROOT / "completions" / SCRIPTS[shell]: script_of(shell) for shell in SCRIPTS}
    return {TREE: tree(), **scripts}


def tree() -> str:
    """Give the table that completion reads."""
    root = get_command(whole_tree())
    tables = {
        "GROUPS": dict(groups(root, ())),
        "LEAVES": dict(leaves(root, ())),
        "COMMON": dict(common()),
        "SHORT": short(root),
        "CHOICES": {**CHOICES, **dict(choices(root))},
        "PAIRS": pairs(),
        "PEOPLE": people(),
    }
    return HEAD + "".join(table(name, TYPES[name], tables[name]) for name in TYPES)


def table(name: str, hint: str, rows: Mapping[str, object]) -> str:
    """Give a table as code, a row a line: short to load, and short to compare."""
    lines = "".join(f"    {key!r}: {value!r},\n" for key, value in rows.items())
    return f"{name}: {hint} = {{\n{lines}}}\n"


def groups(command: Command, path: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give each group's commands with a line about each."""
    if not hasattr(command, "commands"):
        return
    yield (
        " ".join(path),
        {name: line(child.get_short_help_str(200)) for name, child in command.commands.items()},
    )
    for name, child in command.commands.items():
        yield from groups(child, (*path, name))


def leaves(command: Command, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give each leaf's arguments, its own options, and whether it takes the common ones."""
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from leaves(child, (*path, name))
        return
    own = [one for one in command.params if not is_common(one) and "--help" not in one.opts]
    arguments = tuple(argument(one, path) for one in own if one.param_type_name == "argument")
    options = {
        flag: (kind(one, path), line(one.help or ""), bool(one.multiple))
        for one in own
        if one.param_type_name == "option" and not one.hidden
        for flag in one.opts[:1]
    }
    yield " ".join(path), (arguments, options, any(map(is_common, command.params)))


def common() -> Iterator[tuple[str, tuple[str, str, bool]]]:
    """Give the options of every leaf."""
    for option in OPTIONS:
        if option.kind == "flag":
            what = ""
        elif option.choices or option.name == "cloud":
            what = option.name
        else:
            what = KINDS.get(option.metavar, "-")
        yield f"--{option.name}", (what, option.help, False)


def short(command: Command) -> dict[str, str]:
    """Give what each short option stands for, wherever it stands for anything longer."""
    return {
        flag: one.opts[0]
        for one in parameters(command)
        for flag in one.opts
        if one.param_type_name == "option" and len(flag) < len(one.opts[0])
    }


def choices(command: Command) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the choices that options declare themselves."""
    for option in OPTIONS:
        if option.choices:
            yield option.name, option.choices
    for one in parameters(command):
        if hasattr(one.type, "choices"):
            yield one.name, tuple(str(choice) for choice in one.type.choices)


def parameters(command: Command) -> Iterator[Any]:
    """Give every option and argument of every command."""
    yield from command.params
    for child in getattr(command, "commands", {}).values():
        yield from parameters(child)


def argument(one: Any, path: tuple[str, ...]) -> str:  # noqa: ANN401 - click's
    """Give the kind of an argument, with dots where it may repeat."""
    return kind(one, path) + ("..." if one.nargs == -1 else "")


def kind(one: Any, path: tuple[str, ...]) -> str:  # noqa: ANN401 - click's
    """Give the kind of an option's or argument's value; a switch has none."""
    if getattr(one, "is_flag", False):
        return ""
    if hasattr(one.type, "choices"):
        return str(one.name)
    if known := OF_COMMANDS.get((*path, str(one.name))):
        return known
    word = (one.metavar or "").removesuffix("...")
    if word == "KEY=VALUE":
        return {"config": "setting", "sandbox": "switch"}.get(path[0], "-")
    return KINDS.get(word) or KINDS.get(word.strip("[]"), "-")


def pairs() -> dict[str, dict[str, tuple[str, ...]]]:
    """Give what may stand before and after `=`."""
    clouds = {"cloud": CHOICES["cloud"]}
    return {
        "setting": {key: BY_NAME[key].choices or clouds.get(key, ()) for key in KEYS},
        "switch": {switch.key: switch.values for switch in SWITCHES},
    }


def people() -> dict[str, str]:
    """Give who can sign in to a new sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        world = Sandbox(Path(folder) / "world.sqlite")
        try:
            return {one.alias: f"{one.name}, {one.side}" for one in world.people()}
        finally:
            world.close()


def is_common(one: Any) -> bool:  # noqa: ANN401 - click's
    """Tell whether an option stands in every leaf."""
    return str(one.name).startswith("common_")


def line(text: str) -> str:
    """Give a text's first line, without a full stop."""
    return text.strip().partition("\n")[0].rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
