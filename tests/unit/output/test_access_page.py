"""The page of a report: what its policy allows, and that no text of others becomes part of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from azjit.domain.access_report import used_in
from azjit.output.results import access_page
from reported import ATTACKS, NOW, SINCE, page_of, report_of


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in {"script", "style"} and data.strip():
            self.texts.append((self.elements[-1][1].get("type") or self.elements[-1][0], data))

    @property
    def policy(self) -> dict[str, str]:
        (told,) = [
            attrs["content"] or ""
            for _, attrs in self.elements
            if attrs.get("http-equiv") == "Content-Security-Policy"
        ]
        return dict(each.strip().partition(" ")[::2] for each in told.split(";"))

    def text_of(self, kind: str) -> str:
        (found,) = [text for told, text in self.texts if told == kind]
        return found

    @property
    def data(self) -> Any:
        return json.loads(self.text_of("application/json"))


@pytest.fixture(scope="module")
def text() -> str:
    return page_of(report_of(60))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(page: Page) -> None:
    policy = page.policy

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == hash_of(page.text_of("script"))
    assert policy["style-src"] == hash_of(page.text_of("style"))
    assert policy["base-uri"] == policy["form-action"] == policy["trusted-types"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"


def test_the_page_refers_to_nothing_outside_itself(page: Page) -> None:
    names = {name for _, attrs in page.elements for name in attrs}
    links = [attrs["href"] for _, attrs in page.elements if "href" in attrs]
    ours = page.text_of("script") + page.text_of("style")

    assert links == ["#requests"]
    assert not names & {"src", "srcset", "action", "background", "style", "ping", "data", "poster"}
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch\(|XMLHttp|import\(|\beval", ours)


def test_the_script_makes_no_markup_and_no_link_of_data(page: Page) -> None:
    script = page.text_of("script")

    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser", script)
    assert not re.search(r"\bhref\b|location\b|window\.open|setAttribute\(\"(on|style|src)", script)


def test_no_text_of_others_ends_the_data_or_begins_an_element(page: Page) -> None:
    kinds = [kind for kind, _ in page.texts]

    assert kinds == ["style", "application/json", "script"]
    assert not {"<", ">", "&"} & {*page.text_of("application/json")}
    assert page.text_of("application/json").isascii()
    assert not [tag for tag, _ in page.elements if tag in {"img", "b"}]


def test_the_data_has_each_text_with_what_is_invisible_in_it_made_visible(page: Page) -> None:
    claims = {each["claim"] for each in page.data["requests"]}

    assert {ATTACKS[0], ATTACKS[1], ATTACKS[2], ATTACKS[4], ATTACKS[5]} <= claims
    (odd,) = [each for each in claims if "gnp.exe" in each]
    assert odd == "<U+2028><U+2029> <U+202E>gnp.exe<U+202C> <U+D800> ␀␛[31m"
    assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2028\u2029]", "".join(claims))


def test_the_bars_are_the_time_that_is_counted() -> None:
    report = report_of(40)
    seconds = {
        one.request.name: int(used_in(one, SINCE, NOW).total_seconds())
        for each in report.applications
        for one in each.requests
    }

    drawn = {
        each["request"]: (each["span"][1] - each["span"][0]) // 1000 if each["span"] else 0
        for each in Page(page_of(report)).data["requests"]
    }

    assert any(drawn.values())
    assert {name: abs(drawn[name] - seconds[name]) <= 1 for name in seconds} == dict.fromkeys(
        seconds, True
    )


def test_the_zone_has_the_minute_at_which_the_clocks_change() -> None:
    zones = Page(page_of(report_of(1), "Europe/Berlin")).data["zone"]
    utc = Page(page_of(report_of(1), "UTC")).data["zone"]

    assert [each[1:] for each in zones] == [[120, "CEST"], [60, "CET"]]
    assert zones[1][0] == datetime(2026, 10, 25, 1, 0, tzinfo=UTC).timestamp() * 1000
    assert [each[1:] for each in utc] == [[0, "UTC"]]


def test_what_could_not_be_read_is_on_the_page(page: Page) -> None:
    assert page.data["missing"] == [
        "subscription 00000000-0000-0000-0000-00000000000b: you may not read it"
    ]


def test_a_page_without_requests_is_whole() -> None:
    data = Page(page_of(report_of(0, applications=0))).data

    assert (data["requests"], data["applications"], data["standingRead"]) == ([], [], False)


def test_the_parts_of_the_page_are_in_the_package() -> None:
    here = access_page._PARTS

    assert all(here.with_suffix(each).is_file() for each in (".html", ".css", ".js"))
