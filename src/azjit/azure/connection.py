"""One cloud's endpoints, the sign-in to it, and a client for each of its services.

Each is made on first use. Making one writes, sends and says nothing. The imports stand inside the
functions because each costs tens to hundreds of milliseconds, also for `--help` and completion.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from azjit.azure.azure_time import AzureTime
from azjit.azure.once import once
from azjit.domain.ids import is_guid
from azjit.domain.polling import Clock
from azjit.errors import Failed, Refused
from azjit.process import Notes, Process
from azjit.settings import Settings

if TYPE_CHECKING:
    from azure.core import PipelineClient
    from azure.core.pipeline.transport import HttpTransport

    from azjit.azure.activity_log import ActivityLog
    from azjit.azure.arm import Arm
    from azjit.azure.authorization import Authorization
    from azjit.azure.clouds import Cloud
    from azjit.azure.graph import Graph
    from azjit.azure.network import Network
    from azjit.azure.pacing import Pace
    from azjit.azure.partner_center import PartnerCenter
    from azjit.azure.pim import Pim
    from azjit.azure.resource_graph import ResourceGraph
    from azjit.azure.resources import Resources
    from azjit.azure.sign_in.command import CommandSignIn
    from azjit.azure.sign_in.kept_tokens import KeptTokens, NotKept, TokenStore
    from azjit.azure.solutions import Solutions
    from azjit.domain.access import Caller


class Connection:
    """The connection of a command to one cloud.

    A sandbox signs in `person` if the settings name nobody. `clock` measures how long to wait.
    """

    def __init__(self, settings: Settings, process: Process, notes: Notes, person: str) -> None:
        self.settings = settings
        self.process = process
        self.notes = notes
        self.clock = Clock(process.now, process.sleep)
        self.making = RLock()
        self.wants_fresh_token = False
        self._person = person
        self.time = AzureTime(process.now, notes.warn)
        self._stays_in_tenant = False
        self._closing: list[Callable[[], None]] = []

    @property
    def embedded_sandbox(self) -> Any:
        """The transports of the embedded sandbox."""
        raise NotImplementedError

    def open_token_store(self) -> TokenStore:
        """Give the store of access tokens.

        Raises:
            OSError: there is none, with the reason.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close what was opened, in reverse order."""
        with ExitStack() as each:  # one that fails keeps no other open
            while self._closing:
                each.callback(self._closing.pop(0))

    @once
    def cloud(self) -> Cloud:
        """The cloud to talk to; a custom one and a sandbox describe their own endpoints."""
        from azjit.azure.endpoints import find_cloud

        cloud, date = find_cloud(self.settings, self.process, lambda: self._transport)
        if cloud.is_sandbox:
            self.time.follow(date)
        return cloud

    @once
    def caller(self) -> Caller:
        """The person or service principal that azjit acts as."""
        from azjit.azure.sign_in.caller import caller_from

        caller = caller_from(self._credential, self.cloud)
        self._check_tenant(caller)
        return caller

    @once
    def arm(self) -> Arm:
        """Resource Manager."""
        from azjit.azure.arm import Arm
        from azjit.azure.pacing import Pace

        pace = Pace(self.clock)
        client, fit = self._client(self.cloud, pace), self._sign_in.fit
        from azjit.azure.pipeline import resource_manager as manage

        return Arm(client, self.cloud, self.clock, pace, fit, partial(manage, client, self.cloud))

    @once
    def solutions(self) -> Solutions:
        """Managed applications and their JIT requests."""
        from azjit.azure.solutions import Solutions

        return Solutions(self.arm)

    @once
    def resources(self) -> Resources:
        """Subscriptions and resource groups."""
        from azjit.azure.resources import Resources

        return Resources(self.arm)

    @once
    def authorization(self) -> Authorization:
        """Roles, and who has them."""
        from azjit.azure.authorization import Authorization

        return Authorization(self.arm)

    @once
    def pim(self) -> Pim:
        """Privileged Identity Management."""
        from azjit.azure.pim import Pim

        return Pim(self.arm)

    @once
    def resource_graph(self) -> ResourceGraph:
        """The index of all subscriptions."""
        from azjit.azure.resource_graph import ResourceGraph

        return ResourceGraph(self.arm, self._network)

    @once
    def activity_log(self) -> ActivityLog:
        """Who did what."""
        from azjit.azure.activity_log import ActivityLog

        return ActivityLog(self.arm)

    @once
    def partner_center(self) -> PartnerCenter:
        """Partner Center, with tokens of its own."""
        from azjit.azure.pacing import Pace
        from azjit.azure.partner_center import PartnerCenter, home_of

        home = home_of(self.cloud)
        return PartnerCenter(self._client(home, Pace(self.clock)), home)

    @once
    def graph(self) -> Graph:
        """Microsoft Graph, with tokens of its own.

        Raises:
            Failed: the cloud names none.
        """
        from azjit.azure.clouds import graph_of
        from azjit.azure.graph import Graph

        cloud = graph_of(self.cloud)
        self._expect_tenant()
        if cloud is None:
            raise Failed(
                f"{self.cloud.arm} has no address of Microsoft Graph",
                hint="its /metadata/endpoints must contain microsoftGraphResourceId",
            )
        transport = self.embedded_sandbox.httpx_transport() if self.settings.sandbox else None
        graph = Graph(cloud, self._credential, self._network, transport)
        self._closing.append(graph.close)
        return graph

    def _client(self, cloud: Cloud, pace: Pace) -> PipelineClient[Any, Any]:
        if self._sign_in.asks_az:
            # az takes a third of a second, in which the modules of the client load.
            self._credential.begin(cloud.scope)
        from azjit.azure.pipeline import Wiring, build_client

        self._expect_tenant()
        wiring = Wiring(
            self._network,
            self.process.new_id,
            pace,
            self._switch_tenant,
            self._credential.forget,
            self._credential.is_outdated,
            self.time if cloud is self.cloud else None,
        )
        client = build_client(cloud, self._credential, wiring, self._transport)
        self._closing.append(client.close)
        return client

    @once
    def _network(self) -> Network:
        from azjit.azure.network import Network, authorities

        return Network(
            self.process.sleep,
            self.notes.wait,
            self.notes.must_say if self.settings.debug else None,
            authorities(self.process.environ),
        )

    @once
    def _transport(self) -> HttpTransport[Any, Any]:
        """The transport to every host except Graph's: the sandbox, or the network."""
        if self.settings.sandbox:
            transport: HttpTransport[Any, Any] = self.embedded_sandbox.azure_core_transport()
        else:
            from azjit.azure.transport import NetworkTransport

            transport = NetworkTransport(self._network)
        self._closing.append(transport.close)
        return transport

    @once
    def _sign_in(self) -> CommandSignIn:
        from azjit.azure.sign_in.command import CommandSignIn, sandbox_person

        settings, process = self.settings, self.process
        if settings.sandbox and settings.person is not None:
            self.embedded_sandbox.inhabitant(settings.person)
        person = sandbox_person(settings, process.environ, self.cloud, self._person)
        return CommandSignIn(settings, process, self.notes, self.cloud, self._network, person)

    @once
    def _credential(self) -> Any:
        credential = self._sign_in.credential(self.kept_tokens, lambda: self._transport)
        self._closing.append(credential.close)
        return credential

    @once
    def kept_tokens(self) -> KeptTokens | NotKept:
        """The access tokens of earlier commands, or why there are none."""
        return self._sign_in.kept_tokens(self.open_token_store, reads=not self.wants_fresh_token)

    def _check_tenant(self, caller: Caller) -> None:
        wanted = {"--tenant": self._named_tenant, "--expect-tenant": self._expected_tenant}
        for option, tenant in wanted.items():
            if tenant not in {None, caller.tenant.lower()}:
                text = getattr(self.settings, option[2:].replace("-", "_"))
                raise Refused(
                    f"signed in to tenant {caller.tenant}, but {option} is {text}",
                    hint=f"az login --tenant {text}",
                )

    @once
    def _expected_tenant(self) -> str | None:
        """The id of the only tenant to act in."""
        return self._tenant_id(self.settings.expect_tenant)

    @property
    def _named_tenant(self) -> str | None:
        """The id of the tenant to sign in to, where the sign-in may be to another one."""
        from azjit.azure.sign_in.choice import chosen_kind

        text = self.settings.tenant or ""
        # A managed identity always signs in to its own tenant; the others have asked for this one.
        is_machine = chosen_kind(self.settings.auth, self.process.environ) == "managed"
        is_open = is_guid(text) or (is_machine and "." in text)
        return self._tenant_id(text) if is_open else None

    def _tenant_id(self, text: str | None) -> str | None:
        from azjit.azure.endpoints import tenant_of

        return None if text is None else tenant_of(lambda: self._transport, self.cloud, text)

    def _expect_tenant(self) -> None:
        """Refuse another tenant than the expected one before any call to it."""
        if self.settings.expect_tenant is not None:
            _ = self.caller

    def stay_in_tenant(self) -> None:
        """Switch to no other tenant from now on, because several reads must be of this one."""
        self._stays_in_tenant = True

    def _switch_tenant(self, tenant: str) -> bool:
        """Sign in to the tenant that Azure wants, once, unless the user named another."""
        is_fixed = bool(self.settings.tenant) or self._expected_tenant not in {None, tenant}
        if is_fixed or self._stays_in_tenant or self._credential.tenant == tenant:
            return False
        self.stay_in_tenant()
        self.notes.warn(f"Azure requires a token of tenant {tenant}; signing in there")
        self._credential.tenant = tenant
        # The caller and the directory of names are the other tenant's from now on.
        self.__dict__.pop("caller", None)
        self.__dict__.pop("directory_cache", None)
        return True
