"""A batch of 50 with ten traps: what was not named, or must not be approved, never is.

It runs under the switches of the sandbox that a decision depends on, and under its faults.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from azjit.sandbox.faults.registry import KINDS, InjectedFault
from harness import START, Cli, Clock, Result, opened

APPS = ("north", "south", "east", "west")
ROLE = "Contributor"
HOUR = timedelta(hours=1)
ORDINARY, TRAPS, UNNAMED = 40, 10, 4
ACCEPTED = ("--accept", "continues,overlap,little-time-left")
# What a decision depends on; the other switches are of settings, requests of PIM, and so on.
SWITCHES = [
    {},
    {"update-access": "ignored"},
    {"update-access": "forbidden"},
    {"update-access": "pim-linked"},
    {"decision-updated-by": "filer", "page-size": "7"},
    {"late-approval": "runs-whole-length", "token-groups": "overage"},
    {"graph": "forbidden", "token-groups": "overage"},
    {"confirm-delay-seconds": "40", "operation-polls": "2"},
    {"pim-lists-requests": "ambiguous", "licence": "none"},
]


def guid(number: int) -> str:
    return str(UUID(int=(0xB << 124) | number, version=4))


def request(number: int, app: str, ahead: timedelta, **changed: Any) -> dict[str, Any]:
    return {
        "application": f"apps/{app}",
        "name": guid(number),
        "authorizations": [{"principal": "alice", "role": ROLE}],
        "start": (START + ahead).isoformat(),
        "duration": "PT30M",
        "created": {"at": (START - HOUR).isoformat(), "by": "alice"},
        **changed,
    }


def traps() -> dict[str, dict[str, Any]]:
    """Ten pending requests that each have another reason not to be approved in this batch."""
    rows: Callable[..., dict[str, Any]] = lambda *told: {  # noqa: E731 - of each pair a row
        "authorizations": [{"principal": who, "role": role} for who, role in told]
    }
    return {
        "over-maximum": {"duration": "PT9H"},
        "recurring": {"type": "Recurring"},
        "own-request": {"created": {"at": START.isoformat(), "by": "bob"}},
        "can-give-access": rows(("alice", "Owner")),
        "not-eligible": rows(("alice", "Reader")),
        "several-rows": rows(("alice", ROLE), ("alice", "Virtual Machine Contributor")),
        "other-principal": rows(("dave", ROLE)),
        "far-start": {"start": (START + 31 * 24 * HOUR).isoformat()},
        "ended": {"start": (START - 3 * HOUR).isoformat()},
        "stale": {"created": {"at": (START - 25 * HOUR).isoformat(), "by": "alice"}},
    }


def world_file() -> str:
    policy = {
        "jitAccessEnabled": True,
        "jitApprovalMode": "ManualApprove",
        "jitApprovers": [{"id": "bob", "type": "user"}],
        "maximumJitAccessDuration": "PT8H",
    }
    roles = (ROLE, "Virtual Machine Contributor")
    rows = [{"principal": who, "role": role} for who in ("alice", "dave") for role in roles]
    place = {"group": "apps", "subscription": "Contoso Production", "authorizations": rows}
    requests = [request(at, APPS[at % 4], HOUR + (at // 4) * 2 * HOUR) for at in range(ORDINARY)]
    late = 22 * HOUR
    requests += [
        request(100 + at, APPS[at % 4], late, **changed)
        for at, changed in enumerate(traps().values())
    ]
    requests += [request(200 + at, APPS[at], late) for at in range(UNNAMED)]
    apps = [{"name": name, "jitAccessPolicy": policy, **place} for name in APPS]
    return json.dumps({"version": 1, "applications": apps, "requests": requests})


@pytest.fixture(scope="module")
def trapped_world(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Path:
    place = tmp_path_factory.mktemp("traps")
    path = place / "state" / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copy(seeded_world, path)
    with opened(path, Clock()) as world:
        cli = Cli(place / "state", Clock(), world, {"AZJIT_SANDBOX": "1"})
        done = cli("sandbox", "seed", "--file", "-", answer=world_file())
        assert done.code == 0, done.err
    return path


@pytest.fixture
def trapped(tmp_path: Path, clock: Clock, trapped_world: Path) -> Any:
    path = tmp_path / "state" / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    shutil.copy(trapped_world, path)
    with opened(path, clock) as world:
        yield Cli(tmp_path / "state", clock, world, {"AZJIT_SANDBOX": "1"})


def states(cli: Cli) -> dict[str, str]:
    """What Azure has of each request now, read without faults."""
    cli.world.clear_faults()
    told = cli("consumer", "history", "-o", "json")
    assert told.code == 0, told.err
    return {row["name"]: row["state"] for row in told.json}


def batch(cli: Cli) -> Result:
    """Approve what was judged, by ids and digests: the ordinary ones and all traps."""
    rows = cli("consumer", "history", "-o", "json", "--query", "[].[name, id, digest]").json
    named = {guid(at) for at in (*range(ORDINARY), *range(100, 100 + TRAPS))}
    lines = [f"{told} {digest}\n" for name, told, digest in rows if name in named]
    assert len(lines) == ORDINARY + TRAPS
    return approve(cli, "".join(lines))


def approve(cli: Cli, lines: str) -> Result:
    words = ("consumer", "approve", "-", "--max", "50", "--reason", "x", "--timeout", "30s")
    return cli(*words, *ACCEPTED, "-o", "json", answer=lines)


def check(cli: Cli, *told: Result) -> set[str]:
    """Check that nothing but ordinary requests is approved, and that every row tells the truth."""
    now = states(cli)
    approved = {name for name, state in now.items() if state == "approved"}
    assert approved <= {guid(at) for at in range(ORDINARY)}
    for done in told:
        rows = json.loads(done.out) if done.out.strip() else []
        assert {r["request"]["name"] for r in rows if r["result"] == "approved"} <= approved
        assert done.code != 0
    return approved


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda told: ",".join(told) or "defaults")
def test_no_trap_is_approved_whatever_azure_does(trapped: Cli, switches: dict[str, str]) -> None:
    for key, value in switches.items():
        is_per_application = key in {"update-access", "late-approval"}
        for app in APPS if is_per_application else ("",):
            words = [app] if app else []
            assert trapped("sandbox", "switch", *words, f"{key}={value}").code == 0

    done = batch(trapped)

    approved = check(trapped, done)
    if not switches:
        assert (done.code, len(approved)) == (7, ORDINARY)
        rows = {row["request"]["name"]: row for row in done.json}
        for at, code in enumerate(traps()):
            assert f"({code})" in rows[guid(100 + at)]["message"] or code in {
                "own-request",
                "ended",
            }


@pytest.mark.parametrize("kinds", [sorted(KINDS)[at::4] for at in range(4)], ids="abcd")
def test_no_trap_is_approved_whatever_fails(trapped: Cli, kinds: list[str]) -> None:
    rows = trapped("consumer", "history", "-o", "json", "--query", "[].[name, id, digest]").json
    lines = {name: f"{told} {digest}\n" for name, told, digest in rows}
    baits = "".join(lines[guid(100 + at)] for at in range(TRAPS))
    told = []

    for at, kind in enumerate(kinds):
        where = "(?i)(updateaccess|jitrequests/|roledef)"
        trapped.world.add_fault(InjectedFault(kind, where, 5, skip=at))
        told.append(approve(trapped, lines[guid(at)] + baits))
        trapped.world.clear_faults()

    check(trapped, *told)
