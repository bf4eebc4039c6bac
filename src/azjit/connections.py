"""What a command is connected to: its place on disk, its cloud, its sign-in, and the way there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azjit.domain.ids import is_guid
from azjit.errors import Failed, Refused, Usage
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

    from azjit.azure.arm import Arm
    from azjit.azure.clouds import Cloud
    from azjit.azure.graph.client import Graph
    from azjit.azure.partner_center import PartnerCenter
    from azjit.domain.access import Caller
    from azjit.embedded_sandbox import Rehearsal
    from azjit.output.render.notes import Notes
    from azjit.store.directory import DirectoryCache
    from azjit.store.names import KnownNames

_WHO = {"publisher": "alice", "consumer": "bob"}


class Connections:
    """Opened on first use, closed together, the last first."""

    def __init__(self, settings: Settings, process: Process, notes: Notes, side: str) -> None:
        self._settings = settings
        self._process = process
        self._notes = notes
        self._side = side
        self._offset = timedelta(0)
        self._closing: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Give the time that requests are measured by: the sandbox's own there."""
        if self._side:
            _ = self.cloud  # reading its endpoints tells a sandbox's clock
        return self._process.now() + self._offset

    def close(self) -> None:
        """Let go of everything that was opened."""
        while self._closing:
            self._closing.pop()()

    # The disk

    @cached_property
    def state_dir(self) -> Path:
        """Where receipts, names and the sandbox live."""
        from azjit.store.paths import state_directory

        return state_directory(self._settings.state_dir, self._process.environ)

    @cached_property
    def memory(self) -> Path:
        """Where receipts and names are; those of the sandbox are kept apart from the real ones."""
        return self.state_dir / "sandbox" if self.cloud.is_sandbox else self.state_dir

    @cached_property
    def known(self) -> KnownNames:
        """The names seen before; written once, when the command ends."""
        from azjit.store.names import KnownNames

        names = KnownNames(self.memory, now=self._process.now)
        batch = names.batch()
        batch.__enter__()

        def write() -> None:
            batch.__exit__(None, None, None)

        self._closing.append(write)
        return names

    @cached_property
    def directory_cache(self) -> DirectoryCache:
        """What the caller's directory told within the last day; written when the command ends."""
        from azjit.store.directory import DirectoryCache

        cache = DirectoryCache(self.memory, self.caller.tenant, now=self._process.now)
        self._closing.append(cache.save)
        return cache

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """The embedded sandbox."""
        from azjit.embedded_sandbox import Rehearsal

        made = Rehearsal(self.state_dir, self._process)
        self._closing.append(made.close)
        return made

    # Azure

    @cached_property
    def cloud(self) -> Cloud:
        """The cloud to talk to; a custom one and a sandbox tell their own endpoints."""
        from azjit.azure.clouds import NAMED, address_of, check_cloud
        from azjit.azure.network import check_network

        check_cloud(name := self._settings.cloud)
        if not self._settings.sandbox:
            check_network(self._process.environ)
        if not self._settings.sandbox and name in NAMED:
            return NAMED[name]
        arm = address_of(name)
        cloud = self._read_cloud(arm)
        if cloud.is_sandbox:
            self._notes.sandbox()
        elif self._settings.person is not None:
            raise Usage(f"{arm} is no sandbox", hint="--as goes with a sandbox only")
        return cloud

    @cached_property
    def arm(self) -> Arm:
        """Resource Manager."""
        from azjit.azure.arm import Arm
        from azjit.domain.polling import Clock

        client = self._client(self.cloud)
        return Arm(client, self.cloud, Clock(self._process.now, self._process.sleep))

    @cached_property
    def partner_center(self) -> PartnerCenter:
        """Partner Center, with tokens of its own."""
        from azjit.azure.partner_center import PartnerCenter, home_of

        home = home_of(self.cloud)
        self._expect_tenant()
        return PartnerCenter(self._client(home), home)

    @cached_property
    def graph(self) -> Graph:
        """Microsoft Graph, with tokens of its own.

        Raises:
            Failed: the cloud names none.
        """
        from azjit.azure.clouds import graph_of
        from azjit.azure.graph.client import Graph, GraphWiring
        from azjit.azure.network import authorities

        place = graph_of(self.cloud)
        self._expect_tenant()
        if place is None:
            raise Failed(
                f"{self.cloud.arm} names no Microsoft Graph",
                hint="its /metadata/endpoints must tell microsoftGraphResourceId",
            )
        wiring = GraphWiring(
            sleep=self._process.sleep,
            say_wait=self._notes.wait,
            transport=self.rehearsal.httpx_door() if self._settings.sandbox else None,
            authorities=authorities(self._process.environ),
            log=self._notes.say if self._settings.debug else None,
        )
        graph = Graph(place, self._credential, wiring)
        self._closing.append(graph.close)
        return graph

    def _client(self, cloud: Cloud) -> ResourceManagementClient:
        from azjit.azure.network import authorities
        from azjit.azure.pipeline import Wiring, build_client

        wiring = Wiring(
            sleep=self._process.sleep,
            new_id=self._process.new_id,
            say_wait=self._notes.wait,
            turn_to=self._turn_to,
            renew=self._credential.forget,
            hear_date=self._hear_date if self.cloud.is_sandbox else None,
            log=self._notes.say if self._settings.debug else None,
            authorities=authorities(self._process.environ),
        )
        session = self._session if self._settings.sandbox else None
        client = build_client(cloud, self._credential, wiring, session)
        self._closing.append(client.close)
        return client

    @cached_property
    def caller(self) -> Caller:
        """As whom azjit acts."""
        from azjit.azure.sign_in.caller import caller_from

        caller = caller_from(self._credential, self.cloud)
        self._check_tenant(caller)
        self.known.remember_principals({caller.id.key: caller.name})
        return caller

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - requests is not imported here
        """A requests session through the sandbox's door, or over the network."""
        import requests

        from azjit.azure.network import authorities

        session = requests.Session()
        if self._settings.sandbox:
            session.mount("https://", self.rehearsal.requests_door())
        else:
            session.verify = authorities(self._process.environ) or True
        self._closing.append(session.close)
        return session

    @cached_property
    def _credential(self) -> Any:  # noqa: ANN401 - azure-core is not imported here
        from azjit.azure.clouds import is_loopback
        from azjit.azure.sign_in.credentials import OncePerProcess, SandboxCredential
        from azjit.azure.sign_in.kinds import SignIn, credential_for

        _hush_libraries()
        settings = self._settings
        person = settings.person or (_WHO.get(self._side, "alice") if settings.sandbox else None)
        if settings.person is not None and settings.sandbox:
            self.rehearsal.inhabitant(settings.person)
        if person is not None and (settings.sandbox or is_loopback(self.cloud.arm)):
            inner: Any = SandboxCredential(self.cloud, person, self._session, self._process.now)
        else:
            sign_in = SignIn(
                settings.auth,
                settings.tenant,
                self.cloud,
                self._process.environ,
                self._notes.say,
                is_person=self._process.may_prompt,
            )
            inner = credential_for(sign_in)
        return OncePerProcess(inner, self._process.now, settings.tenant)

    def _check_tenant(self, caller: Caller) -> None:
        # A managed identity signs in to its own tenant, whatever it is asked for.
        wanted = {
            "--tenant": self._settings.tenant,
            "--expect-tenant": self._settings.expect_tenant,
        }
        for option, tenant in wanted.items():
            if tenant is not None and is_guid(tenant) and caller.tenant.lower() != tenant.lower():
                raise Refused(
                    f"signed in to tenant {caller.tenant}, but {option} is {tenant}",
                    hint=f"az login --tenant {tenant}",
                )

    def _expect_tenant(self) -> None:
        """Refuse another tenant than the expected one before anything is asked there."""
        if self._settings.expect_tenant is not None:
            _ = self.caller

    def _turn_to(self, tenant: str) -> bool:
        """Sign in to the tenant that Azure wants, unless the user named another."""
        settings = self._settings
        is_told = settings.tenant is not None or settings.expect_tenant not in {None, tenant}
        if is_told or self._credential.tenant == tenant:
            return False
        self._notes.warn(f"Azure wants a token of tenant {tenant}: signing in there")
        self._credential.tenant = tenant
        # Who acts is another account's token now, and another directory tells who is who.
        self.__dict__.pop("caller", None)
        self.__dict__.pop("directory_cache", None)
        return True

    def _read_cloud(self, arm: str) -> Cloud:
        from azjit.azure.endpoints import read_cloud

        cloud, date = read_cloud(self._session, arm)
        if cloud.is_sandbox:
            self._hear_date(date)
        return cloud

    def _hear_date(self, told: str) -> None:
        """Follow the clock of a sandbox; `Date` has whole seconds, cut, and so has an offset."""
        import math
        from email.utils import parsedate_to_datetime

        try:
            ahead = parsedate_to_datetime(told) - self._process.now()
        except ValueError:
            return
        self._offset = timedelta(seconds=math.ceil(ahead.total_seconds() - 0.001))


def _hush_libraries() -> None:
    """Keep the libraries' own log lines off stderr: what they say is in our errors."""
    import logging

    for name in ("azure", "msal"):
        logging.getLogger(name).addHandler(logging.NullHandler())
