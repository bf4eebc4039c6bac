"""The entry point, and the only place that exits."""

from __future__ import annotations

import os
import sys

from azjit import __version__

# Completion must start fast: importing `typing` alone takes as long as starting Python.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OBJECTS_BEFORE_COLLECTION = 150_000
# A process that a signal ends exits with this and the signal's number.
_SIGNALS = 128


def start() -> None:
    """Run the command line as a process, and end it at once unless exit handlers must run."""
    import atexit

    codes: list[int] = []
    atexit.register(_end, codes)  # registered first, so called last
    try:
        main()
    except SystemExit as ended:
        codes.append(int(ended.code or 0))
        raise
    codes.append(0)


def _end(codes: list[int]) -> None:
    """End the process without unloading all modules, which takes 10 ms.

    Threads have ended and other exit functions have run. A tracer or profiler writes its report
    later, so it gets the long way.
    """
    if codes and sys.gettrace() is None and sys.getprofile() is None:
        _leave(codes[0])


def _leave(code: int) -> None:
    """End this process at once, without waiting for its threads."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


def main() -> None:
    """Run the command line of this process and exit with its code."""
    argv = sys.argv[1:]
    # Answered before anything else is loaded.
    if argv == ["--version"] and _is_written(f"azjit {__version__}\n"):
        return
    if argv[:1] == ["__complete"]:
        _complete(argv[1:])
        return
    from azjit.help_pages import page_of

    page, code = page_of(argv, os.environ)  # noqa: TID251 - real_process costs more than the page
    if page and _is_written(page):
        sys.exit(code)
    _collect_garbage_rarely()
    code = _run(argv)
    if code > _SIGNALS:
        _leave(code)  # a thread may wait for an answer still, and nobody waits for it
    sys.exit(code)


def _run(argv: Sequence[str]) -> int:
    from azjit.errors import Exit, Interrupted

    try:
        _end_on_signals(Interrupted)
        from azjit.cli.run import run
        from azjit.process import real_process

        return run(argv, real_process())
    except KeyboardInterrupt as cut:  # before the command began, or while it told its end
        return int(cut.exit if isinstance(cut, Interrupted) else Exit.INTERRUPTED)


def _end_on_signals(interrupt: Callable[[int], BaseException]) -> None:
    """Let a plain `kill`, and the end of the terminal, end a command as Ctrl-C does, once.

    A signal that is ignored stays so, as under nohup.
    """
    import signal

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    heeded = [each for each in numbers if signal.getsignal(each) is signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
        raise interrupt(number)

    for each in heeded:
        signal.signal(each, end)


def _collect_garbage_rarely() -> None:
    """Spare a short process most collections: they walk all modules and took a third of its time.

    At the exit, when the memory is given back anyway, nothing is collected at all.
    """
    import atexit
    import gc

    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, 20, 20)
    atexit.register(gc.freeze)


def _is_written(text: str) -> bool:
    if sys.stdout is None:
        return False
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:  # cli/run.py handles it
        return False
    return True


def _complete(argv: Sequence[str]) -> None:
    """Answer a shell's completion; an error must never print anything into the typed line."""
    from azjit.complete.answer import answer

    try:
        told = answer(argv, os.environ)  # noqa: TID251 - real_process costs more than the answer
        sys.stdout.buffer.write(told.encode("utf-8", "replace"))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - no completion is better than a traceback
        return


if __name__ == "__main__":
    start()
