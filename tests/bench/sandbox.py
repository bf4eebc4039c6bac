"""Measures the sandbox: ready, reads from one client, a large world. Numbers, never a test.

`python tests/bench/sandbox.py [reads|ready|large]...`; all of them when none is named.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

RUNS = 9
READS = 2_000
PYTHON = [sys.executable, "-m", "azjit", "sandbox"]


def main() -> None:
    wanted = sys.argv[1:] or ["ready", "reads", "large"]
    load, cores = os.getloadavg()[0], os.cpu_count()
    say(f"load {load:.1f} on {cores} cores", "numbers are worth little when it is above them")
    for name in wanted:
        {"ready": ready, "reads": reads, "large": large}[name]()


def ready() -> None:
    """From spawn to the first answer, the world and the certificates being there."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(folder)
        with _served(environ):
            pass
        took, spent = [], _children()
        for _ in range(RUNS):
            began = time.perf_counter()
            with _served(environ) as served:
                _get(served, "/metadata/endpoints?api-version=2022-09-01", "")
                took.append(time.perf_counter() - began)
    cpu = (_children() - spent) / RUNS * 1000
    say("ready, from spawn to the first answer", f"{_ms(took)}, {cpu:.0f} ms CPU (aim: 250 ms)")


def reads() -> None:
    """Simple reads a second from one client over one connection, served and in process."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(folder)
        with _served(environ):
            pass
        spent = _children()
        with _served(environ) as served:
            rate = _rate(served)
        cpu = (_children() - spent) / READS * 1000
        say("reads a second, served, one client", f"{rate:,.0f}, {cpu:.2f} ms CPU (aim: 1,000)")
        say("calls a second, in process", f"{_in_process(folder):,.0f}")


def large() -> None:
    """A world of 1,000 applications and 100,000 requests: made, opened, listed, exported."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(folder)
        seed = [*PYTHON, "seed", "--apps", "1000", "--requests", "100000", "-o", "none"]
        say("large world: seed", f"{_once(seed, environ):,.0f} ms")
        size = (Path(folder) / "sandbox" / "world.sqlite").stat().st_size
        say("large world: size", f"{size / 1e6:,.0f} MB")
        _measure("large world: open, and read one request", environ, _OPEN)
        _measure("large world: first page of 1,000 requests", environ, _PAGE)
        _measure("large world: all pages of the requests", environ, _PAGES, runs=1)
        took = _once([*PYTHON, "export"], environ)
        say("large world: export", f"{took:,.0f} ms")


_WORLD = """
import json, resource, sys, time
from pathlib import Path
from azjit.sandbox.core import Sandbox
began = time.perf_counter()
world = Sandbox(Path(sys.argv[1]))
def call(method, url, headers, body=b""):
    answer = world.handle(method, url, headers, body)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)
form = b"grant_type=password&username=bob&password=sandbox&scope=https://management.azure.com/.default"
login = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
token = call("POST", login, {}, form)["access_token"]
sent = {"Authorization": f"Bearer {token}"}
arm, version = "https://management.azure.com", "api-version=2021-07-01"
place = call("GET", f"{arm}/subscriptions?api-version=2022-12-01", sent)["value"][0]["id"]
listing = f"{arm}{place}/providers/Microsoft.Solutions/jitRequests?{version}"
"""
_DONE = """
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([time.perf_counter() - began, memory]))
"""
_OPEN = """
app = f"{arm}{place}/resourceGroups/fleet-001/providers/Microsoft.Solutions/applications/fleet-0001"
call("GET", f"{app}?{version}", sent)
"""
_PAGE = "assert len(call('GET', listing, sent)['value']) == 1000\n"
_PAGES = """
link, count = listing, 0
while link:
    page = call("GET", link, sent)
    link, count = page.get("nextLink"), count + len(page["value"])
assert count > 50_000, count
"""


def _measure(what: str, environ: dict[str, str], steps: str, runs: int = 5) -> None:
    path = str(Path(environ["AZJIT_STATE_DIR"]) / "sandbox" / "world.sqlite")
    command = [sys.executable, "-c", _WORLD + steps + _DONE, path]
    told = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(runs)
    ]
    say(what, f"{_ms([row[0] for row in told])}, {max(row[1] for row in told):.0f} MB resident")


def _in_process(folder: str) -> float:
    path = str(Path(folder) / "sandbox" / "world.sqlite")
    steps = f"""
began = time.perf_counter()
for _ in range({READS}):
    call("GET", f"{{arm}}{{place}}?{{version}}", sent)
print({READS} / (time.perf_counter() - began))
"""
    done = subprocess.run(
        [sys.executable, "-c", _WORLD + steps, path], check=True, capture_output=True
    )
    return float(done.stdout)


def _rate(served: dict[str, str]) -> float:
    form = {
        "grant_type": "password",
        "username": "bob",
        "password": "sandbox",
        "scope": "https://management.azure.com/.default",
    }
    connection = _connected(served)
    connection.request("POST", "/organizations/oauth2/v2.0/token", urlencode(form))
    token = json.loads(connection.getresponse().read())["access_token"]
    places = json.loads(_get(served, "/subscriptions?api-version=2022-12-01", token))
    path = (
        f"{places['value'][0]['id']}/resourceGroups/contoso-apps/providers/Microsoft.Solutions"
        "/applications/orders?api-version=2021-07-01"
    )
    headers = {"Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    for _ in range(READS):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    return READS / (time.perf_counter() - began)


def _get(served: dict[str, str], path: str, token: str) -> bytes:
    connection = _connected(served)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    return connection.getresponse().read()


def _connected(served: dict[str, str]) -> http.client.HTTPSConnection:
    trust = ssl.create_default_context(cafile=served["ca"])
    port = int(served["url"].rsplit(":", 1)[1])
    return http.client.HTTPSConnection("localhost", port, context=trust, timeout=10)


@contextmanager
def _served(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    note = Path(environ["AZJIT_STATE_DIR"]) / "sandbox" / "server.json"
    process = subprocess.Popen(
        [*PYTHON, "serve", "--port", "0"], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        while not note.exists():
            time.sleep(0.002)
        time.sleep(0.001)
        yield json.loads(note.read_text())
    finally:
        process.terminate()
        process.wait()


def _children() -> float:
    """The seconds of CPU that ended child processes have spent: a loaded machine adds few."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environ(folder: str) -> dict[str, str]:
    return {**os.environ, "AZJIT_STATE_DIR": folder}


def _once(command: list[str], environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def _ms(seconds: list[float]) -> str:
    middle, least = statistics.median(seconds) * 1000, min(seconds) * 1000
    return f"{middle:,.0f} ms median, {least:,.0f} ms least"


def say(what: str, value: Any) -> None:
    sys.stdout.write(f"{what:46} {value}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
