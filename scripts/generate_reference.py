"""Writes docs/reference/ and the manual page from the commands themselves.

`python scripts/generate_reference.py` writes, `--check` compares and fails where they differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

from typer.main import get_command

from azjit import __version__
from azjit.azure.error_codes import AZURE_CODES, GRAPH_CODES, PIM_HINTS
from azjit.cli.app import tree
from azjit.cli.help_topics import EXIT_CODES, SIGN_IN, environment_rows
from azjit.domain.checks import CHECKS
from azjit.options import OPTIONS
from azjit.output.schema import RESULTS, schema_of
from azjit.packages.catalog import RULES

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"
MANUAL = ROOT / "man" / "azjit.1"
MADE = "<!-- made by scripts/generate_reference.py; change the commands, not this page -->\n\n"

# What only the manual page tells.
DESCRIPTION = (
    (
        "azjit gives publishers and consumers of Azure Managed Applications just-in-time access."
        " A publisher asks for a role, from a start and for a duration; a consumer sets who"
        " approves and for how long, and approves or denies."
    ),
    (
        "Results go to stdout, everything else to stderr. Nothing is called approved, denied or"
        " configured that a read after the change did not show. With --sandbox every command works"
        " on an embedded Azure: no account, no network."
    ),
)
WORDS = (
    (
        "APP",
        (
            "a managed application: its resource id, NAME, GROUP/NAME, or the id of its managed"
            " resource group. Where two fit, both are listed and nothing is done."
        ),
    ),
    (
        "REQUEST",
        "a JIT request: its name, a prefix of it of at least 8 characters, or its resource id.",
    ),
    ("ROLE", "a role: its name, such as Contributor, its GUID, or its role definition id."),
    ("WHEN", "a time: now, +30m, 22:00, 'sun 02:00' or ISO 8601, in --timezone."),
    ("DURATION", "a length of time: 2h, 90m, 1h30m or PT2H."),
)
FILES = (
    ("~/.config/azjit/config.toml", "named contexts; AZJIT_CONFIG_DIR names another folder"),
    (
        "~/.local/state/azjit/",
        (
            "receipts, names that were seen, and the sandbox's world below sandbox/;"
            " --state-dir names another"
        ),
    ),
)
EXAMPLES = (
    ("The whole story in ten seconds, on a sandbox of its own:", "azjit demo"),
    ("A publisher asks for a role:", "azjit publisher request orders --role Contributor"),
    ("A consumer sees what waits:", "azjit consumer pending --sandbox"),
    (
        "A script takes the names of all requests that wait:",
        "azjit consumer pending -o tsv --query '[].name'",
    ),
)
ELSEWHERE = "azjit schema prints the JSON Schema of every result; azjit help explains the rest."

Command = Any
"""typer's own click: it is vendored and has no public types."""


