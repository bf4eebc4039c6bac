"""Sign-in by a person elsewhere: the device code, the browser, and the page where one says who."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from azjit.sandbox.cast import Person
from azjit.sandbox.messages import Request, Response, answer
from azjit.sandbox.refusal import Refusal

if TYPE_CHECKING:
    from azjit.sandbox.world import World

_LIFETIME_SECONDS = 900
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def start(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    """POST devicecode: a code for the device, and one to type elsewhere."""
    form = dict(parse_qsl(request.body.decode(errors="replace")))
    user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
    device_code = secrets.token_urlsafe(32)
    ends = real_now.timestamp() + _LIFETIME_SECONDS
    _keep(world, (device_code, user_code, params["tenant"], ends), form, None)
    page_address = f"{request.site.login}/devicelogin"
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


def page(
    request: Request, world: World, _real_now: datetime, _params: Mapping[str, str]
) -> Response:
    """GET devicelogin: who signs in; with `as`, that person does."""
    user_code = request.query.get("user_code", "").upper()
    alias = request.query.get("as")
    if alias is None:
        return _choice(world, "/devicelogin", {"user_code": user_code})
    person = _user(world, alias)
    done = world.connection.execute(
        "UPDATE codes SET oid = ? WHERE user_code = ?", (person.object_id, user_code)
    )
    if done.rowcount == 0:
        return _html(404, f"<p>There is no sign-in with the code {escape(user_code)}.</p>")
    return _html(200, f"<p>{escape(person.name)} is signed in. You may close this page.</p>")


def authorize(
    request: Request, world: World, real_now: datetime, params: Mapping[str, str]
) -> Response:
    """GET authorize: who signs in; with `as`, back to the client with a code."""
    query = dict(request.query)
    target = query.get("redirect_uri", "")
    if urlsplit(target).hostname not in _LOOPBACK:
        raise Refusal("invalid_request", 50011, f"The redirect URI '{target}' is not of loopback.")
    alias = query.pop("as", None)
    if alias is None:
        return _choice(world, request.path, query)
    code = secrets.token_urlsafe(32)
    ends = real_now.timestamp() + _LIFETIME_SECONDS
    person = _user(world, alias)
    _keep(world, (code, None, params["tenant"], ends), query, person.object_id)
    back = {"code": code, "state": query.get("state", "")}
    if query.get("response_mode") == "form_post":
        return _posting(target, back)
    mark = "&" if urlsplit(target).query else "?"
    return Response(302, {"Location": f"{target}{mark}{urlencode(back)}"}, b"")


def redeem(world: World, code: str, client: str, at: datetime) -> tuple[Person, str]:
    """Who has signed in by a code, and for which scope; a code is good once.

    Raises:
        Refusal: nobody yet, the code is none, or its time has passed.
    """
    row = world.connection.execute(
        "SELECT scope, oid, ends FROM codes WHERE code = ? AND client = ?", (code, client)
    ).fetchone()
    if row is None:
        raise Refusal("invalid_grant", 70000, "The provided code is not valid.")
    scope, oid, ends = row
    if ends <= at.timestamp():
        raise Refusal("expired_token", 70020, "The provided code has expired.")
    person = world.directory.person(oid) if oid else None
    if person is None:
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        raise Refusal("authorization_pending", 70016, text)
    world.connection.execute("DELETE FROM codes WHERE code = ?", (code,))
    return person, str(scope)


def _keep(
    world: World,
    facts: tuple[str, str | None, str, float],
    form: Mapping[str, str],
    oid: str | None,
) -> None:
    code, user_code, tenant, ends = facts
    row = (code, user_code, form.get("client_id", ""), tenant, form.get("scope", ""), oid, ends)
    world.connection.execute("INSERT INTO codes VALUES (?,?,?,?,?,?,?)", row)


def _user(world: World, alias: str) -> Person:
    person = world.directory.signs_in_as(alias)
    if person is None or person.kind != "user":
        raise Refusal("invalid_request", 50034, f"The user account {alias} does not exist.")
    return person


def _choice(world: World, path: str, query: Mapping[str, str]) -> Response:
    """The page on which one says who signs in; a code that is not given yet is typed there."""
    kept = "".join(
        f'<input name="{escape(name)}" value="{escape(value)}"'
        f"{' placeholder=code' if not value else ' type=hidden'}>"
        for name, value in query.items()
    )
    people = "".join(
        f'<button name="as" value="{escape(person.alias)}">{escape(person.name)}</button>'
        for person in world.directory.people()
        if person.kind == "user"
    )
    text = "<p>Who signs in to this sandbox?</p>"
    return _html(200, f'{text}<form action="{escape(path)}">{kept}{people}</form>')


def _posting(target: str, fields: Mapping[str, str]) -> Response:
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    form = f'<form method="post" action="{escape(target)}">{inputs}</form>'
    return _html(200, f"{form}<script>document.forms[0].submit()</script>")


def _html(status: int, body: str) -> Response:
    text = f"<!doctype html><title>azjit sandbox</title>{body}"
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())
