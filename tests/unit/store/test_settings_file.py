"""The file of settings: what it means, and the line of each mistake."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TextIO

import pytest
import yaml

from azjit.domain.applications import ApprovalMode, Approver, JitPolicy
from azjit.domain.ids import ApplicationId, PrincipalId
from azjit.domain.inputs import settings_entry
from azjit.errors import Usage
from azjit.output.render.formats import write_json, write_yaml
from azjit.output.render.show import bare
from azjit.output.results.settings_file import entries_view
from azjit.store.settings_file import parse_settings

PLACE = "/subscriptions/S1/resourceGroups/{}/providers/Microsoft.Solutions/applications/{}"
ID = PLACE.format("shop-eu", "shop")
BOB = "user:aaaaaaaa-0000-4000-8000-00000000000b"
ENTRY = f"- application: {ID}\n"


def test_an_entry_has_the_settings_of_an_application() -> None:
    (entry,) = parse_settings(
        f"# ours\n{ENTRY}  mode: Manual\n  maximum: 1h30m\n  approvers:\n  - {BOB}=Bob\n  - Ops\n",
        "f",
    )

    patch = entry.patch
    assert (entry.application, entry.line, entry.is_pattern) == (ApplicationId(ID), 2, False)
    assert (patch.mode, patch.maximum) == (ApprovalMode.MANUAL, timedelta(minutes=90))
    assert (patch.add, patch.remove, patch.approvers) == ((f"{BOB}=Bob", "Ops"), (), None)


def test_json_is_read_too_and_null_leaves_a_setting_as_it_is() -> None:
    text = f'[\n {{"application": "{ID}", "mode": null,\n "maximum": "PT2H", "approvers": []}}]'

    (entry,) = parse_settings(text, "f")

    assert (entry.patch.mode, entry.patch.maximum) == (None, timedelta(hours=2))


def test_an_empty_list_means_no_application() -> None:
    assert parse_settings("[]", "f") == []


@pytest.mark.parametrize(
    ("group", "name", "matches"),
    [
        ("shop-eu", "shop", True),
        ("SHOP-us", "Shop", True),
        ("shop-eu", "shopping", False),
        ("my-shop-eu", "shop", False),
        ("shop-a/providers/x", "shop", False),
    ],
)
def test_a_star_stands_for_any_characters_but_a_slash(
    group: str, name: str, *, matches: bool
) -> None:
    (entry,) = parse_settings(
        f"- application: {PLACE.format('shop-*', 's*p')}\n  mode: manual", "f"
    )

    assert entry.is_pattern
    assert entry.matches(ApplicationId(PLACE.format(group, name))) is matches


def test_a_pattern_is_for_one_subscription() -> None:
    (entry,) = parse_settings(f"- application: {PLACE.format('*', '*')}\n  mode: manual", "f")

    assert not entry.matches(ApplicationId(ID.replace("S1", "S2")))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f is empty"),
        ("# only this\n", "f is empty"),
        ("mode: manual", "f:1: not a list of applications"),
        ("- shop", "f:1: not the settings of an application"),
        ("-\n  mode: manual", "f:2: the key application is missing"),
        (f"{ENTRY}  mod: manual", "f:2: unknown key 'mod'"),
        (f"{ENTRY}  mode: manual\n  mode: automatic", "f:3: the key 'mode' is there twice"),
        (f"{ENTRY}  mode: manual\n\n- application: {ID.upper()}\n  mode: manual", "f:4: "),
        (ENTRY, "f:1: no setting for"),
        (f"{ENTRY}  mode: null", "f:1: no setting for"),
        (f"{ENTRY}  mode:", "f:2: no approval mode named ''"),
        (f"{ENTRY}  mode: sometimes", "f:2: no approval mode named 'sometimes'"),
        (f"{ENTRY}  mode: [manual]", "f:2: mode is not a text"),
        (f"{ENTRY}  maximum: 8", "f:2: no unit in the duration '8'"),
        (f"{ENTRY}  maximum: P1M", "f:2: months and years"),
        (f"{ENTRY}  approvers: Ops", "f:2: approvers is not a list"),
        (f"{ENTRY}  approvers:\n  - Ops\n  - robot:{BOB[5:]}", "f:4: malformed approver"),
        (f"{ENTRY}  approvers:\n  - 'user: '", "f:3: malformed approver"),
        (f"{ENTRY}  approvers:\n  - {BOB}=", "f:3: malformed approver"),
        (f"{ENTRY}  approvers:\n  - ''", "f:3: malformed approver"),
        (f"{ENTRY}  approvers:\n  - null", "f:3: approver is not a text"),
        ("- application: shop\n  mode: manual", "f:1: malformed resource id 'shop'"),
        ("- application: null\n  mode: manual", "f:1: application is not a text"),
        (f"- application: {ID}/x/y\n  mode: manual", "is not the id of an application"),
        (f"- application: {ID[: ID.index('/pro')]}\n  mode: manual", "is not the id of an"),
        (f"- application: {ID.replace('S1', 'S*')}\n  mode: manual", "f:1: a pattern is for one"),
        (f"- application: {ID}\n  mode: &a manual", "f:2: anchors and aliases"),
        (f"- application: {ID}\n  mode: !x manual", "f:2: the tag !x"),
        (f"{ENTRY}  <<: {{mode: manual}}", "f:2: unknown key '<<'"),
        (f"{ENTRY}  ? [a]\n  : b", "f:2: a key is not a word"),
        (f"{ENTRY}  mode: manual\n---\n- x", "f:3: a second document"),
        (f"{ENTRY}  mode: 'manual", "f:2: not YAML: "),
        (f"{ENTRY} mode: manual", "f:2: not YAML: "),
        (f"{ENTRY}\tmode: manual", "f:2: not YAML: "),
        (f"{ENTRY}  mode: man\x07ual", "f:2: the character U+0007 is not allowed"),
        ("[" * 100_000, "f:1: n"),
        ("- " * 100_000, "f:1: nested too deeply"),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("is_fast", [True, False], ids=["libyaml", "python"])
def test_a_mistake_has_its_line(
    monkeypatch: pytest.MonkeyPatch, text: str, told: str, *, is_fast: bool
) -> None:
    if not is_fast:
        monkeypatch.delattr(yaml, "CSafeLoader")

    with pytest.raises(Usage) as found:
        parse_settings(text, "f")

    assert told in found.value.message
    assert found.value.hint


def test_an_alias_cannot_make_a_small_file_large() -> None:
    bomb = "- &a [x, x]\n" + "".join(f"- &{c} [*a, *a]\n" for c in "bcdefgh")

    with pytest.raises(Usage, match="anchors"):
        parse_settings(bomb, "f")


# What is written is read back


POLICY = JitPolicy(
    enabled=True,
    mode=ApprovalMode.MANUAL,
    approvers=(
        Approver(PrincipalId(BOB[5:]), "User", "Bob = 'B' # \"x\": - [y] \u202e\x07\n\t\u2028z"),
        Approver(PrincipalId(BOB[5:-1] + "c"), "group", " null "),
        Approver(PrincipalId(BOB[5:-1] + "d"), "group", " "),
    ),
    maximum=timedelta(hours=1, seconds=1),
)


@pytest.mark.parametrize("write", [write_yaml, write_json])
def test_what_is_exported_is_read_as_the_same(write: Callable[[object, TextIO], None]) -> None:
    entry, unfit = settings_entry(ApplicationId(ID), POLICY)
    stream = io.StringIO()

    write(bare(entries_view([entry])), stream)
    (read,) = parse_settings(stream.getvalue(), "f")

    assert unfit == ()
    assert (read.application, read.patch) == (entry.application, entry.patch)
    assert len(read.patch.add) == 3


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mode": ApprovalMode.UNKNOWN, "mode_text": "Odd"}, "the mode 'Odd'"),
        ({"mode": ApprovalMode.NOT_SPECIFIED}, "the mode 'not specified'"),
        ({"maximum": None, "maximum_text": "P1M"}, "the maximum P1M"),
        ({"maximum": None}, "the maximum that is not set"),
        ({"maximum": timedelta(seconds=1.5), "maximum_text": "PT1.5S"}, "the maximum PT1.5S"),
        ({"maximum": timedelta(0), "maximum_text": "PT0S"}, "the maximum PT0S"),
        (
            {"approvers": (Approver(PrincipalId(BOB[5:]), "Robot"),)},
            f"the approver Robot:{BOB[5:]}",
        ),
        ({"approvers": (Approver(PrincipalId("bob"), "user"),)}, "the approver user:bob"),
    ],
)
def test_what_a_file_cannot_have_is_told(changed: dict[str, Any], told: str) -> None:
    entry, unfit = settings_entry(ApplicationId(ID), POLICY._replace(**changed))

    assert unfit == (told,)
    stream = io.StringIO()
    write_yaml(bare(entries_view([entry])), stream)
    assert parse_settings(stream.getvalue(), "f")[0].patch == entry.patch
