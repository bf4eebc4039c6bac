"""The configuration file: named contexts in TOML, which `azjit config` writes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from azjit.errors import Failed, Usage
from azjit.settings import NamedContext
from azjit.store import disk
from azjit.store.locations import CONFIG

Document = Any
"""The file as a dictionary, or as tomlkit's document, which keeps comments."""
Change = Callable[[Document], None]

_LOCK_SECONDS = 10.0
_HEADER = re.compile(r"\s*\[\s*contexts\s*\.\s*([^\[\]]+?)\s*\]\s*(#.*)?")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""")
_LINE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)$")


class ConfigFile(NamedTuple):
    """The content of the file; `lines` gives the line of a key by context ("" if none) and key."""

    path: Path
    current: str | None
    contexts: Mapping[str, Mapping[str, object]]
    lines: Mapping[tuple[str, str], int]

    def context(self, name: str, chosen_by: str) -> NamedContext:
        """Give an existing context."""
        lines = {key: line for (where, key), line in self.lines.items() if where == name}
        return NamedContext(name, self.contexts[name], str(self.path), lines, chosen_by)

    def place(self, key: str) -> str:
        """Give the file and line of a key outside every context."""
        line = self.lines.get(("", key))
        return f"{self.path}:{line}" if line is not None else str(self.path)


def read(path: Path) -> ConfigFile:
    """Read the file; without a file nothing is configured.

    Raises:
        Usage: it is no TOML, or has an unknown key; the message names file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ConfigFile(path, None, {}, {})
    except OSError as error:
        raise Usage(
            f"{path} cannot be read: {error.strerror}",
            hint="make it readable, or set HOME or AZJIT_CONFIG_DIR to a place of your own",
        ) from error
    except UnicodeDecodeError as error:
        raise Usage(f"{path} is not UTF-8", hint="save it as UTF-8") from error
    return _checked(path, _parsed(path, text), _lines(text))


def choose(file: ConfigFile, name: str, chosen_by: str) -> NamedContext | None:
    """Give the context of that name, or the current one without a name.

    Raises:
        Usage: there is no such context.
    """
    if not name and file.current is None:
        return None
    wanted = name or file.current or ""
    by = chosen_by if name else file.place("current")
    if wanted in file.contexts:
        return file.context(wanted, by)
    raise missing(file, wanted, "" if name else f"{by}: ")


