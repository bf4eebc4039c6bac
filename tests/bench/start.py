"""Measures how long commands take from start to end, in turns with what else does their work.

`just bench [RUNS]`, or this file with the environment's python. gh and az are measured where they
are on the path; `AZ_HOME` names another environment of az. Times are shown, never asserted: a test
that measures a shared machine fails for no reason.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from azjit.sandbox.core import Sandbox

sys.path.insert(0, str(Path(__file__).parents[1]))
from public import public_azure

AZJIT = str(Path(sys.executable).with_name("azjit"))
EMPTY, GH, REST, TOKEN = "python -c pass", "gh pr list --help", "az rest", "az get-access-token"
QUIET = "AZURE_CORE_COLLECT_TELEMETRY"  # by default each az starts a process that reports its use
API = "?api-version=2021-07-01"


class Row(NamedTuple):
    """A measured command; its time should be at most `factor` times that of each peer, summed."""

    name: str
    words: list[str]
    environ: dict[str, str]
    factor: float = 0
    peers: tuple[str, ...] = ()


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with tempfile.TemporaryDirectory() as folder, world(folder) as (environ, reached):
        rows = [*alone(environ), *served(reached, folder)]
        for row in rows:
            once(row)  # the first run compiles, seeds the sandbox and fills the caches
            once(row)
        # In turns, so that a busy moment of the machine meets every command.
        rounds = [[once(row) for row in rows] for _ in range(runs)]
    took = dict(zip((row.name for row in rows), zip(*rounds, strict=True), strict=True))
    sys.stdout.write("  wall ms    CPU ms   of peers\n")
    for row in rows:
        wall, cpu = middle(took[row.name])
        known = [peer for peer in row.peers if peer in took]
        share = wall / sum(middle(took[peer])[0] for peer in known) if known else 0
        bound = f"{share:5.2f} of {row.factor}" if known else ""
        sys.stdout.write(f"{wall:9.0f} {cpu:9.0f}   {bound:<13} {row.name}\n")


def alone(environ: dict[str, str]) -> list[Row]:
    """Give what needs no server."""
    gh = shutil.which("gh")
    helps = ["--help", "publisher --help", "publisher request --help"]
    pending = "consumer pending -o json --sandbox"
    apps = "publisher apps -o table --sandbox"
    return [
        Row(EMPTY, [sys.executable, "-c", "pass"], environ),
        Row("import azure.identity", [sys.executable, "-c", "import azure.identity"], environ),
        *([Row(GH, [gh, *GH.split()[1:]], environ)] if gh else []),
        Row("--version", [AZJIT, "--version"], environ, 2, (EMPTY,)),
        *(Row(line, [AZJIT, *line.split()], environ, 1, (GH,)) for line in helps),
        Row(pending, [AZJIT, *pending.split()], environ, 0.9, (REST,)),
        Row(apps, [AZJIT, *apps.split()], environ),
    ]


def served(reached: dict[str, str], folder: str) -> list[Row]:
    """Give the reads of one request, by a secret and by az, which reads it over the same HTTPS."""
    listing = [AZJIT, "publisher", "history", "-o", "json"]
    name = json.loads(output(listing, reached))[0]["id"]
    show = [AZJIT, "publisher", "show", name, "-o", "json"]
    by_secret = Row("publisher show ID -o json, by secret", show, reached, 1.2, (REST,))
    home = os.environ.get("AZ_HOME") or f"{Path.home()}/.cache/azjit-az"
    az = shutil.which("az") or shutil.which("az", path=f"{home}/bin")
    if az is None:
        return [by_secret]
    signed_in = sign_in(az, reached, folder)
    rest = [az, "rest", "--method", "get", "--url", f"https://management.azure.com{name}{API}"]
    by_az = [*show, "--auth", "cli"]
    cached, asked = "publisher show ID -o json, by az", "the same with --no-token-cache"
    return [
        Row(REST, rest, signed_in),
        Row("az rest without telemetry", rest, {**signed_in, QUIET: "false"}),
        Row(TOKEN, [az, "account", "get-access-token"], signed_in),
        by_secret,
        Row(cached, by_az, signed_in, 0.9, (REST,)),
        Row(asked, [*by_az, "--no-token-cache"], signed_in, 0.9, (REST, TOKEN)),
    ]


def sign_in(az: str, reached: dict[str, str], folder: str) -> dict[str, str]:
    """Sign in to az as alice, a person, by a device code; give the environment of that login."""
    runtime = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else folder))
    environ = {
        **{key: value for key, value in reached.items() if not key.startswith("AZURE_CLIENT")},
        "AZURE_CONFIG_DIR": f"{folder}/az",
        "XDG_RUNTIME_DIR": str(runtime),
        "PATH": f"{Path(az).parent}:{reached['PATH']}",
    }
    login = subprocess.Popen(
        [az, "login", "--use-device-code", "-o", "none"],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert login.stderr is not None
    for line in login.stderr:
        code = re.search(r"the code ([A-Z]{9})", line)
        if code is not None:
            page = f"https://login.microsoftonline.com/devicelogin?user_code={code[1]}&as=alice"
            certificates = reached["REQUESTS_CA_BUNDLE"]
            proxies = {"https": reached["HTTPS_PROXY"]}
            requests.get(page, verify=certificates, proxies=proxies, timeout=10)
    if login.wait():
        raise SystemExit("az could not sign in")
    return environ


@contextmanager
def world(folder: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Serve a public Azure on loopback; give the environment without it, and of its clients.

    On loopback itself azjit builds no real credential, so a proxy leads to it by its public names.
    """
    unwanted = ("AZURE_", "AZJIT_", "CI", "GITHUB_ACTIONS", "TF_BUILD", "PYTHONDONTWRITEBYTECODE")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    environ = {**clean, "AZJIT_STATE_DIR": f"{folder}/state", "AZJIT_CONFIG_DIR": folder}
    sandbox = Sandbox(Path(folder) / "public.sqlite")
    publisher = next(each for each in sandbox.people() if each.alias == "fabrikam-ci")
    secret = {
        "AZURE_TENANT_ID": publisher.tenant_id,
        "AZURE_CLIENT_ID": publisher.app_id or "",
        "AZURE_CLIENT_SECRET": publisher.secret,
    }
    with closing(sandbox), public_azure(sandbox, Path(folder)) as network:
        yield environ, {**environ, **network, **secret, "AZJIT_STATE_DIR": f"{folder}/client"}


def output(words: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(words, env=environ, check=True, capture_output=True, text=True)
    return done.stdout


def once(row: Row) -> tuple[float, float]:
    """Run a row; give its wall and CPU times in ms."""
    before, began = children(), time.perf_counter()
    subprocess.run(row.words, env=row.environ, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1000, (children() - before) * 1000


def children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def middle(took: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    walls, cpus = zip(*took, strict=True)
    return statistics.median(walls), statistics.median(cpus)


if __name__ == "__main__":
    main()
