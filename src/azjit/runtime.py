"""Builds clients and services on first use: the only wiring, and the door of heavy imports.

Imports inside functions stand here on purpose: each costs tens to hundreds of milliseconds that
`--help`, `--version` and completion must not pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azjit.errors import Failed, Usage
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.azure.arm import Arm
    from azjit.azure.clouds import Cloud
    from azjit.domain.access import Caller
    from azjit.domain.reports import RequestReport
    from azjit.output.notes import Notes
    from azjit.output.view import View
    from azjit.output.words import Reader
    from azjit.sandbox.core import Sandbox
    from azjit.services.consumer import Consumer
    from azjit.services.decisions import Decisions
    from azjit.services.filing import Filing
    from azjit.services.finder import Finder
    from azjit.services.ports import Ports
    from azjit.services.publisher import Publisher
    from azjit.services.settings_change import Configuration
    from azjit.services.waiting import Waiting
    from azjit.services.withdrawal import Withdrawal
    from azjit.store.names import KnownNames

SIDES = ("publisher", "consumer")
_WHO = {"publisher": "alice", "consumer": "bob"}
_METADATA_SECONDS = 20


class Runtime:
    """One command's world: what it was told, where it runs, and what it needs, built on demand."""

    def __init__(self, settings: Settings, process: Process, side: str) -> None:
        self.settings = settings
        self.process = process
        self.side = side
        self._offset = timedelta(0)
        self._closing: list[Callable[[], None]] = []

    # What is said and shown

    @cached_property
    def notes(self) -> Notes:
        """The ear on stderr."""
        from azjit.output.notes import Notes
        from azjit.output.roles import wants_color

        is_terminal = self.process.stderr.isatty()
        return Notes(
            self.process.stderr,
            is_terminal=is_terminal,
            color=wants_color(self.process.environ, is_terminal=is_terminal),
            width=self.process.width(),
        )

    def show(self, view: View) -> None:
        """Show a result on stdout in the format asked for."""
        from azjit.output.roles import wants_color
        from azjit.output.show import Target, show

        is_terminal = self.process.stdout.isatty()
        target = Target(
            stdout=self.process.stdout,
            is_terminal=is_terminal,
            width=self.process.width(),
            color=wants_color(self.process.environ, is_terminal=is_terminal),
            format=self.settings.output,
            query=self.settings.query,
            limit=self.settings.limit,
            notes=self.notes,
        )
        show(view, target)

    def in_order(self, reports: Iterable[RequestReport]) -> Iterable[RequestReport]:
        """Set requests newest first; formats that stream keep the order in which they come."""
        is_terminal = self.process.stdout.isatty()
        form = self.settings.output or ("table" if is_terminal else "tsv")
        if form in {"jsonl", "csv", "tsv"}:
            return reports
        return sorted(reports, key=lambda report: report.request.age_key, reverse=True)

    def check_query(self) -> None:
        """Refuse a malformed query before anything is sent."""
        if self.settings.query is not None:
            from azjit.output.query import check_query

            check_query(self.settings.query)

    def present(self, view: View) -> None:
        """Show something beside the result, on stderr, whatever the format."""
        from azjit.output.roles import wants_color
        from azjit.output.show import Target, show

        self.notes.clear()
        is_terminal = self.process.stderr.isatty()
        color = wants_color(self.process.environ, is_terminal=is_terminal)
        target = Target(
            self.process.stderr, is_terminal, self.process.width(), color, "table", notes=self.notes
        )
        show(view, target)
        self.process.stderr.write("\n")

    @cached_property
    def zone(self) -> tzinfo:
        """The zone that times are read and shown in."""
        from azjit.domain.times import local_zone

        return local_zone(self.settings.timezone, self.process.environ)

    @property
    def reader(self) -> Reader:
        """Who reads the result, and when."""
        from azjit.output.words import Reader

        return Reader(self.zone, self.now())

    def now(self) -> datetime:
        """Give the time that requests are measured by: the sandbox's own there."""
        return self.process.now() + self._offset

    def acting_as(self) -> None:
        """Say as whom a change is made."""
        caller = self.ports.caller()
        self.notes.say(f"acting as {caller.name} ({caller.kind}, tenant {caller.tenant})")

    def ask(self, question: str, *, sure: bool) -> None:
        """Say who acts, then let a person at a terminal stop it.

        Raises:
            Failed: the person said no.
        """
        self.acting_as()
        if sure or not self.process.may_prompt:
            return
        self.notes.clear()
        self.process.stderr.write(f"{question} [y/N] ")
        self.process.stderr.flush()
        if self.process.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise Failed("not done: you did not say yes", hint="--yes answers for you")

    # What is on the disk

    @cached_property
    def state_dir(self) -> Path:
        """Where receipts, names and the sandbox live."""
        from azjit.store.paths import state_directory

        return state_directory(self.settings.state_dir, self.process.environ)

    @cached_property
    def sandbox_path(self) -> Path:
        """The sandbox's world."""
        return self.state_dir / "sandbox" / "world.sqlite"

    @cached_property
    def sandbox(self) -> Sandbox:
        """The embedded world, seeded on first use."""
        from azjit.sandbox.core import Sandbox

        self.sandbox_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            world = Sandbox(self.sandbox_path, now=self.process.now)
        except ValueError as error:
            raise Failed(str(error), hint="make a new one: azjit sandbox reset") from error
        self._closing.append(world.close)
        return world

    def fresh_sandbox(self) -> Sandbox:
        """Give a new world; what was remembered of the old one is forgotten with it."""
        folder = self.sandbox_path.parent
        for pattern in ("world.sqlite*", "names.json", "receipts.*", "open/*"):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
        return self.sandbox

    @cached_property
    def _memory(self) -> Path:
        """Receipts and names of the sandbox are kept apart from the real ones."""
        return self.state_dir / "sandbox" if self.cloud.is_sandbox else self.state_dir

    @cached_property
    def known(self) -> KnownNames:
        """The names seen before; written once, when the command ends."""
        from azjit.store.names import KnownNames

        names = KnownNames(self._memory, now=self.process.now)
        batch = names.batch()
        batch.__enter__()

        def write() -> None:
            batch.__exit__(None, None, None)

        self._closing.append(write)
        return names

    # Azure

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - requests is not imported here
        """A requests session through the sandbox's door, or over the network."""
        import requests

        session = requests.Session()
        if self.settings.sandbox:
            from azjit.sandbox.doors import RequestsDoor

            session.mount("https://", RequestsDoor(self.sandbox))
        self._closing.append(session.close)
        return session

    @cached_property
    def cloud(self) -> Cloud:
        """The cloud to talk to; a custom one and a sandbox tell their own endpoints."""
        from azjit.azure.clouds import NAMED, check_cloud

        name = self.settings.cloud
        check_cloud(name)
        if not self.settings.sandbox and name in NAMED:
            return NAMED[name]
        arm = NAMED[name].arm if name in NAMED else name.rstrip("/")
        cloud = self._read_cloud(arm)
        if cloud.is_sandbox:
            self.notes.sandbox()
        elif self.settings.person is not None:
            raise Usage(f"{arm} is no sandbox", hint="--as goes with a sandbox only")
        return cloud

    def _read_cloud(self, arm: str) -> Cloud:
        import requests

        from azjit.azure import routes
        from azjit.azure.clouds import cloud_from_metadata
        from azjit.errors import Unavailable

        url = f"{arm}{routes.METADATA}?api-version={routes.ENDPOINTS}"
        try:
            response = self._session.get(url, timeout=_METADATA_SECONDS, allow_redirects=False)
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            said = str(error).splitlines()[0][:200]
            raise Unavailable(
                f"{url} could not be read: {said}",
                hint="check --cloud, the network, and REQUESTS_CA_BUNDLE for a private CA",
            ) from error
        cloud = cloud_from_metadata(arm, answer)
        if cloud.is_sandbox:
            self._hear_date(response.headers.get("Date", ""))
        return cloud

    def _hear_date(self, told: str) -> None:
        """Follow the clock of a sandbox; `Date` has whole seconds, cut, and so has an offset."""
        import math
        from email.utils import parsedate_to_datetime

        try:
            ahead = parsedate_to_datetime(told) - self.process.now()
        except ValueError:
            return
        self._offset = timedelta(seconds=math.ceil(ahead.total_seconds() - 0.001))

    @cached_property
    def _credential(self) -> Any:  # noqa: ANN401 - azure-core is not imported here
        from azjit.azure.clouds import is_loopback
        from azjit.azure.credentials import (
            OncePerProcess,
            SandboxCredential,
            SignIn,
            credential_for,
        )

        person = self.settings.person
        if self.settings.sandbox:
            person = person or _WHO.get(self.side, "alice")
        if self.settings.sandbox or (person is not None and is_loopback(self.cloud.arm)):
            inner: Any = SandboxCredential(self.cloud, str(person), self._session, self.process.now)
        else:
            _hush_libraries()
            settings = self.settings
            sign_in = SignIn(settings.auth, settings.tenant, self.cloud, self.process.environ)
            inner = credential_for(sign_in)
        return OncePerProcess(inner, self.process.now, self.settings.tenant)

    @cached_property
    def arm(self) -> Arm:
        """Resource Manager."""
        from azjit.azure.arm import Arm
        from azjit.azure.pipeline import Wiring, build_client

        wiring = Wiring(
            sleep=self.process.sleep,
            new_id=self.process.new_id,
            say_wait=self.notes.progress,
            hear_date=self._hear_date if self.cloud.is_sandbox else None,
            log=self.notes.say if self.settings.debug else None,
        )
        session = self._session if self.settings.sandbox else None
        client = build_client(self.cloud, self._credential, wiring, session)
        self._closing.append(client.close)
        return Arm(client, self.cloud, sleep=self.process.sleep, now=self.process.now)

    @cached_property
    def _caller(self) -> Caller:
        from azjit.azure.sign_in import caller_from

        caller = caller_from(self._credential, self.cloud)
        self.known.remember_principals({caller.id.key: caller.name})
        return caller

    # Services

    @cached_property
    def ports(self) -> Ports:
        """What every service works with; what a kill left open is settled first."""
        from azjit.azure.scopes import Authorization, Resources
        from azjit.azure.solutions import Solutions
        from azjit.services.journal import Journal
        from azjit.services.ports import Ports
        from azjit.services.reconciler import reconcile
        from azjit.store.receipts import Receipts

        receipts = Receipts(self._memory, now=self.now, new_id=self.process.new_id)
        ports = Ports(
            cloud=self.cloud,
            solutions=Solutions(self.arm),
            resources=Resources(self.arm),
            authorization=Authorization(self.arm),
            journal=Journal(receipts, lambda: self._caller, self.cloud),
            known=self.known,
            caller=lambda: self._caller,
            now=self.now,
            real_now=self.process.now,
            sleep=self.process.sleep,
            new_id=self.process.new_id,
            ear=self.notes,
            subscriptions=self.settings.subscription,
        )
        reconcile(ports)
        return ports

    @cached_property
    def finder(self) -> Finder:
        """Looks up applications and requests from this command's side."""
        from azjit.services.finder import Finder, Side

        return Finder(self.ports, Side(self.side))

    @cached_property
    def publisher(self) -> Publisher:
        """What a publisher can see."""
        from azjit.services.publisher import Publisher

        return Publisher(self.ports, self.finder, *self._readers)

    @cached_property
    def consumer(self) -> Consumer:
        """What a consumer can see."""
        from azjit.services.consumer import Consumer

        return Consumer(self.ports, self.finder, *self._readers)

    @cached_property
    def filing(self) -> Filing:
        """Files requests."""
        from azjit.services.eligibility import RoleNamer
        from azjit.services.filing import Filing

        access, reporter = self._readers
        return Filing(self.ports, self.finder, RoleNamer(self.ports, access), reporter)

    @cached_property
    def waiting(self) -> Waiting:
        """Watches a request."""
        from azjit.services.waiting import Waiting

        return Waiting(self.ports, *self._readers)

    @cached_property
    def withdrawal(self) -> Withdrawal:
        """Cancels requests."""
        from azjit.services.withdrawal import Withdrawal

        return Withdrawal(self.ports, self.finder, *self._readers)

    @cached_property
    def decisions(self) -> Decisions:
        """Approves, denies, revokes."""
        from azjit.services.decisions import Decisions

        return Decisions(self.ports, self.finder, *self._readers)

    @cached_property
    def configuration(self) -> Configuration:
        """Changes JIT settings."""
        from azjit.services.settings_change import Configuration

        return Configuration(self.ports, self.finder)

    @cached_property
    def _readers(self) -> Any:  # noqa: ANN401 - a pair that is only passed on
        from azjit.services.access import AccessReader
        from azjit.services.reporter import Reporter

        access = AccessReader(self.ports)
        return access, Reporter(self.ports, access)

    def close(self) -> None:
        """Let go of everything that was opened, the last first."""
        while self._closing:
            self._closing.pop()()


def _hush_libraries() -> None:
    """Keep the libraries' own log lines off stderr: what they say is in our errors."""
    import logging

    for name in ("azure", "msal"):
        logging.getLogger(name).addHandler(logging.NullHandler())
