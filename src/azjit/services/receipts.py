"""Reads receipts back: lists and checks those of this machine, and those of other folders."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.receipts import Check, Copy, Receipt, ReceiptFilter
from azjit.errors import Failed, NotFound, Usage
from azjit.store.chain import Head
from azjit.store.intents import Intent
from azjit.store.receipts import ReceiptEntry, Receipts
from azjit.store.shared_copy import copy_name

HERE = "this machine"
_FILE = "receipts.jsonl"
_PREFIX = 8
_COPY = re.compile(r"(\d{1,12}):([0-9a-f]{64})")
_FORM = "use COUNT:HASH, or the file of: azjit receipts head -o json"


class _Source(NamedTuple):
    name: str
    receipts: Receipts


class ReceiptReads:
    """Reads the receipts of this machine, or those in other folders.

    A folder has the receipts of a machine, or a folder with them for each machine.
    """

    def __init__(self, context: Context, folders: Sequence[str] = ()) -> None:
        self._context = context
        self._folders = folders

    def matching(self, wanted: ReceiptFilter) -> Iterator[Receipt]:
        """Give the receipts that a filter matches, oldest first.

        Raises:
            AzjitError: they cannot be read.
        """
        found = merge(*map(_read, self._sources()), key=attrgetter("began"))
        return filter(wanted.matches, found)

    def find(self, text: str) -> Receipt:
        """Find the receipt that an id, or its first eight characters, names.

        Raises:
            NotFound: there is none.
            Usage: there are several.
        """
        text = text.strip().lower()
        is_prefix = len(text) >= _PREFIX
        found = [
            each
            for each in self.matching(ReceiptFilter())
            if each.id.lower() == text or (is_prefix and each.id.lower().startswith(text))
        ]
        if not found:
            raise NotFound(f"no receipt {text!r}", hint="list them with: azjit receipts list")
        if len(found) > 1:
            ids = ", ".join(f"{each.id} of {each.source}" for each in found)
            raise Usage(f"{len(found)} receipts are named {text!r}: {ids}", hint="use a whole id")
        return found[0]

    def heads(self) -> list[Copy]:
        """Give the head of each source, to be kept elsewhere.

        Raises:
            Failed: a head is unreadable.
        """
        return [_copy(each) for each in self._sources()]

    def checks(self, against: str | None) -> Iterator[Check]:
        """Check each source, against an earlier head if there is one.

        Raises:
            Usage: the earlier head is none, or is of another source.
            AzjitError: the receipts cannot be read.
        """
        sources = self._sources()
        copied = _copied(against, [each.name for each in sources]) if against is not None else {}
        for source in sources:
            found = source.receipts.verify(copied.get(source.name))
            yield Check(
                source.name,
                found.ok,
                found.count,
                found.broken_line,
                found.why,
                found.torn,
                self._left_open(source),
            )

    def _left_open(self, source: _Source) -> tuple[Receipt, ...]:
        """Give the changes without an outcome, but for those that are still being made."""
        under_way = source.receipts.under_way()
        return tuple(
            each for each in _read(source) if each.outcome is None and each.id not in under_way
        )

    def _sources(self) -> list[_Source]:
        if not self._folders:
            return [_Source(HERE, self._context.receipts), *self._others()]
        found = [each for folder in self._folders for each in self._in_folder(Path(folder))]
        names = [each.name for each in found]
        for name in names:
            if names.count(name) > 1:
                raise Usage(
                    f"two folders have receipts of {name}", hint="read them one after the other"
                )
        return found

    def _others(self) -> Iterator[_Source]:
        """Give the receipts of other machines in the shared folder."""
        shared = self._context.settings.receipts_shared
        if shared is None:
            return
        own = copy_name(self._context.receipts.directory, platform.node())
        yield from (each for each in self._in_folder(shared) if each.name != own)

    def _in_folder(self, folder: Path) -> Iterator[_Source]:
        try:
            inside = sorted(each for each in folder.iterdir() if (each / _FILE).is_file())
        except OSError as error:
            raise Usage(
                f"{folder} cannot be read: {(error.strerror or str(error)).lower()}",
                hint="--from takes a folder with receipts",
            ) from error
        places = [folder] if (folder / _FILE).is_file() else inside
        if not places:
            raise NotFound(
                f"there are no receipts in {folder}", hint=f"--from takes a folder with {_FILE}"
            )
        for place in places:
            yield _Source(place.resolve().name, self._context.receipts_in(place))


def _read(source: _Source) -> Iterator[Receipt]:
    """Join each intent with its outcome; a second reading learns what requests are of."""
    outcomes: dict[str, ReceiptEntry] = {}
    applications: dict[str, str] = {}
    for entry in source.receipts.entries():
        if entry.kind == "outcome":
            outcomes[entry.id] = entry
        elif (told := _application(entry.body)) is not None:
            applications[str(entry.body.get("target", "")).lower()] = told
    for entry in source.receipts.entries():
        if entry.kind == "intent":
            yield _receipt(source.name, entry, outcomes.get(entry.id), applications)


def _application(body: Mapping[str, object]) -> str | None:
    details, target = body.get("details"), str(body.get("target", ""))
    if "/microsoft.solutions/applications/" in target.lower():
        return target
    told = details.get("application") if isinstance(details, dict) else None
    return told if isinstance(told, str) else None


def _receipt(
    source: str,
    entry: ReceiptEntry,
    outcome: ReceiptEntry | None,
    applications: Mapping[str, str],
) -> Receipt:
    intent = Intent.read(entry.body)
    got = outcome.body if outcome is not None else {}
    return Receipt(
        id=entry.id,
        source=source,
        began=entry.at,
        action=intent.action,
        target=intent.target,
        application=applications.get(intent.target.lower()),
        actor_id=intent.actor.id,
        actor_name=intent.actor.name,
        actor_tenant=intent.actor.tenant,
        cloud=intent.cloud,
        reason=intent.reason,
        details=intent.details,
        outcome=_text(got.get("outcome")),
        ended=outcome.at if outcome is not None else None,
        state=_text(got.get("state")),
        detail=_text(got.get("detail")),
        code=_text(got.get("code")),
        request_id=_text(got.get("request_id")),
        is_reconciled=got.get("reconciled") is True,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _copy(source: _Source) -> Copy:
    head = source.receipts.head()
    if head is None:
        raise Failed(
            f"the head of the receipts of {source.name} is unreadable",
            hint="see: azjit receipts verify",
        )
    return Copy(source.name, head.count, head.hash, head.size)


def _copied(text: str, sources: Sequence[str]) -> dict[str, Head]:
    """Read a copied head: as a text of one source, or the file of several."""
    found = _COPY.fullmatch(text.strip())
    if found is not None:
        if len(sources) > 1:
            raise Usage("COUNT:HASH is the head of one source, and there are several", hint=_FORM)
        return {sources[0]: Head(int(found[1]), found[2])}
    try:
        loaded = json.loads(Path(text).read_text("utf-8-sig"))
        told = loaded if isinstance(loaded, list) else [loaded]
        heads = {str(one["source"]): Head(int(one["count"]), str(one["hash"])) for one in told}
    except OSError as error:
        raise Usage(f"{text!r} is no head of receipts: {error.strerror}", hint=_FORM) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Usage(f"{text!r} has no head of receipts", hint=_FORM) from error
    if foreign := sorted(set(heads) - set(sources)):
        raise Usage(
            f"{text} has the head of {', '.join(foreign)}, whose receipts are not read here",
            hint="name their folders with --from",
        )
    return heads
