"""The Runtime of a command: its settings, console, context and services.

Imports inside functions stand here and in `console` on purpose: each costs milliseconds that
`--help`, `--version` and completion must not pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from azjit.cli.interruption import sent_lines
from azjit.console import Console
from azjit.context import Context, Side
from azjit.errors import AzjitError
from azjit.options import SIDE
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azjit.embedded_sandbox import EmbeddedSandbox
    from azjit.output.cells import DisplayContext
    from azjit.output.view import View
    from azjit.services.access_report import Reporting
    from azjit.services.activity.history import ActivityHistory
    from azjit.services.activity.work import WorkDone
    from azjit.services.configuring.caches import Caches
    from azjit.services.configuring.contexts import Contexts
    from azjit.services.configuring.exported import Exporting
    from azjit.services.configuring.jit_settings import Configuring
    from azjit.services.configuring.wanted import Matching
    from azjit.services.deciding.decide import Deciding
    from azjit.services.deciding.inbox import Inbox
    from azjit.services.deciding.read import ConsumerReads
    from azjit.services.deciding.stop import Stopping
    from azjit.services.doctor.examine import Doctor
    from azjit.services.lookup.holders import Holders
    from azjit.services.publishing.definition import Definitions
    from azjit.services.publishing.offer import Offers
    from azjit.services.raw_reads import RawReads
    from azjit.services.requesting.activate import Activating
    from azjit.services.requesting.cancel import Cancelling
    from azjit.services.requesting.create import Requesting
    from azjit.services.requesting.deactivate import Deactivating
    from azjit.services.requesting.extend import Extending
    from azjit.services.requesting.own import OwnRequests
    from azjit.services.requesting.read import PublisherReads
    from azjit.services.requesting.run import Running
    from azjit.services.requesting.wait import Waiting
    from azjit.services.several import Several


_T = TypeVar("_T")
_NARROWER = "the rest is complete; name what you need: APP, an id, or --subscription ID"


class _Service(Generic[_T]):
    """A service that is loaded and made on first use, because `--help` needs none."""

    def __init__(self, where: str) -> None:
        self._module, _, self._name = where.partition(":")

    def __get__(self, runtime: Runtime, owner: type[Runtime]) -> _T:
        module = import_module(f"azjit.services.{self._module}")
        kind: Callable[[Context], _T] = getattr(module, self._name)
        return runtime.context.service(kind)


class Runtime:
    """The settings, the console, the context and the services of one command."""

    activating: _Service[Activating] = _Service("requesting.activate:Activating")
    activity: _Service[ActivityHistory] = _Service("activity.history:ActivityHistory")
    cancelling: _Service[Cancelling] = _Service("requesting.cancel:Cancelling")
    configuring: _Service[Configuring] = _Service("configuring.jit_settings:Configuring")
    consumer: _Service[ConsumerReads] = _Service("deciding.read:ConsumerReads")
    caches: _Service[Caches] = _Service("configuring.caches:Caches")
    contexts: _Service[Contexts] = _Service("configuring.contexts:Contexts")
    deactivating: _Service[Deactivating] = _Service("requesting.deactivate:Deactivating")
    deciding: _Service[Deciding] = _Service("deciding.decide:Deciding")
    definitions: _Service[Definitions] = _Service("publishing.definition:Definitions")
    doctor: _Service[Doctor] = _Service("doctor.examine:Doctor")
    extending: _Service[Extending] = _Service("requesting.extend:Extending")
    own: _Service[OwnRequests] = _Service("requesting.own:OwnRequests")
    holders: _Service[Holders] = _Service("lookup.holders:Holders")
    inbox: _Service[Inbox] = _Service("deciding.inbox:Inbox")
    exporting: _Service[Exporting] = _Service("configuring.exported:Exporting")
    matching: _Service[Matching] = _Service("configuring.wanted:Matching")
    offers: _Service[Offers] = _Service("publishing.offer:Offers")
    publisher: _Service[PublisherReads] = _Service("requesting.read:PublisherReads")
    raw_reads: _Service[RawReads] = _Service("raw_reads:RawReads")
    requesting: _Service[Requesting] = _Service("requesting.create:Requesting")
    running: _Service[Running] = _Service("requesting.run:Running")
    several: _Service[Several] = _Service("several:Several")
    reporting: _Service[Reporting] = _Service("access_report:Reporting")
    stopping: _Service[Stopping] = _Service("deciding.stop:Stopping")
    work: _Service[WorkDone] = _Service("activity.work:WorkDone")
    waiting: _Service[Waiting] = _Service("requesting.wait:Waiting")

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
        self.present = self.console.present
        self.in_order = self.console.in_order

    def now(self) -> datetime:
        """Give the current time, after a note if it is the time of a sandbox."""
        self.context.say_sandbox()
        return self.context.now()

    @property
    def is_clock_wrong(self) -> bool:
        """Whether Azure's answers show that this machine's clock is wrong."""
        self.now()
        return self.context.time.is_wrong_here

    @property
    def zone(self) -> tzinfo:
        """The zone that times are shown in."""
        return self.console.zone

    @property
    def typed_zone(self) -> tzinfo:
        """The zone that typed times are read in."""
        return self.console.typed_zone

    @property
    def display(self) -> DisplayContext:
        """The zone and the time that results are shown in."""
        from azjit.output.cells import DisplayContext

        return DisplayContext(self.zone, self.now(), self.context.subscription_name)

    def show(self, view: View, form: str | None = None) -> None:
        """Show a result, and remember what it shows of requests that somebody may decide."""
        self.remember_shown(self.console.show(view, form))

    def remember_shown(self, digests: Mapping[str, str]) -> None:
        """Store the digests of requests that were shown, by their ids; warn if that fails."""
        if not digests:
            return
        try:
            self.context.shown.remember(digests)
        except AzjitError as error:
            self.notes.warn(
                f"what was shown could not be remembered: {error.message}; azjit may not notice if"
                " a request changes before it is decided"
            )

    def show_list(
        self,
        view: View,
        hint: str = _NARROWER,
        *,
        form: str | None = None,
        outfile: Path | None = None,
    ) -> None:
        """Show a list of what is in reach, or write it to a file.

        Raises:
            PartlyDone: something is missing in it.
        """
        from azjit.services.lookup.omissions import PartialResults

        missing = self.context.service(PartialResults)
        view = view._replace(is_whole=lambda: not missing)
        if outfile is None:
            self.show(view, form)
        else:
            self.console.write(outfile, view, form)
        if (error := missing.incomplete(hint)) is not None:
            raise error

    @property
    def sandbox(self) -> EmbeddedSandbox:
        """The embedded sandbox."""
        return self.context.embedded_sandbox

    def begin(self, *, wants_fresh_token: bool = False) -> None:
        """Say that this is a sandbox, check the tenant, and settle the receipts of killed commands.

        Each command that uses Azure calls it after it has parsed its arguments.
        """
        self.context.enter(wants_fresh_token=wants_fresh_token)
        if not self.context.may_have_unfinished:
            self.context.has_settled = True
            return
        from azjit.services.reconcile import settle_receipts

        settle_receipts(self.context)

    @contextmanager
    def ended(self) -> Iterator[None]:
        """Run a command and close what it opened.

        Raises:
            AzjitError: its own, or that an outcome could not be written to the receipts.
        """
        unrecorded = self.context.unrecorded
        try:
            yield
            if unrecorded:
                raise unrecorded.pop()
        except AzjitError:
            for error in unrecorded:
                self.notes.error(error)
            raise
        except KeyboardInterrupt:
            self.context.stop.set()
            with suppress(OSError):
                for line in sent_lines(self.context):
                    self.notes.interrupted(line)
            raise
        finally:
            self.context.close()

    @contextmanager
    def or_show(self, known: Callable[[], View | None]) -> Iterator[None]:
        """Run the block; if it is interrupted, show the results so far."""
        try:
            yield
        except KeyboardInterrupt:
            self.context.stop.set()
            # What cannot be shown changes nothing about how the command ends.
            with suppress(OSError, AzjitError):
                view = known()
                if view is not None:
                    self.console.show(view)
            raise

    def acting_as(self) -> None:
        """Say who makes a change, and in which cloud unless it is the public one."""
        caller, cloud = self.context.caller, self.context.cloud.label
        where = f"tenant {caller.tenant}, cloud {cloud}" if cloud else f"tenant {caller.tenant}"
        self.notes.say(f"acting as {caller.name} ({caller.kind}, {where})")
