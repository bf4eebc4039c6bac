"""The network transport of azure-core."""

from __future__ import annotations

from collections.abc import Callable
from ssl import CERT_REQUIRED, SSLContext
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from azure.core.pipeline.transport import RequestsTransport
from requests import PreparedRequest
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection
from urllib3.util.ssl_ import create_urllib3_context

from azjit.azure.network import CONNECT_SECONDS, READ_SECONDS, Network, keep_token
from azjit.errors import Refused

# As many calls as a batch has under way at once.
_CONNECTIONS = 32


class _Adapter(HTTPAdapter):
    """Keeps connections, which read the trusted certificates once for all of them.

    To read them takes 20 ms, as much as the rest of ten calls. Behind a proxy, whose own
    certificate is checked too, each connection reads them.
    """

    def __init__(self, retries: Any) -> None:
        self._reading = Lock()
        self._trusted: dict[tuple[str | None, str | None], SSLContext] = {}
        # With fewer connections, each call beyond their number would make one of its own.
        super().__init__(_CONNECTIONS, _CONNECTIONS, retries)

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Give the connections to the host of a request."""
        if not verify or select_proxy(str(request.url), proxies):
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        made: Any = self.build_connection_pool_key_attributes(request, verify, cert)
        host, options = made
        file, directory = options.pop("ca_certs", None), options.pop("ca_cert_dir", None)
        file = DEFAULT_CA_BUNDLE_PATH if directory is None and file is None else file
        options["ssl_context"] = self._trusting(file, directory)
        return self.poolmanager.connection_from_host(**host, pool_kwargs=options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Give the connections through a proxy, which send what is small at once.

        By default urllib3 lets the system hold a body back until the headers are acknowledged: most
        proxies take 40 ms to do so.
        """
        return super().proxy_manager_for(
            proxy, **options, socket_options=HTTPConnection.default_socket_options
        )

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Name the certificates to a connection that does not have them yet."""
        if conn.conn_kw.get("ssl_context") is None:
            super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call] # its stub

    def _trusting(self, file: str | None, directory: str | None) -> SSLContext:
        with self._reading:
            if (file, directory) not in self._trusted:
                context = create_urllib3_context(cert_reqs=CERT_REQUIRED)
                context.load_verify_locations(file, directory)
                self._trusted[file, directory] = context
            return self._trusted[file, directory]


def _once_for_each_host(read: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Read the variables of proxies once for each host: requests reads them for each call."""
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def settings(url: str, *options: Any) -> dict[str, Any]:
        host = urlsplit(url)[:2]
        if host not in found:
            found[host] = read(url, *options)
        return dict(found[host])

    return settings


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
        self.session.merge_environment_settings = _once_for_each_host(
            self.session.merge_environment_settings
        )
        retries = self.session.get_adapter("https://").max_retries
        self.session.mount("https://", _Adapter(retries))

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
