"""The tests are isolated from the variables of this machine, and from the network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from disk import tokens_in
from faults.peer import TOKEN

FOREIGN = ("192.0.2.1", 9)  # TEST-NET-1: nobody is there
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_no_test_leaves_this_machine(call: str) -> None:
    with (
        socket.socket() as one,
        pytest.raises(AssertionError, match="tried to leave this machine"),
    ):
        getattr(one, call)(FOREIGN)


def test_no_test_sends_a_datagram_away() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as one,
        pytest.raises(AssertionError, match="tried to leave this machine"),
    ):
        one.sendto(b"x", FOREIGN)


def test_no_test_asks_for_a_foreign_name() -> None:
    with pytest.raises(AssertionError, match="tried to look up"):
        socket.getaddrinfo("login.microsoftonline.com", 443)


def test_loopback_is_open() -> None:
    assert socket.getaddrinfo("localhost", 443)


def test_variables_of_this_machine_reach_no_test() -> None:
    foreign = {
        "HTTPS_PROXY": "http://192.0.2.1:3128",
        "https_proxy": "http://192.0.2.1:3128",
        "SSL_CERT_FILE": "/nowhere",
        "FORCE_COLOR": "1",
        "IDENTITY_ENDPOINT": "http://192.0.2.1/",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "http://192.0.2.1/",
        "SYSTEM_OIDCREQUESTURI": "http://192.0.2.1/",
    }
    one = "tests/cli/test_consumer_deny.py::test_a_request_is_denied_and_a_read_shows_it"

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", one],
        cwd=ROOT,
        env={**os.environ, **foreign},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize(
    ("place", "found"),
    [("state/names.json", ["state/names.json"]), ("runtime/azjit/one", []), ("az/one", [])],
)
def test_a_token_is_found_in_every_file_but_those_for_tokens(
    tmp_path_factory: pytest.TempPathFactory, place: str, found: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    file = folder / place
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"name": "{TOKEN}"}}')

    told = tokens_in(folder)

    file.unlink()
    assert told == found
