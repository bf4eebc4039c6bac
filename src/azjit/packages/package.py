"""Opens a package: createUiDefinition.json, a folder that contains it, or app.zip."""

from __future__ import annotations

import re
import shlex
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from azjit.domain.findings import Finding, Place
from azjit.errors import Refused, Usage
from azjit.packages import catalog as rules
from azjit.packages import files
from azjit.packages.addition import add_jit
from azjit.packages.archive import LARGEST_TEXT, Archive, open_archive
from azjit.packages.checks import check
from azjit.packages.definition import HANDLERS, OUTPUT, SCHEMA, VERSION, Definition, definition_of
from azjit.packages.fault import Fault
from azjit.packages.jsonc import Malformed, Node, parse
from azjit.packages.source import Source, decode

DEFINITION, TEMPLATE = "createUiDefinition.json", "mainTemplate.json"
_ZIP = b"PK"
_MISSING = {rules.NO_STEP, rules.NO_OUTPUT}
# A string, in which nothing is a comment, or the begin of a comment.
_LOOSE = re.compile(
    r'("(?:\\.|[^"\\])*+")|(?<![{\[,])(,)(?=\s*[}\]])|//[^\n]*+|/\*.*?\*/', re.DOTALL
)
_CONTROL = re.compile(r"[\t\r\n]")
# What tools that build files put in for a value: ${name}, {{name}}, <% name %>, #{name}.
_PLACEHOLDER = re.compile(r"[$#]\{|\{\{|<%")
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|(//|/\*)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Package:
    """An opened package; `path` is the file that an edit replaces, `content` its bytes."""

    path: Path
    content: bytes
    source: Source
    definition: Definition
    template: Source | None = None
    archive: Archive | None = None
    entry: zipfile.ZipInfo | None = None
    is_whole: bool = False
    """Whether it is the package itself, a folder or a zip, and not one file of it."""

    def with_text(self, text: str) -> bytes:
        """Give the bytes of the file with a new text of createUiDefinition."""
        encoded = self.source.encode(text)
        if self.archive is None or self.entry is None:
            return encoded
        return self.archive.with_entry(self.entry, encoded)

    def place(self, source: Source, offset: int) -> Place:
        """Give the place of an offset in one of its texts."""
        line, column = source.position(offset)
        if self.archive is None:
            return Place(source.name, line, column)
        inside = source.name.removeprefix(f"{self.archive.name}/")
        return Place(self.archive.name, line, column, inside)


def open_package(path: Path) -> Package:
    """Read a package.

    Raises:
        NotFound: the path does not exist.
        Usage: it cannot be read or is not a package; the message names the place.
    """
    if files.is_folder(path, str(path)):
        found = _in_folder(path, DEFINITION)
        if found is None:
            raise _none_in(path)
        template = _in_folder(path, TEMPLATE)
        return replace(_from_file(found, template), is_whole=True)
    content = files.read(path, str(path), files.largest(path), follows=True)
    if content.startswith(_ZIP):
        return _from_zip(path, content)
    if path.suffix.lower() == ".zip":
        raise Usage(f"{path} is not a zip file", hint="zip the package again")
    return _from_file(path, None)


def findings_of(package: Package, *, is_catalog: bool) -> list[Finding]:
    """Check a package against every rule, in the order of its files."""
    found = [(package.source, fault) for fault in _file_faults(package)]
    if is_catalog:
        found = _of_catalog(found)
    if package.template is not None:
        found += [
            (package.template, fault)
            for fault in _template_faults(package.template, is_catalog=is_catalog)
        ]
    return [_finding(package, source, fault) for source, fault in found]


def _finding(package: Package, source: Source, fault: Fault) -> Finding:
    fix = fault.fix
    if fix is None and fault.rule in _MISSING:
        fix = _addition_to(package)
    place, rule = package.place(source, fault.offset), fault.rule
    return Finding(rule, rule.severity, fault.text, place, advice=fix)


def _addition_to(package: Package) -> str:
    """Give the command that adds what is missing, or why there is none."""
    try:
        add_jit(package.source, package.definition)
    except Refused as error:
        return error.hint or error.message
    path = shlex.quote(str(package.path))
    return f"add it: azjit publisher package add-jit {path} --in-place"


def _of_catalog(found: list[tuple[Source, Fault]]) -> list[tuple[Source, Fault]]:
    """Say once that nothing documents JIT for a service catalog, in place of what is missing."""
    missing = [(source, fault) for source, fault in found if fault.rule in _MISSING]
    rest = [each for each in found if each not in missing]
    for source, fault in missing[:1]:
        text = "the package does not ask about JIT access"
        rest.insert(0, (source, Fault(rules.CATALOG_WITHOUT, fault.offset, text)))
    return rest


def _name_faults(package: Package) -> Iterator[Fault]:
    """Give the faults of the names of the two files, which Azure compares with their case."""
    sources = {DEFINITION: package.source, TEMPLATE: package.template}
    for wanted, source in sources.items():
        name = source.name.rpartition("/")[2] if source is not None else wanted
        if name != wanted and name.lower() == wanted.lower() and package.is_whole:
            yield Fault(rules.MISSPELT_FILE, 0, f"the file {name} must be named {wanted}")
    if package.archive is not None and package.template is None:
        yield Fault(rules.NO_TEMPLATE, 0, f"the zip has no {TEMPLATE}")


def _form_faults(package: Package) -> Iterator[Fault]:
    """Give what Microsoft's tools refuse of the file, though azjit can read it."""
    text = package.source.text
    comment = next((each for each in _TOKEN.finditer(text) if each[1]), None)
    if comment is not None:
        yield Fault(rules.COMMENTS, comment.start(), "the file contains comments")
    root = package.definition.root
    if package.definition.is_form:
        return
    for key, wanted in (("$schema", SCHEMA), ("version", VERSION)):
        member = root.member(key)
        if member is not None and _loose(member.value.text) != _loose(wanted):
            told = f"the {key} is {member.value.text or 'no string'}"
            fix = f'set "{key}" to "{wanted}"'
            yield Fault(rules.OTHER_VERSION, member.value.start, told, fix)


def _loose(text: str | None) -> str:
    return (text or "").lower().rstrip("#").replace("http://", "https://")


def _file_faults(package: Package) -> list[Fault]:
    faults = [*_name_faults(package), *_form_faults(package), *check(package.definition)]
    if package.source.encoding != "utf-8":
        text = f"the file is {package.source.encoding.upper()}, not UTF-8"
        faults.insert(0, Fault(rules.ENCODING, 0, text))
    if package.entry is not None and package.entry.filename.lower() != DEFINITION.lower():
        text = f"{DEFINITION} is not at the root: its name in the zip is {package.entry.filename}"
        faults.insert(0, Fault(rules.NOT_AT_ROOT, 0, text))
    return faults


def _parsed(template: str) -> Node:
    try:
        return parse(template)
    except Malformed:
        return parse(_as_azure_reads(template))


def _as_azure_reads(template: str) -> str:
    """Give a template without what Azure accepts, and JSON does not, in the same length.

    It has no line ends in strings, and no commas before the end of a list.
    """

    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return _CONTROL.sub(" ", match[1])
        return " " if match[2] else match[0]

    return _LOOSE.sub(plain, template)


def _template_faults(template: Source, *, is_catalog: bool) -> list[Fault]:
    try:
        root = _parsed(template.text)
    except Malformed as error:
        return [Fault(rules.TEMPLATE_UNREAD, error.offset, f"{TEMPLATE}: {error}")]
    parameters = root.get("parameters")
    rule = rules.TEMPLATE_ERROR if is_catalog else rules.TEMPLATE_NOTE
    return [
        Fault(rule, member.start, f"{TEMPLATE} has a parameter {member.key!r}")
        for member in (parameters.members if parameters is not None else ())
        if member.key.lower() == OUTPUT.lower()
    ]


def _in_folder(folder: Path, wanted: str) -> Path | None:
    try:
        named = [e for e in sorted(folder.iterdir()) if e.name.lower() == wanted.lower()]
    except OSError as error:
        said = str(error.strerror or error).lower()
        raise Usage(f"{folder} cannot be read: {said}", hint="check its permissions") from error
    if len(named) > 1:
        names = ", ".join(each.name for each in named)
        raise Usage(
            f"{folder} contains {wanted} {len(named)} times: {names}", hint="keep one of them"
        )
    return named[0] if named else None


def _from_file(path: Path, template: Path | None) -> Package:
    content = files.read(path, str(path), LARGEST_TEXT, follows=True)
    source = decode(str(path), content)
    main = _decoded(template) if template is not None else None
    return Package(path, content, source, _definition(source), main)


def _decoded(path: Path) -> Source:
    return decode(str(path), files.read(path, str(path), LARGEST_TEXT, follows=True))


def _from_zip(path: Path, content: bytes) -> Package:
    archive = open_archive(str(path), content)
    entry = archive.find(DEFINITION)
    if entry is None:
        raise _none_in(path)
    source = _entry_source(archive, entry)
    main = archive.find(TEMPLATE)
    template = _entry_source(archive, main) if main is not None else None
    return Package(
        path, content, source, _definition(source), template, archive, entry, is_whole=True
    )


def _entry_source(archive: Archive, entry: zipfile.ZipInfo) -> Source:
    return decode(f"{archive.name}/{entry.filename}", archive.read(entry))


def _definition(source: Source) -> Definition:
    try:
        root = parse(source.text)
    except Malformed as error:
        line, column = source.position(error.offset)
        around = source.text[max(error.offset - 1, 0) : error.offset + 2]
        is_unbuilt = _PLACEHOLDER.search(around) is not None
        what = "it looks like a template of another tool: check the file that the tool builds"
        raise Usage(
            f"{source.name}:{line}:{column}: {error}",
            hint=what if is_unbuilt else "the file is not valid JSON; fix this first",
        ) from error
    definition = definition_of(root)
    if definition is None:
        raise Usage(
            f"{source.name} is not a createUiDefinition: {_what_it_is(root)}",
            hint='it begins with "handler": "Microsoft.Azure.CreateUIDef"; is it the right file?',
        )
    return definition


def _what_it_is(root: Node) -> str:
    schema, handler = root.get("$schema"), root.get("handler")
    if handler is not None and (handler.text or "").lower() not in HANDLERS:
        return f"its handler is {handler.plain()!r}"
    if handler is not None:
        return "it has no object parameters"
    if schema is not None and schema.text is not None:
        return f"its $schema is {schema.text}"
    return "it has no handler"


def _none_in(path: Path) -> Usage:
    return Usage(f"{path} has no {DEFINITION}", hint="use the file itself, or its folder")
