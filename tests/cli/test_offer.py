from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ServiceRequestError, ServiceResponseError

from azjit.azure.clouds import NAMED
from azjit.azure.partner_center import home_of
from azjit.errors import Usage
from azjit.sandbox.base.ids import stable_id
from azjit.sandbox.core import Response, Sandbox
from azjit.sandbox.world.people import ALICE, CONTRIBUTOR
from createui import WIZARD
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
        "authorizations",
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


# A draft by the ids of its offer and plan, and its check

NAMES = ("--offer", "fabrikam-orders", "--plan", "standard")
GROUP = stable_id("group/support")
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
PLAIN = json.dumps(
    {
        "$schema": WIZARD,
        "handler": "Microsoft.Azure.CreateUIDef",
        "version": "0.1.2-preview",
        "parameters": {"basics": [], "steps": [], "outputs": {}},
    }
)


def checked(cli: Cli, *more: str, **kwargs: Any) -> Any:
    return cli("publisher", "offer", "check", *NAMES, *more, **kwargs)


def test_a_draft_is_found_by_offer_and_plan(both: Cli) -> None:
    by_ids = offer(both, "show", "-o", "json")
    by_names = both("publisher", "offer", "show", *NAMES, "-o", "json")

    assert by_names.json == by_ids.json
    assert [row["roleId"] for row in by_names.json["authorizations"]] == [CONTRIBUTOR] * 2


def test_offers_on_several_pages_are_all_searched(cli: Cli, partner: Partner) -> None:
    """The next page's address has no host, and begins without a slash."""
    link = b'{"value": [{"id": "other"}], "nextLink": "v1.0/ingestion/products?$skipToken=a"}'
    partner.acts["GET"] = [lambda _: Response(200, {}, link)]

    found = cli("publisher", "offer", "show", *NAMES, "-o", "json")

    assert found.json["instance"] == "standard-draft"
    urls = [url for _, url, _, _ in partner.calls]
    assert urls[1] == "https://api.partner.microsoft.com/v1.0/ingestion/products?$skipToken=a"


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("--offer", "fabrikam-order", "--plan", "standard"), 3, "did you mean fabrikam-orders?"),
        (("--offer", "fabrikam-orders", "--plan", "standrad"), 3, "did you mean standard?"),
        (("--offer", "fabrikam-orders"), 2, "by --offer and --plan, or by --product and"),
        ((*NAMES, *IDS), 2, "by --offer and --plan, or by --product and"),
        ((), 2, "by --offer and --plan, or by --product and"),
    ],
)
def test_a_draft_that_is_not_named_or_not_there(
    cli: Cli, argv: tuple[str, ...], code: int, told: str
) -> None:
    done = cli("publisher", "offer", "show", *argv)

    assert (done.code, told in done.err) == (code, True), done.err


@pytest.mark.parametrize(
    ("listing", "value", "code", "told"),
    [
        (0, [{"id": str(n), "externalIDs": [{"value": "Fabrikam-Orders"}]} for n in (1, 2)], 5, 2),
        (1, [{"id": "v", "externalID": "Standard"}] * 2, 5, "v, v"),
        (2, [{"variantID": "another", "currentDraftInstanceID": "x"}], 3, "has no draft"),
        (2, [{"currentDraftInstanceID": "x"}, {}], 3, "has no draft"),
        (2, "no list", 6, "contains no list"),
    ],
)
def test_no_draft_is_picked_from_several_or_none(
    cli: Cli, partner: Partner, listing: int, value: Any, code: int, told: Any
) -> None:
    answer = Response(200, {}, json.dumps({"value": value}).encode())
    partner.acts["GET"] = [as_it_is] * listing + [lambda _: answer]

    done = cli("publisher", "offer", "show", *NAMES)

    assert (done.code, str(told) in done.err) == (code, True), done.err


