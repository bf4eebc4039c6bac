"""Runs one command line: parses, dispatches, and turns errors into a line and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from azjit import __version__

if TYPE_CHECKING:
    from azjit.process import Process


def run(argv: Sequence[str], process: Process) -> int:
    """Run one command in a process and give its exit code; nothing but an exit is raised."""
    from azjit.errors import AzjitError, Exit

    try:
        return _dispatch(argv, process)
    except AzjitError as error:
        _say(error, process)
        return int(error.exit)
    except KeyboardInterrupt:
        process.stderr.write("\nazjit: interrupted\n")
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of stdout has gone; what is still buffered must not complain at exit.
        _drop_stdout(process)
        return int(Exit.DONE)
    except Exception as error:  # noqa: BLE001 - a bug of ours is a line too; --debug shows all
        _say_bug(error, argv, process)
        return int(Exit.FAILED)


def _dispatch(argv: Sequence[str], process: Process) -> int:
    # typer's own click: it is vendored and has no public name for its errors.
    from typer._click.exceptions import ClickException, NoArgsIsHelpError
    from typer.main import get_command

    from azjit.cli.app import tree
    from azjit.errors import Exit, Usage

    if list(argv) == ["--version"]:
        process.stdout.write(f"azjit {__version__}\n")
        return int(Exit.DONE)
    try:
        words = [word for word in argv if not word.startswith("-")]
        app = tree(*(words[:2] if words else [""]))
        code = get_command(app).main(
            args=list(argv), prog_name="azjit", standalone_mode=False, obj=process
        )
    except NoArgsIsHelpError as help_page:
        process.stdout.write(f"{help_page.format_message()}\n")
        return int(Exit.USAGE)
    except ClickException as error:
        raise Usage(_lower(error.format_message()), hint=_help_for(error)) from error
    return code if isinstance(code, int) else int(Exit.DONE)


def _say(error: object, process: Process) -> None:
    from azjit.errors import AzjitError
    from azjit.output.notes import Notes
    from azjit.output.roles import wants_color

    assert isinstance(error, AzjitError)
    is_terminal = process.stderr.isatty()
    color = wants_color(process.environ, is_terminal=is_terminal)
    Notes(process.stderr, is_terminal=is_terminal, color=color, width=process.width()).error(error)


def _say_bug(error: Exception, argv: Sequence[str], process: Process) -> None:
    if "--debug" in argv or process.environ.get("AZJIT_DEBUG"):
        import traceback

        traceback.print_exception(error, file=process.stderr)
    told = " ".join(str(error).split())[:300]
    hint = "this is a bug in azjit: run it again with --debug and report what it says"
    from azjit.errors import Failed

    _say(Failed(f"unexpected {type(error).__name__}: {told}", hint=hint), process)


def _lower(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _help_for(error: object) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "azjit"
    return f"see: {path} --help"


def _drop_stdout(process: Process) -> None:
    import os

    try:
        handle = process.stdout.fileno()
    except (OSError, ValueError):
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), handle)
