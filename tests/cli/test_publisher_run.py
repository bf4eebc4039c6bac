"""`publisher run`: a command runs while its access is there, and all of it passes through."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from azjit.errors import Interrupted
from azjit.sandbox.core import Response
from azjit.services.requesting import child as children
from azjit.services.requesting import run as running
from behind import Wire, fails
from harness import Cli, Result

NAME = "0f8fad5b-d9cb-469f-a165-70867728950e"
needs_posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


def worked(cli: Cli, code: str, *more: str, app: str = "reports", **kwargs: Any) -> Result:
    """Run Python code with access."""
    asked = ("publisher", "run", app, "--role", "Contributor", "--name", NAME, *more)
    return cli(*asked, "--", sys.executable, "-c", code, **kwargs)


def names(cli: Cli) -> set[str]:
    return {each["name"] for each in cli.world.describe()["requests"]}


def test_a_command_gets_the_environment_and_its_code_comes_back(both: Cli, tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import os, sys; open(sys.argv[1], 'w').write(repr((dict(os.environ), sys.argv[2:])));"
        "sys.exit(42)"
    )
    asked = ("publisher", "run", "reports", "--role", "Contributor", "--for", "2h")
    words = (sys.executable, "-c", code, str(told), " a ", "--help", "--verbose", "-o", "\u200b")

    done = both(*asked, "--name", NAME, "--", *words, environ={"MINE": "x"})

    environ, argv = eval(told.read_text())
    assert (done.code, done.out) == (42, "")
    assert argv == [" a ", "--help", "--verbose", "-o", "\u200b"]
    assert environ.pop("AZJIT_REQUEST") == NAME
    assert environ.pop("AZJIT_ACCESS_END") == "2026-03-02T11:00:00Z"
    assert environ["MINE"] == "x"
    assert not [value for value in environ.values() if value.startswith("ey")]
    known = {"AZJIT_STATE_DIR", "AZJIT_CONFIG_DIR", "AZJIT_AS", "TZ", "NO_COLOR", "MINE"}
    of_the_system = {"LC_CTYPE", "__CF_USER_TEXT_ENCODING", "SYSTEMROOT"}
    assert set(environ) - known - set(both.transport) <= of_the_system
    assert f"{sys.executable} ended with code 42\n" in done.err
    assert f"to give it back: azjit publisher cancel {NAME}\n" in done.err


def test_it_starts_only_when_the_role_is_effective(cli: Cli, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def approve() -> None:
        cli.clock.while_sleeping = None
        assert not mark.exists()
        cli.approve(NAME)

    cli.clock.while_sleeping = approve

    done = worked(cli, f"open({str(mark)!r}, 'w')", app="orders")

    assert (done.code, mark.exists()) == (0, True), done.err
    assert "orders can be decided by" in done.err


# What happens to the request, and the code.
NEVER = {
    "denied": (lambda cli: cli("consumer", "deny", NAME, "--reason", "no"), 5),
    "interrupted": (None, 130),
    "terminated": (None, 143),
    "time is over": (lambda _: None, 8),
}


@pytest.mark.parametrize("fate", NEVER)
def test_a_command_that_never_started_leaves_no_pending_request(cli: Cli, fate: str) -> None:
    act, code = NEVER[fate]

    def happen() -> None:
        cli.clock.while_sleeping = None
        if act is None:
            raise KeyboardInterrupt if code == 130 else Interrupted(signal.SIGTERM)
        act(cli)

    cli.clock.while_sleeping = happen

    done = worked(cli, "raise SystemExit(77)", "--timeout", "10m", app="orders")

    assert done.code == code, done.err
    assert f"{sys.executable} was not started\n" in done.err
    assert (NAME in names(cli)) is (fate == "denied")
    assert (f"request {NAME} is withdrawn" in done.err) is (fate != "denied")
    assert "azjit publisher wait" not in done.err


def test_a_request_of_an_earlier_command_stays(cli: Cli) -> None:
    cli.file("orders", "--name", NAME)

    done = worked(cli, "raise SystemExit(77)", "--timeout", "10s", app="orders")

    assert (done.code, NAME in names(cli)) == (8, True)
    assert f"request {NAME} was there before, and stays as it is\n" in done.err


def test_one_that_was_approved_and_is_not_active_in_time_stays(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/roleAssignments", lambda _: Response(200, {}, b'{"value": []}'))

    done = worked(cli, "raise SystemExit(77)", "--timeout", "2m")

    assert (done.code, NAME in names(cli)) == (8, True)
    assert f"request {NAME} is approved, and stays\n" in done.err
    assert f"azjit publisher cancel {NAME}\n" in done.err


def test_a_withdrawal_that_fails_is_told(cli: Cli, wire: Wire) -> None:
    wire.on("DELETE", "/jitRequests/", fails(403, "AuthorizationFailed"))

    done = worked(cli, "raise SystemExit(77)", "--timeout", "10s", app="orders")

    assert done.code == 8
    assert f"request {NAME} could not be withdrawn: " in done.err


def test_a_request_that_was_refused_leaves_nothing_to_withdraw(cli: Cli, wire: Wire) -> None:
    wire.on("PUT", "/jitRequests/", fails(403, "AuthorizationFailed"))

    done = worked(cli, "raise SystemExit(77)")

    assert (done.code, "could not be withdrawn" in done.err) == (4, False)


def test_what_cannot_be_run_is_told_before_anything_is_sent(cli: Cli, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    asked = ("publisher", "run", "reports", "--role", "Contributor", "--")
    before = names(cli)

    missing = cli(*asked, "no-such-command")
    directory = cli(*asked, str(tmp_path))
    no_program = cli(*asked, str(plain))

    assert (missing.code, missing.error) == (127, "no-such-command was not found; nothing was sent")
    assert (directory.code, no_program.code, names(cli)) == (126, 126, before)
    assert "not executable; nothing was sent" in no_program.err


@needs_posix
@pytest.mark.parametrize(
    ("text", "code"), [("#!/no/such/interpreter\n", 127), ("\0\1\2", 126), ("#!/\n", 126)]
)
def test_what_the_system_cannot_start_is_told(
    cli: Cli, tmp_path: Path, text: str, code: int
) -> None:
    program = tmp_path / "program"
    program.write_text(text)
    program.chmod(0o755)

    done = cli("publisher", "run", "reports", "--role", "Contributor", "--", str(program))

    assert done.code == code
    assert f"{program} was not started: " in done.err
    assert "to give it back: " in done.err


def test_a_dry_run_shows_the_call_and_starts_nothing(cli: Cli, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')"
    before = names(cli)

    (call,) = worked(cli, code, "--dry-run", "-o", "json").json
    untouched = names(cli) == before
    cli.file("reports", "--name", NAME)
    there = worked(cli, code, "--dry-run", "-o", "json")

    assert (call["method"], untouched, mark.exists()) == ("PUT", True, False)
    assert (there.code, there.out) == (0, "")
    assert "the command was not started" in there.err


def test_odd_options_are_refused(cli: Cli) -> None:
    assert worked(cli, "", "--for", "soon").code == 2
    assert cli("publisher", "run", "reports", "--role", "Contributor").code == 2


ENDING = "import os, signal, time; open({mark!r}, 'w').close(); time.sleep({seconds})"


def at_the_end(cli: Cli, patch: pytest.MonkeyPatch, mark: Path) -> None:
    """Let the access end when the command has started."""
    plain = cli.clock.now

    def now() -> Any:
        if mark.exists() and cli.clock.slept[-1:] != [3600.0]:
            cli.clock.sleep(3600.0)
        return plain()

    patch.setattr(cli.clock, "now", now)
    patch.setattr(running, "_LOOKS_EVERY", 0.02)


def test_ten_minutes_before_the_end_a_warning_is_said_and_a_line_run(
    cli: Cli, tmp_path: Path
) -> None:
    file = str(tmp_path / "told")
    line = f"echo $AZJIT_REQUEST > {file}"
    code = f"import os, time\nwhile not os.path.exists({file!r}): time.sleep(0.01)"

    done = worked(cli, code, "--for", "10m", "--on-warning", line)

    assert (done.code, Path(file).read_text().strip()) == (0, NAME), done.err
    assert "warning: the access ends in 9 min, at 2026-03-02 09:10 UTC; " in done.err
    assert f"{sys.executable} is not stopped\n" in done.err


@pytest.mark.parametrize("kill", [False, True])
def test_at_the_end_a_command_is_stopped_only_if_asked(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kill: bool,  # noqa: FBT001 a row
) -> None:
    mark = tmp_path / "mark"
    at_the_end(cli, monkeypatch, mark)
    code = ENDING.format(mark=str(mark), seconds=60 if kill else 0.2)

    done = worked(cli, code, *(["--kill-at-end"] if kill else []))

    stopped = 143 if os.name != "nt" else 1
    assert done.code == (stopped if kill else 0), done.err
    assert f"{sys.executable} {'is stopped' if kill else 'goes on'}\n" in done.err
    assert f"the access of request {NAME} has ended by the clock\n" in done.err


COUNTS = """
import os, signal, sys, time
seen = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, lambda number, _: seen.append(number))
os.kill(os.getppid(), int(sys.argv[1]))
until = time.monotonic() + 20
while not seen and time.monotonic() < until:
    time.sleep(0.005)
