"""Runs one command line: parses, dispatches, and turns errors into a line and an exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from itertools import takewhile
from typing import TYPE_CHECKING

from azjit import __version__

if TYPE_CHECKING:
    from azjit.errors import AzjitError
    from azjit.process import Process


def run(argv: Sequence[str], process: Process) -> int:
    """Run one command in a process and give its exit code; raises nothing but SystemExit."""
    from azjit.errors import AzjitError, Exit, Failed, Interrupted
    from azjit.output.render.streams import ReaderGone, cleaned, outlet
    from azjit.redaction import Secrets

    secrets = Secrets()
    process = process._replace(
        stdout=outlet(process.stdout, secrets.without_known),
        stderr=cleaned(process.stderr, secrets.clean),
        hide=secrets.add,
        clean=secrets.clean,
    )
    try:
        code = _dispatch(argv, process)
        process.stdout.flush()
    except AzjitError as error:
        shown = error
        _tell(process, lambda: _say(shown, process))
        return int(error.exit)
    except KeyboardInterrupt as cut:
        _tell(process, lambda: process.stderr.write("\nazjit: interrupted\n"))
        return int(cut.exit if isinstance(cut, Interrupted) else Exit.INTERRUPTED)
    except ReaderGone:
        return int(Exit.DONE)
    except BrokenPipeError:
        # The pipe is stderr's: the command stops, because the user cannot see its warnings.
        _tell(process, lambda: _say(Failed("stderr is closed"), process))
        return int(Exit.FAILED)
    except Exception as error:  # noqa: BLE001 - a bug becomes one line; --debug shows the traceback
        stray = error
        _tell(process, lambda: _say_stray(stray, argv, process))
        return int(Exit.FAILED)
    return code


def _dispatch(argv: Sequence[str], process: Process) -> int:
    from typer import Exit as Ended

    # typer's own click: it is vendored and has no public name for its errors.
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    from azjit.cli.app import command_tree
    from azjit.cli.words import meant_words, own_words, plain_words
    from azjit.complete.engine import CommandLine
    from azjit.errors import Exit

    own, others = own_words(argv)
    argv = [*meant_words(plain_words(own)), *others]
    if argv == ["--version"]:
        process.stdout.write(f"azjit {__version__}\n")
        return int(Exit.DONE)
    # A group lists all its commands in its help: a word after --help is not the called command.
    named = list(takewhile(lambda word: word not in {"-h", "--help"}, argv))
    words = CommandLine(named).path.split() or [""]
    # Declaring the common options twice more takes 2 ms, which only options before a command need.
    command = command_tree(*words[:2], options_first=named[: len(words)] != words)
    try:
        # typer's main() would exit if a pipe is closed. Its help goes to sys.stdout.
        with (
            redirect_stdout(process.stdout),
            command.make_context("azjit", argv, obj=process) as context,
        ):
            command.invoke(context)
    except Ended as done:
        return int(done.exit_code)
    except NoArgsIsHelpError as help_page:
        process.stdout.write(f"{help_page.format_message()}\n")
        return int(Exit.USAGE)
    except ClickException as error:
        from azjit.cli.usage_errors import usage_of

        raise usage_of(error) from error
    return int(Exit.DONE)


def _tell(process: Process, write: Callable[[], object]) -> None:
    """Write to stderr; if it is closed, only the exit code tells the failure."""
    try:
        write()
        process.stderr.flush()
    except OSError:
        from azjit.output.render.streams import let_go

        let_go(process.stderr)


def _say(error: AzjitError, process: Process) -> None:
    from azjit.console import stderr_notes

    stderr_notes(process).error(error)


def _say_stray(error: Exception, argv: Sequence[str], process: Process) -> None:
    """Say an error that no module expects: the system's with its file, any other as a bug."""
    if "--debug" in argv or process.environ.get("AZJIT_DEBUG"):
        import traceback

        traceback.print_exception(error, file=process.stderr)
    from azjit.errors import Failed

    is_of_network = isinstance(error, (ConnectionError, TimeoutError))
    if isinstance(error, OSError) and error.errno is not None and not is_of_network:
        where = f"{error.filename}: " if error.filename else ""
        hint = "check its permissions and its disk; --state-dir DIR moves azjit's own files"
        _say(Failed(f"{where}{error.strerror or error}", hint=hint), process)
        return
    text = " ".join(str(error).split())[:300]
    hint = "this is a bug in azjit: run it again with --debug and report the output"
    _say(Failed(f"unexpected {type(error).__name__}: {text}", hint=hint), process)
