from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError

from azjit.azure.clouds import NAMED
from azjit.azure.partner_center import home_of
from azjit.errors import Usage
from azjit.sandbox.core import Response, Sandbox
from harness import Cli

IDS = ("--product", "fabrikam-orders", "--instance", "standard-draft")
FLAG = re.compile(rb'"allowJitAccess": ?(true|false)')
Act = Callable[[Callable[[], Response]], Response]


class Partner:
    """Sees every call to Partner Center, and may answer in its place."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.acts: dict[str, list[Act]] = {"GET": [], "PUT": []}
        self.answers: list[bytes] = []
        original = Sandbox.handle

        def handle(
            world: Sandbox, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Response:
            def proceed() -> Response:
                return original(world, method, url, headers, body)

            if "/v1.0/ingestion/" not in url:
                return proceed()
            self.calls.append((method, url, headers, body))
            acts = self.acts.get(method)
            answer = acts.pop(0)(proceed) if acts else proceed()
            self.answers.append(answer.body)
            return answer

        patch.setattr(Sandbox, "handle", handle)

    @property
    def puts(self) -> list[tuple[str, str, Mapping[str, str], bytes]]:
        return [call for call in self.calls if call[0] == "PUT"]


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Partner:
    return Partner(monkeypatch)


def offer(cli: Cli, command: str, *more: str, **kwargs: Any) -> Any:
    return cli("publisher", "offer", command, *IDS, *more, **kwargs)


def as_it_is(proceed: Callable[[], Response]) -> Response:
    return proceed()


def edited(change: Callable[[dict[str, Any]], None]) -> Act:
    """Change what a read shows."""

    def act(proceed: Callable[[], Response]) -> Response:
        answer = proceed()
        body = json.loads(answer.body)
        change(body["value"][0])
        return Response(answer.status, answer.headers, json.dumps(body).encode())

    return act


def fails(status: int, body: bytes = b"{}") -> Act:
    return lambda _: Response(status, {}, body)


def test_show_on_a_terminal(cli: Cli) -> None:
    result = offer(cli, "show", tty=True)

    assert result.code == 0
    assert re.search(r"^JIT access +not allowed$", result.out, re.MULTILINE)


def test_show_in_a_pipe_is_one_row(cli: Cli) -> None:
    row = offer(cli, "show").out.rstrip("\n").split("\t")

    assert row[:2] == ["fabrikam-orders", "standard-draft"]
    assert row[3] == "false"


def test_show_as_json_has_every_key(cli: Cli) -> None:
    told = offer(cli, "show", "-o", "json").json

    assert list(told) == [
        "product",
        "instance",
        "configuration",
        "allowJitAccess",
        "deploymentMode",
        "managementMode",
        "principals",
        "changed",
    ]
    assert told["allowJitAccess"] is False


def test_the_flag_is_set_and_cleared_on_both_transports(both: Cli) -> None:
    on = offer(both, "enable-jit", "--yes", "-o", "json")
    seen = offer(both, "show", "-o", "json")
    off = offer(both, "disable-jit", "--yes", "-o", "json")

    assert (on.code, off.code) == (0, 0), on.err + off.err
    assert [each.json["allowJitAccess"] for each in (on, seen, off)] == [True, True, False]
    assert on.json["changed"] is True
    assert "acting as alice" in on.err


def test_only_the_flag_differs_and_the_etag_guards_it(cli: Cli, partner: Partner) -> None:
    offer(cli, "enable-jit", "--yes")

    ((_, url, headers, sent),) = partner.puts
    read = partner.answers[0]
    item = read[read.index(b"[") + 1 : read.rindex(b"]")]
    etag = json.loads(item)["@odata.etag"]
    assert sent == FLAG.sub(b'"allowJitAccess": true', item)
    assert sent != item
    assert headers["If-Match"] == etag
    assert url.startswith("https://api.partner.microsoft.com/v1.0/ingestion/products/")


def test_the_bytes_of_other_fields_stay_whatever_they_are(cli: Cli, partner: Partner) -> None:
    odd = (
        b'{"value": [ {"resourceType":"AzureManagedApplicationPackageConfiguration" , "id":"c-1",\n'
        b'\t"n": 1.50e+2, "u":"\\u00e9\xc3\xa9", "@odata.etag":"\\"e\\"", "allowJitAccess" : false,'
        b' "z":[ ] } ] }'
    )
    partner.acts["GET"] = [fails(200, odd)]

    offer(cli, "enable-jit", "--yes")

    item = odd[odd.index(b"[ {") + 2 : odd.rindex(b"} ]") + 1]
    assert partner.puts[0][3] == item.replace(b"false", b"true")
    assert partner.puts[0][2]["If-Match"] == '"e"'


def test_the_token_is_partner_centers_own(cli: Cli, partner: Partner) -> None:
    offer(cli, "show")

    token = partner.calls[0][2]["Authorization"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=="))
    assert claims["aud"] == "https://api.partner.microsoft.com"


def test_what_is_so_already_sends_nothing(cli: Cli, partner: Partner) -> None:
    result = offer(cli, "disable-jit", tty=True)

    assert result.code == 0
    assert partner.puts == []
    assert "nothing to change" in result.err
    assert cli.receipts() == []


def test_dry_run_shows_the_call_and_sends_nothing(cli: Cli, partner: Partner) -> None:
    result = offer(cli, "enable-jit", "--dry-run", "-o", "json")

    (planned,) = result.json
    assert planned["method"] == "PUT"
    assert planned["body"]["allowJitAccess"] is True
    assert "If-Match" in result.err
    assert partner.puts == []
    assert cli.receipts() == []


def test_receipts_tell_intent_and_outcome(cli: Cli) -> None:
    offer(cli, "enable-jit", "--yes")

    intent, outcome = cli.receipts()
    assert intent["action"] == "enable-jit"
    assert intent["target"].startswith("partner-center/products/fabrikam-orders/")
    assert intent["details"]["after"] is True
    assert (outcome["outcome"], outcome["state"]) == ("confirmed", "JIT access allowed")


def challenged(_: Callable[[], Response]) -> Response:
    """Want a newer token."""
    claims = base64.b64encode(b'{"access_token":{"acrs":{"essential":true}}}').decode()
    challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
    return Response(401, {"WWW-Authenticate": challenge}, b"{}")


@pytest.mark.parametrize(
    ("then", "code", "puts"),
    [
        (as_it_is, 0, 2),
        (edited(lambda body: body.update({"packageType": "changed"})), 4, 1),
        (edited(lambda body: body.update({"@odata.etag": '"newer"'})), 4, 1),
    ],
)
def test_a_change_is_sent_with_a_newer_token_only_after_a_read(
    cli: Cli, partner: Partner, then: Act, code: int, puts: int
) -> None:
    partner.acts = {"GET": [as_it_is, then], "PUT": [challenged]}

    result = offer(cli, "enable-jit", "--yes")

    assert (result.code, len(partner.puts)) == (code, puts), result.err
    assert [each[0] for each in partner.calls][:3] == ["GET", "PUT", "GET"]


def test_somebody_elses_change_is_not_overwritten(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [edited(lambda body: body.update({"@odata.etag": '"stale"'}))]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == 5
    assert "somebody changed it since it was read, so azjit did not" in result.error
    assert "next: check it with" in result.err
    assert cli.receipts()[-1]["outcome"] == "refused"
    assert offer(cli, "show", "-o", "json").json["allowJitAccess"] is False


def test_a_change_that_no_read_shows_is_unconfirmed(cli: Cli, partner: Partner) -> None:
    partner.acts["PUT"] = [fails(200)]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == 9
    assert "accepted the change, but a read does not show it" in result.error
    assert cli.receipts()[-1]["outcome"] == "unconfirmed"


def test_a_lost_answer_is_settled_by_the_read_and_never_sent_again(
    cli: Cli, partner: Partner
) -> None:
    def cut(proceed: Callable[[], Response]) -> Response:
        proceed()
        raise ServiceResponseError("connection aborted")

    partner.acts["PUT"] = [cut]

    result = offer(cli, "enable-jit", "--yes", "-o", "json")

    assert result.code == 0
    assert result.json["allowJitAccess"] is True
    assert len(partner.puts) == 1


def test_a_read_that_fails_after_the_write_is_unconfirmed(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [as_it_is, fails(404)]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == 9
    assert "could not be read" in result.error


def test_other_fields_that_change_are_told(cli: Cli, partner: Partner) -> None:
    other = edited(lambda body: body.update({"deploymentMode": "Complete"}))
    partner.acts["GET"] = [as_it_is, other]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == 0
    assert (
        "warning: Partner Center also shows changes in other fields: deploymentMode" in result.err
    )


def test_a_killed_change_is_settled_by_the_next_look(cli: Cli, partner: Partner) -> None:
    def killed(proceed: Callable[[], Response]) -> Response:
        proceed()
        raise KeyboardInterrupt

    partner.acts["PUT"] = [killed]
    assert offer(cli, "enable-jit", "--yes").code == 130

    other = cli("publisher", "history", "orders")
    result = offer(cli, "show")

    assert "see azjit publisher offer show" in other.err
    shown = "a read now shows: JIT access allowed, by whom is not known"
    assert f"an earlier enable-jit was interrupted; {shown}" in result.err
    last = cli.receipts()[-1]
    assert (last["outcome"], last["reconciled"]) == ("unconfirmed", True)


def test_a_killed_change_of_an_application_is_left_to_others(cli: Cli) -> None:
    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azjit.azure.arm.Arm.settle", kill)
        code = cli("consumer", "configure", "orders", "--max-duration", "2h", "--yes").code

    assert code == 130
    assert "interrupted" in offer(cli, "show").err


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda b: b.pop("@odata.etag"), 5, "has no ETag"),
        (
            lambda b: b.update({"resourceType": "AzureSolutionTemplatePackageConfiguration"}),
            5,
            "does not belong to a managed application",
        ),
        (lambda b: b.pop("id"), 3, "has no package configuration"),
    ],
)
def test_a_configuration_that_cannot_be_changed_safely_is_refused(
    cli: Cli, partner: Partner, change: Callable[[dict[str, Any]], None], code: int, said: str
) -> None:
    partner.acts["GET"] = [edited(change)]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == code
    assert said in result.error
    assert partner.puts == []


def test_several_configurations_are_refused(cli: Cli, partner: Partner) -> None:
    def doubled(proceed: Callable[[], Response]) -> Response:
        body = json.loads(proceed().body)
        return Response(200, {}, json.dumps({"value": body["value"] * 2}).encode())

    partner.acts["GET"] = [doubled]

    result = offer(cli, "enable-jit", "--yes")

    assert result.code == 5
    assert "2 package configurations" in result.error


def test_a_flag_that_is_not_there_is_added(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [edited(lambda body: body.pop("allowJitAccess"))]

    result = offer(cli, "enable-jit", "--yes", "-o", "json")

    assert result.code == 0
    assert json.loads(partner.puts[0][3])["allowJitAccess"] is True


def test_a_flag_that_is_not_told_is_shown_as_such(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [edited(lambda body: body.pop("allowJitAccess"))]

    assert "not known" in offer(cli, "show", tty=True).out


def test_an_answer_that_is_half_a_json_is_unavailable(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [fails(200, b'{"value": [/* x')]

    assert offer(cli, "show").code == 6


@pytest.mark.parametrize(
    ("person", "code", "said"), [("bob", 4, "not enrolled"), ("nobody", 4, "has no person named")]
)
def test_others_are_not_let_in(cli: Cli, person: str, code: int, said: str) -> None:
    result = offer(cli, "show", "--as", person)

    assert result.code == code
    assert said in result.error


@pytest.mark.parametrize("text", ["../x", "a/b", "a?b", "", "a b"])
def test_an_id_that_could_lead_elsewhere_is_refused(cli: Cli, text: str) -> None:
    result = cli("publisher", "offer", "show", "--product", text, "--instance", "x")

    assert result.code == 2
    assert result.error == f"malformed product {text!r}"


def test_an_offer_that_is_not_there_is_not_found(cli: Cli) -> None:
    result = cli("publisher", "offer", "show", "--product", "x", "--instance", "y")

    assert result.code == 3


def test_a_person_may_say_no(cli: Cli, partner: Partner) -> None:
    result = offer(cli, "enable-jit", tty=True, answer="n\n")

    assert result.code == 1
    assert partner.puts == []


def test_a_sovereign_cloud_has_no_partner_center() -> None:
    with pytest.raises(Usage, match="not in the cloud AzureUSGovernment"):
        home_of(NAMED["usgov"])


def test_a_host_that_is_not_reached_is_unavailable(cli: Cli, partner: Partner) -> None:
    def refuse(_: object) -> Response:
        raise ServiceRequestError("refused")

    partner.acts["GET"] = [refuse] * 9

    result = offer(cli, "show")

    assert result.code == 6
    assert "api.partner.microsoft.com was not reached" in result.error


def test_an_answer_that_is_too_deep_is_unavailable(cli: Cli, partner: Partner) -> None:
    partner.acts["GET"] = [fails(200, b"[" * 150 + b"]" * 150)]

    assert offer(cli, "show").code == 6


def test_what_a_kill_left_of_another_offer_stays_open(cli: Cli, partner: Partner) -> None:
    def killed(_: object) -> Response:
        raise KeyboardInterrupt

    partner.acts["PUT"] = [killed]
    offer(cli, "enable-jit", "--yes")
    partner.acts["GET"] = [edited(lambda body: body.update({"id": "another"}))]

    offer(cli, "show")

    assert len(cli.receipts()) == 1


def test_the_sandbox_holds_a_change_to_the_contract(cli: Cli, partner: Partner) -> None:
    offer(cli, "show")
    _, url, headers, _ = partner.calls[0]
    base = url.partition("/getByInstanceID")[0]
    item = json.loads(partner.answers[0])["value"][0]
    one = f"{base}/{item['id']}"

    def call(method: str, address: str, body: object = None, match: str = "") -> int:
        told = {**headers, **({"If-Match": match} if match else {})}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return cli.world.handle(method, address, told, content).status

    etag = item["@odata.etag"]
    assert call("GET", one) == 200
    assert call("GET", f"{base}/none") == 404
    assert call("DELETE", one) == 501
    assert call("PUT", one, item) == 428
    assert call("PUT", one, item, '"old"') == 412
    assert call("PUT", one, b"{", etag) == 400
    assert call("PUT", one, {**item, "id": "x"}, etag) == 400
    assert call("PUT", one, {**item, "allowJitAccess": "yes"}, etag) == 400
    assert call("PUT", one, item, etag) == 200