time.sleep(0.1)
sys.exit(100 + len(seen) if set(seen) == {int(sys.argv[1])} else 1)
"""


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGUSR1", 0)])
def test_a_signal_reaches_the_command_once(cli: Cli, number: int) -> None:
    before = signal.getsignal(number)
    asked = ("publisher", "run", "reports", "--role", "Contributor", "--")

    done = cli(*asked, sys.executable, "-c", COUNTS, str(int(number)))

    assert done.code == 101, done.err
    assert signal.getsignal(number) is before


@needs_posix
def test_a_command_that_a_signal_ended_exits_as_in_a_shell(cli: Cli) -> None:
    done = worked(cli, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")

    assert done.code == 137


@needs_posix
def test_a_command_that_goes_on_after_sigterm_is_killed_at_the_end(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    at_the_end(cli, monkeypatch, mark)
    monkeypatch.setattr(children, "_GRACE_SECONDS", 0.1)
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {ENDING}"

    done = worked(cli, deaf.format(mark=str(mark), seconds=60), "--kill-at-end")

    assert done.code == 137, done.err


@needs_posix
def test_a_signal_before_the_start_is_passed_on_after_it() -> None:
    child = children.Child(at_terminal=True)

    with child._passing():
        signal.raise_signal(signal.SIGTERM)
        with child.started([sys.executable, "-c", "import time; time.sleep(60)"], {}):
            code = child.wait(20)

    assert code == 143


@needs_posix
@pytest.mark.parametrize("of_ours", [True, False])
def test_only_a_foreground_command_leaves_signals_to_its_terminal(
    monkeypatch: pytest.MonkeyPatch,
    of_ours: bool,  # noqa: FBT001 a row
) -> None:
    ours, other = pytest.importorskip("pty").openpty()
    monkeypatch.setattr(children.os, "open", lambda *_: other)
    if of_ours:
        monkeypatch.setattr(children.os, "tcgetpgrp", lambda _: os.getpgrp())

    assert children._is_foreground() is of_ours
    os.close(ours)
