"""The ARM client with every failure: the error class, the text, and the retries."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any

import pytest
import responses
from azure.core.exceptions import ClientAuthenticationError
from requests import exceptions as http
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from azjit.domain.calls import Call
from azjit.errors import (
    AnswerLost,
    AzjitError,
    Exit,
    Failed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TokenRenewed,
    Unavailable,
)
from faults.peer import APP, DECIDE, DELETE, GET, PATCH, PUT, TOKEN, VERSION, Peer, url_of

Azure = responses.RequestsMock


def fault(code: str, message: str = "no.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def sent(azure: Azure, method: str) -> int:
    return sum(call.request.method == method for call in azure.calls)


@pytest.mark.parametrize(
    ("status", "code", "kind", "hint"),
    [
        (400, "InvalidRequestContent", Failed, "--dry-run"),
        (401, "InvalidAuthenticationToken", NotSignedIn, "az login"),
        (401, "ExpiredAuthenticationToken", NotSignedIn, "az login"),
        (401, "InvalidAuthenticationTokenTenant", NotSignedIn, "--tenant ID"),
        (401, "SomethingNew", NotSignedIn, "az login"),
        (403, "AuthorizationFailed", NotAllowed, "least-privilege"),
        (403, "DenyAssignmentAuthorizationFailed", NotAllowed, "only its publisher"),
        (403, "LinkedAuthorizationFailed", NotAllowed, "points to an application"),
        (403, "RequestDisallowedByPolicy", NotAllowed, "Azure policy"),
        (403, "RequestDisallowedByAzure", NotAllowed, "Azure itself"),
        (403, "SomethingNew", NotAllowed, "ask for the role"),
        (404, "ResourceNotFound", NotFound, "check the id"),
        (404, "ResourceGroupNotFound", NotFound, "resource group's name"),
        (404, "SubscriptionNotFound", NotFound, "subscription id"),
        (405, "MethodNotAllowed", Failed, "--debug"),
        (409, "ScopeLocked", Refused, "lock"),
        (409, "SomethingNew", Refused, "read the state"),
        (412, "PreconditionFailed", Refused, "read the state"),
        (501, "NotImplemented", Failed, "Azure failed"),
    ],
)
@pytest.mark.parametrize("call", [GET, DECIDE], ids=["GET", "POST"])
def test_refusal_is_told_by_its_status_and_code(
    peer: Peer, call: Call, status: int, code: str, kind: type[AzjitError], hint: str
) -> None:
    azure = peer.azure
    azure.add(
        call.method, url_of(call), json=fault(code), status=status, headers={"x-ms-request-id": "i"}
    )

    error = peer.refused(call)

    assert type(error) is kind
    assert (error.code, error.request_id) == (code, "i")
    assert error.message == f"could not {call.what}: no."
    assert hint in str(error.hint)
    assert len(azure.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Resource was disallowed by Azure: Users must use MFA for Create operation.",
        "Multi-factor authentication is required.",
    ],
)
def test_only_a_message_that_asks_for_a_second_factor_leads_to_a_sign_in(
    azure: Azure, peer: Peer, text: str
) -> None:
    azure.put(url_of(PUT), json=fault("RequestDisallowedByAzure", text), status=403)
    regions = fault("RequestDisallowedByAzure", "the policy allows only some regions")
    azure.add(DECIDE.method, url_of(DECIDE), json=regions, status=403)

    assert "az login" in str(peer.refused(PUT).hint)
    assert "az login" not in str(peer.refused(DECIDE).hint)


def test_missing_registration_registers_nothing(azure: Azure, peer: Peer) -> None:
    # azure-mgmt-core's own policies would POST .../register here, unasked.
    azure.put(url_of(PUT), json=fault("MissingSubscriptionRegistration"), status=409)

    error = peer.refused(PUT)

    assert type(error) is Refused
    assert "az provider register" in str(error.hint)
    assert [call.request.method for call in azure.calls] == ["PUT"]


@pytest.mark.parametrize(
    "text",
    [
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        "Tenant has no Premium licence",
    ],
)
def test_missing_licence_is_a_refusal_with_a_way_out(azure: Azure, peer: Peer, text: str) -> None:
    azure.put(url_of(PUT), json=fault("AadPremiumLicenseRequired", text), status=400)

    error = peer.refused(PUT)

    assert type(error) is Refused
    assert "one licence in the tenant" in str(error.hint)


# Throttling


def test_throttled_call_waits_as_told_and_says_so(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), json=fault("TooManyRequests"), status=429, headers={"Retry-After": "7"})
    azure.get(url_of(GET), json={"name": "orders"})

    answer = peer.arm.send(GET)

    assert answer.body == {"name": "orders"}
    assert peer.clock.slept == [7]
    assert peer.said == ["Azure answered 429; trying again in 7 s"]


def test_short_wait_is_not_said(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), status=429, headers={"x-ms-retry-after-ms": "20"})
    azure.get(url_of(GET), json={})

    peer.arm.send(GET)

    assert peer.clock.slept == [0.02]
    assert peer.said == []


def test_wait_that_is_too_long_is_told_instead_of_sat_out(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), status=429, headers={"Retry-After": "3600"})

    error = peer.refused(GET)

    assert type(error) is Unavailable
    assert error.exit is Exit.UNAVAILABLE
    assert error.hint == "Azure asks to wait 3600 s; try again then"
    assert peer.clock.slept == []


def test_unreadable_wait_is_no_crash(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), status=503, headers={"Retry-After": "soon"})
    azure.get(url_of(GET), json={})

    assert peer.arm.send(GET).status == 200


def test_throttling_that_does_not_end_is_unavailable(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), json=fault("TooManyRequests"), status=429)

    error = peer.refused(GET)

    assert type(error) is Unavailable
    assert "throttles" in str(error.hint)
    assert sent(azure, "GET") == 5


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "7"}])
def test_throttled_decision_is_not_sent_again(
    azure: Azure, peer: Peer, headers: dict[str, str]
) -> None:
    azure.post(url_of(DECIDE), json=fault("TooManyRequests"), status=429, headers=headers)

    error = peer.refused(DECIDE)

    # Throttled before it was looked at: nothing was decided, so nothing is lost.
    assert type(error) is Unavailable
    assert sent(azure, "POST") == 1


# Azure's side fails


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_read_is_tried_again(azure: Azure, peer: Peer, status: int) -> None:
    azure.get(url_of(GET), json=fault("InternalServerError"), status=status)
    azure.get(url_of(GET), json={})

    assert peer.arm.send(GET).status == 200


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("call", [PUT, DELETE, PATCH], ids=["PUT", "DELETE", "PATCH"])
def test_no_write_is_sent_again_without_a_read(
    azure: Azure, peer: Peer, call: Call, status: int
) -> None:
    azure.add(call.method, url_of(call), json=fault("InternalServerError"), status=status)

    assert type(peer.refused(call)) is AnswerLost
    assert sent(azure, call.method) == 1


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}])
def test_decision_that_azure_fails_on_is_lost_and_never_sent_again(
    azure: Azure, peer: Peer, status: int, headers: dict[str, str]
) -> None:
    azure.post(
        url_of(DECIDE),
        json=fault("InternalServerError", "it broke"),
        status=status,
        headers={"x-ms-request-id": "i", **headers},
    )

    error = peer.refused(DECIDE)

    assert type(error) is AnswerLost
    assert (error.code, error.request_id) == ("InternalServerError", "i")
    assert error.message == "could not approve request r: it broke"
    assert (
        error.hint
        == "it is unknown whether Azure made the change; read the state before trying again"
    )
    assert sent(azure, "POST") == 1


@pytest.mark.parametrize("call", [PUT, PATCH, DELETE], ids=["PUT", "PATCH", "DELETE"])
def test_write_that_keeps_failing_is_lost(azure: Azure, peer: Peer, call: Call) -> None:
    azure.add(call.method, url_of(call), status=503)

    assert type(peer.refused(call)) is AnswerLost


def test_read_that_keeps_failing_is_unavailable(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), body="<html><h1>Bad gateway</h1></html>", status=502)

    error = peer.refused(GET)

    assert type(error) is Unavailable
    assert error.message == (
        "could not read application orders: Azure answered 502 Bad Gateway with a web page, not"
        " JSON; a gateway or proxy may have answered"
    )
    assert sent(azure, "GET") == 5


# Nobody there

no_name = NameResolutionError("management.azure.com", None, socket.gaierror(-2))  # type: ignore[arg-type]
NOT_REACHED = [
    (
        http.ConnectionError(NewConnectionError(None, "refused")),  # type: ignore[arg-type]
        "no connection was made",
    ),
    (http.ConnectionError(MaxRetryError(None, "/", no_name)), "its name was not found"),  # type: ignore[arg-type]
    (http.ConnectionError("a strange day"), "a strange day"),
    (http.SSLError("CERTIFICATE_VERIFY_FAILED"), "its certificate is not trusted"),
    (
        http.ProxyError("Tunnel connection failed: 407 Auth"),
        "the proxy requires a user name and password",
    ),
    (http.ProxyError("Tunnel connection failed: 403 No"), "the proxy refused (403)"),
    (http.ProxyError("a strange day"), "the proxy refused"),
    (http.ProxyError(MaxRetryError(None, "/", no_name)), "the name of the proxy was not found"),  # type: ignore[arg-type]
    (
        http.ProxyError(NewConnectionError(None, "refused")),  # type: ignore[arg-type]
        "the proxy accepts no connection",
    ),
    (http.ProxyError(TimeoutError()), "the proxy did not answer in time"),
    (http.ConnectTimeout("timed out"), "the connection timed out"),
]


@pytest.mark.parametrize(("failure", "words"), NOT_REACHED)
@pytest.mark.parametrize("call", [GET, DECIDE], ids=["GET", "POST"])
def test_unreached_azure_got_nothing(
    azure: Azure, peer: Peer, call: Call, failure: Exception, words: str
) -> None:
    azure.add(call.method, url_of(call), body=failure)

    error = peer.refused(call)

    assert type(error) is Unavailable
    assert error.message.startswith(f"could not {call.what}: management.azure.com was not reached")
    assert words in error.message
    assert error.hint
    assert sent(azure, call.method) == (3 if call is GET else 1)


@pytest.mark.parametrize(
    "failure",
    [
        http.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104))),
        http.ReadTimeout("read timed out"),
        http.ChunkedEncodingError("IncompleteRead(3 bytes read)"),
        http.ContentDecodingError("not gzip"),
    ],
)
def test_answer_that_breaks_off_is_lost_for_a_write_only(
    azure: Azure, peer: Peer, failure: Exception
) -> None:
    azure.add("GET", url_of(GET), body=failure)
    azure.add("POST", url_of(DECIDE), body=failure)

    read, decision = peer.refused(GET), peer.refused(DECIDE)

    assert type(read) is Unavailable
    assert type(decision) is AnswerLost
    assert sent(azure, "GET") > 1
    assert sent(azure, "POST") == 1


def test_reset_that_passes_is_not_noticed(azure: Azure, peer: Peer) -> None:
    reset = http.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104)))
    azure.get(url_of(GET), body=reset)
    azure.get(url_of(GET), json={})

    assert peer.arm.send(GET).status == 200


# Answers that are none


@pytest.mark.parametrize(
    "body",
    [
        "<html>sign in to the hotel's network</html>",
        '{"name": "ord',
        "[" * 100_000,
        b"\xff\xfe\x00",
    ],
    ids=["web page", "truncated", "too deep", "no text"],
)
@pytest.mark.parametrize("charset", ["", "; charset=utf-8"])
def test_answer_that_is_no_json_is_not_usable(
    azure: Azure, peer: Peer, body: str | bytes, charset: str
) -> None:
    for call in (GET, DECIDE):
        azure.add(call.method, url_of(call), body=body, content_type=f"application/json{charset}")

    assert type(peer.refused(GET)) is Unavailable
    assert type(peer.refused(DECIDE)) is AnswerLost


@pytest.mark.parametrize("body", ["", "  ", "[]", '"text"', "7", "null"])
def test_read_of_what_is_no_object_is_not_usable(azure: Azure, peer: Peer, body: str) -> None:
    azure.get(url_of(GET), body=body)

    with pytest.raises(Unavailable, match="the answer is not a JSON object") as raised:
        peer.arm.read(APP, VERSION, GET.what)

    assert raised.value.hint


def test_missing_object_may_be_looked_for(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), json=fault("ResourceNotFound"), status=404)

    assert peer.arm.find(APP, VERSION, GET.what) is None


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirection_is_not_followed(azure: Azure, peer: Peer, status: int) -> None:
    for call in (GET, DECIDE):
        azure.add(
            call.method, url_of(call), status=status, headers={"Location": "https://evil.example/"}
        )

    read, decision = peer.refused(GET), peer.refused(DECIDE)

    assert type(read) is Unavailable
    assert type(decision) is AnswerLost
    assert f"Azure answered {status}, a redirect" in read.message
    assert len(azure.calls) == 2


# Sign-in


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'


def challenge(claims: str | None) -> dict[str, str]:
    told = f', claims="{claims}"' if claims is not None else ""
    return {
        "WWW-Authenticate": 'Bearer realm="", authorization_uri="https://login.microsoftonline.com'
        f'/common/oauth2/authorize", error="insufficient_claims"{told}'
    }


def test_claims_challenge_is_answered_once_with_its_claims(azure: Azure, peer: Peer) -> None:
    coded = base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")
    azure.get(url_of(GET), status=401, headers=challenge(coded))
    azure.get(url_of(GET), json={})

    assert peer.arm.send(GET).status == 200

    first, second = peer.credential.questions
    assert first == {"scopes": ("https://management.azure.com/.default",), "enable_cae": True}
    assert json.loads(second["claims"]) == json.loads(CLAIMS)
    assert second["enable_cae"] is True


@pytest.mark.parametrize("call", [PUT, DELETE, PATCH, DECIDE])
def test_no_write_answers_a_challenge_without_a_read(azure: Azure, peer: Peer, call: Call) -> None:
    coded = base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")
    azure.add(call.method, url_of(call), status=401, headers=challenge(coded))

    assert type(peer.refused(call)) is TokenRenewed
    assert sent(azure, call.method) == 1


@pytest.mark.parametrize("claims", [None, ""])
def test_challenge_without_claims_is_a_refused_sign_in(
    azure: Azure, peer: Peer, claims: str | None
) -> None:
    azure.get(url_of(GET), json=fault("Unauthorized"), status=401, headers=challenge(claims))

    assert type(peer.refused(GET)) is NotSignedIn
    assert len(peer.credential.questions) == 1


def test_malformed_claims_are_no_crash(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), status=401, headers=challenge("a"))

    assert type(peer.refused(GET)) is Unavailable


def test_claims_that_az_cannot_answer_name_the_command_that_can(azure: Azure, peer: Peer) -> None:
    command = f"az login --claims-challenge {'x' * 400} --tenant t --scope s"
    azure.get(
        url_of(GET), status=401, headers=challenge(base64.b64encode(CLAIMS.encode()).decode())
    )
    first_time = peer.credential.get_token

    def only_once(*scopes: str, **options: Any) -> Any:
        if "claims" in options:
            raise ClientAuthenticationError(message=f"unsupported, please run: {command}")
        return first_time(*scopes, **options)

    peer.credential.get_token = only_once  # type: ignore[method-assign]

    error = peer.refused(GET)

    assert type(error) is NotSignedIn
    assert error.hint == command


def test_credential_that_gives_no_token_sends_nothing(azure: Azure, peer: Peer) -> None:
    peer.credential.refusals = [ClientAuthenticationError(message="AADSTS7000215: wrong\nTrace: x")]

    error = peer.refused(GET)

    assert type(error) is NotSignedIn
    assert error.message == "could not read application orders: AADSTS7000215: wrong"
    assert len(azure.calls) == 0


# Secrets


def test_password_of_netrc_never_replaces_the_token(
    azure: Azure, peer: Peer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login joe password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    azure.get(url_of(GET), json={})

    peer.arm.send(GET)

    assert azure.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("text", [f"bad header 'Bearer {TOKEN}'", f"token {TOKEN} has expired"])
def test_token_that_azure_echoes_is_not_shown(azure: Azure, peer: Peer, text: str) -> None:
    azure.get(url_of(GET), json=fault("InvalidAuthenticationToken", text), status=401)

    error = peer.refused(GET)

    assert TOKEN not in error.message
    assert "Bearer" not in error.message
    assert "[token removed]" in error.message


def test_token_with_a_line_break_is_not_shown(peer: Peer) -> None:
    peer.credential.token = f"{TOKEN}\n"

    error = peer.refused(GET)

    assert TOKEN not in error.message
    assert TOKEN not in "".join(peer.logged)


def test_log_has_a_line_a_try_without_headers_and_signatures(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), body=http.ConnectionError(ProtocolError("reset")))
    azure.get(url_of(GET), json={}, headers={"x-ms-request-id": "i"})

    url = peer.arm.url(APP, VERSION, {"$filter": "name eq 'a'", "s": "signature"})

    peer.arm.send(GET._replace(url=url))

    first, second = peer.logged
    shown = f"GET {url_of(GET)}?api-version={VERSION}&$filter=name eq 'a'&s=... -> "
    assert first.startswith(f"{shown}no answer (")
    assert "ServiceResponseError" in first
    assert second.startswith(f"{shown}200 (")
    assert second.endswith(" ms, i)")


def test_every_call_says_who_sends_it_and_which_it_is(azure: Azure, peer: Peer) -> None:
    azure.get(url_of(GET), json={}, headers={"Date": "Mon, 02 Mar 2026 09:00:00 GMT"})

    peer.arm.send(GET)

    headers = azure.calls[0].request.headers
    assert headers["User-Agent"].startswith("azjit/")
    assert headers["x-ms-correlation-request-id"] == "44444444-4444-4444-4444-444444444444"
    assert headers["x-ms-client-request-id"]
    assert not peer.time.is_wrong_here
