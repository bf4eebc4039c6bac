"""The command tree."""

from __future__ import annotations

import typer

from azjit.cli import config, consumer, definition, offer, package, publisher, sandbox, topics
from azjit.cli.demo import demo
from azjit.cli.schema import schema

app = typer.Typer(
    name="azjit",
    help="Just-in-time access for Azure Managed Applications, from the terminal.",
    epilog="Start here: azjit demo. Without an account: add --sandbox to any command.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    *, version: bool = typer.Option(False, "--version", help="Show the version and exit.")
) -> None:
    """Just-in-time access for Azure Managed Applications, from the terminal."""
    del version  # answered in __main__ before typer is loaded


publisher.group.add_typer(definition.group)
publisher.group.add_typer(package.group, name="package", no_args_is_help=True)
publisher.group.add_typer(offer.group, name="offer", no_args_is_help=True)
for _name, _group in (
    ("publisher", publisher.group),
    ("consumer", consumer.group),
    ("sandbox", sandbox.group),
    ("config", config.group),
):
    app.add_typer(_group, name=_name, no_args_is_help=True)
app.command("demo", short_help="Tell the whole story on the sandbox, in ten seconds.")(demo)
app.command("schema", short_help="Print the JSON Schema of every result.")(schema)
app.command("help", short_help="Explain options, exit codes, or the environment.")(topics.topic)
