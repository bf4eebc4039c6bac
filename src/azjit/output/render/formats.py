"""The formats for scripts: JSON, JSON lines, YAML, CSV and TSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import Any, TextIO

from azjit.output.fields import Columns
from azjit.output.render.streams import speaks_unicode, writer
from azjit.output.render.text import escape_hazards, harmless, hazard
from azjit.output.render.values import exported

_ENDLESS = 1 << 30
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
# What spreadsheets take for a formula: OWASP's list, with its full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_BEHIND = re.compile(r"(;\s*)(?=[=+\-@\t\r＝＋－＠])")  # noqa: RUF001
_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_json(value: object, stream: TextIO) -> None:
    """Write an array or object, indented by two spaces; item by item, which keeps memory low."""
    ascii_only = not speaks_unicode(stream)

    def text(inner: object) -> str:
        return escape_hazards(json.dumps(inner, indent=2, ensure_ascii=ascii_only))

    if not isinstance(value, list) or not value:
        stream.write(text(value) + "\n")
        return
    comma = "[\n  "
    for item in value:
        stream.write(comma + text(item).replace("\n", "\n  "))
        comma = ",\n  "
    stream.write("\n]\n")


def write_jsonl(values: Iterable[object], stream: TextIO) -> None:
    """Write each value on its own line as soon as it arrives."""
    ascii_only = not speaks_unicode(stream)
    text = json.JSONEncoder(ensure_ascii=ascii_only, separators=(",", ":")).encode
    for value in values:
        stream.write(escape_hazards(text(value)) + "\n")
        stream.flush()


def write_yaml(value: object, stream: TextIO) -> None:
    """Write one YAML document; a list item by item, which keeps memory low."""
    import yaml

    dumper = _dumper()
    parts = [[item] for item in value] if isinstance(value, list) and value else [value]
    for part in parts:
        text = yaml.dump(
            part,
            Dumper=dumper,
            sort_keys=False,
            allow_unicode=speaks_unicode(stream),
            width=_ENDLESS,
        )
        stream.write(hazard().sub(_yaml_escape, text.removesuffix("...\n")))


def write_csv(columns: Columns[Any], items: Iterable[Any], stream: TextIO) -> None:
    """Write RFC 4180 with the keys as header, and an apostrophe before a spreadsheet formula."""
    write = writer(stream)

    class Lines:
        def write(self, text: str) -> object:
            return write(text)

    rows = csv.writer(Lines(), lineterminator="\r\n")
    if any(column.title for column in columns):
        rows.writerow([_csv_cell(column.key) for column in columns])
    for item in items:
        rows.writerow([_csv_cell(exported(column, item)) for column in columns])
        stream.flush()


def write_tsv(columns: Columns[Any], items: Iterable[Any], stream: TextIO) -> None:
    r"""Write a line an item with \t, \n, \r and \\ for what would break it; no header."""
    write = writer(stream)
    for item in items:
        texts = (exported(column, item).translate(_TSV) for column in columns)
        write("\t".join(map(harmless, texts)) + "\n")
        stream.flush()


def _csv_cell(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    safe = "\n".join(harmless(line) for line in lines)
    # Where a spreadsheet separates cells by semicolons, the text behind one begins a cell.
    safe = _BEHIND.sub(r"\1'", safe)
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + safe
    return safe


def _dumper() -> Any:  # noqa: ANN401 - a class made from whichever dumper PyYAML has
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc] # the base is known only at run time
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    Dumper.add_representer(str, _represent_text)
    return Dumper


def _represent_text(dumper: Any, text: str) -> object:  # noqa: ANN401 - as above
    """Quote text that holds hazards, so that every hazard in the output can be escaped there."""
    known = text.encode("utf-8", "replace").decode("utf-8")  # YAML has no lone surrogates
    risky = hazard().search(known.replace("\n", "")) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", known, style='"' if risky else None)


def _yaml_escape(match: re.Match[str]) -> str:
    char = match[0]
    return char if char == "\n" else f"\\U{ord(char):08X}"
