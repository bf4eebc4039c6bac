from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from azjit.domain.findings import Finding
from azjit.packages.addition import add_jit
from azjit.packages.catalog import COMMENTS, ENCODING, FORM_VIEW, NO_OUTPUT, NO_STEP
from azjit.packages.jsonc import parse
from azjit.packages.package import Package, findings_of, open_package
from createui import Draft, Planted, Shape, planted, shapes

SHAPES = shapes()
SPECS = Path(__file__).parents[4] / "shared" / "specs" / "createui"
EXTRA = {"utf-16-le", "utf-16-be", "utf-32-le", "latin-1"}


def opened(draft: Draft, folder: Path) -> Package:
    path = folder / "createUiDefinition.json"
    path.write_bytes(draft.content)
    return open_package(path)


def found(draft: Draft, folder: Path) -> list[Finding]:
    return findings_of(opened(draft, folder), is_catalog=False)


def failing(findings: list[Finding]) -> list[tuple[str, int, int]]:
    return [
        (each.rule.code, each.place.line, each.place.column)
        for each in findings
        if each.fails and each.place is not None
    ]


def is_subsequence(old: str, new: str) -> bool:
    rest = iter(new)
    return all(char in rest for char in old)


def test_there_are_fifty_shapes_of_every_kind() -> None:
    assert len(SHAPES) == 50
    assert sum(shape.is_form for shape in SHAPES) == 10
    assert {shape.hand.eol for shape in SHAPES} == {"\n", "\r\n", "\r"}
    assert {shape.hand.encoding for shape in SHAPES} == EXTRA | {"utf-8"}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_right_file_has_no_finding_but_true_notes(shape: Shape, tmp_path: Path) -> None:
    codes = {each.rule for each in found(shape.draw(), tmp_path)}

    allowed = {FORM_VIEW} if shape.is_form else set()
    allowed |= {COMMENTS} if shape.hand.comments else set()
    draft = shape.draw()
    is_told = not is_utf8(draft.content)
    assert codes == allowed | ({ENCODING} if is_told else set())


def is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in content


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_add_jit_adds_the_two_and_nothing_else(shape: Shape, tmp_path: Path) -> None:
    before = opened(shape.without_jit().draw(), tmp_path)

    addition = add_jit(before.source, before.definition)
    content = before.with_text(addition.text)
    (tmp_path / "createUiDefinition.json").write_bytes(content)
    after = open_package(tmp_path / "createUiDefinition.json")

    old, new = before.definition.root.plain(), after.definition.root.plain()
    step = get_list(new, shape.steps_path).pop()
    policy = get_list(new, shape.outputs_path).pop("jitAccessPolicy")
    assert addition.added == ("step", "output")
    assert json.dumps(new) == json.dumps(old), "the two apart, nothing changed, order included"
    assert policy == f"[steps('{step['name']}').{step['elements'][0]['name']}]"
    assert failing(findings_of(after, is_catalog=False)) == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_add_jit_keeps_the_hand_of_the_file(shape: Shape, tmp_path: Path) -> None:
    draft = shape.without_jit().draw()
    before = opened(draft, tmp_path)

    text = add_jit(before.source, before.definition).text
    content = before.with_text(text)

    assert content.startswith(shape.hand.mark)
    assert is_subsequence(before.source.text, text), "comments and white space are all there"
    ends = set(re.findall(r"\r\n|\n|\r", text))
    assert ends <= {shape.hand.eol}
    if shape.hand.indent == "\t" and shape.hand.wide:
        assert not re.search(r"(?m)^ +", text.replace("\r", "\n"))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_add_jit_a_second_time_changes_nothing(shape: Shape, tmp_path: Path) -> None:
    first = opened(shape.without_jit().draw(), tmp_path)
    content = first.with_text(add_jit(first.source, first.definition).text)
    (tmp_path / "createUiDefinition.json").write_bytes(content)
    again = open_package(tmp_path / "createUiDefinition.json")

    second = add_jit(again.source, again.definition)

    assert second.added == ()
    assert again.with_text(second.text) == content


@pytest.mark.parametrize("missing", ["step", "output"])
@pytest.mark.parametrize("shape", SHAPES[::3], ids=lambda shape: shape.name)
def test_add_jit_completes_what_is_half_there(shape: Shape, missing: str, tmp_path: Path) -> None:
    half = shape.without_jit().body if missing == "step" else json.loads(json.dumps(shape.body))
    outputs = get_list(half, shape.outputs_path)
    if missing == "step":
        outputs["jitAccessPolicy"] = get_list(shape.body, shape.outputs_path)["jitAccessPolicy"]
    else:
        del outputs["jitAccessPolicy"]
    path = tmp_path / "createUiDefinition.json"
    path.write_text(json.dumps(half, indent=1))
    package = open_package(path)

    addition = add_jit(package.source, package.definition)

    assert addition.added == (missing,)
    assert (addition.step, addition.control) == (shape.step, shape.control)


PLANTED = list(planted(500, seed=20260302))


def test_five_hundred_files_with_every_fault() -> None:
    assert len(PLANTED) == 500
    assert len({each.code for each in PLANTED}) == 13
    assert len({each.name.split()[1] for each in PLANTED}) == 26


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case.name)
def test_a_planted_fault_is_found_at_its_place_and_nothing_else(
    case: Planted, tmp_path: Path
) -> None:
    findings = found(case.draft, tmp_path)

    assert failing(findings) == [(case.code, *case.place)]


@pytest.mark.parametrize("shape", [s for s in SHAPES if not s.is_form][::8], ids=lambda s: s.name)
def test_the_written_step_follows_the_published_schema(shape: Shape, tmp_path: Path) -> None:
    if not SPECS.is_dir():
        pytest.skip("Microsoft's published schemas are not beside this repository")
    schema = json.loads((SPECS / "CreateUIDefinition.MultiVm.json").read_text(encoding="utf-8-sig"))
    step_schema = schema["properties"]["parameters"]["properties"]["steps"]["items"]
    # It knows no JitConfigurator: the step around the control is what it can judge.
    step_schema["properties"]["elements"] = {"type": "array", "minItems": 1}
    package = opened(shape.without_jit().draw(), tmp_path)

    text = add_jit(package.source, package.definition).text

    root = parse(text).plain()
    jsonschema.validate(get_list(root, shape.steps_path)[-1], step_schema)


def test_the_rules_that_add_jit_mends_are_the_two(tmp_path: Path) -> None:
    draft = SHAPES[0].without_jit().draw()

    assert {each.rule for each in found(draft, tmp_path)} == {NO_STEP, NO_OUTPUT}


def get_list(value: object, path: tuple[object, ...]) -> object:
    for part in path:
        value = value[part]  # type: ignore[index]  # JSON
    return value
