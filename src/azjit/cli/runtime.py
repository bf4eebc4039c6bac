"""One command's services, each made on first use, beside its context and its console.

Imports inside functions stand here and in `console` on purpose: each costs milliseconds that
`--help`, `--version` and completion must not pay.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from azjit.console import Console
from azjit.context import Context, Side
from azjit.options import SIDE
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.embedded_sandbox import EmbeddedSandbox
    from azjit.output.cells import DisplayContext
    from azjit.services.activity.history import ActivityHistory
    from azjit.services.configuring.contexts import Contexts
    from azjit.services.configuring.jit_settings import Configuring
    from azjit.services.deciding.decide import Deciding
    from azjit.services.deciding.inbox import Inbox
    from azjit.services.deciding.read import Consumer
    from azjit.services.doctor.examine import Doctor
    from azjit.services.lookup.finder import Finder
    from azjit.services.publishing.definition import Definitions
    from azjit.services.publishing.offer import Offers
    from azjit.services.requesting.activate import Activating
    from azjit.services.requesting.cancel import Cancelling
    from azjit.services.requesting.create import Requesting
    from azjit.services.requesting.read import Publisher
    from azjit.services.requesting.wait import Waiting


class Runtime:
    """What a command was told, what it works with, and the services."""

    def __init__(self, settings: Settings, process: Process, side: str) -> None:
        self.settings = settings
        self.process = process
        self.console = Console(settings, process)
        self.notes = self.console.notes
        self.context = Context(
            settings,
            process,
            self.notes,
            Side(side) if side in SIDE.choices else None,
            reads_names=self.console.is_text,
        )
        self.now = self.context.now
        self.close = self.context.close
        self.show = self.console.show
        self.present = self.console.present
        self.in_order = self.console.in_order

    @property
    def zone(self) -> tzinfo:
        """The zone that times are read and shown in."""
        return self.console.zone

    @property
    def reader(self) -> DisplayContext:
        """Who reads the result, and when."""
        from azjit.output.cells import DisplayContext

        return DisplayContext(self.zone, self.now())

    @property
    def sandbox(self) -> EmbeddedSandbox:
        """The embedded sandbox."""
        return self.context.embedded_sandbox

    def begin(self) -> None:
        """Say where the command works, and settle what a kill left open.

        Every command that reads or changes something in Azure calls it, once its words are read.

        Raises:
            Refused: the tenant is not the expected one.
        """
        from azjit.services.reconcile import settle_receipts

        self.context.enter()
        settle_receipts(self.context)

    def acting_as(self) -> None:
        """Say as whom a change is made."""
        caller = self.context.caller
        self.notes.say(f"acting as {caller.name} ({caller.kind}, tenant {caller.tenant})")

    @property
    def contexts(self) -> Contexts:
        """The named contexts of the configuration file."""
        from azjit.services.configuring.contexts import Contexts

        return self.context.service(Contexts)

    @property
    def publisher(self) -> Publisher:
        """What a publisher can see."""
        from azjit.services.requesting.read import Publisher

        return self.context.service(Publisher)

    @property
    def consumer(self) -> Consumer:
        """What a consumer can see."""
        from azjit.services.deciding.read import Consumer

        return self.context.service(Consumer)

    @property
    def finder(self) -> Finder:
        """Finds what a person names."""
        from azjit.services.lookup.finder import Finder

        return self.context.service(Finder)

    @property
    def activity(self) -> ActivityHistory:
        """Who did what."""
        from azjit.services.activity.history import ActivityHistory

        return self.context.service(ActivityHistory)

    @property
    def inbox(self) -> Inbox:
        """What waits over all subscriptions."""
        from azjit.services.deciding.inbox import Inbox

        return self.context.service(Inbox)

    @property
    def doctor(self) -> Doctor:
        """What would fail, and why."""
        from azjit.services.doctor.examine import Doctor

        return self.context.service(Doctor)

    @property
    def requesting(self) -> Requesting:
        """Creates requests."""
        from azjit.services.requesting.create import Requesting

        return self.context.service(Requesting)

    @property
    def activating(self) -> Activating:
        """The caller's roles in PIM."""
        from azjit.services.requesting.activate import Activating

        return self.context.service(Activating)

    @property
    def waiting(self) -> Waiting:
        """Watches a request."""
        from azjit.services.requesting.wait import Waiting

        return self.context.service(Waiting)

    @property
    def cancelling(self) -> Cancelling:
        """Cancels requests."""
        from azjit.services.requesting.cancel import Cancelling

        return self.context.service(Cancelling)

    @property
    def deciding(self) -> Deciding:
        """Approves, denies, revokes."""
        from azjit.services.deciding.decide import Deciding

        return self.context.service(Deciding)

    @property
    def configuring(self) -> Configuring:
        """Changes JIT settings."""
        from azjit.services.configuring.jit_settings import Configuring

        return self.context.service(Configuring)

    @property
    def definitions(self) -> Definitions:
        """Definitions against their applications."""
        from azjit.services.publishing.definition import Definitions

        return self.context.service(Definitions)

    @property
    def offers(self) -> Offers:
        """Offers in Partner Center."""
        from azjit.services.publishing.offer import Offers

        return self.context.service(Offers)
