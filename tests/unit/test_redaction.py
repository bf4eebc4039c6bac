from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from azjit.redaction import Secrets

SECRET = "Very~Secret/\"Value'&<ü> 9+\U0001f511"
FORMS = {
    "as it is": SECRET,
    "in a URL": quote(SECRET, safe=""),
    "in a form": quote_plus(SECRET),
    "in a URL of .NET": re.sub("%..", lambda found: found[0].lower(), quote(SECRET, safe="")),
    "in JSON": json.dumps(SECRET),
    "in JSON of .NET": r"Very~Secret/\u0022Value\u0027\u0026\u003C\u00FC\u003E 9\u002B\uD83D\uDD11",
    "in Python": repr(SECRET),
    "in a page": html.escape(SECRET),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "cut short": SECRET[:15],
    "twice": f"{SECRET} and {SECRET}",
    "folded": SECRET.replace(" ", "\n"),
}


def secrets(*values: str | None) -> Secrets:
    made = Secrets()
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_taken_out_in_every_form(form: str) -> None:
    told = secrets(SECRET).clean(f"thanks for {form}, bye")

    assert told.startswith("thanks for ")
    assert told.endswith(", bye")
    assert "[secret removed]" in told
    assert [part for part in ("Secret", "Value", form[:8]) if part in told] == []


def test_a_token_of_any_form_is_taken_out_once_it_is_known() -> None:
    opaque = "opaque token with a blank"

    assert secrets(opaque).clean(f"Bearer {opaque}") == "Bearer [secret removed]"


def test_a_short_secret_is_taken_out_as_a_word_only() -> None:
    known = secrets("hunter")

    assert known.clean("hunters: 'hunter'") == "hunters: '[secret removed]'"


@pytest.mark.parametrize("value", [None, "", "  ", "abc", "sandbox"])
def test_what_is_a_part_of_every_text_stays(value: str | None) -> None:
    text = "abc: try azjit with --sandbox"

    assert secrets(value).clean(text) == text


def test_one_secret_that_begins_as_another_is_taken_out_whole() -> None:
    known = secrets("Secret~Value", "Secret~Value~Longer")

    assert known.clean("a Secret~Value~Longer b Secret~Value c") == (
        "a [secret removed] b [secret removed] c"
    )
