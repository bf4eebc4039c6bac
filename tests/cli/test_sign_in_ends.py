"""A sign-in that ends in the middle of a command ends the command, at whichever read.

Only names of roles may be left out, whatever their read says.
"""

from __future__ import annotations

from itertools import product

import pytest

from azjit.errors import Exit
from azjit.sandbox.core import Response
from behind import Proceed, Wire, fails
from harness import Cli

MACHINES = "Virtual Machine Contributor"
REFUSED = fails(401, "InvalidAuthenticationToken")
COMMANDS = {
    "apps": "consumer apps",
    "pending": "consumer pending",
    "pending of an application": "consumer pending orders",
    "pending everywhere": "consumer pending --all",
    "history": "consumer history",
    "activity": "consumer history --activity",
    "access": "consumer access orders",
    "activity of a request": "consumer show NAME --activity",
    "outside of grants": "consumer history orders --activity --outside-grants",
    "report": "consumer report orders",
    "show": "consumer show orders",
    "show a request": "consumer show NAME",
    "approve": "consumer approve NAME --reason x --dry-run",
    "approve with an origin": "consumer approve NAME --reason x --dry-run --origin-request-id y1",
    "deny": "consumer deny NAME --reason x --dry-run",
    "revoke": "consumer revoke NAME --reason x --dry-run",
    "stop": "consumer stop orders --reason x --dry-run",
    "configure": "consumer configure orders --max-duration 4h --dry-run",
    "export of settings": "consumer settings export",
    "export of named settings": "consumer settings export orders",
    "roles": "publisher roles orders",
    "PIM roles": "publisher roles orders --pim",
    "request": "publisher request orders --role Contributor --duration 2h --dry-run",
    "activate": "publisher request orders --pim --role Contributor --dry-run",
    "extend": "publisher extend NAME --by 1h --dry-run",
    "own": "publisher show orders",
    "cancel": "publisher cancel NAME --dry-run",
    "cancel PIM": "publisher cancel orders --pim --dry-run",
    "check": "publisher check shop-eu/shop",
    "offer": "publisher offer check --offer fabrikam-orders --plan standard",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_sign_in_that_ends_at_any_read_ends_the_command(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    name = cli.file("orders")
    if command.startswith("publisher cancel orders --pim"):
        active = ("--pim", "--role", MACHINES, "--reason", "x", "--ticket", "1")
        assert cli("publisher", "request", "orders", *active).code == 0
    if command.startswith("publisher extend"):
        cli.approve(name)
    argv = [name if word == "NAME" else word for word in command.split()]
    wire = Wire(monkeypatch, everywhere=True)
    whole = cli(*argv, "-o", "json")
    reads, left = len(wire.sent), 0

    def act(proceed: Proceed) -> Response:
        nonlocal left
        left -= 1
        return proceed() if left >= 0 else REFUSED(proceed)

    wire.on("GET", "/roleDefinitions", lambda proceed: proceed(), times=100_000)
    parts = ("/subscriptions", "/providers/Microsoft.", "/v1.0/ingestion/")
    for part, method in product(parts, ("GET", "POST")):
        wire.on(method, part, act, times=100_000)
    codes = []
    for left_before in range(reads):
        left = left_before
        done = cli(*argv, "-o", "json")
        codes.append(done.code)

        assert done.code == Exit.NOT_ALLOWED or done.out == whole.out, done.err

    assert Exit.NOT_ALLOWED in codes
