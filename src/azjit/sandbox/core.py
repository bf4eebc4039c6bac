"""The embedded Azure: one world in a file, and `handle`, which answers for all of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from azjit.sandbox import describe, partner_center
from azjit.sandbox.base.clock import http_date, system_now
from azjit.sandbox.base.messages import Problem, Request, Response, UnknownHost
from azjit.sandbox.base.switches import find as find_switch
from azjit.sandbox.dispatch import arm_gateway, dispatcher, routes
from azjit.sandbox.entra import assertions, endpoints
from azjit.sandbox.faults import registry
from azjit.sandbox.faults.injection import FaultContext, apply_faults
from azjit.sandbox.faults.registry import InjectedFault
from azjit.sandbox.graph import call as graph
from azjit.sandbox.world.people import Person
from azjit.sandbox.world.store import Store
from azjit.sandbox.world.world import World

__all__ = ["InjectedFault", "Person", "Response", "Sandbox", "UnknownHost"]

_SEED_CACHE = -262_144  # KiB: random keys into a cache that is too small cost minutes


class Sandbox:
    """A world in a file; several threads and processes may share it."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] | None = None) -> None:
        """Open the world at a path; make and seed it when there is none.

        Raises:
            ValueError: the file is a world of another version.
        """
        self._real_now = now or system_now
        self._store = Store(path, self._seed)

    def handle(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer of this Azure to a request, in one transaction.

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
        return self._answer(request, parts.hostname or "")

    def reset(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        told: Any = None,
        fleet: Mapping[str, int] | None = None,
    ) -> None:
        """Forget everything, and be the seeded world, or the one of a file; in one transaction.

        It grows to so much as `fleet` says in a file; the settings are switches of all of it.

        Raises:
            ValueError: a setting, the file or a number is not what it should be.
        """
        checked = {
            key: find_switch(key, for_application=False).check(value)
            for key, value in (settings or {}).items()
        }
        content = None if told is None else _worlds().checked(told)
        with self._store.transaction(is_write=True) as connection:
            connection.execute(f"PRAGMA cache_size={_SEED_CACHE}")
            self._store.empty(connection)
            self._fill(connection, content)
            world = World(connection, self._real_now() + _offset(connection))
            _worlds().grow(world, fleet or {})
            connection.executemany(
                "INSERT OR REPLACE INTO switches VALUES ('', ?, ?)", checked.items()
            )

    def file_schema(self) -> str:
        """The JSON Schema of a world's file."""
        found: str = _worlds().schema()
        return found

    def export(self) -> Iterator[str]:
        """The world as a file, line by line."""
        with self._world() as world:
            ahead = (world.now - self._real_now()).total_seconds()
            yield from _worlds().lines(world, round(ahead, 3) or 0.0)

    @property
    def offset(self) -> timedelta:
        """How far the world's time is ahead of real time."""
        with self._store.transaction(is_write=False) as connection:
            return _offset(connection)

    def now(self) -> datetime:
        """The world's time."""
        return self._real_now() + self.offset

    def move_clock(self, delta: timedelta) -> datetime:
        """Move the world's time, and tell what it is then."""
        with self._store.transaction(is_write=True) as connection:
            return self._set_offset(connection, _offset(connection) + delta)

    def set_clock(self, at: datetime) -> datetime:
        """Set the world's time; it runs on from there."""
        with self._store.transaction(is_write=True) as connection:
            return self._set_offset(connection, at.astimezone(UTC) - self._real_now())

    def people(self) -> list[Person]:
        """Everyone who can sign in."""
        with self._world() as world:
            return world.directory.people()

    def describe(self) -> dict[str, Any]:
        """A picture of the world, ready for JSON."""
        with self._store.transaction(is_write=False) as connection:
            real_now = self._real_now()
            return describe.world(World(connection, real_now + _offset(connection)), real_now)

    def switches(self, application_name: str | None = None) -> dict[str, str]:
        """How the switches stand, for an application or for the world.

        Raises:
            ValueError: no application has this name, or several have.
        """
        with self._world() as world:
            key = describe.application_key(world, application_name)
            return describe.switches(world, key)

    def switch_table(self, application_name: str | None = None) -> list[dict[str, str]]:
        """The switches with what they mean, for an application or for the world.

        Raises:
            ValueError: no application has this name, or several have.
        """
        return describe.switch_table(self.switches(application_name))

    def set_switch(self, application: str | None, key: str, value: str) -> None:
        """Set a switch for one application, or for all that do not set it themselves.

        Raises:
            ValueError: there is no such application, switch or value.
        """
        checked = find_switch(key, for_application=application is not None).check(value)
        with self._store.transaction(is_write=True) as connection:
            world = World(connection, self._real_now())
            whose = describe.application_key(world, application)
            connection.execute(
                "INSERT OR REPLACE INTO switches VALUES (?, ?, ?)", (whose, key, checked)
            )

    def fault_kinds(self) -> dict[str, str]:
        """Every kind of fault, and what it does."""
        return dict(registry.KINDS)

    def add_fault(self, fault: InjectedFault | Mapping[str, Any]) -> dict[str, Any]:
        """Let a fault, or one of these fields, wait for its calls; ready for JSON.

        Raises:
            ValueError: there is no such fault.
        """
        since = int(self._real_now().timestamp())
        wanted = fault if isinstance(fault, InjectedFault) else InjectedFault(**fault)
        made = replace(registry.checked(wanted), since=since)
        with self._store.transaction(is_write=True) as connection:
            return registry.describe(replace(made, id=registry.add(connection, made)))

    def faults(self) -> list[dict[str, Any]]:
        """The faults that wait, ready for JSON."""
        with self._store.transaction(is_write=False) as connection:
            return [registry.describe(fault) for fault in registry.waiting(connection)]

    def clear_faults(self, fault_id: int | None = None) -> int:
        """Forget one fault, or all with what they left behind; how many there were."""
        with self._store.transaction(is_write=True) as connection:
            if fault_id is None:
                return registry.clear(connection)
            return int(registry.remove(connection, fault_id))

    def know_certificate(self, person: Person, thumbprint: str, modulus: int) -> None:
        """Let a service principal sign in by a certificate."""
        row = (thumbprint, person.object_id, f"{modulus:x}")
        with self._store.transaction(is_write=True) as connection:
            connection.execute("INSERT OR REPLACE INTO certificates VALUES (?,?,?)", row)

    def assertion(self, person: Person, url: str) -> str:
        """An assertion for a service principal, as its platform would put into a file."""
        site = dispatcher.site_of(urlsplit(url))
        with self._store.transaction(is_write=True) as connection:
            world = World(connection, self._real_now())
            return assertions.issue(world, person, site, world.now, assertions.EXCHANGE)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _answer(self, request: Request, host: str) -> Response:
        is_local = request.site.is_local
        is_login = endpoints.serves(request.path) and (is_local or host == dispatcher.LOGIN_HOST)
        route = None if is_login else routes.find(request.method, request.path)
        is_write = is_login or (route is not None and route[0].writes)
        is_graph = dispatcher.is_graph(request)
        is_write = is_write or is_graph or partner_center.serves(request.path)
        is_arm = route is not None and (is_local or host == dispatcher.ARM_HOST)
        real_now, has_faults = self._real_now(), self._store.has_faults()
        with self._store.transaction(is_write=is_write or has_faults) as connection:
            now = real_now + _offset(connection)
            world = World(connection, now)

            def act() -> Response:
                try:
                    with dispatcher.rolled_back_on_problem(connection):
                        return dispatcher.act(request, route if is_arm else None, world, real_now)
                except Problem as problem:
                    return problem.response()

            if has_faults:
                response = apply_faults(FaultContext(request, world, real_now, act), is_arm=is_arm)
            else:
                response = act()
        if is_graph:
            response = graph.with_headers(response, request)
        elif not is_login:
            response = arm_gateway.with_headers(response, request)
        response.headers["Date"] = http_date(now)
        return response

    def _fill(self, connection: sqlite3.Connection, told: Mapping[str, Any] | None) -> None:
        if told is None:
            self._seed(connection)
            return
        offset = timedelta(seconds=float(told.get("aheadSeconds", 0)))
        self._set_offset(connection, offset)
        _worlds().fill(World(connection, self._real_now() + offset), told)

    def _seed(self, connection: sqlite3.Connection) -> None:
        _worlds().fill(World(connection, self._real_now()))

    def _set_offset(self, connection: sqlite3.Connection, offset: timedelta) -> datetime:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'offset'", (str(offset.total_seconds()),)
        )
        return self._real_now() + offset

    @contextmanager
    def _world(self) -> Iterator[World]:
        with self._store.transaction(is_write=False) as connection:
            yield World(connection, self._real_now() + _offset(connection))


def _offset(connection: sqlite3.Connection) -> timedelta:
    (value,) = connection.execute("SELECT value FROM meta WHERE key = 'offset'").fetchone()
    return timedelta(seconds=float(value))


def _worlds() -> ModuleType:
    from azjit.sandbox.seeding import worlds  # noqa: PLC0415 see there

    return worlds
