"""The words of a command line, as shells, portals and clipboards hand them over."""

from __future__ import annotations

import pytest

from azjit.domain.ids import unwrapped_id
from harness import Cli

REQUEST = "338a9a54-872d-5f1a-965a-c46f21c219fc"
APPROVE = ("consumer", "approve", "338a9a54")


@pytest.mark.parametrize("end", ["\r", "\r\n", " ", "\u200b", "\ufeff", "\u00a0"])
def test_a_request_is_decided_by_its_name_and_what_the_shell_left_behind_it(
    cli: Cli, end: str
) -> None:
    done = cli("consumer", "approve", f"{REQUEST}{end}", "--reason", "x", "-o", f"json{end}")

    assert done.code == 0, done.err
    assert done.json[0]["result"] == "approved"


def test_a_variable_is_read_without_what_stands_invisibly_at_its_end(cli: Cli) -> None:
    done = cli(
        "consumer", "apps", environ={"AZJIT_OUTPUT": "json\r", "AZJIT_TIMEZONE": "\ufeffUTC "}
    )

    assert done.code == 0, done.err
    assert done.json


@pytest.mark.parametrize("where", ["\r", "\u200b", " "])
def test_an_invisible_character_inside_a_name_stays_refused(cli: Cli, where: str) -> None:
    done = cli("consumer", "approve", f"338a{where}9a54", "--reason", "x")

    assert done.code in {2, 3}
    assert cli.state_of("338a9a54") == "pending"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ((*APPROVE, "--reason", "\udcff bad"), "--reason"),
        ((*APPROVE, "--reason=\udcff bad"), "--reason"),
        (("publisher", "request", "orders", "--role", "Contributor", "--reason", "\udcff"), "--r"),
        (("consumer", "show", "\udcff"), "argument 3"),
    ],
)
def test_bytes_that_are_no_text_are_refused_before_anything_is_asked(
    cli: Cli, argv: tuple[str, ...], named: str
) -> None:
    done = cli(*argv)

    assert (done.code, done.out) == (2, "")
    assert named in done.error
    assert "UTF-8" in done.err
    assert cli.receipts() == []


def test_bytes_of_a_variable_that_are_no_text_are_refused(cli: Cli) -> None:
    done = cli("consumer", "apps", environ={"AZJIT_SUBSCRIPTION": "\udcff"})

    assert (done.code, done.out) == (2, "")
    assert "AZJIT_SUBSCRIPTION" in done.error


# Ids in what they were copied with

APP = (
    "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c7d7d5ff/resourceGroups/contoso-apps"
    "/providers/Microsoft.Solutions/applications/orders"
)


@pytest.mark.parametrize(
    "wrapped",
    [
        '"{}"',
        "'{}'",
        "<{}>",
        "https://management.azure.com{}",
        "https://management.azure.com{}?api-version=2021-07-01",
        "https://portal.azure.com/#@contoso.example/resource{}",
        "https://portal.azure.com/#@contoso.example/resource{}/overview",
        "https://portal.azure.com/#resource{}/jitAccess?x=1",
    ],
)
def test_an_id_is_taken_out_of_what_it_was_copied_in(wrapped: str) -> None:
    assert unwrapped_id(wrapped.format(APP)) == APP


def test_an_id_is_taken_out_of_an_encoded_address() -> None:
    blade = "https://portal.azure.com/#view/Microsoft_Azure/Blade/id/"

    assert unwrapped_id(blade + APP.replace("/", "%2F")) == APP


@pytest.mark.parametrize(
    "text", [APP, "orders", "contoso-apps/orders", "338a9a54", "x/subscriptions/y", f"{APP}/"]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert unwrapped_id(text) == text.rstrip("/") or unwrapped_id(text) == text


@pytest.mark.parametrize("root", ["C:/Program Files/Git", "D:\\msys64"])
@pytest.mark.parametrize("argv", [("consumer", "show"), ("consumer", "deny", "--reason", "x")])
def test_an_id_that_the_shell_rewrote_says_how_to_stop_that(
    cli: Cli, root: str, argv: tuple[str, ...]
) -> None:
    done = cli(*argv, f"{root}{APP}")

    assert (done.code, done.out) == (2, "")
    assert "MSYS_NO_PATHCONV=1" in done.err


def test_an_address_of_the_portal_names_its_application(cli: Cli) -> None:
    row = next(r for r in cli("consumer", "apps", "-o", "json").json if r["name"] == "orders")

    done = cli("consumer", "show", f"https://portal.azure.com/#@x/resource{row['id']}/overview")

    assert (done.code, done.out) == (0, cli("consumer", "show", row["id"]).out)
