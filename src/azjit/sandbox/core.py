"""The embedded Azure: one world in a file, and `handle`, which answers for all of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from azjit.sandbox import arm, entra, faults, metadata, partner_center, pictures, routes, seed
from azjit.sandbox.cast import Person
from azjit.sandbox.clock import http_date, system_now
from azjit.sandbox.faults import Fault
from azjit.sandbox.graph import calls, door
from azjit.sandbox.injury import Scene, suffer
from azjit.sandbox.messages import Problem, Request, Response, Site, UnknownHost
from azjit.sandbox.store import Store
from azjit.sandbox.switches import find as find_switch
from azjit.sandbox.world import World

__all__ = ["Fault", "Person", "Response", "Sandbox", "UnknownHost"]

ARM_HOST, LOGIN_HOST = "management.azure.com", "login.microsoftonline.com"
_PUBLIC = Site(f"https://{ARM_HOST}", f"https://{LOGIN_HOST}", is_local=False)
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


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
        site = _site(parts)
        request = Request(
            method.upper(),
            re.sub(r"/{2,}", "/", unquote(parts.path)).rstrip("/") or "/",
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in headers.items()},
            body or b"",
            site,
        )
        return self._answer(request, parts.hostname or "")

    def reset(self, *, settings: Mapping[str, str] | None = None) -> None:
        """Forget everything, seed anew, and set these switches for the whole world.

        Raises:
            ValueError: a setting is not one of the world's switches, or not a value of it.
        """
        checked = {
            key: find_switch(key, for_application=False).check(value)
            for key, value in (settings or {}).items()
        }
        with self._store.transaction(is_write=True) as connection:
            self._store.empty(connection)
            self._seed(connection)
            connection.executemany("INSERT INTO switches VALUES ('', ?, ?)", checked.items())

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
            return pictures.world(World(connection, real_now + _offset(connection)), real_now)

    def switches(self, application_name: str | None = None) -> dict[str, str]:
        """How the switches stand, for an application or for the world.

        Raises:
            ValueError: no application has this name, or several have.
        """
        with self._world() as world:
            key = pictures.application_key(world, application_name)
            return pictures.switches(world, key)

    def switch_table(self, application_name: str | None = None) -> list[dict[str, str]]:
        """The switches with what they mean, for an application or for the world.

        Raises:
            ValueError: no application has this name, or several have.
        """
        return pictures.switch_table(self.switches(application_name))

    def set_switch(self, application: str | None, key: str, value: str) -> None:
        """Set a switch for one application, or for all that do not set it themselves.

        Raises:
            ValueError: there is no such application, switch or value.
        """
        checked = find_switch(key, for_application=application is not None).check(value)
        with self._store.transaction(is_write=True) as connection:
            world = World(connection, self._real_now())
            whose = pictures.application_key(world, application)
            connection.execute(
                "INSERT OR REPLACE INTO switches VALUES (?, ?, ?)", (whose, key, checked)
            )

    def add_fault(self, fault: Fault) -> dict[str, Any]:
        """Let a fault wait for its calls; the fault, ready for JSON.

        Raises:
            ValueError: there is no such fault.
        """
        since = int(self._real_now().timestamp())
        made = replace(faults.checked(fault), since=since)
        with self._store.transaction(is_write=True) as connection:
            return faults.picture(replace(made, id=faults.add(connection, made)))

    def faults(self) -> list[dict[str, Any]]:
        """The faults that wait, ready for JSON."""
        with self._store.transaction(is_write=False) as connection:
            return [faults.picture(fault) for fault in faults.waiting(connection)]

    def clear_faults(self, fault_id: int | None = None) -> int:
        """Forget one fault, or all with what they left behind; how many there were."""
        with self._store.transaction(is_write=True) as connection:
            if fault_id is None:
                return faults.clear(connection)
            return int(faults.remove(connection, fault_id))

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _answer(self, request: Request, host: str) -> Response:
        is_login = entra.serves(request.path) and (request.site.is_local or host == LOGIN_HOST)
        route = None if is_login else routes.find(request.method, request.path)
        is_write = is_login or (route is not None and route[0].writes)
        is_graph = _is_graph(request)
        is_write = is_write or is_graph or partner_center.serves(request.path)
        is_arm = route is not None and (request.site.is_local or host == ARM_HOST)
        real_now, has_faults = self._real_now(), self._store.has_faults()
        with self._store.transaction(is_write=is_write or has_faults) as connection:
            now = real_now + _offset(connection)
            world = World(connection, now)

            def act() -> Response:
                try:
                    with _undone_on_refusal(connection):
                        return _act(request, route if is_arm else None, world, real_now)
                except Problem as problem:
                    return problem.response()

            if has_faults:
                response = suffer(Scene(request, world, real_now, act), is_arm=is_arm)
            else:
                response = act()
        if is_graph:
            response = calls.with_headers(response, request)
        elif not is_login:
            response = arm.with_headers(response, request)
        response.headers["Date"] = http_date(now)
        return response

    def _seed(self, connection: sqlite3.Connection) -> None:
        seed.seed(World(connection, self._real_now()))

    def _set_offset(self, connection: sqlite3.Connection, offset: timedelta) -> datetime:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'offset'", (str(offset.total_seconds()),)
        )
        return self._real_now() + offset

    @contextmanager
    def _world(self) -> Iterator[World]:
        with self._store.transaction(is_write=False) as connection:
            yield World(connection, self._real_now() + _offset(connection))


def _act(
    request: Request,
    route: tuple[routes.Route, dict[str, str]] | None,
    world: World,
    real_now: datetime,
) -> Response:
    """The answer of whichever part of this Azure the request is for.

    Raises:
        Problem: the refusal, in ARM's form.
    """
    if route is not None:
        return arm.respond(request, *route, world, real_now)
    if entra.serves(request.path):
        return entra.respond(request, world, real_now)
    if request.path.lower() == metadata.PATH and request.method == "GET":
        return metadata.respond(request)
    if partner_center.serves(request.path):
        return partner_center.respond(request, world, real_now)
    if _is_graph(request):
        return door.respond(request, world, real_now)
    raise _unknown(request)


@contextmanager
def _undone_on_refusal(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT act")
    try:
        yield
    except Problem:
        connection.execute("ROLLBACK TO act")
        raise


def _offset(connection: sqlite3.Connection) -> timedelta:
    (value,) = connection.execute("SELECT value FROM meta WHERE key = 'offset'").fetchone()
    return timedelta(seconds=float(value))


def _site(parts: SplitResult) -> Site:
    host = (parts.hostname or "").lower()
    if host in (ARM_HOST, LOGIN_HOST, calls.HOST, partner_center.HOST):
        return _PUBLIC
    if host in _LOCAL_HOSTS:
        base = f"{parts.scheme}://{parts.netloc.lower()}"
        return Site(base, base, is_local=True)
    raise UnknownHost(f"the sandbox has no host {host!r}")


def _is_graph(request: Request) -> bool:
    return door.serves(request.path) and not partner_center.serves(request.path)


def _unknown(request: Request) -> Problem:
    text = f"the sandbox has no route {request.method} {request.path}"
    return Problem(501, "NotImplemented", text)