def test_two_drafts_of_a_plan_are_told_with_their_ids(cli: Cli, partner: Partner) -> None:
    def twice(proceed: Callable[[], Response]) -> Response:
        body = json.loads(proceed().body)
        mine = body["value"][1]
        body["value"].append({**mine, "currentDraftInstanceID": "another"})
        return Response(200, {}, json.dumps(body).encode())

    partner.acts["GET"] = [as_it_is, as_it_is, twice]

    done = cli("publisher", "offer", "show", *NAMES)

    assert done.code == 5
    assert "--product fabrikam-orders --instance standard-draft or another" in done.err


def test_check_is_0_only_where_the_draft_is_ready(both: Cli, tmp_path: Path) -> None:
    before = checked(both, "-o", "json")
    offer(both, "enable-jit", "--yes")
    after = checked(both, "-o", "json")
    (tmp_path / "createUiDefinition.json").write_text(PLAIN)
    package = checked(both, "--package", str(tmp_path), "-o", "json")
    absent = checked(both, "--package", str(tmp_path / "none"))

    assert (before.code, [each["code"] for each in before.json]) == (5, ["OFF001"])
    assert before.json[0]["fix"].startswith(f"azjit publisher offer enable-jit {' '.join(IDS)}")
    assert (after.code, after.json) == (0, []), after.err
    assert package.code == 5
    assert {"JIT001", "JIT020"} <= {each["code"] for each in package.json}
    assert absent.code == 3


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ([{"principalID": GROUP, "roleDefinitionID": CONTRIBUTOR}], ["OFF005"]),
        (["keep", {"principalID": GROUP, "roleDefinitionID": CONTRIBUTOR}], ["OFF006"]),
        (
            ["keep", {"principalID": "1" * 8 + GROUP[8:], "roleDefinitionID": OWNER}],
            ["OFF009", "OFF007"],
        ),
        (["keep", {"principalID": ALICE.object_id, "roleDefinitionID": GROUP}], ["OFF010"]),
        (["keep", {"principalID": None, "roleDefinitionID": CONTRIBUTOR}], ["OFF004"]),
        ([], ["OFF003"]),
        (None, ["OFF003"]),
    ],
)
def test_check_finds_authorizations_by_which_nobody_can_request(
    cli: Cli, partner: Partner, rows: list[Any] | None, codes: list[str]
) -> None:
    def change(body: dict[str, Any]) -> None:
        told = body["publicAzureAuthorizations"]
        kept = [told[0] if row == "keep" else row for row in rows or []]
        body.update(publicAzureAuthorizations=kept if rows is not None else None)
        body["allowJitAccess"] = True

    partner.acts["GET"] = [as_it_is] * 3 + [edited(change)]

    done = checked(cli, "-o", "json")

    assert [each["code"] for each in done.json] == codes
    assert done.code == (0 if codes in (["OFF006"], ["OFF010"]) else 5)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"allowJitAccess": None}, ["OFF002"]),
        ({"publicAzureTenantID": GROUP, "allowJitAccess": True}, ["OFF008"]),
    ],
)
def test_check_says_what_it_does_not_know(
    cli: Cli, partner: Partner, change: dict[str, Any], codes: list[str]
) -> None:
    partner.acts["GET"] = [as_it_is] * 3 + [edited(lambda body: body.update(change))]

    done = checked(cli, "-o", "json")

    assert [each["code"] for each in done.json] == codes, done.err


def test_check_for_a_person(cli: Cli) -> None:
    done = checked(cli, tty=True)

    assert done.out.startswith("fabrikam-orders/standard-draft: OFF001 the draft does not allow")
    assert "  next: azjit publisher offer enable-jit --product fabrikam-orders" in done.out


def test_show_lists_the_authorizations_to_a_person(cli: Cli) -> None:
    shown = offer(cli, "show", tty=True, width=100).out

    assert re.search(rf"^  [0-9a-f-]{{36}}  Contributor  {CONTRIBUTOR}$", shown, re.MULTILINE)
