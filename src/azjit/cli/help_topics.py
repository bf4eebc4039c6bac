"""`azjit help TOPIC`: options, sign-in, exit codes and environment variables."""

from __future__ import annotations

from typing import Annotated

import typer

from azjit.cli.command import command
from azjit.cli.runtime import Runtime
from azjit.errors import Exit, Usage, meant
from azjit.options import ALL, OPTIONS

group = typer.Typer()

EXIT_CODES = {
    Exit.DONE: "success, also when nothing was found",
    Exit.FAILED: "any other failure",
    Exit.USAGE: "wrong usage; nothing was sent",
    Exit.NOT_FOUND: "no such application, request or role",
    Exit.NOT_ALLOWED: "not signed in, or not allowed",
    Exit.REFUSED: "refused: denied, expired, or against the policy",
    Exit.UNAVAILABLE: "Azure unreachable, throttling or failing; try later",
    Exit.PARTLY: "partly done: some items of a batch failed, or a part of a list is missing",
    Exit.PENDING: "still pending when the wait ended",
    Exit.UNCONFIRMED: "sent, but Azure does not show the change yet",
    Exit.HUNG_UP: "interrupted by SIGHUP",
    Exit.INTERRUPTED: "interrupted by Ctrl-C; stderr lists the changes that no read confirms yet",
    Exit.TERMINATED: "interrupted by SIGTERM",
}
_LONGEST_NAME = 30
SIGN_IN = {
    "workload": "the federated token in AZURE_FEDERATED_TOKEN_FILE, with AZURE_CLIENT_ID",
    "github": "GitHub Actions: AZURE_CLIENT_ID, AZURE_TENANT_ID, permission id-token: write",
    "pipelines": "Azure Pipelines: SYSTEM_ACCESSTOKEN and the variables of the service connection",
    "env": "AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret or a certificate",
    "managed": "the managed identity of the machine, if IDENTITY_ENDPOINT is set",
    "cli": "the login of the Azure CLI",
    "secret": "like env, but only with AZURE_CLIENT_SECRET",
    "certificate": "like env, but only with AZURE_CLIENT_CERTIFICATE_PATH",
    "browser": "interactively in the browser, in each command",
    "device": "interactively with a device code, in each command",
}
_ENVIRONMENT = {
    "AZJIT_CONFIG_DIR": "directory of config.toml, the file of azjit config",
    "AZJIT_REQUEST, AZJIT_ACCESS_END": (
        "given to the command of azjit publisher run: its request, and when its access ends"
    ),
    "AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_SECRET": "service principal to sign in as",
    "AZURE_CLIENT_CERTIFICATE_PATH": "certificate of the service principal, instead of a secret",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": "password of the certificate, if it has one",
    "AZURE_FEDERATED_TOKEN_FILE": "federated token of a workload, instead of a secret",
    "ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN, GITHUB_ACTIONS": (
        "set by GitHub Actions: the endpoint that gives a job its token"
    ),
    "SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN": (
        "set by Azure Pipelines: the same; pass the second one to the script with env"
    ),
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "set by the task AzureCLI: its service connection",
    "AZURESUBSCRIPTION_CLIENT_ID, AZURESUBSCRIPTION_TENANT_ID": (
        "set by the task AzureCLI: client and tenant of the service connection"
    ),
    "AZURE_CONFIG_DIR, AZURE_CLOUD_NAME": "directory and cloud of the Azure CLI",
    "XDG_RUNTIME_DIR": "directory of access tokens on Linux; it must be private and in memory",
    "CI, TF_BUILD": "set by pipelines, as GITHUB_ACTIONS is: no access token is kept",
    "IDENTITY_ENDPOINT, MSI_ENDPOINT": "set on machines with a managed identity",
    "IDENTITY_HEADER, MSI_SECRET": "the same: what proves that a call comes from the machine",
    "HTTPS_PROXY, ALL_PROXY, NO_PROXY": "the proxy, and the hosts that bypass it",
    "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE": (
        "certificates of a private authority, as a file or directory; the first one that is set"
        " is used"
    ),
    "NO_COLOR, FORCE_COLOR": "no colour; colour even in a pipe",
    "TERM": "dumb: no colour",
    "COLUMNS": "the width of tables on a terminal",
    "TZ": "the time zone, by its name or its rules, unless --timezone is set",
    "HOME, XDG_STATE_HOME, XDG_CONFIG_HOME": (
        "base directories of the receipts and config.toml on Linux, unless AZJIT_STATE_DIR and"
        " AZJIT_CONFIG_DIR are set"
    ),
    "XDG_DATA_HOME, BASH_COMPLETION_USER_DIR, ZDOTDIR": (
        "base directories for azjit completion install"
    ),
}


@command(group, "help", side="here", lenient=True, example="azjit help exit-codes")
def topic(
    rt: Runtime,
    name: Annotated[
        str,
        typer.Argument(
            metavar="TOPIC", help="options, sign-in, exit-codes or environment; default options"
        ),
    ] = "options",
) -> None:
    """Explain what applies to every command: options, sign-in, exit codes or environment."""
    if name not in PAGES:
        raise Usage(f"no help on {name!r}", hint=f"{meant(name, PAGES)}one of: {', '.join(PAGES)}")
    head, rows, tail = PAGES[name]
    if rt.console.is_page:
        rt.process.stdout.write(f"{head}\n\n{_table(rows())}{tail}")
        return
    from azjit.output.results.about import topic_view  # noqa: PLC0415 - the page needs no view

    rt.show(topic_view((left.strip(), right) for left, right in rows()))


def _options() -> list[tuple[str, str]]:
    rows = []
    for option in OPTIONS:
        short = f"-{option.short}, " if option.short else "    "
        metavar = f" {option.metavar}" if option.metavar else ""
        default = f"; default {option.default}" if option.default else ""
        rows.append((f"{short}{option.flag}{metavar}", f"{option.help}{default}"))
    return rows


def environment_rows() -> list[tuple[str, str]]:
    """Give every variable that azjit reads, and its meaning."""
    return [(option.variable, option.help) for option in ALL] + list(_ENVIRONMENT.items())


def _table(rows: list[tuple[str, str]]) -> str:
    import textwrap  # noqa: PLC0415 - only the help topics need it

    wide = max(len(left) for left, _ in rows if len(left) <= _LONGEST_NAME)
    lines = []
    for left, right in rows:
        name = left if len(left) <= wide else ""
        if not name:
            lines.append(f"  {left}")
        indent = " " * (wide + 4)
        text = textwrap.wrap(
            right, 80 - len(indent), break_long_words=False, break_on_hyphens=False
        )
        lines.append(f"  {name:<{wide}}  {text[0]}")
        lines += [f"{indent}{line}" for line in text[1:]]
    return "\n".join(lines) + "\n"


# Each topic: its title, its rows, and the text below them.
PAGES = {
    "options": (
        "Common options:",
        _options,
        (
            "\nEach option has a variable, such as AZJIT_OUTPUT. A flag overrides its variable.\n"
            "Options can stand before or after the command; of two, the last one applies.\n"
        ),
    ),
    "sign-in": (
        "Kinds of sign-in, by --auth:",
        lambda: list(SIGN_IN.items()),
        "\nauto takes the first of these kinds with its variables set, else the Azure CLI.\n",
    ),
    "exit-codes": (
        "Exit codes:",
        lambda: [(str(int(code)), text) for code, text in EXIT_CODES.items()],
        "",
    ),
    "environment": ("Environment:", environment_rows, ""),
}
