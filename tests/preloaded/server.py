"""Loads all of azjit, then answers each client with a fork that runs the client's command.

Called as `server.py FOLDER`, where the socket will be; it says `ready` on stdout.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
import traceback
from typing import TextIO

import azjit


def load() -> None:
    for module in pkgutil.walk_packages(azjit.__path__, "azjit."):
        importlib.import_module(module.name)


def serve(listener: socket.socket) -> None:
    """Fork for each client; returns in the forks only."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:  # the end of the tests, however they end
            os.killpg(0, signal.SIGKILL)
        client, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(client)
            return
        client.close()


def run(client: socket.socket) -> None:
    """Become the client's process, as far as azjit can tell, and tell it the exit code."""
    head, streams, _, _ = socket.recv_fds(client, 4, 3)
    argv, environ, folder = json.loads(read(client, int.from_bytes(head, "big")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = ["azjit", *argv]
    sys.stdin = reopened(0, sys.stdin)
    sys.stdout = reopened(1, sys.stdout)
    sys.stderr = reopened(2, sys.stderr)
    client.sendall(os.getpid().to_bytes(4, "big"))
    client.sendall(bytes([code_of_main()]))


def read(client: socket.socket, size: int) -> bytes:
    told = b""
    while len(told) < size:
        told += client.recv(size - len(told))
    return told


def reopened(number: int, old: TextIO) -> TextIO:
    """A stream over another file, as Python opens its own."""
    return open(
        number,
        old.mode,
        buffering=1 if os.isatty(number) or number == 2 else -1,
        encoding=old.encoding,
        errors=old.errors,
        closefd=False,
    )


def code_of_main() -> int:
    try:
        importlib.import_module("azjit.__main__").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself does at the end
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


os.chdir(sys.argv[1])
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind("socket")
    listener.listen(128)
    load()
    gc.freeze()  # what the collector does not touch, a fork need not copy
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    serve(listener)
