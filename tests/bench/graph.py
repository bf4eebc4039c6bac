"""Measures what a look-up in Microsoft Graph costs: azjit's way against a plain msgraph-sdk call.

Each runs in a new process, through the sandbox in process, and tells the whole of it: imports, a
token, the call, the answer read. Times are shown, never asserted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

SETUP = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from azjit.azure.clouds import NAMED, graph_of
from azjit.azure.sign_in.sandbox import SandboxCredential
from azjit.sandbox.core import Sandbox
from azjit.sandbox.transports.azure_core import AzureCoreTransport
from azjit.sandbox.transports.in_process import HttpxTransport

now = lambda: datetime.now(UTC)
world = Sandbox(Path(sys.argv[1]), now=now)
credential = SandboxCredential(NAMED["public"], "bob", AzureCoreTransport(world), now)
"""
NOTHING = SETUP + "credential.get_token('https://graph.microsoft.com/.default')"
PLAIN = (
    SETUP
    + """
import asyncio, httpx
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient

provider = AzureIdentityAuthenticationProvider(credential)
client = httpx.AsyncClient(transport=HttpxTransport(world))
graph = GraphServiceClient(request_adapter=GraphRequestAdapter(provider, client=client))
user = asyncio.run(graph.users.by_user_id("carol@contoso.example").get())
assert user.display_name == "Carol Cruz"
"""
)
OURS = (
    SETUP
    + """
import time
from azjit.azure.graph import Graph
from azjit.azure.network import Network

network = Network(time.sleep, print)
graph = Graph(graph_of(NAMED["public"]), credential, network, HttpxTransport(world))
found = graph.where("user", "userPrincipalName eq 'carol@contoso.example'", "look up carol")
assert found[0].name == "Carol Cruz"
graph.close()
"""
)
ROWS = (
    ("the sandbox and a token, no call to Graph", NOTHING),
    ("a plain first call of msgraph-sdk", PLAIN),
    ("the same by azjit", OURS),
)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        took: dict[str, list[float]] = {name: [] for name, _ in ROWS}
        for turn in range(runs + 1):
            for name, program in ROWS:
                spent = once(program, f"{folder}/world.sqlite")
                if turn:  # the first run compiles, and seeds the sandbox
                    took[name].append(spent)
    for name, each in took.items():
        middle, least = statistics.median(each), min(each)
        sys.stdout.write(f"{middle:6.0f} ms median {least:6.0f} ms least   {name}\n")
    nothing, plain, ours = (statistics.median(each) for each in took.values())
    share = 100 * (ours - nothing) / (plain - nothing)
    sys.stdout.write(f"a look-up by azjit costs {share:.0f} % of a plain one, the rest left out\n")


def once(program: str, world: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, world],
        env=dict(os.environ),
        check=True,
        capture_output=True,
    )
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