def missing(file: ConfigFile, name: str, where: str = "") -> Usage:
    """Give the error for a context that does not exist."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    near = get_close_matches(name, file.contexts, n=1)
    known = f"there are: {', '.join(file.contexts)}" if file.contexts else ""
    make = f"create it: azjit config set --context {name} tenant=ID" if name.isalnum() else ""
    hint = f"did you mean {near[0]}?" if near else known or make or "see: azjit config list"
    return Usage(f"{where}no context named {name!r}", hint=hint)


def edit(path: Path, change: Change) -> None:
    """Change the file in place; comments, order and other content stay.

    Raises:
        Usage: it is no TOML.
        Failed: it cannot be written, or its form is too unusual to be changed safely.
    """
    import tomlkit  # noqa: F401, PLC0415 - loaded before others wait for the lock

    # Through a link, the file that it leads to is replaced.
    real = path.resolve()
    try:
        disk.make_private_directory(real.parent)
        with disk.locked(real.with_name(f".{CONFIG}.lock"), seconds=_LOCK_SECONDS):
            before = real.read_bytes() if real.exists() else b""
            mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
            after = _changed(path, before.decode("utf-8-sig"), change)
            disk.replace(real, mark + after.encode())
    except disk.Busy as error:
        raise Failed(f"{path} is being changed by another azjit", hint="try again") from error
    except OSError as error:
        raise Failed(
            f"{path} cannot be written: {error.strerror}",
            hint="use another directory: AZJIT_CONFIG_DIR",
        ) from error


def _changed(path: Path, text: str, change: Change) -> str:
    import tomlkit  # noqa: PLC0415 - 45 ms that only a write needs
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - the same

    wanted = _parsed(path, text)
    change(wanted)
    try:
        document = tomlkit.parse(text)
        change(document)
        made = tomlkit.dumps(document)
        is_right = _parsed(path, made) == wanted
    except (TOMLKitError, KeyError, ValueError, Usage):
        is_right, made = False, ""
    if not is_right:
        # tomlkit may misplace dotted keys and inline tables: then nothing is changed.
        raise Failed(
            f"{path} cannot be edited safely in its present form",
            hint="write each context as [contexts.NAME], or edit the file by hand",
        )
    return made


def put(name: str, values: Mapping[str, str]) -> Change:
    """Set keys of a context, which is created if it does not exist."""

    def change(document: Document) -> None:
        import tomlkit  # noqa: PLC0415 - as above

        contexts = document.setdefault("contexts", tomlkit.table(is_super_table=True))
        context = contexts.setdefault(name, tomlkit.table())
        for key in values:
            _drop_nested(context, key)
        context.update(values)

    return change


def drop(name: str, keys: Iterable[str]) -> Change:
    """Remove keys of a context."""

    def change(document: Document) -> None:
        for key in keys:
            document["contexts"][name].pop(key.replace(".", "-"), None)
            _drop_nested(document["contexts"][name], key)

    return change


def _drop_nested(values: Document, key: str) -> None:
    """Remove a key that is written as `receipts.shared`."""
    outer, _, inner = key.replace(".", "-").partition("-")
    if isinstance(values.get(outer), dict):
        values[outer].pop(inner, None)
        if not values[outer]:
            values.pop(outer)


def remove(name: str) -> Change:
    """Remove a context."""

    def change(document: Document) -> None:
        del document["contexts"][name]
        if not document.get("contexts"):
            document.pop("contexts", None)  # tomlkit forgets an empty one by itself
        if document.get("current") == name:
            del document["current"]

    return change


def use(name: str) -> Change:
    """Make a context the current one."""

    def change(document: Document) -> None:
        document["current"] = name

    return change


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - 20 ms that only those pay who have a file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _LINE.search(said)
        line = f":{found[1]}" if found and found[1] else ""
        what = _LINE.sub("", said)
        raise Usage(
            f"{path}{line}: {what[:1].lower()}{what[1:]}", hint="fix it by hand, or delete it"
        ) from error


def _checked(path: Path, told: dict[str, Any], lines: dict[tuple[str, str], int]) -> ConfigFile:
    contexts = told.get("contexts", {})
    current = told.get("current")
    file = ConfigFile(path, None, {}, lines)
    for key in told:
        if key not in {"contexts", "current"}:
            raise Usage(
                f"{file.place(key)}: {key!r} stands outside a context",
                hint="move it below a line [contexts.NAME]",
            )
    if current is not None and not isinstance(current, str):
        raise Usage(f"{file.place('current')}: current accepts a string in quotes")
    is_whole = isinstance(contexts, dict)
    if is_whole:
        contexts = {name: _flat(values) for name, values in contexts.items()}
    for name, values in contexts.items() if is_whole else ():
        if not isinstance(values, dict):
            raise Usage(
                f"{path}: context {name!r} is not a table", hint=f"begin it with [contexts.{name}]"
            )
    if not is_whole:
        raise Usage(f"{path}: contexts is not a table", hint="begin one with [contexts.NAME]")
    return ConfigFile(path, current, contexts, lines)


def _flat(values: object) -> object:
    """Give `receipts.shared` and a table `receipts` with `shared` as `receipts-shared`."""
    if not isinstance(values, dict):
        return values
    found: dict[str, Any] = {}
    for key, value in values.items():
        inner = value.items() if isinstance(value, dict) and value else [("", value)]
        found |= {f"{key}-{name}" if name else key: each for name, each in inner}
    return {key.replace(".", "-"): value for key, value in found.items()}


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Find the line of each key written in the usual form; others have no line in messages."""
    lines: dict[tuple[str, str], int] = {}
    where: str | None = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            header = _HEADER.fullmatch(line)
            where = header[1].strip("\"'") if header else None
        elif where is not None and (key := _KEY.match(line)):
            lines.setdefault((where, key[1].strip("\"'").replace(".", "-")), number)
    return lines
