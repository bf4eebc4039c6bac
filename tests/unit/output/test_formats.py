"""The formats for scripts, byte for byte."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from enum import StrEnum
from types import MappingProxyType

import pytest
import yaml

from azjit.output.fields import Column
from azjit.output.render.formats import write_json, write_jsonl, write_tsv, write_yaml
from azjit.output.view import View
from views import listing

Shown = Callable[..., str]
NASTY = "a\x1b[2J\u202eb\u200b\x85\x7f\U000e0041\u2028é日"


def one(value: object) -> View:
    return listing("things", (Column("v", "V"),), [{"v": value}])


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def ascii_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")


def test_json_is_what_json_dump_writes(shown: Shown, requests: View) -> None:
    items = list(requests.items)

    assert shown(requests, format="json") == json.dumps(items, indent=2, ensure_ascii=False) + "\n"


def test_jsonl_is_a_compact_line_each(shown: Shown) -> None:
    view = listing("things", (), [{"a": 1, "b": "é"}, {"a": None}])

    assert shown(view, format="jsonl") == '{"a":1,"b":"é"}\n{"a":null}\n'


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_keeps_data_and_escapes_what_acts_on_a_terminal(shown: Shown, form: str) -> None:
    text = shown(one([NASTY, "x\ny"]), format=form)

    assert "é日" in text
    assert not set(text) & set("\x1b\u202e\u200b\x85\x7f\U000e0041\u2028")
    value = json.loads(text)
    assert (value if form == "jsonl" else value[0]) == {"v": [NASTY, "x\ny"]}


def test_json_keeps_lone_surrogates(shown: Shown) -> None:
    text = shown(one("\ud800"), format="json")

    assert text.encode("utf-8")
    assert json.loads(text) == [{"v": "\ud800"}]


def test_json_stays_json_on_a_stream_without_unicode() -> None:
    stream = ascii_stream()

    write_json({"v": "é\u202e"}, stream)
    write_jsonl([["日"]], stream)

    stream.seek(0)
    assert stream.read() == '{\n  "v": "\\u00e9\\u202e"\n}\n["\\u65e5"]\n'


def test_values_of_our_own_types_become_plain(shown: Shown) -> None:
    class State(StrEnum):
        PENDING = "pending"

    view = listing("things", (), [MappingProxyType({"s": State.PENDING, "t": (1, True, None)})])

    assert shown(view, format="jsonl") == '{"s":"pending","t":[1,true,null]}\n'
    assert shown(view, format="yaml") == "- s: pending\n  t:\n  - 1\n  - true\n  - null\n"
    assert shown(view, format="tsv") == "pending\t1,true,\n"


def test_yaml_reads_back_as_the_same_items(shown: Shown, requests: View) -> None:
    text = shown(requests, format="yaml")

    assert yaml.safe_load(text) == list(requests.items)
    assert "日本語アプリ" in text


def test_yaml_keeps_data_and_escapes_what_acts_on_a_terminal(shown: Shown) -> None:
    text = shown(one([NASTY, "two\nlines", "long " * 60]), format="yaml")

    assert not set(text) & set("\x1b\u202e\u200b\x85\x7f\U000e0041\u2028")
    assert yaml.safe_load(text) == [{"v": [NASTY, "two\nlines", "long " * 60]}]


def test_yaml_has_no_anchors_for_what_is_shared(shown: Shown) -> None:
    shared = ["x"]

    assert shown(one([shared, shared]), format="yaml") == "- v:\n  - - x\n  - - x\n"


def test_yaml_of_a_scalar_has_no_end_mark() -> None:
    stream = io.StringIO()

    write_yaml(5, stream)

    assert stream.getvalue() == "5\n"


def test_yaml_replaces_lone_surrogates_which_it_can_not_hold(shown: Shown) -> None:
    assert yaml.safe_load(shown(one("a\ud800"), format="yaml")) == [{"v": "a?"}]


def test_tsv_has_no_header_and_the_declared_order(shown: Shown, requests: View) -> None:
    first = shown(requests, format="tsv").splitlines()[0]

    assert first.split("\t") == [
        "0f8fad5b-d9cb-469f-a165-708677289501",
        "pending",
        "contoso-db",
        "Contributor",
        "2026-03-02T14:00:00Z",
        "120",
        "patch the warehouse before the audit of Tuesday",
        "alice@fabrikam.example",
    ]


def test_tsv_escapes_what_would_break_a_line(shown: Shown) -> None:
    assert shown(one("a\tb\nc\rd\\e"), format="tsv") == "a\\tb\\nc\\rd\\\\e\n"


@pytest.mark.parametrize("form", ["tsv", "csv", "table"])
def test_text_formats_show_what_acts_on_a_terminal(shown: Shown, form: str) -> None:
    text = shown(one("\x1b]0;x\x07\u202e"), format=form)

    assert "␛]0;x␇<U+202E>" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        (["a", "b"], "a,b"),
        ([], ""),
        ({"a": "é"}, '{"a":"é"}'),
        ([{"a": 1}], '[{"a":1}]'),
    ],
)
def test_tsv_of_values(shown: Shown, value: object, text: str) -> None:
    assert shown(one(value), format="tsv") == text + "\n"


def test_cell_text_is_exported_only_when_asked(shown: Shown) -> None:
    columns = (
        Column("v", "V", cell=lambda _: "shown"),
        Column("v", "V", cell=lambda _: "seen", export=lambda _: "shown"),
    )

    assert shown(listing("things", columns, [{"v": 1}]), format="tsv") == "1\tshown\n"


def test_csv_has_the_keys_as_header_and_crlf(shown: Shown, requests: View) -> None:
    text = shown(requests, format="csv", limit=1)

    assert text.startswith("name,state,application.name,roles,start,minutes,reason,requester\r\n")
    assert text.endswith("\r\n")


def test_csv_quotes_as_rfc_4180(shown: Shown) -> None:
    text = shown(one('say "hi", then\nleave'), format="csv")

    assert text == 'v\r\n"say ""hi"", then\nleave"\r\n'


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+x", "-x", "@sum", "\tx", "\rx", "\n=x", "＝1", "-1+2", "+1"],  # noqa: RUF001
)
def test_csv_disarms_formulas(shown: Shown, text: str) -> None:
    assert rows(shown(one(text), format="csv"))[1][0].startswith("'")


@pytest.mark.parametrize("value", [-5, -1.5e-7, "-5", "a=b"])
def test_csv_leaves_numbers_and_plain_text(shown: Shown, value: object) -> None:
    assert rows(shown(one(value), format="csv"))[1] == [str(value)]


def test_csv_disarms_keys_that_came_from_elsewhere(shown: Shown) -> None:
    assert shown(listing("things", (), [{"=x": 1}]), format="csv") == "'=x\r\n1\r\n"


def test_text_on_a_stream_without_unicode_is_escaped() -> None:
    stream = ascii_stream()

    write_tsv((Column("v", "V"),), [{"v": "é…"}], stream)

    stream.seek(0)
    assert stream.read() == "\\xe9\\u2026\n"
