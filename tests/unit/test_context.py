"""The context makes its clients and stores on first use, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azjit.azure.clouds import NAMED, Cloud
from azjit.azure.connection import once
from azjit.cli.runtime import Runtime
from azjit.console import Console
from azjit.context import Context, Side
from azjit.domain.access import Caller
from azjit.domain.ids import PrincipalId
from azjit.errors import Refused
from azjit.process import Process
from azjit.services.configuring.contexts import resolve_settings
from azjit.services.reconcile import settle_receipts
from behind import Wire
from harness import Cli, Stream

OTHER = "99999999-9999-4999-8999-999999999999"
PROPERTIES = sorted(
    name
    for kind in Context.__mro__
    for name, value in vars(kind).items()
    if isinstance(value, once | property) and name != "side"
)


@pytest.fixture
def cut_short(cli: Cli) -> Cli:
    """A state directory with an approval that was interrupted after Azure had acted."""
    name = cli.file("orders")
    with pytest.MonkeyPatch.context() as patch:
        wire = Wire(patch)

        def interrupt(proceed: Any) -> Any:
            proceed()
            raise KeyboardInterrupt

        wire.on("POST", "/updateAccess", interrupt, times=1)
        cli("consumer", "approve", name, "--reason", "agreed")
    assert cli.receipts()[-1]["kind"] == "intent"
    return cli


@pytest.fixture
def process(cli: Cli) -> Process:
    return Process(
        stdin=Stream(),
        stdout=Stream(),
        stderr=Stream(),
        environ={"AZJIT_STATE_DIR": str(cli.state), **cli.transport, "AZJIT_AS": "bob"},
        now=cli.clock.now,
        new_id=cli.ids,
        sleep=cli.clock.sleep,
        width=lambda: 80,
    )


def context_of(process: Process, **flags: object) -> Context:
    settings = resolve_settings(flags, process.environ)
    return Context(settings, process, Console(settings, process).notes, Side.CONSUMER)


@pytest.fixture
def context(process: Process) -> Iterator[Context]:
    context = context_of(process)
    yield context
    context.close()


def test_touching_a_property_writes_sends_and_says_nothing(
    cut_short: Cli, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch, everywhere=True)

    for name in PROPERTIES:
        before = files_of(cut_short.state)
        context = context_of(process)

        getattr(context, name)

        assert (name, wire.sent) == (name, [])
        assert (name, process.stderr.getvalue()) == (name, "")  # type: ignore[attr-defined]
        assert (name, files_of(cut_short.state)) == (name, before)
        context.close()


def files_of(state: Path) -> dict[str, bytes]:
    """What is on the disk, but for the world of the sandbox."""
    return {
        path.name: path.read_bytes()
        for path in state.rglob("*")
        if path.is_file() and "world.sqlite" not in path.name
    }


def test_receipts_are_settled_by_name(cut_short: Cli, context: Context) -> None:
    settle_receipts(context)

    assert cut_short.receipts()[-1]["outcome"] == "confirmed"


@pytest.mark.parametrize("client", ["arm", "solutions", "graph", "partner_center", "caller"])
def test_no_client_is_made_for_another_tenant(process: Process, client: str) -> None:
    context = context_of(process, expect_tenant=OTHER)

    with pytest.raises(Refused, match="--expect-tenant"):
        getattr(context, client)

    context.close()


def test_a_service_is_made_once(context: Context) -> None:
    assert context.service(Remembering) is context.service(Remembering)


class Remembering:
    def __init__(self, context: Context) -> None:
        self.context = context


def test_another_side_is_another_person(process: Process) -> None:
    environ = {key: value for key, value in process.environ.items() if key != "AZJIT_AS"}
    process = process._replace(environ=environ)
    settings = resolve_settings({}, environ)
    notes = Console(settings, process).notes

    contexts = [Context(settings, process, notes, side) for side in Side]
    names = [context.caller.name for context in contexts]
    for context in contexts:
        context.close()

    assert names == ["alice@fabrikam.example", "bob@contoso.example"]


@pytest.mark.parametrize(
    ("cloud", "told"),
    [
        (NAMED["public"], "(user, tenant t)"),
        (NAMED["china"], "(user, tenant t, cloud AzureChinaCloud)"),
        (
            NAMED["public"]._replace(name="Own", arm="https://arm.own.example"),
            "(user, tenant t, cloud Own at arm.own.example)",
        ),
    ],
)
def test_who_acts_is_said_with_the_cloud_unless_it_is_the_public_one(
    process: Process, cloud: Cloud, told: str
) -> None:
    stderr = Stream()
    settings = resolve_settings({}, process.environ)
    runtime = Runtime(settings, process._replace(stderr=stderr), "consumer")
    caller = Caller(PrincipalId(OTHER), "bob", "user", "t", None)
    runtime.context.__dict__.update(cloud=cloud, caller=caller)

    runtime.acting_as()

    assert stderr.getvalue() == f"acting as bob {told}\n"
