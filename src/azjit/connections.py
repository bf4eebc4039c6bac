"""What a command is connected to: its place on disk, its cloud, its sign-in, and the way there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azjit.errors import Failed, NoSuchPerson, Refused, Unavailable, Usage, meant
from azjit.process import Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azure.mgmt.resource.resources import ResourceManagementClient

    from azjit.azure.arm import Arm
    from azjit.azure.clouds import Cloud
    from azjit.azure.graph import Graph
    from azjit.azure.partner_center import PartnerCenter
    from azjit.domain.access import Caller
    from azjit.output.notes import Notes
    from azjit.sandbox.core import Person, Sandbox
    from azjit.store.directory import DirectoryCache
    from azjit.store.names import KnownNames

_WHO = {"publisher": "alice", "consumer": "bob"}
_METADATA_SECONDS = 20
_SHOWN = 10


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

    # The sandbox

    @cached_property
    def sandbox_path(self) -> Path:
        """The sandbox's world."""
        return self.state_dir / "sandbox" / "world.sqlite"

    @cached_property
    def sandbox(self) -> Sandbox:
        """The embedded world, seeded on first use.

        Raises:
            Failed: the file is a world of another version.
        """
        from azjit.sandbox.core import Sandbox

        self.sandbox_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            world = Sandbox(self.sandbox_path, now=self._process.now)
        except ValueError as error:
            raise Failed(str(error), hint="make a new one: azjit sandbox reset") from error
        self._closing.append(world.close)
        return world

    def fresh_sandbox(self) -> Sandbox:
        """Give a world to seed anew; what was remembered of the old one is forgotten.

        Its file stays, for a server may have it open; one that cannot be read is replaced.
        """
        folder = self.sandbox_path.parent
        for pattern in ("names.json", "directory.json", "receipts.*", "open/*"):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
        try:
            return self.sandbox
        except Failed:
            for path in folder.glob("world.sqlite*"):
                path.unlink(missing_ok=True)
            return self.sandbox

    # Azure

    @cached_property
    def cloud(self) -> Cloud:
        """The cloud to talk to; a custom one and a sandbox tell their own endpoints."""
        from azjit.azure.clouds import NAMED, check_cloud

        name = self._settings.cloud
        check_cloud(name)
        if not self._settings.sandbox and name in NAMED:
            return NAMED[name]
        arm = NAMED[name].arm if name in NAMED else name.rstrip("/")
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

        client = self._client(self.cloud)
        return Arm(client, self.cloud, sleep=self._process.sleep, now=self._process.now)

    @cached_property
    def partner_center(self) -> PartnerCenter:
        """Partner Center, with tokens of its own."""
        from azjit.azure.partner_center import PartnerCenter, home_of

        home = home_of(self.cloud)
        return PartnerCenter(self._client(home), home)

    @cached_property
    def graph(self) -> Graph:
        """Microsoft Graph, with tokens of its own.

        Raises:
            Failed: the cloud names none.
        """
        from azjit.azure.clouds import graph_of
        from azjit.azure.graph import Graph, GraphWiring

        place = graph_of(self.cloud)
        if place is None:
            raise Failed(
                f"{self.cloud.arm} names no Microsoft Graph",
                hint="its /metadata/endpoints must tell microsoftGraphResourceId",
            )
        environ = self._process.environ
        wiring = GraphWiring(
            sleep=self._process.sleep,
            say_wait=self._notes.wait,
            transport=self._httpx_door,
            authorities=environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE"),
            log=self._notes.say if self._settings.debug else None,
        )
        graph = Graph(place, self._credential, wiring)
        self._closing.append(graph.close)
        return graph

    def _client(self, cloud: Cloud) -> ResourceManagementClient:
        from azjit.azure.pipeline import Wiring, build_client

        wiring = Wiring(
            sleep=self._process.sleep,
            new_id=self._process.new_id,
            say_wait=self._notes.wait,
            turn_to=self._turn_to,
            hear_date=self._hear_date if self.cloud.is_sandbox else None,
            log=self._notes.say if self._settings.debug else None,
        )
        session = self._session if self._settings.sandbox else None
        client = build_client(cloud, self._credential, wiring, session)
        self._closing.append(client.close)
        return client

    @cached_property
    def caller(self) -> Caller:
        """As whom azjit acts."""
        from azjit.azure.sign_in import caller_from

        caller = caller_from(self._credential, self.cloud)
        expected = self._settings.expect_tenant
        if expected is not None and caller.tenant.lower() != expected.lower():
            raise Refused(
                f"signed in to tenant {caller.tenant}, but --expect-tenant is {expected}",
                hint=f"az login --tenant {expected}",
            )
        self.known.remember_principals({caller.id.key: caller.name})
        return caller

    @property
    def _httpx_door(self) -> Any:  # noqa: ANN401 - httpx is not imported here
        if not self._settings.sandbox:
            return None
        from azjit.sandbox.doors import HttpxDoor

        return HttpxDoor(self.sandbox)

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - requests is not imported here
        """A requests session through the sandbox's door, or over the network."""
        import requests

        session = requests.Session()
        if self._settings.sandbox:
            from azjit.sandbox.doors import RequestsDoor

            session.mount("https://", RequestsDoor(self.sandbox, self._process.sleep))
        self._closing.append(session.close)
        return session

    @cached_property
    def _credential(self) -> Any:  # noqa: ANN401 - azure-core is not imported here
        from azjit.azure.clouds import is_loopback
        from azjit.azure.credentials import OncePerProcess, SandboxCredential
        from azjit.azure.sign_in_kinds import SignIn, credential_for

        settings = self._settings
        person = settings.person or (_WHO.get(self._side, "alice") if settings.sandbox else None)
        if settings.person is not None and settings.sandbox:
            self.inhabitant(settings.person)
        if person is not None and (settings.sandbox or is_loopback(self.cloud.arm)):
            inner: Any = SandboxCredential(self.cloud, person, self._session, self._process.now)
        else:
            _hush_libraries()
            environ, tell = self._process.environ, self._notes.say
            inner = credential_for(
                SignIn(settings.auth, settings.tenant, self.cloud, environ, tell)
            )
        return OncePerProcess(inner, self._process.now, settings.tenant)

    def inhabitant(self, name: str) -> Person:
        """Give who has this alias, sign-in name or id in the embedded sandbox.

        Raises:
            NoSuchPerson: nobody has.
        """
        people = self.sandbox.people()
        for one in people:
            if name.lower() in {one.alias.lower(), one.upn.lower(), one.object_id, one.app_id}:
                return one
        aliases = [one.alias for one in people]
        raise NoSuchPerson(
            f"the sandbox has nobody named {name!r}",
            hint=f"{meant(name, aliases)}there are {', '.join(aliases[:_SHOWN])}",
        )

    def _turn_to(self, tenant: str) -> bool:
        """Sign in to the tenant that Azure wants, unless the user named another."""
        settings = self._settings
        if settings.tenant is not None or settings.expect_tenant not in {None, tenant}:
            return False
        if self._credential.tenant == tenant:
            return False
        self._notes.warn(f"Azure wants a token of tenant {tenant}: signing in there")
        self._credential.tenant = tenant
        self.__dict__.pop("caller", None)  # who acts is another account's token now
        return True

    def _read_cloud(self, arm: str) -> Cloud:
        import requests

        from azjit.azure import routes
        from azjit.azure.clouds import cloud_from_metadata

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
            ahead = parsedate_to_datetime(told) - self._process.now()
        except ValueError:
            return
        self._offset = timedelta(seconds=math.ceil(ahead.total_seconds() - 0.001))


def _hush_libraries() -> None:
    """Keep the libraries' own log lines off stderr: what they say is in our errors."""
    import logging

    for name in ("azure", "msal"):
        logging.getLogger(name).addHandler(logging.NullHandler())
