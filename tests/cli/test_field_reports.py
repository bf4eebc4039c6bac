"""What people report of tools like this one: other spellings, shells, proxies and encodings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azjit.sandbox.core import Response
from behind import Proceed, Wire
from harness import Cli

REQUEST = "338a9a54-872d-5f1a-965a-c46f21c219fc"


@pytest.mark.parametrize("form", ["JSON", "Json"])
def test_a_choice_in_another_case_is_taken(cli: Cli, form: str) -> None:
    flag = cli("consumer", "apps", "-o", form)
    variable = cli("consumer", "apps", environ={"AZJIT_OUTPUT": form})
    cli("config", "set", f"output={form}")

    assert flag.out == variable.out == cli("consumer", "apps").out
    assert flag.out.startswith("[")


@pytest.mark.parametrize("text", [f"{{{REQUEST}}}", f"'{{{REQUEST.upper()}}}'"])
def test_a_guid_in_braces_is_that_guid(cli: Cli, text: str) -> None:
    assert cli("consumer", "show", text, "-o", "json").json["name"] == REQUEST


@pytest.mark.parametrize(
    "text", ["338a9a54\n19a5fea8", f"{REQUEST} {REQUEST}", f"{REQUEST}\r\n19a5fea8"]
)
@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_several_requests_in_one_argument_are_told(cli: Cli, verb: str, text: str) -> None:
    done = cli("consumer", verb, text, "--reason", "x")

    assert done.code == 2
    assert "is 2 requests in one argument" in done.error
    assert "leave out the quotes" in done.err
    assert cli.state_of("338a9a54") == "pending"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("[?name==orders].id", "orders"),
        ("[?jit==on && name=='orders']", "on"),
        ("[?approvers[?kind==group]].name", "group"),
    ],
)
@pytest.mark.parametrize("form", ["json", "tsv", "table"])
def test_a_query_whose_quotes_a_shell_took_is_warned_of(
    cli: Cli, query: str, word: str, form: str
) -> None:
    done = cli("consumer", "apps", "--query", query, "-o", form)

    assert done.code == 0
    warning = f"warning: --query compares with a field {word!r}, which nothing here has"
    assert done.err.count(warning) == 1


@pytest.mark.parametrize(
    "query",
    [
        "[?name==`orders`]",
        "[?name=='orders']",
        "[?name==resourceGroup]",
        "[0:2].name",
        "[?standingAccess]",
    ],
)
def test_a_query_in_order_is_not_warned_of(cli: Cli, query: str) -> None:
    assert "warning" not in cli("consumer", "apps", "--query", query).err


def test_a_query_that_does_not_fit_repeats_not_the_whole_result(cli: Cli) -> None:
    done = cli("consumer", "apps", "--query", "sort_by([], &bogus)")

    assert done.code == 2
    assert len(done.error) < 400


@pytest.mark.parametrize(
    "proxy", ["http://CONTOSO\\bob:pw@127.0.0.1:9", " ", "http://127.0.0.1 :9"]
)
def test_a_proxy_that_no_client_reads_right_is_refused(served: Cli, proxy: str) -> None:
    done = served("consumer", "apps", environ={"HTTPS_PROXY": proxy})

    assert (done.code, done.error) == (2, "HTTPS_PROXY is not the address of a proxy")
    assert "%5C" in done.err
    assert "bob" not in done.err


@pytest.mark.parametrize("spelling", ["HTTPS{}", "Https{}"])
def test_a_scheme_in_another_case_is_taken(served: Cli, spelling: str) -> None:
    url = spelling.format(served.transport["AZJIT_CLOUD"].removeprefix("https"))

    assert served("consumer", "apps", "-o", "none", environ={"AZJIT_CLOUD": url}).code == 0


@pytest.mark.parametrize("text", ['"https://arm.contoso.example"', "arm.contoso.example"])
def test_a_cloud_that_is_no_address_is_blamed_itself(served: Cli, text: str) -> None:
    done = served("consumer", "apps", environ={"AZJIT_CLOUD": text, "AZJIT_AS": "bob"})

    assert (done.code, done.error) == (2, f"no cloud named {text!r}")
    assert "did you mean https://arm.contoso.example?" in done.err


@pytest.mark.parametrize("folder", ["$HOME/x", "${HOME}/x", "$(HOME)/x", "%USERPROFILE%\\x"])
@pytest.mark.parametrize("name", ["AZJIT_STATE_DIR", "AZJIT_CONFIG_DIR"])
def test_a_folder_with_an_unreplaced_variable_is_refused(cli: Cli, name: str, folder: str) -> None:
    done = cli("consumer", "apps", environ={name: folder})

    assert (done.code, done.out) == (2, "")
    assert "with a variable that nothing replaced" in done.error
    assert folder in done.error.replace("\\\\", "\\")


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("W. Europe Standard Time", "Windows calls it so; use a name such as Europe/Berlin"),
        ("PST", "use a name such as Europe/Berlin or UTC"),
        ("Europe/Belrin", "did you mean Europe/Berlin?"),
        ("Toykyo", "did you mean Asia/Tokyo?"),
    ],
)
def test_no_zone_from_far_away_is_suggested(cli: Cli, zone: str, hint: str) -> None:
    done = cli("consumer", "history", "--since", "7d", "--timezone", zone)

    assert done.code == 2
    assert f"next: {hint}" in done.err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_a_world_file_is_read_as_windows_writes_it(cli: Cli, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "world.yaml"
    told = cli("sandbox", "export").out.replace("shop-eu", "größe")
    file.write_bytes(told.replace("\n", "\r\n").encode(encoding))

    assert cli("sandbox", "seed", "--file", str(file), "-o", "none").code == 0
    assert "größe" in cli("sandbox", "show", "-o", "json").out
    file.write_bytes("ü".encode("latin-1"))
    assert cli("sandbox", "seed", "--file", str(file)).error == f"{file} is not UTF-8"


@pytest.mark.parametrize("line", ["sandbox env", "completion show bash", "config path"])
def test_what_a_shell_evaluates_is_in_json_only_by_a_flag(served: Cli, line: str) -> None:
    """`eval "$(azjit sandbox env)"` works for who has set another format for all commands."""
    (served.state / "sandbox").mkdir(exist_ok=True, parents=True)
    server = {"url": "https://localhost:1", "ca": "ca.pem"}
    (served.state / "sandbox" / "server.json").write_text(json.dumps(server))
    plain = served(*line.split())
    by_variable = served(*line.split(), environ={"AZJIT_OUTPUT": "json"})
    served("config", "set", "output=json")
    by_context = served(*line.split())
    by_flag = served(*line.split(), "-o", "json")

    assert plain.code == 0, plain.err
    assert by_variable.out == by_context.out == plain.out
    assert by_flag.json


def test_a_token_that_is_too_deep_to_read_is_no_token(cli: Cli, wire: Wire) -> None:
    wire.on("POST", "/oauth2/v2.0/token", lambda _: Response(200, {}, b"[" * 100_000))

    done = cli("consumer", "apps")

    assert done.code == 6
    assert "returned no token: too deep" in done.error


@pytest.mark.parametrize("charset", ["utf-16", "bogus", "utf-7"])
def test_json_is_utf_8_whatever_the_header_says(cli: Cli, wire: Wire, charset: str) -> None:
    def told(proceed: Proceed) -> Response:
        answer = proceed()
        headers = {**answer.headers, "Content-Type": f"application/json; charset={charset}"}
        return Response(answer.status, headers, answer.body)

    wire.on("POST", "/v1.0/directoryObjects/getByIds", told)

    found = cli("doctor", "--app", "orders", "-o", "json").json

    assert [each["severity"] for each in found if each["code"] == "DOC015"] == ["ok"]


@pytest.mark.parametrize(
    ("word", "mode"),
    [("AutoApprove", "automatic"), ("Automatic", "automatic"), ("ManualApprove", "manual")],
)
def test_azures_own_words_for_the_approval_mode_are_taken(cli: Cli, word: str, mode: str) -> None:
    done = cli("consumer", "configure", "orders", "--mode", word, "--yes", "-o", "json")

    assert done.code == 0, done.err
    assert cli("consumer", "show", "orders", "-o", "json").json["approvalMode"] == mode