def leaves(
    command: Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Give every leaf command with its words."""
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name, child in children.items():
        if not child.hidden:
            yield from leaves(child, (*path, name))


def summary_of(command: Command) -> tuple[str, list[str], str]:
    """Give a command's first line, its further paragraphs, and its example."""
    text, _, example = str(command.help or "").partition("Example:")
    first, *more = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return first, [part for part in more if part], example.replace("\b", "").strip()


def arguments_of(command: Command) -> list[Command]:
    """Give what a command is given without a name."""
    return [p for p in command.params if p.param_type_name == "argument"]


def options_of(command: Command) -> list[Command]:
    """Give a command's own options, without those of every command."""
    common = {f"common_{option.key}" for option in OPTIONS}
    return [
        p
        for p in command.params
        if p.param_type_name == "option" and p.name not in common and not p.hidden
    ]


def usage_of(path: tuple[str, ...], command: Command) -> str:
    """Give a command's usage in one line."""
    words = ["azjit", *path, *(str(p.metavar or p.name.upper()) for p in arguments_of(command))]
    needed = [option for option in options_of(command) if option.required]
    words += [f"{option.opts[0]} {option.metavar}" for option in needed]
    return " ".join([*words, "[OPTIONS]"])


def option_label(option: Command) -> str:
    """Give an option as it is typed."""
    names = ", ".join(sorted(option.opts, key=len))
    return f"{names} {option.metavar}" if option.metavar and not option.is_flag else names


def commands_page() -> str:
    """Every command with its arguments and options."""
    parts = [
        (
            f"# Commands\n\n{MADE}Every command also takes the [common options](options.md) and"
            " ends with one of the [exit codes](exit-codes.md).\n"
        )
    ]
    for path, command in leaves(get_command(tree())):
        first, more, example = summary_of(command)
        parts.append(f"## azjit {' '.join(path)}\n\n{first}\n")
        parts.extend(f"{paragraph}\n" for paragraph in more)
        parts.append(f"```text\n{usage_of(path, command)}\n```\n")
        rows = [
            (str(p.metavar or p.name.upper()), str(p.help or "")) for p in arguments_of(command)
        ]
        rows += [(option_label(p), str(p.help or "")) for p in options_of(command)]
        if rows:
            parts.append(table(("what", "meaning"), rows))
        if example:
            parts.append(f"Example:\n\n```text\n{example}\n```\n")
    return "\n".join(parts)


def options_page() -> str:
    """The options of every command."""
    rows = []
    for option in OPTIONS:
        short = f"-{option.short}, " if option.short else ""
        metavar = f" {option.metavar}" if option.metavar else ""
        default = f" (default: {option.default})" if option.default else ""
        rows.append(
            (f"{short}--{option.name}{metavar}", f"{option.help}{default}", option.variable)
        )
    return (
        f"# Options of every command\n\n{MADE}A flag wins over its variable, a variable over the"
        " context of `azjit config`, and that over the default.\n\n"
        + table(("option", "meaning", "variable"), rows)
    )


def exit_codes_page() -> str:
    """What the process tells its caller."""
    rows = [(str(int(code)), text) for code, text in EXIT_CODES.items()]
    batch = (
        "\nA batch whose items all fail alike ends with that code, any other with failures"
        " with 7. Each row of `-o json` carries the code of its item in `exit`.\n"
    )
    return f"# Exit codes\n\n{MADE}{table(('code', 'meaning'), rows)}{batch}"


def environment_page() -> str:
    """The variables that azjit reads, and the kinds of sign-in that they make."""
    return (
        f"# Environment\n\n{MADE}{table(('variable', 'meaning'), environment_rows())}\n"
        f"## Kinds of sign-in\n\n{table(('--auth', 'meaning'), list(SIGN_IN.items()))}\n"
        "`auto` takes the first that its variables are set for, else the login of `az`.\n"
    )


def error_codes_page() -> str:
    """What Azure's error codes mean here, and the finding codes of the checks."""
    findings = [(rule.code, rule.meaning, rule.fix) for rule in RULES]
    diagnoses = [
        (each.code, each.severity.value, each.meaning, each.fix, ", ".join(each.breaks) or "-")
        for each in CHECKS
    ]
    hints = [(code, each.hint) for code, each in (GRAPH_CODES | AZURE_CODES).items()]
    return (
        f"# Error codes\n\n{MADE}## Azure's\n\nAn error shows Azure's own code and request id. For"
        " these codes azjit knows a next step:\n\n"
        + table(("code", "next step"), hints)
        + "\n## Privileged Identity Management's\n\n"
        + table(("code", "next step"), list(PIM_HINTS.items()))
        + "\n## Findings of `publisher package check`\n\n"
        + table(("code", "why", "fix"), findings)
        + "\n## Findings of `azjit doctor`\n\n[Find out what would fail](../how-to/doctor.md)"
        " tells how to run it and what it cannot know.\n\n"
        + table(("code", "severity", "meaning", "fix", "fails"), diagnoses)
    )


def json_page() -> str:
    """The keys of every result."""
    parts = [
        (
            f"# JSON\n\n{MADE}Keys are only ever added. Instants are UTC, `2026-12-01T21:00:00Z`;"
            " lengths are ISO 8601, `PT1H30M`. The same, for programs: `azjit schema`.\n"
        )
    ]
    shown: set[str] = set()
    for kind, (_, commands) in RESULTS.items():
        schema = schema_of(kind)
        top = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
        many = "a list of " if schema.get("type") == "array" else ""
        name = str(top).rsplit("/", 1)[-1]
        if not name:
            parts.append(f"## {kind}\n\n{commands}: one document.\n")
            continue
        parts.append(f"## {kind}\n\n{commands}: {many}[{name}](#{name.lower()}-keys).\n")
        for shape, body in schema["$defs"].items():
            if shape not in shown:
                shown.add(shape)
                parts.append(shape_part(shape, body))
    return "\n".join(parts)


def shape_part(name: str, body: Mapping[str, Any]) -> str:
    """The keys of one shape."""
    rows = [
        (f"`{key}`", type_of(told), str(told.get("description", "")))
        for key, told in body["properties"].items()
    ]
    return f"### {name} keys\n\n{body['description']}\n\n" + table(("key", "type", "meaning"), rows)


def type_of(told: Mapping[str, Any]) -> str:
    """Say a schema's type in words."""
    if "$ref" in told:
        return str(told["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in told:
        return " or ".join(type_of(part) for part in told["anyOf"])
    kind = told.get("type", "any")
    if kind == "array":
        return f"list of {type_of(told['items'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def manual() -> str:
    """The manual page: every command in a paragraph, options, exit codes, environment."""
    out = [
        f'.TH AZJIT 1 "" "azjit {__version__}" "User Commands"',
        ".SH NAME",
        "azjit \\- just-in-time access for Azure Managed Applications",
        ".SH SYNOPSIS",
        ".B azjit\n.I COMMAND\n[\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]",
        ".SH DESCRIPTION",
        *(line for text in DESCRIPTION for line in (".PP", roff(text))),
        ".SH WORDS",
        *(line for word, text in WORDS for line in (".TP", f".I {word}", roff(text))),
        ".SH COMMANDS",
    ]
    for path, command in leaves(get_command(tree())):
        first, more, _ = summary_of(command)
        out += [".TP", f".B {roff(usage_of(path, command))}", roff(" ".join([first, *more]))]
        for option in options_of(command):
            out += [
                ".RS",
                ".TP",
                f".B {roff(option_label(option))}",
                roff(option.help or ""),
                ".RE",
            ]
    out.append(".SH OPTIONS OF EVERY COMMAND")
    for option in OPTIONS:
        label = f"--{option.name} {option.metavar}".strip()
        out += [".TP", f".B {roff(label)}", roff(option.help)]
    out.append(".SH EXIT STATUS")
    for code, text in EXIT_CODES.items():
        out += [".TP", f".B {int(code)}", roff(text)]
    out.append(".SH ENVIRONMENT")
    for name, text in environment_rows():
        out += [".TP", f".B {roff(name)}", roff(text)]
    out.append(".SH FILES")
    for name, text in FILES:
        out += [".TP", f".I {roff(name)}", roff(text)]
    out.append(".SH EXAMPLES")
    for text, command in EXAMPLES:
        out += [".PP", roff(text), ".PP", ".RS 4", ".nf", roff(command), ".fi", ".RE"]
    out += [".SH SEE ALSO", ".BR az (1),", ".BR jq (1)", ".PP", roff(ELSEWHERE)]
    return "\n".join(out) + "\n"


def roff(text: str) -> str:
    """Write text so that the formatter reads none of it as a command."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain[:1] in {".", "'"} else plain


def files() -> dict[Path, str]:
    """Every file that this script makes."""
    return {
        PAGES / "commands.md": commands_page(),
        PAGES / "options.md": options_page(),
        PAGES / "exit-codes.md": exit_codes_page(),
        PAGES / "environment.md": environment_page(),
        PAGES / "error-codes.md": error_codes_page(),
        PAGES / "json.md": json_page(),
        MANUAL: manual(),
    }


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args().check
    stale = 0
    for path, text in files().items():
        whole = text.rstrip() + "\n"
        was = path.read_text(encoding="utf-8") if path.exists() else ""
        if was == whole:
            continue
        stale += 1
        if check:
            name = str(path.relative_to(ROOT))
            sys.stdout.writelines(
                list(
                    unified_diff(
                        was.splitlines(keepends=True), whole.splitlines(keepends=True), name, name
                    )
                )[:40]
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(whole, encoding="utf-8")
    if check and stale:
        sys.stdout.write(f"{stale} files are stale: run python {Path(__file__).name}\n")
    return int(bool(check and stale))


if __name__ == "__main__":
    sys.exit(main())
