"""The variables of proxies and certificates: unusable values are refused at once."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

import pytest

from azjit.azure.network import AUTHORITIES, authorities, check_network, proxy_to, secrets_in
from azjit.errors import Usage

ARM = "https://management.azure.com/"
SECRETS = ("TOPSE", "CRET", "hush")


@pytest.mark.parametrize("name", AUTHORITIES)
def test_each_variable_names_the_certificates_of_every_call(name: str) -> None:
    assert authorities({name: "/etc/ca.pem"}) == "/etc/ca.pem"


def test_the_first_variable_counts() -> None:
    told = {"SSL_CERT_FILE": "c", "CURL_CA_BUNDLE": "b", "REQUESTS_CA_BUNDLE": "a"}

    assert authorities(told) == "a"
    assert authorities({"REQUESTS_CA_BUNDLE": ""}) is None


def test_only_the_variable_that_counts_is_checked(tmp_path: Path) -> None:
    told = {"REQUESTS_CA_BUNDLE": str(tmp_path), "SSL_CERT_FILE": str(tmp_path / "none.pem")}

    check_network(told)

    with pytest.raises(Usage, match=r"SSL_CERT_FILE is .*cannot be read"):
        check_network({**told, "REQUESTS_CA_BUNDLE": ""})


@pytest.mark.parametrize("name", AUTHORITIES)
def test_certificates_that_cannot_be_read_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "none.pem"

    with pytest.raises(Usage, match=f"{name} is .*none.pem, which cannot be read"):
        check_network({name: str(path)})


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("not a certificate")

    with pytest.raises(Usage, match="contains no certificates"):
        check_network({"REQUESTS_CA_BUNDLE": str(path)})


def test_a_folder_of_certificates_is_taken(tmp_path: Path) -> None:
    missing = tmp_path / "missing"

    check_network({"REQUESTS_CA_BUNDLE": str(tmp_path)})

    with pytest.raises(Usage, match="cannot be read"):
        check_network({"REQUESTS_CA_BUNDLE": str(missing)})


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("http://user:TOPSE/CRET@proxy.corp:3128", "is not the address of a proxy"),
        ("http://proxy.corp:port", "is not the address of a proxy"),
        ("http://", "is not the address of a proxy"),
        ("bob:hush@proxy.corp:3128", "is not the address of a proxy"),
        ("http://[hush", "is not the address of a proxy"),
        ("socks5://u:hush@proxy.corp:1080", "is not an HTTP proxy"),
    ],
)
def test_a_proxy_that_no_call_can_take_is_refused_unsaid(name: str, told: str, said: str) -> None:
    with pytest.raises(Usage, match=f"{name} {said}") as raised:
        check_network({name: told})

    assert not any(part in f"{raised.value.message} {raised.value.hint}" for part in SECRETS)


@pytest.mark.parametrize(
    "told", ["http://proxy.corp:3128", "proxy.corp:3128", "https://u:p%2Fq@proxy.corp"]
)
def test_proxies_of_every_sound_form_are_taken(told: str) -> None:
    check_network({"HTTPS_PROXY": told})

    place = proxy_to(ARM, {"HTTPS_PROXY": told})
    assert place is not None
    assert place.startswith("proxy.corp")


def test_the_secrets_of_the_environment_are_known(tmp_path: Path) -> None:
    (tmp_path / "assertion").write_text("an assertion")
    environ = {
        "AZURE_CLIENT_SECRET": "a secret",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": "a password",
        "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "assertion"),
        "HTTPS_PROXY": "http://joe:p%40ss@proxy.example:8080",
        "AZURE_CLIENT_ID": "no secret",
    }

    found = {each for each in secrets_in(environ) if each}

    in_header = b64encode(b"joe:p@ss").decode()
    assert found == {"a secret", "a password", "an assertion", "p@ss", in_header}


def test_a_proxys_name_without_a_password_is_a_secret() -> None:
    assert "a-token" in [*secrets_in({"https_proxy": "http://a-token@proxy.example:8080"})]


def test_a_federated_token_from_a_pipe_is_left_to_the_sign_in(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    found = [*secrets_in({"AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "pipe")})]

    assert [each for each in found if each] == []
