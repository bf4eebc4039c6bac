"""The network, as azure-core calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from azjit.azure.network import CONNECT_SECONDS, READ_SECONDS, Network, keep_token
from azjit.errors import Refused

# As many calls as a batch has under way at once.
_CONNECTIONS = 32


class NetworkTransport(RequestsTransport):  # type: ignore[misc]  # azure-core exports it untyped
    """Azure's requests transport, with our own sleep and without `~/.netrc`.

    It refuses addresses that `may_reach` does not accept.
    """

    def __init__(
        self,
        network: Network,
        read_seconds: float = READ_SECONDS,
        may_reach: Callable[[str], bool] = lambda _: True,
    ) -> None:
        super().__init__(
            connection_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            connection_verify=network.authorities or True,
        )
        self._wait = network.sleep
        self._may_reach = may_reach

    def open(self) -> None:
        """Open the session, which leaves every request's headers alone."""
        is_new = self.session is None  # azure-core calls this before each call
        super().open()
        if not is_new:
            return
        self.session.auth = keep_token
        adapter = self.session.get_adapter("https://")
        if isinstance(adapter, HTTPAdapter):
            # Else each call beyond the tenth makes a connection of its own.
            adapter.init_poolmanager(_CONNECTIONS, _CONNECTIONS)

    def send(self, request: Any, **options: Any) -> Any:
        """Send a request.

        Raises:
            Refused: its address is not acceptable.
        """
        if not self._may_reach(request.url):
            raise Refused(
                f"refused to send a secret to {urlsplit(request.url).netloc}",
                hint="the sign-in host's answer points to a foreign host; do not use it",
            )
        return super().send(request, **options)

    def sleep(self, duration: float) -> None:
        """Wait before a retry."""
        self._wait(duration)
