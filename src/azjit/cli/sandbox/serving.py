"""`azjit sandbox serve` and `env`: the sandbox as a server for other clients."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.cli.sandbox.usage import as_usage
from azjit.errors import Failed, NotFound
from azjit.output.results.sandbox import environment_view

group = typer.Typer()

_HOST, _PORT = "127.0.0.1", 8443
_CALLER = "contoso-ci"


@command(group, "serve", example="azjit sandbox serve --port 8443")
def serve(
    rt: Runtime,
    port: Annotated[
        int, typer.Option(metavar="N", help="port, or 0 for any free one; default 8443")
    ] = _PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="a loopback address; default 127.0.0.1")
    ] = _HOST,
) -> None:
    """Serve the sandbox to other clients over HTTPS on loopback, until Ctrl-C."""
    # Only this command serves.
    from azjit.sandbox.transports.certificates import write  # noqa: PLC0415
    from azjit.sandbox.transports.server import SandboxServer  # noqa: PLC0415

    folder = rt.sandbox.path.parent
    try:
        with as_usage("azjit sandbox serve --help"):
            server = SandboxServer(rt.sandbox.world, port, directory=folder, host=host)
    except OSError as error:
        raise Failed(
            f"port {port} cannot be used: {error.strerror}", hint="choose another port, or --port 0"
        ) from error
    note = folder / "server.json"
    write(note, json.dumps({"url": server.url, "ca": str(server.ca_file)}).encode())
    rt.notes.say(f"serving {server.url} until Ctrl-C; nothing here is real")
    rt.notes.say('in another shell: eval "$(azjit sandbox env)"')
    # A plain `kill` ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        rt.notes.say("stopped")
    finally:
        note.unlink(missing_ok=True)
        with suppress(OSError):
            server.stop()


@command(group, "env", example="azjit sandbox env --as contoso-ci")
def env(
    rt: Runtime,
    sign_in: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="secret, certificate, federated, managed-identity, github or pipelines;"
            " default secret",
        ),
    ] = "secret",
) -> None:
    """Print the environment variables that point other clients at a served sandbox."""
    from azjit.sandbox.transports.workloads import environment  # noqa: PLC0415 - only this command needs it

    url, ca_file = _served(rt.sandbox.path.parent)
    person = rt.sandbox.inhabitant(rt.settings.person or _CALLER)
    if person.app_id is None:
        variables = {
            "AZJIT_CLOUD": url,
            "AZJIT_AS": person.alias,
            "REQUESTS_CA_BUNDLE": str(ca_file),
            "SSL_CERT_FILE": str(ca_file),
        }
    else:
        with as_usage("azjit sandbox env --help"):
            variables = environment(rt.sandbox.world, url, ca_file, person, sign_in)
    rt.show(environment_view(variables), rt.console.form_for_shell)


def _served(folder: Path) -> tuple[str, Path]:
    try:
        server = json.loads((folder / "server.json").read_text())
        return str(server["url"]), Path(str(server["ca"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotFound(
            "no sandbox is being served", hint="in another shell: azjit sandbox serve"
        ) from error
