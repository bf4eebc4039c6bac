"""JSON with comments, encodings and expressions: what is accepted, and error positions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azjit.errors import Usage
from azjit.packages.expression import plain_reference, references_in, written
from azjit.packages.insertion import JsonStyle, insert
from azjit.packages.jsonc import Malformed, parse
from azjit.packages.source import decode
from patience import patient

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
# How long examples take to make is the machine's business.
few = settings(patient, max_examples=60)


@few
@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_what_json_writes_is_read_the_same(value: object, indent: object) -> None:
    text = json.dumps(value, indent=indent)  # type: ignore[arg-type]  # a number or a text

    assert parse(text).plain() == json.loads(text)


@few
@given(st.text(alphabet='{}[]",:/*\\ntrue0123.-+eE \n', max_size=40))
def test_what_json_refuses_is_refused_comments_apart(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        if "/" not in text:
            with pytest.raises(Malformed):
                parse(text)
    else:
        assert parse(text).plain() == expected


@few
@given(st.dictionaries(st.text(), VALUES), st.sampled_from([None, 2, "\t"]), VALUES)
def test_an_appended_member_is_the_only_change(
    value: dict[str, object], indent: object, added: object
) -> None:
    text = json.dumps(value, indent=indent)  # type: ignore[arg-type]  # as above
    root = parse(text)

    made = insert(text, JsonStyle(text, root).append(root, added, key="\x00new"))

    assert json.loads(made) == {**json.loads(text), "\x00new": json.loads(json.dumps(added))}


@pytest.mark.parametrize(
    ("text", "offset", "said"),
    [
        ("", 0, "expected a value, found the end of the file"),
        ("{", 1, "expected a key in double quotes, found the end of the file"),
        ('{"a" 1}', 5, "expected a colon, found '1'"),
        ('{"a": 1 "b": 2}', 8, "expected a comma or }, found '\"'"),
        ('{"a": 1,}', 7, "a comma with nothing after it"),
        ("[1, ]", 2, "a comma with nothing after it"),
        ("[1, , 2]", 4, "expected a value, found ','"),
        ("{'a': 1}", 1, 'expected a key in double quotes, found "\'"'),
        ('{"a": 1, b: 2}', 9, "expected a key in double quotes after the comma, found 'b'"),
        ('["a\nb"]', 1, "a string that does not end on its line"),
        ('["a\tb"]', 3, "a control character inside a string"),
        (r'["a\qb"]', 3, "a backslash without a valid escape"),
        ("[NaN]", 1, "expected a value, found 'N'"),
        ("[01]", 2, "expected a comma or ], found '1'"),
        ("[1] x", 4, "text after the end of the value"),
        ("[1] /* x", 4, "text after the end of the value"),
        ("[/* x", 1, "a comment that does not end"),
        ("[" * 200, 101, "more than 100 levels deep"),
    ],
)
def test_malformed_json_says_what_and_where(text: str, offset: int, said: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(text)

    assert (caught.value.offset, str(caught.value)) == (offset, said)


def test_comments_stand_wherever_white_space_may() -> None:
    text = '/*a*/{//b\n"k"/**/:/*c*/1,// "x": 2\r\n"l":[/*[*/]}//end'

    assert parse(text).plain() == {"k": 1, "l": []}


def test_a_position_counts_lines_of_every_kind() -> None:
    source = decode("x", "a\r\nb\rc\n€d".encode())

    assert [source.position(at) for at in (0, 3, 5, 8)] == [(1, 1), (2, 1), (3, 1), (4, 2)]


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\xfe\xff\xd8\x00", b"\xef\xbb\xbf\xff"])
def test_bytes_that_are_not_what_their_mark_says_are_refused(content: bytes) -> None:
    with pytest.raises(Usage, match="has a mark of UTF-"):
        decode("x", content)


@few
@given(st.binary(max_size=40))
def test_any_bytes_come_back_the_same_or_are_refused(content: bytes) -> None:
    try:
        source = decode("x", content)
    except Usage:
        return

    assert source.encode(source.text) == content


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[steps('a').b]", ("a", "b")),
        (" [ steps ( 'a' ) . b ['c d'] ] ", ("a", "b", "c d")),
        ("[steps('it''s').b]", ("it's", "b")),
        ("[basics('b')]", ("", "b")),
        ("[steps('a')]", ("a",)),
    ],
)
def test_a_plain_reference_is_read(text: str, path: tuple[str, ...]) -> None:
    reference = plain_reference(text)

    assert reference is not None
    assert reference.path == path


@pytest.mark.parametrize(
    "text",
    [
        "steps('a').b",
        "[[steps('a').b]",
        '[steps("a").b]',
        "[steps('a').b, 1]",
        "[Steps('a').b]",
        "[steps('a').b-c]",
        "[parse(steps('a').b)]",
    ],
)
def test_anything_else_is_no_plain_reference(text: str) -> None:
    assert plain_reference(text) is None


def test_references_inside_an_expression_are_all_found() -> None:
    told = "[if(equals(basics('x'), 1), steps('a').b, mysteps('c').d)]"

    assert [str(each) for each in references_in(told)] == ["basics('x')", "steps('a').b"]


@few
@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_what_is_written_is_read_as_the_same(step: str, names: list[str]) -> None:
    reference = plain_reference(written(step, *names))

    assert reference is not None
    assert reference.path == (step, *names)
