"""Runs command lines on the sandbox and prints their calls as JSON.

`recorded.json` was recorded before the modules moved. Do not record it again when a call is
dropped: `test_exchanges.py` checks that commands send the same writes and no additional reads.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from azjit.sandbox.core import Response, Sandbox
from harness import Cli, Clock, opened

RECORDED = Path(__file__).with_name("recorded.json")
NAME = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"
_ASK = ("publisher", "request", "orders", "--role", "Contributor", "--name", NAME)
_MACHINES = "Virtual Machine Contributor"
_OFFER = ("--product", "fabrikam-orders", "--instance", "standard-draft")
_WHY = ("--reason", "agreed", "--yes")

# Each story begins in a fresh world; `@30m` moves its clock.
STORIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "publisher reads": (
        ("publisher", "apps"),
        ("publisher", "roles", "orders"),
        ("publisher", "history"),
        ("publisher", "history", "orders", "--state", "approved"),
        ("publisher", "history", "--mine", "--since", "2026-02-01"),
        ("publisher", "roles", "reports"),
        ("publisher", "roles", "shop-us/shop"),
        ("publisher", "check", "orders"),
        ("publisher", "roles", "orders", "--pim"),
        ("publisher", "refresh-permissions", "shop-us/shop", "--dry-run"),
        ("publisher", "package", "check", "nothing-here"),
    ),
    "consumer reads": (
        ("consumer", "apps"),
        ("consumer", "show", "orders"),
        ("consumer", "show", "archive"),
        ("consumer", "pending"),
        ("consumer", "pending", "orders"),
        ("consumer", "pending", "--all"),
        ("consumer", "history"),
        ("consumer", "history", "orders", "--since", "2026-02-01"),
        ("consumer", "history", "orders", "--activity"),
        ("consumer", "show", "nothing-of-this-name"),
    ),
    "doctor": (
        ("doctor",),
        ("doctor", "--app", "orders", "--side", "consumer"),
        ("doctor", "--app", "orders", "--side", "publisher"),
    ),
    "request, approve, revoke": (
        (*_ASK, "--dry-run"),
        (*_ASK, "--reason", "index rebuild", "--ticket", "INC-42"),
        (*_ASK, "--reason", "index rebuild", "--ticket", "INC-42"),
        ("publisher", "show", NAME),
        ("consumer", "pending", "orders"),
        ("consumer", "approve", NAME, *_WHY, "--dry-run"),
        ("consumer", "approve", NAME, *_WHY),
        ("consumer", "approve", NAME, *_WHY),
        ("consumer", "deny", NAME, *_WHY),
        ("publisher", "wait", NAME, "--for", "approved"),
        ("publisher", "wait", NAME, "--for", "active"),
        ("publisher", "roles", "orders"),
        ("consumer", "show", "orders"),
        ("consumer", "revoke", NAME, *_WHY, "--dry-run"),
        ("consumer", "revoke", NAME, *_WHY),
        ("consumer", "history", "orders"),
    ),
    "request, deny": (
        _ASK,
        ("consumer", "deny", NAME, *_WHY),
        ("consumer", "deny", NAME, *_WHY),
        ("consumer", "approve", NAME, *_WHY),
        ("publisher", "wait", NAME, "--for", "decided"),
    ),
    "two requests in one batch": (
        _ASK,
        (
            "publisher",
            "request",
            "orders",
            "--role",
            _MACHINES,
            "--name",
            OTHER,
            "--duration",
            "1h",
        ),
        ("consumer", "approve", NAME, OTHER, *_WHY),
        ("consumer", "approve", NAME, "no-such-request", *_WHY),
    ),
    "cancel": (
        _ASK,
        ("publisher", "cancel", NAME, "--dry-run"),
        ("publisher", "cancel", NAME, "--yes"),
        ("publisher", "cancel", NAME, "--yes"),
    ),
    "cancel what is active": (
        _ASK,
        ("consumer", "approve", NAME, *_WHY),
        ("publisher", "cancel", NAME, "--yes"),
        ("publisher", "cancel", NAME, "--delete", "--yes"),
    ),
    "through PIM": (
        ("sandbox", "switch", "orders", "update-access=pim-linked"),
        _ASK,
        ("consumer", "pending", "--all"),
        ("consumer", "approve", NAME, *_WHY, "--route", "pim", "--dry-run"),
        ("consumer", "approve", NAME, *_WHY),
    ),
    "a decision that Azure ignores": (
        ("sandbox", "switch", "orders", "update-access=ignored"),
        _ASK,
        ("consumer", "approve", NAME, *_WHY, "--timeout", "10s"),
    ),
    "a decision that Azure forbids": (
        ("sandbox", "switch", "orders", "update-access=forbidden"),
        _ASK,
        ("consumer", "approve", NAME, *_WHY),
    ),
    "settings": (
        ("consumer", "configure", "orders", "--max-duration", "4h", "--dry-run"),
        ("consumer", "configure", "orders", "--max-duration", "4h", "--yes"),
        ("consumer", "configure", "orders", "--max-duration", "4h", "--yes"),
        ("consumer", "configure", "orders", "--add-approver", "carol@contoso.example", "--yes"),
        ("consumer", "configure", "orders", "--mode", "automatic", "--yes"),
        _ASK,
    ),
    "definition and offer": (
        ("publisher", "check", "shop-us/shop"),
        ("publisher", "refresh-permissions", "shop-us/shop", "--yes", "--as", "bob"),
        ("publisher", "offer", "show", *_OFFER),
        ("publisher", "offer", "enable-jit", *_OFFER, "--dry-run"),
        ("publisher", "offer", "enable-jit", *_OFFER, "--yes"),
    ),
    "activation": (
        (
            "publisher",
            "request",
            "orders",
            "--role",
            _MACHINES,
            "--pim",
            "--reason",
            "look",
            "--dry-run",
        ),
        ("publisher", "request", "orders", "--role", _MACHINES, "--pim", "--reason", "look"),
    ),
    "refusals": (
        ("publisher", "request", "orders", "--role", "Owner"),
        ("publisher", "request", "orders", "--role", "Contributor", "--duration", "20h"),
        ("publisher", "request", "archive", "--role", "Contributor"),
        ("consumer", "approve", "99999999", *_WHY),
        ("consumer", "configure", "orders", "--mode", "sometimes", "--yes"),
    ),
}

_FRESH = re.compile(r"(operation\w+/)[^/?]+", re.IGNORECASE)
_TOKEN = re.compile(r"(skip[Tt]oken=)[^&]+")


def play(name: str, place: Path) -> list[dict[str, Any]]:
    """Run one story in a fresh world; for each command line what it gave and what it sent."""
    clock = Clock()
    path = place / "state" / "sandbox" / "world.sqlite"
    path.parent.mkdir(parents=True)
    with opened(path, clock) as world:
        cli = Cli(place / "state", clock, world, {"AZJIT_SANDBOX": "1"})
        return [_run(cli, argv) for argv in STORIES[name]]


def _run(cli: Cli, argv: tuple[str, ...]) -> dict[str, Any]:
    calls: list[str] = []
    plain = Sandbox.handle

    def heard(
        self: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        answer = plain(self, method, url, headers, body)
        parts = urlsplit(url)
        if parts.hostname != "login.microsoftonline.com":
            calls.append(_line(method, parts.path, parts.query, body, answer.status))
        return answer

    Sandbox.handle = heard  # type: ignore[method-assign]
    try:
        result = cli(*argv, "-o", "json", environ={"TZ": "UTC"})
    finally:
        Sandbox.handle = plain  # type: ignore[method-assign]
    told = result.out.replace(str(cli.state), "STATE")
    shown = json.loads(told) if told.strip() else None
    return {"argv": " ".join(argv), "code": result.code, "shown": shown, "calls": calls}


def _line(method: str, path: str, query: str, body: bytes, status: int) -> str:
    place = _FRESH.sub(r"\1FRESH", unquote(path)) + (f"?{query}" if query else "")
    place = _TOKEN.sub(r"\1TOKEN", place)
    told = f" {json.dumps(json.loads(body), sort_keys=True)}" if body else ""
    return f"{method} {place} -> {status}{told}"


def main() -> None:
    """Print the stories as JSON: this is how `recorded.json` was made."""
    told = {}
    for name in STORIES:
        place = Path(tempfile.mkdtemp())
        told[name] = play(name, place)
        shutil.rmtree(place)
    sys.stdout.write(json.dumps(told, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
