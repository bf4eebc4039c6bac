"""One command's world: console, connections, and the services built on them; the only wiring.

Imports inside functions stand here, in `console` and in `connections` on purpose: each costs tens
to hundreds of milliseconds that `--help`, `--version` and completion must not pay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from azjit.connections import Connections
from azjit.console import Console
from azjit.errors import Usage
from azjit.process import Process
from azjit.settings import Settings, resolve, told_context
from azjit.store.contexts import choose, config_file, read

if TYPE_CHECKING:
    from azjit.output.cells import DisplayContext
    from azjit.services.activity.history import ActivityHistory
    from azjit.services.configuring.contexts import Contexts
    from azjit.services.configuring.jit_settings import Configuration
    from azjit.services.deciding.decide import Decisions
    from azjit.services.deciding.inbox import Inbox
    from azjit.services.deciding.read import Consumer
    from azjit.services.directory_names import Directory
    from azjit.services.doctor.examine import Doctor
    from azjit.services.lookup.access import AccessReader
    from azjit.services.lookup.finder import Finder
    from azjit.services.lookup.people import People
    from azjit.services.lookup.reports import Reporter
    from azjit.services.ports import Ports
    from azjit.services.publishing.definition import DefinitionCheck
    from azjit.services.publishing.offer import Offers
    from azjit.services.publishing.package import Packages
    from azjit.services.requesting.activate import Activations
    from azjit.services.requesting.cancel import Withdrawal
    from azjit.services.requesting.create import Filing
    from azjit.services.requesting.read import Publisher
    from azjit.services.requesting.wait import Waiting


def settle(
    flags: Mapping[str, object], environ: Mapping[str, str], *, lenient: bool = False
) -> Settings:
    """Settle what a command was told, the context of the configuration file included.

    Raises:
        Usage: a flag, a variable or the file says what cannot be; if lenient, not for the file.
    """
    name, where = told_context(flags, environ)
    try:
        context = choose(read(config_file(environ)), name, where)
        return resolve(flags, environ, context)
    except Usage:
        if not lenient:
            raise
    return resolve(flags, environ)


class Runtime:
    """What a command was told, where it runs, and the services, each built on first use."""

    def __init__(self, settings: Settings, process: Process, side: str) -> None:
        self.settings = settings
        self.process = process
        self.side = side
        self.console = Console(settings, process)
        self.connections = Connections(settings, process, self.console.notes, side)
        self.notes = self.console.notes
        self.show = self.console.show
        self.present = self.console.present
        self.in_order = self.console.in_order

    def now(self) -> datetime:
        """Give the time that requests are measured by: the sandbox's own there."""
        return self.connections.now()

    @property
    def zone(self) -> tzinfo:
        """The zone that times are read and shown in."""
        return self.console.zone

    @property
    def reader(self) -> DisplayContext:
        """Who reads the result, and when."""
        from azjit.output.cells import DisplayContext

        return DisplayContext(self.zone, self.now())

    def acting_as(self) -> None:
        """Say as whom a change is made."""
        caller = self.connections.caller
        self.notes.say(f"acting as {caller.name} ({caller.kind}, tenant {caller.tenant})")

    def ask(self, question: str, *, sure: bool) -> None:
        """Say who acts, then let a person at a terminal stop it.

        Raises:
            Failed: the person said no.
        """
        self.acting_as()
        if not sure:
            self.console.confirm(question)

    def close(self) -> None:
        """Let go of everything that was opened."""
        self.connections.close()

    @cached_property
    def contexts(self) -> Contexts:
        """The named contexts of the configuration file."""
        from azjit.services.configuring.contexts import Contexts

        return Contexts(config_file(self.process.environ), self.settings.context or "")

    @cached_property
    def ports(self) -> Ports:
        """What every service works with; what a kill left open is settled first."""
        from azjit.azure.pim import Pim
        from azjit.azure.resource_graph import ResourceGraph
        from azjit.azure.scopes import Authorization, Resources
        from azjit.azure.solutions import Solutions
        from azjit.services.ports import Ports
        from azjit.services.reconcile import reconcile
        from azjit.services.recording import Journal
        from azjit.store.receipts import Receipts

        place, process = self.connections, self.process
        if self.settings.expect_tenant is not None:
            _ = place.caller  # refuses another tenant before anything else is read
        receipts = Receipts(place.memory, now=self.now, new_id=process.new_id)
        ports = Ports(
            cloud=place.cloud,
            solutions=Solutions(place.arm),
            resources=Resources(place.arm),
            authorization=Authorization(place.arm),
            pim=Pim(place.arm),
            resource_graph=ResourceGraph(place.arm, sleep=process.sleep, say_wait=self.notes.wait),
            journal=Journal(receipts, lambda: place.caller, place.cloud),
            known=place.known,
            caller=lambda: place.caller,
            now=self.now,
            real_now=process.now,
            sleep=process.sleep,
            new_id=process.new_id,
            ear=self.notes,
            directory=self.directory,
            subscriptions=self.settings.subscription,
        )
        reconcile(ports)
        return ports

    @cached_property
    def directory(self) -> Directory:
        """The people of the caller's tenant by name; asked where a person reads the result."""
        from azjit.services.directory_names import Desk, Directory

        place = self.connections
        return Directory(
            Desk(
                graph=lambda: place.graph,
                cache=lambda: place.directory_cache,
                caller=lambda: place.caller,
                ear=self.notes,
                asks=self.console.is_text,
                is_anew=self.settings.refresh,
            )
        )

    @cached_property
    def people(self) -> People:
        """Finds who is meant by a name."""
        from azjit.services.lookup.people import People

        return People(lambda: self.connections.graph, self.notes)

    @cached_property
    def finder(self) -> Finder:
        """Looks up applications and requests from this command's side."""
        from azjit.services.lookup.finder import Finder, Side

        return Finder(self.ports, Side(self.side))

    @cached_property
    def publisher(self) -> Publisher:
        """What a publisher can see."""
        from azjit.services.requesting.read import Publisher

        return Publisher(self.ports, self.finder, self._access, self._reporter)

    @cached_property
    def consumer(self) -> Consumer:
        """What a consumer can see."""
        from azjit.services.deciding.read import Consumer

        return Consumer(self.ports, self.finder, self._access, self._reporter)

    @cached_property
    def activity(self) -> ActivityHistory:
        """Who did what."""
        from azjit.azure.activity_log import ActivityLog
        from azjit.services.activity.history import ActivityHistory
        from azjit.services.activity.merge import Namers

        log = ActivityLog(self.connections.arm)
        return ActivityHistory(self.ports, self.finder, Namers(self._reporter, self._access), log)

    @cached_property
    def inbox(self) -> Inbox:
        """What waits over all subscriptions."""
        from azjit.services.deciding.inbox import Inbox

        return Inbox(self.ports, self._reporter)

    @cached_property
    def doctor(self) -> Doctor:
        """What would fail, and why."""
        from azjit.azure.clouds import address_of
        from azjit.azure.diagnostics import Checkups
        from azjit.services.activity.merge import Namers
        from azjit.services.doctor.examine import Bag, Doctor
        from azjit.services.lookup.finder import Side

        bag = Bag(
            ports=lambda: self.ports,
            checkups=lambda: Checkups(self.connections.arm),
            finder=lambda: self.finder,
            namers=lambda: Namers(self._reporter, self._access),
            environ=self.process.environ,
            address=address_of(self.settings.cloud),
        )
        return Doctor(bag, Side(self.side))

    @cached_property
    def filing(self) -> Filing:
        """Files requests."""
        from azjit.services.lookup.eligible_roles import RoleNamer
        from azjit.services.requesting.create import Filing

        namer = RoleNamer(self.ports, self._access)
        return Filing(self.ports, self.finder, namer, self._reporter)

    @cached_property
    def activations(self) -> Activations:
        """The caller's roles in PIM."""
        from azjit.services.lookup.eligible_roles import RoleNamer
        from azjit.services.requesting.activate import Activations

        return Activations(self.ports, self.finder, RoleNamer(self.ports, self._access))

    @cached_property
    def waiting(self) -> Waiting:
        """Watches a request."""
        from azjit.services.requesting.wait import Waiting

        return Waiting(self.ports, self._access, self._reporter)

    @cached_property
    def withdrawal(self) -> Withdrawal:
        """Cancels requests."""
        from azjit.services.requesting.cancel import Withdrawal

        return Withdrawal(self.ports, self.finder, self._access, self._reporter)

    @cached_property
    def decisions(self) -> Decisions:
        """Approves, denies, revokes."""
        from azjit.services.deciding.decide import Decisions

        return Decisions(self.ports, self.finder, self._access, self._reporter)

    @cached_property
    def configuration(self) -> Configuration:
        """Changes JIT settings."""
        from azjit.services.configuring.jit_settings import Configuration

        return Configuration(self.ports, self.finder, self.people)

    @cached_property
    def definitions(self) -> DefinitionCheck:
        """Definitions against their applications."""
        from azjit.services.publishing.definition import DefinitionCheck

        return DefinitionCheck(self.ports, self.finder, self._access, self._reporter)

    @cached_property
    def offers(self) -> Offers:
        """Offers in Partner Center."""
        from azjit.services.publishing.offer import Offers

        return Offers(self.ports, self.connections.partner_center)

    @cached_property
    def packages(self) -> Packages:
        """Packages on the disk."""
        from azjit.services.publishing.package import Packages

        return Packages()

    @cached_property
    def _access(self) -> AccessReader:
        from azjit.services.lookup.access import AccessReader

        return AccessReader(self.ports)

    @cached_property
    def _reporter(self) -> Reporter:
        from azjit.services.lookup.reports import Reporter

        return Reporter(self.ports, self._access)
