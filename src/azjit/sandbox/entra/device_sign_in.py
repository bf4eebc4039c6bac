"""Sign-in in a browser: the device code, the authorization code, the choice of a person."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.entra.call import EntraCall, Refusal
from azjit.sandbox.world.people import Person

if TYPE_CHECKING:
    from azjit.sandbox.world.world import World

_LIFETIME_SECONDS = 900
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_HEAD = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
    "<title>azjit sandbox</title><style>body{font:1rem system-ui,sans-serif;max-width:24rem;"
    "margin:15vh auto;padding:0 1rem}button,input{font:inherit;display:block;width:100%;"
    "box-sizing:border-box;margin:.5rem 0;padding:.6rem}button{text-align:left;cursor:pointer}"
    "small{color:#666}</style><h1>azjit sandbox</h1>"
)
_KEPT = ("nonce", "redirect_uri", "code_challenge", "code_challenge_method")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def start(call: EntraCall) -> Response:
    """POST devicecode: a code for the device, and one to type elsewhere."""
    user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
    device_code = secrets.token_urlsafe(32)
    _save(call, device_code, user_code, call.form)
    page_address = f"{call.request.site.login}/devicelogin"
    body = {
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page_address,
        "expires_in": _LIFETIME_SECONDS,
        "interval": 1,
        "message": (
            f"To sign in, use a web browser to open the page {page_address} and enter the code"
            f" {user_code} to authenticate."
        ),
    }
    return answer(200, body)


def page(call: EntraCall) -> Response:
    """GET devicelogin: the choice of a person; with `as`, that person signs in."""
    user_code = call.request.query.get("user_code", "").upper()
    alias = call.request.query.get("as")
    if alias is None:
        return _choice(call.world, "/devicelogin", {"user_code": user_code})
    person = _user(call.world, alias)
    done = call.world.connection.execute(
        "UPDATE codes SET oid = ? WHERE user_code = ?", (person.object_id, user_code)
    )
    if done.rowcount == 0:
        return _html(404, f"<p>There is no sign-in with the code {escape(user_code)}.</p>")
    return _html(200, f"<p>{escape(person.name)} is signed in. You may close this page.</p>")


def authorize(call: EntraCall) -> Response:
    """GET authorize: the choice of a person; with `as`, back to the client with a code."""
    query = dict(call.request.query)
    target = query.get("redirect_uri", "")
    if urlsplit(target).hostname not in _LOOPBACK:
        raise Refusal("invalid_request", 50011, f"The redirect URI '{target}' is not of loopback.")
    alias = query.pop("as", None)
    if alias is None:
        return _choice(call.world, call.request.path, query)
    code = secrets.token_urlsafe(32)
    _save(call, code, None, query, _user(call.world, alias))
    back = {"code": code, "state": query.get("state", "")}
    if query.get("response_mode") == "form_post":
        return _posting(target, back)
    mark = "&" if urlsplit(target).query else "?"
    return Response(302, {"Location": f"{target}{mark}{urlencode(back)}"}, b"")


class CodeSignIn(NamedTuple):
    """Who has signed in by a code, for which scope, and the request for the code."""

    person: Person
    scope: str
    kept: Mapping[str, str]

    def check(self, form: Mapping[str, str]) -> None:
        """Check the redemption of a browser's code against the request for it."""
        if form.get("redirect_uri", "") != self.kept.get("redirect_uri", ""):
            text = "The reply address does not match the one of the authorization request."
            raise Refusal("invalid_grant", 500112, text)
        challenge = self.kept.get("code_challenge")
        if challenge is None:
            return
        verifier = form.get("code_verifier", "")
        if self.kept.get("code_challenge_method") == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if verifier != challenge:
            text = "The code_verifier doesn't match the code_challenge supplied for PKCE."
            raise Refusal("invalid_grant", 50148, text)


def redeem(world: World, code: str, client: str, at: datetime) -> CodeSignIn:
    """Redeem a code, which is valid once."""
    row = world.connection.execute(
        "SELECT scope, oid, ends, kept FROM codes WHERE code = ? AND client = ?", (code, client)
    ).fetchone()
    if row is None:
        raise Refusal("invalid_grant", 70000, "The provided code is not valid.")
    scope, oid, ends, kept = row
    if ends <= at.timestamp():
        raise Refusal("expired_token", 70020, "The provided code has expired.")
    person = world.directory.person(oid) if oid else None
    if person is None:
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        raise Refusal("authorization_pending", 70016, text)
    world.connection.execute("DELETE FROM codes WHERE code = ?", (code,))
    return CodeSignIn(person, str(scope), json.loads(kept))


def _save(
    call: EntraCall,
    code: str,
    user_code: str | None,
    asked: Mapping[str, str],
    person: Person | None = None,
) -> None:
    """Store a code with what it was asked for, and who has signed in already."""
    kept = json.dumps({name: asked[name] for name in _KEPT if asked.get(name)})
    client, scope = asked.get("client_id", ""), asked.get("scope", "")
    oid = person.object_id if person is not None else None
    ends = call.at.timestamp() + _LIFETIME_SECONDS
    row = (code, user_code, client, call.params["tenant"], scope, oid, ends, kept)
    call.world.connection.execute("INSERT INTO codes VALUES (?,?,?,?,?,?,?,?)", row)


def _user(world: World, alias: str) -> Person:
    person = world.directory.by_sign_in_name(alias)
    if person is None or person.kind != "user":
        raise Refusal("invalid_request", 50034, f"The user account {alias} does not exist.")
    return person


def _choice(world: World, path: str, query: Mapping[str, str]) -> Response:
    """Give the page to choose who signs in; it asks for a code that is missing."""
    kept = "".join(
        f'<input name="{escape(name)}" value="{escape(value)}"'
        f"{' placeholder=code' if not value else ' type=hidden'}>"
        for name, value in query.items()
    )
    people = "".join(
        f'<button name="as" value="{escape(person.alias)}">{escape(person.name)}'
        f"<br><small>{escape(person.upn)}</small></button>"
        for person in world.directory.people()
        if person.kind == "user"
    )
    text = "<p>Who signs in? Nothing here is real, and there are no passwords.</p>"
    return _html(200, f'{text}<form action="{escape(path)}">{kept}{people}</form>')


def _posting(target: str, fields: Mapping[str, str]) -> Response:
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    form = f'<form method="post" action="{escape(target)}">{inputs}</form>'
    return _html(200, f"{form}<script>document.forms[0].submit()</script>")


def _html(status: int, body: str) -> Response:
    text = f"{_HEAD}{body}"
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())
