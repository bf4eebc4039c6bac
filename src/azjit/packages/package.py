"""Opens a package: createUiDefinition.json, a folder that contains it, or app.zip."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from azjit.domain.findings import Finding, Place
from azjit.errors import Usage
from azjit.packages import catalog as rules
from azjit.packages import files
from azjit.packages.archive import LARGEST_TEXT, Archive, open_archive
from azjit.packages.checks import check
from azjit.packages.definition import OUTPUT, Definition, definition_of
from azjit.packages.fault import Fault
from azjit.packages.jsonc import Malformed, Node, parse
from azjit.packages.source import Source, decode

DEFINITION, TEMPLATE = "createUiDefinition.json", "mainTemplate.json"
_ZIP = b"PK"


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
        files.check_no_link(path, str(path))
        found = _in_folder(path, DEFINITION)
        if found is None:
            raise _none_in(path)
        template = _in_folder(path, TEMPLATE)
        return _from_file(found, template)
    content = files.read(path, str(path))
    if content.startswith(_ZIP):
        return _from_zip(path, content)
    if path.suffix.lower() == ".zip":
        raise Usage(f"{path} is not a zip file", hint="zip the package again")
    return _from_file(path, None)


def findings_of(package: Package, *, is_catalog: bool) -> list[Finding]:
    """Check a package against every rule, in the order of its files."""
    found = [(package.source, fault) for fault in _file_faults(package)]
    if package.template is not None:
        found += [
            (package.template, fault)
            for fault in _template_faults(package.template, is_catalog=is_catalog)
        ]
    return [_finding(package, source, fault) for source, fault in found]


def _finding(package: Package, source: Source, fault: Fault) -> Finding:
    fix = fault.fix
    if fix is None and fault.rule in {rules.NO_STEP, rules.NO_OUTPUT}:
        fix = f"add it: azjit publisher package add-jit {package.path} --in-place"
    place, rule = package.place(source, fault.offset), fault.rule
    return Finding(rule, rule.severity, fault.text, place, advice=fix)


def _file_faults(package: Package) -> list[Fault]:
    faults = check(package.definition)
    if package.source.encoding != "utf-8":
        text = f"the file is {package.source.encoding.upper()}, not UTF-8"
        faults.insert(0, Fault(rules.ENCODING, 0, text))
    if package.entry is not None and "/" in package.entry.filename:
        folder = package.entry.filename.rpartition("/")[0]
        faults.insert(0, Fault(rules.NOT_AT_ROOT, 0, f"{DEFINITION} is in the folder {folder}"))
    return faults


def _template_faults(template: Source, *, is_catalog: bool) -> list[Fault]:
    try:
        root = parse(template.text)
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
    content = files.read(path, str(path), LARGEST_TEXT)
    source = decode(str(path), content)
    main = _decoded(template) if template is not None else None
    return Package(path, content, source, _definition(source), main)


def _decoded(path: Path) -> Source:
    return decode(str(path), files.read(path, str(path), LARGEST_TEXT))


def _from_zip(path: Path, content: bytes) -> Package:
    archive = open_archive(str(path), content)
    entry = archive.find(DEFINITION)
    if entry is None:
        raise _none_in(path)
    source = _entry_source(archive, entry)
    main = archive.find(TEMPLATE)
    template = _entry_source(archive, main) if main is not None else None
    return Package(path, content, source, _definition(source), template, archive, entry)


def _entry_source(archive: Archive, entry: zipfile.ZipInfo) -> Source:
    return decode(f"{archive.name}/{entry.filename}", archive.read(entry))


def _definition(source: Source) -> Definition:
    try:
        root = parse(source.text)
    except Malformed as error:
        line, column = source.position(error.offset)
        raise Usage(
            f"{source.name}:{line}:{column}: {error}",
            hint="the file is not valid JSON; fix this first",
        ) from error
    definition = definition_of(root)
    if definition is None:
        raise Usage(
            f"{source.name} is not a createUiDefinition: {_what_it_is(root)}",
            hint="use createUiDefinition.json, its folder, or app.zip",
        )
    return definition


def _what_it_is(root: Node) -> str:
    schema, handler = root.get("$schema"), root.get("handler")
    if schema is not None and schema.text is not None:
        return f"its $schema is {schema.text}"
    return f"its handler is {handler.plain()!r}" if handler is not None else "it has no handler"


def _none_in(path: Path) -> Usage:
    return Usage(f"{path} has no {DEFINITION}", hint="use the file itself, or its folder")
