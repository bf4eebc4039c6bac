"""The embedded Azure: a world in a file, and `handle`, which answers every request to it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from azjit.sandbox import describe
from azjit.sandbox.base.clock import http_date, system_now
from azjit.sandbox.base.messages import Problem, Request, Response, UnknownHost
from azjit.sandbox.base.switches import find as find_switch
from azjit.sandbox.dispatch import dispatcher
from azjit.sandbox.entra import assertions
from azjit.sandbox.faults import registry
from azjit.sandbox.faults.injection import FaultContext, apply_faults
from azjit.sandbox.faults.registry import InjectedFault
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.store import Store
from azjit.sandbox.world.world import World

__all__ = ["InjectedFault", "Person", "Response", "Sandbox", "UnknownHost"]

_SEED_CACHE = -262_144  # KiB: random keys into a cache that is too small cost minutes


class Sandbox:
    """A world in a file; several threads and processes may share it."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] | None = None) -> None:
        """Open the world at a path; create and seed it when there is none.

        Raises:
            ValueError: the file is a world of another version.
        """
        self._real_now = now or system_now
        self._store = Store(path, self._seed)

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer a request, in one transaction.

        Raises:
            UnknownHost: the URL is of no host of this world.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise UnknownHost(f"not an address: {url!r}") from error
        site = dispatcher.site_of(parts)
        request = Request(
            method.upper(),
            re.sub(r"/{2,}", "/", unquote(parts.path)).rstrip("/") or "/",
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in headers.items()},
            body or b"",
            site,
        )
        return self._answer(request, dispatcher.service_for(request, parts.hostname or ""))

    def reset(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        content: Any = None,
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        """Replace the world by the seeded one, or by the content of a world's file.

        The settings are switches of the whole world; `sizes` says how many applications, requests
        and subscriptions there are to be.

        Raises:
            ValueError: a setting, the content or a size is not valid.
        """
        from azjit.sandbox.seeding import bulk_seed, schema_check

        checked = {
            key: find_switch(key, for_application=False).check(value)
            for key, value in (settings or {}).items()
        }
        if content is not None:
            schema_check.check(content)
        with self._store.transaction(is_write=True) as connection:
            connection.execute(f"PRAGMA cache_size={_SEED_CACHE}")
            self._store.empty(connection)
            self._seed(connection, content)
            if sizes:
                bulk_seed.grow(World(connection, self._real_now() + _offset(connection)), sizes)
            connection.executemany(
                "INSERT OR REPLACE INTO switches VALUES ('', ?, ?)", checked.items()
            )

    def file_schema(self) -> str:
        """Give the JSON Schema of a world's file."""
        from azjit.sandbox.seeding import schema_check

        return schema_check.PATH.read_text(encoding="utf-8")

    def export(self) -> Iterator[str]:
        """Give the world as a file, line by line."""
        from azjit.sandbox.seeding import export

        with self._world() as world:
            ahead = (world.now - self._real_now()).total_seconds()
            yield from export.lines(world, round(ahead, 3) or 0.0)

    @property
    def offset(self) -> timedelta:
        """How far the world's time is ahead of real time."""
        with self._store.transaction(is_write=False) as connection:
            return _offset(connection)

    def now(self) -> datetime:
        """Give the world's time."""
        return self._real_now() + self.offset

    def move_clock(self, delta: timedelta) -> datetime:
        """Move the world's time; give the new one."""
        with self._store.transaction(is_write=True) as connection:
            return self._set_offset(connection, _offset(connection) + delta)

    def set_clock(self, at: datetime) -> datetime:
        """Set the world's time; it runs on from there."""
        with self._store.transaction(is_write=True) as connection:
            return self._set_offset(connection, at.astimezone(UTC) - self._real_now())

    def people(self) -> list[Person]:
        """Give everyone who can sign in."""
        with self._world() as world:
            return world.directory.people()

    def describe(self) -> dict[str, Any]:
        """Describe the world, ready for JSON."""
        real_now = self._real_now()
        with self._store.transaction(is_write=False) as connection:
            return describe.overview(World(connection, real_now + _offset(connection)), real_now)

    def switches(self, application: str | None = None) -> dict[str, str]:
        """Give the values of the switches of an application or of the world.

        Raises:
            ValueError: no application has this name, or several have.
        """
        with self._world() as world:
            return describe.switches(world, describe.application_key(world, application))

    def switch_table(self, application: str | None = None) -> list[dict[str, str]]:
        """Give the same with what else each switch takes and what it means.

        Raises:
            ValueError: no application has this name, or several have.
        """
        return describe.switch_table(self.switches(application))

    def set_switch(self, application: str | None, key: str, value: str) -> None:
        """Set a switch for one application, or for all that do not set it themselves.

        Raises:
            ValueError: there is no such application, switch or value.
        """
        checked = find_switch(key, for_application=application is not None).check(value)
        with self._world(is_write=True) as world:
            row = describe.application_key(world, application), key, checked
            world.connection.execute("INSERT OR REPLACE INTO switches VALUES (?, ?, ?)", row)

    def fault_kinds(self) -> dict[str, str]:
        """Give every kind of fault, and what it does."""
        return dict(registry.KINDS)

    def add_fault(self, fault: InjectedFault | Mapping[str, Any]) -> dict[str, Any]:
        """Add a fault, or one with these fields; describe it, ready for JSON.

        Raises:
            ValueError: there is no such fault.
        """
        since = int(self._real_now().timestamp())
        wanted = fault if isinstance(fault, InjectedFault) else InjectedFault(**fault)
        made = registry.checked(wanted)._replace(since=since)
        with self._store.transaction(is_write=True) as connection:
            return registry.describe(made._replace(id=registry.add(connection, made)))

    def faults(self) -> list[dict[str, Any]]:
        """Describe the faults that wait for calls, ready for JSON."""
        with self._store.transaction(is_write=False) as connection:
            return [registry.describe(fault) for fault in registry.waiting(connection)]

    def clear_faults(self, fault_id: int | None = None) -> int:
        """Remove one fault, or all with their effects; give how many there were."""
        with self._store.transaction(is_write=True) as connection:
            if fault_id is None:
                return registry.clear(connection)
            return int(registry.remove(connection, fault_id))

    def add_certificate(self, person: Person, thumbprint: str, modulus: int) -> None:
        """Let a service principal sign in by a certificate."""
        row = (thumbprint, person.object_id, f"{modulus:x}")
        with self._store.transaction(is_write=True) as connection:
            connection.execute("INSERT OR REPLACE INTO certificates VALUES (?,?,?)", row)

    def assertion(self, person: Person, url: str) -> str:
        """Issue an assertion for a service principal, as its platform puts it into a file."""
        site = dispatcher.site_of(urlsplit(url))
        with self._store.transaction(is_write=True) as connection:
            world = World(connection, self._real_now())
            return assertions.issue(world, person, site, world.now, assertions.EXCHANGE)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def _answer(self, request: Request, service: dispatcher.Service) -> Response:
        real_now, has_faults = self._real_now(), self._store.has_faults()
        with self._store.transaction(is_write=service.writes or has_faults) as connection:
            world = World(connection, real_now + _offset(connection))

            def act() -> Response:
                connection.execute("SAVEPOINT act")
                try:
                    return service.respond(request, world, real_now)
                except Problem as problem:
                    connection.execute("ROLLBACK TO act")
                    return problem.response()

            if has_faults:
                context = FaultContext(request, world, real_now, act)
                response = apply_faults(context, is_arm=service.is_arm)
            else:
                response = act()
        response = service.with_headers(response, request)
        response.headers["Date"] = http_date(world.now)
        return response

    def _seed(
        self, connection: sqlite3.Connection, content: Mapping[str, Any] | None = None
    ) -> None:
        from azjit.sandbox.seeding import seed
        from azjit.sandbox.seeding.world_reader import WorldReader

        if content is None:
            seed.seed(World(connection, self._real_now()))
            return
        offset = timedelta(seconds=float(content.get("aheadSeconds", 0)))
        self._set_offset(connection, offset)
        WorldReader(World(connection, self._real_now() + offset), content).fill()

    def _set_offset(self, connection: sqlite3.Connection, offset: timedelta) -> datetime:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'offset'", (str(offset.total_seconds()),)
        )
        return self._real_now() + offset

    @contextmanager
    def _world(self, *, is_write: bool = False) -> Iterator[World]:
        with self._store.transaction(is_write=is_write) as connection:
            yield World(connection, self._real_now() + _offset(connection))


def _offset(connection: sqlite3.Connection) -> timedelta:
    (value,) = connection.execute("SELECT value FROM meta WHERE key = 'offset'").fetchone()
    return timedelta(seconds=float(value))
