"""Finds completions: commands, options and their values, and names that azjit has seen before.

Every TAB loads this module, so it imports none of `typing`, `re` and `pathlib`. `tree` is a
generated table, names are read only where a name fits, and nothing is sent over the network.
"""

from __future__ import annotations

from azjit.complete.tree import CHOICES, COMMANDS, COMMON, GROUPS, PAIRS, PEOPLE, SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Candidate = tuple[str, str]
    """A value and its description."""
    Table = Mapping[str, tuple[str, str, bool]]

FILES, DIRECTORIES = ":files", ":dirs"
"""Given instead of candidates: the shell completes files itself."""

_MOST = 200
_TRUE = {"1", "true", "yes", "on"}
_LOOPBACK = ("https://localhost", "https://127.0.0.1", "https://[::1]")
_PATHS = {"file": FILES, "dir": DIRECTORIES}


class CommandLine:
    """The words before the cursor, parsed into a command, options and arguments."""

    def __init__(self, words: Iterable[str]) -> None:
        self.path = ""
        self.told: dict[str, str] = {}
        self.used: set[str] = set()
        self.plain: list[str] = []
        self.waiting = ""
        self.ended = False
        for word in words:
            self._take(word)

    @property
    def options(self) -> Table:
        """The options of the command, followed by the common ones, which also stand before it."""
        if self.path not in COMMANDS:
            return COMMON
        _, own, has_common = COMMANDS[self.path]
        return {**own, **COMMON} if has_common else own

    def kind_of_next(self) -> str:
        """Give the kind of the next argument; empty if there is none."""
        arguments = COMMANDS[self.path][0] if self.path in COMMANDS else ()
        if len(self.plain) < len(arguments):
            return arguments[len(self.plain)].removesuffix("...")
        if arguments and arguments[-1].endswith("..."):
            return arguments[-1].removesuffix("...")
        return ""

    def _take(self, word: str) -> None:
        if self.waiting:
            self.told[self.waiting] = word
            self.waiting = ""
        elif word == "--" and not self.ended:
            self.ended = True
        elif word.startswith("-") and len(word) > 1 and not self.ended:
            self._take_option(word)
        elif word in GROUPS.get(self.path, {}):
            self.path = f"{self.path} {word}".strip()
        else:
            self.plain.append(word)

    def _take_option(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            short, value = word[:2], word[2:]
            name, equals = short if short in self.options else SHORT.get(short, short), value
        self.used.add(name)
        if equals:
            self.told[name] = value
        elif self.options.get(name, ("", "", False))[0]:
            self.waiting = name


def complete(words: Sequence[str], current: str, environ: Mapping[str, str]) -> list[Candidate]:
    """Give the candidates for the word that is being typed."""
    line = CommandLine(words)
    found = list(_offered(line, current, environ))
    wanted = current.lower()
    fits = [
        (value, _harmless(about))
        for value, about in dict(found).items()
        # Invisible characters could deceive a user, and a line end would end the candidate.
        if value in {FILES, DIRECTORIES}
        or (value.isprintable() and value.lower().startswith(wanted))
    ]
    return fits[:_MOST]


def _offered(line: CommandLine, current: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    name, equals, _ = current.partition("=")
    if line.waiting:
        yield from _values(line.options[line.waiting][0], current, line, environ)
    elif current.startswith("--") and equals and not line.ended:
        inner = current[len(name) + 1 :]
        for value, about in _values(line.options.get(name, ("",))[0], inner, line, environ):
            yield f"{name}={value}", about
    elif current.startswith("-") and not line.ended:
        yield from _options(line)
    elif line.path in GROUPS:
        # There is no completion after an unknown command.
        yield from () if line.plain else GROUPS[line.path].items()
    elif kind := line.kind_of_next():
        yield from _values(kind, current, line, environ)
    elif not current:
        yield from _options(line)


def _options(line: CommandLine) -> Iterator[Candidate]:
    for name, (_, about, is_many) in line.options.items():
        if is_many or name not in line.used:
            yield name, about
    yield "--help", "show the help"


def _values(
    kind: str, current: str, line: CommandLine, environ: Mapping[str, str]
) -> Iterable[Candidate]:
    if kind in CHOICES:
        return [(value, "") for value in CHOICES[kind]]
    if kind in _PATHS:
        return [(_PATHS[kind], "")]
    if kind in {"states", "phases"}:
        before = current[: current.rfind(",") + 1]
        return [(f"{before}{word}", "") for word in CHOICES[kind.removesuffix("s")]]
    if kind in PAIRS:
        return _pairs(kind, current, line, environ)
    if kind == "person":
        return PEOPLE.items()
    return [one for one in _names(kind, line, environ) if _is_new(one[0], line)]


def _pairs(
    kind: str, current: str, line: CommandLine, environ: Mapping[str, str]
) -> Iterator[Candidate]:
    key, equals, _ = current.partition("=")
    if equals:
        for value in PAIRS[kind].get(key, ()):
            yield f"{key}={value}", ""
        return
    if line.path == "sandbox switch" and not line.plain:
        yield from _names("app", line, environ)
    for known in PAIRS[kind]:
        yield f"{known}=", ""


def _names(kind: str, line: CommandLine, environ: Mapping[str, str]) -> list[Candidate]:
    # Only names need files.
    from azjit.store import completion_reader, locations  # noqa: PLC0415

    if kind == "context":
        return completion_reader.contexts(locations.config_file(environ))
    read = {
        "app": completion_reader.applications,
        "request": completion_reader.requests,
        "role": completion_reader.roles,
    }
    if kind not in read:
        return []
    told = line.told.get("--state-dir") or environ.get("AZJIT_STATE_DIR") or None
    place = locations.state_directory(told, environ)
    return read[kind](f"{place}/sandbox" if _is_sandbox(line, environ) else place)


def _is_sandbox(line: CommandLine, environ: Mapping[str, str]) -> bool:
    cloud = line.told.get("--cloud") or environ.get("AZJIT_CLOUD", "")
    return (
        "--sandbox" in line.used
        or line.path.startswith("sandbox")
        or environ.get("AZJIT_SANDBOX", "").lower() in _TRUE
        or cloud.startswith(_LOOPBACK)
    )


def _is_new(value: str, line: CommandLine) -> bool:
    """Tell whether a name is not empty, cannot be taken for an option, and is not typed yet."""
    return value not in line.plain and bool(value) and not value.startswith(("-", ":"))


def _harmless(about: str) -> str:
    if about.isprintable():
        return about
    return "".join(char if char.isprintable() else "?" for char in about)
