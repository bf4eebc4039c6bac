"""Cases that test_shapes.py lacks: the old form, sections, the template, add-jit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from azjit.domain.findings import Finding
from azjit.errors import AzjitError, Refused, Usage
from azjit.packages.addition import add_jit
from azjit.packages.catalog import RULES
from azjit.packages.package import findings_of, open_package
from createui import FORM, WIZARD, jit_step, plain_step, section, textbox

ROOT = Path(__file__).parents[3]
STEP, CONTROL = "jitConfiguration", "jitConfigurationControl"
REFERENCE = f"[steps('{STEP}').{CONTROL}]"
_OLD = f"steps('{STEP}').{CONTROL}"
# The form of the preview, as Microsoft's article had it before 2020.
OLD_FORM = (
    f'[parse(concat(\'{{"jitAccessEnabled":\', string({_OLD}.jitEnabled), \',"jitApprovalMode":"\','
    f' {_OLD}.jitApprovalMode, \'","maximumJitAccessDuration":"\', {_OLD}.maxAccessDuration,'
    f" '\",\"jitApprovers\":', string({_OLD}.approvers), '}}'))]"
)


def wizard(*steps: dict[str, Any], **outputs: Any) -> dict[str, Any]:
    return {
        "$schema": WIZARD,
        "handler": "Microsoft.Azure.CreateUIDef",
        "version": "0.1.2-preview",
        "parameters": {"basics": [], "steps": list(steps), "outputs": outputs},
    }


def right() -> dict[str, Any]:
    return wizard(jit_step(STEP, CONTROL), jitAccessPolicy=REFERENCE)


def put(folder: Path, body: Any, name: str = "createUiDefinition.json") -> Path:
    path = folder / name
    path.write_text(body if isinstance(body, str) else json.dumps(body, indent=2))
    return path


def check(folder: Path, body: Any, *, is_catalog: bool = False) -> list[Finding]:
    put(folder, body)
    return findings_of(open_package(folder), is_catalog=is_catalog)


def codes(findings: list[Finding]) -> list[str]:
    return [each.rule.code for each in findings]


def test_the_old_form_is_recognised_and_no_error(tmp_path: Path) -> None:
    body = wizard(jit_step(STEP, CONTROL), jitAccessPolicy=OLD_FORM)

    findings = check(tmp_path, body)

    assert codes(findings) == ["JIT025"]
    assert not findings[0].fails
    assert findings[0].fix == f"replace it with {REFERENCE}"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (f"steps('{STEP}')", "steps('JITConfiguration')", "JIT023"),
        (CONTROL, CONTROL.lower(), "JIT024"),
        (".approvers", ".jitApprovers", "JIT024"),
        (".approvers", "", "JIT024"),
    ],
)
def test_the_old_form_is_held_to_names_too(tmp_path: Path, old: str, new: str, code: str) -> None:
    body = wizard(jit_step(STEP, CONTROL), jitAccessPolicy=OLD_FORM.replace(old, new))

    assert set(codes(check(tmp_path, body))) == {"JIT025", code}


def test_an_expression_around_the_control_is_a_note(tmp_path: Path) -> None:
    computed = f"[if(equals(basics('x'), 'y'), {REFERENCE[1:-1]}, parse('null'))]"

    findings = check(tmp_path, wizard(jit_step(STEP, CONTROL), jitAccessPolicy=computed))

    assert codes(findings) == ["JIT026"]


def test_a_control_in_a_section_is_right_with_its_whole_path(tmp_path: Path) -> None:
    step = jit_step(STEP, CONTROL)
    step["elements"] = [section("inner", *step["elements"])]
    whole = f"[steps('{STEP}').inner.{CONTROL}]"

    assert codes(check(tmp_path, wizard(step, jitAccessPolicy=whole))) == ["JIT005"]


def test_a_control_in_a_section_is_not_found_without_the_section(tmp_path: Path) -> None:
    step = jit_step(STEP, CONTROL)
    step["elements"] = [section("inner", *step["elements"])]

    findings = check(tmp_path, wizard(step, jitAccessPolicy=REFERENCE))

    assert set(codes(findings)) == {"JIT024", "JIT005"}


def test_an_output_in_the_basics_is_the_wrong_step(tmp_path: Path) -> None:
    body = wizard(jit_step(STEP, CONTROL), jitAccessPolicy=f"[basics('{CONTROL}')]")

    assert codes(check(tmp_path, body)) == ["JIT023"]


def test_a_control_of_a_taken_name_is_found_at_the_later_one(tmp_path: Path) -> None:
    body = right()
    body["parameters"]["steps"][0]["elements"].insert(0, textbox(CONTROL))

    findings = check(tmp_path, body)

    assert codes(findings) == ["JIT012"]


@pytest.mark.parametrize(
    "key", ["steps", "outputs", "parameters", "jitAccessPolicy", "name", "label"]
)
def test_a_repeated_key_is_found(tmp_path: Path, key: str) -> None:
    text = json.dumps(right(), indent=1)
    line = next(line for line in text.splitlines() if f'"{key}": ' in line)
    value = {"steps": "[]", "outputs": "{}", "parameters": "{}"}.get(key, '"x"')
    doubled = text.replace(line, f' "{key}": {value},\n{line}', 1)

    findings = check(tmp_path, doubled)

    assert codes(findings) == ["JIT014"]


def test_steps_of_another_spelling_are_told(tmp_path: Path) -> None:
    body = right()
    body["parameters"]["Steps"] = body["parameters"].pop("steps")

    findings = check(tmp_path, body)

    assert [each.text for each in findings] == ["there is no list of steps; 'Steps' is not 'steps'"]


@pytest.mark.parametrize(("key", "code"), [("steps", "JIT001"), ("outputs", "JIT020")])
def test_a_part_that_is_missing_is_found(tmp_path: Path, key: str, code: str) -> None:
    body = right()
    del body["parameters"][key]

    findings = [each for each in check(tmp_path, body) if each.fails]

    assert codes(findings) == [code]


@pytest.mark.parametrize("name", ["jitAccessPolicy", "JitAccessPolicy"])
def test_a_template_parameter_is_an_error_in_the_catalog_a_note_in_the_marketplace(
    tmp_path: Path, name: str
) -> None:
    template = {"parameters": {"size": {"type": "string"}, name: {"type": "object"}}}
    put(tmp_path, template, "mainTemplate.json")

    catalog = check(tmp_path, right(), is_catalog=True)
    marketplace = check(tmp_path, right())

    assert codes(catalog) == ["JIT030"]
    assert codes(marketplace) == ["JIT031"]
    assert str(catalog[0].place) == f"{tmp_path / 'mainTemplate.json'}:6:5"
    assert [each.fails for each in (*catalog, *marketplace)] == [True, False]


def test_a_template_that_does_not_parse_is_a_note(tmp_path: Path) -> None:
    put(tmp_path, '{"parameters": {,}}', "mainTemplate.json")

    assert codes(check(tmp_path, right())) == ["JIT032"]


def test_latin_1_is_read_and_told(tmp_path: Path) -> None:
    body = right()
    body["parameters"]["steps"][0]["label"] = "Zugriff für Hersteller"
    path = tmp_path / "createUiDefinition.json"
    path.write_bytes(json.dumps(body, ensure_ascii=False).encode("latin-1"))

    findings = findings_of(open_package(path), is_catalog=False)

    assert codes(findings) == ["JIT040"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "0.1.1-preview"}, "its version is 0.1.1-preview"),
        ({"$schema": "https://example.com/other.json"}, "its $schema is"),
    ],
)
def test_add_jit_refuses_another_schema(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    package = open_package(put(tmp_path, {**wizard(), **change}))

    with pytest.raises(Refused, match="is unchanged") as caught:
        add_jit(package.source, package.definition)

    assert said in caught.value.message


def test_add_jit_refuses_another_form_view(tmp_path: Path) -> None:
    body = {
        "$schema": FORM.replace("2021-09-09", "2030-01-01"),
        "view": {"kind": "Form", "properties": {"steps": []}, "outputs": {"parameters": {}}},
    }
    package = open_package(put(tmp_path, body))

    with pytest.raises(Refused, match="2030-01-01"):
        add_jit(package.source, package.definition)


@pytest.mark.parametrize(
    "body",
    [
        {"resources": []},
        {"handler": "Contoso.Own", "parameters": {}},
        {"$schema": "https://x/deploymentTemplate.json#", "parameters": {}},
        [],
        "x",
        {"view": 1, "$schema": FORM},
    ],
)
def test_what_is_no_createuidefinition_is_refused(tmp_path: Path, body: Any) -> None:
    path = put(tmp_path, json.dumps(body))

    with pytest.raises(Usage, match="is not a createUiDefinition"):
        open_package(path)


def _with(**outputs: Any) -> dict[str, Any]:
    return wizard(plain_step("vm", textbox("size")), **outputs)


def _without(key: str) -> dict[str, Any]:
    body = wizard()
    del body["parameters"][key]
    return body


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_with(jitAccessPolicy="[steps('vm').size]"), "JIT002"),
        (_with(jitAccessPolicy="[steps('vm').none]"), "refers to no step that azjit could add"),
        (_with(jitAccessPolicy=True), "refers to no step that azjit could add"),
        (_with(jitaccesspolicy=REFERENCE), "JIT021"),
        (_without("steps"), "there is no list of steps"),
        (_without("outputs"), "there are no outputs"),
        (wizard({**jit_step(STEP, CONTROL), "name": ""}), "JIT010"),
    ],
)
def test_add_jit_refuses_what_adding_does_not_mend(tmp_path: Path, body: Any, said: str) -> None:
    package = open_package(put(tmp_path, body))

    with pytest.raises(Refused) as caught:
        add_jit(package.source, package.definition)

    assert said in caught.value.message
    assert caught.value.hint


def test_add_jit_takes_another_name_where_the_usual_one_is_taken(tmp_path: Path) -> None:
    body = wizard(plain_step(STEP, textbox("x")), plain_step(f"{STEP}2", textbox("x")))
    package = open_package(put(tmp_path, body))

    addition = add_jit(package.source, package.definition)

    assert addition.step == f"{STEP}3"


@pytest.mark.parametrize(
    ("steps", "outputs", "expected_steps"),
    [
        ("[]", "{}", None),
        ("[ ]", "{ }", None),
        ("[\n    // none yet\n  ]", "{\n  }", "[\n    // none yet\n    {"),
        ("[{}]", '{"a": 1}', '[{}, {"name": "jitConfiguration"'),
        ("[{} /* c */]", '{"a": 1 /* d */}', '[{}, /* c */ {"name"'),
    ],
)
def test_add_jit_writes_into_lists_of_every_form(
    tmp_path: Path, steps: str, outputs: str, expected_steps: str | None
) -> None:
    text = (
        '{\n  "handler": "Microsoft.Azure.CreateUIDef", "version": "0.1.2-preview",\n'
        f'  "parameters": {{\n  "basics": [],\n  "steps": {steps},\n'
        f'  "outputs": {outputs}\n  }}\n}}'
    )
    package = open_package(put(tmp_path, text))

    made = add_jit(package.source, package.definition).text

    assert "JitConfigurator" in made
    assert expected_steps is None or expected_steps in made


def test_every_rule_is_in_the_reference_with_its_words() -> None:
    page = (ROOT / "docs" / "reference" / "error-codes.md").read_text(encoding="utf-8")

    missing = [
        r.code for r in RULES if f"| {r.code} | {r.severity} | {r.meaning} | {r.fix} |" not in page
    ]

    assert missing == []


def test_codes_are_unique_and_their_texts_plain() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert not rule.meaning.endswith(".")
        assert not rule.fix.endswith(".")


def test_a_folder_without_a_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AzjitError, match=r"has no createUiDefinition\.json"):
        open_package(tmp_path)


def test_a_folder_with_two_is_refused(tmp_path: Path) -> None:
    put(tmp_path, right())
    put(tmp_path, right(), "CREATEUIDEFINITION.JSON")

    with pytest.raises(AzjitError, match="2 times"):
        open_package(tmp_path)


def test_a_control_in_the_basics_is_told_its_own_reference(tmp_path: Path) -> None:
    body = wizard(jitAccessPolicy="[steps('x').y]")
    body["parameters"]["basics"] = jit_step(STEP, CONTROL)["elements"]

    findings = check(tmp_path, body)

    assert codes(findings) == ["JIT004", "JIT023"]
    assert findings[1].fix == f"set the output to [basics('{CONTROL}')]"


def test_a_control_misspelt_beside_a_right_one_is_found(tmp_path: Path) -> None:
    body = right()
    wrong = {**jit_step("second", "c"), "label": "Again"}
    wrong["elements"][0]["type"] = "Microsoft.Solutions.JITConfigurator"
    body["parameters"]["steps"].insert(0, wrong)

    assert set(codes(check(tmp_path, body))) == {"JIT002", "JIT003"}


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(Usage, match="cannot be read: permission denied"):
        open_package(tmp_path)


@pytest.mark.parametrize(
    ("visible", "is_hidden"),
    [
        (False, True),
        ("[bool('false')]", True),
        ("[not(true)]", True),
        ("[ not( bool('true') ) ]", True),
        ("[equals('a', 'b')]", True),
        ("[equals('a', 'A')]", False),
        ("[equals('a b', 'ab')]", True),
        ("[not(false)]", False),
        ("[equals(steps('x').y, 'b')]", False),
        ("[steps('x').false]", False),
        (True, False),
    ],
)
def test_a_control_that_a_constant_hides(tmp_path: Path, visible: Any, *, is_hidden: bool) -> None:
    body = right()
    body["parameters"]["steps"][0]["elements"][0]["visible"] = visible

    findings = check(tmp_path, body)

    assert codes(findings) == (["JIT006"] if is_hidden else [])
    assert not is_hidden or findings[0].fix == 'remove "visible"'


@pytest.mark.parametrize("key", ["element", "Elements", "elemnts"])
def test_a_misspelt_key_of_elements_is_told_and_not_doubled(tmp_path: Path, key: str) -> None:
    body = right()
    step = body["parameters"]["steps"][0]
    step[key] = step.pop("elements")
    fix = 'rename the key to "elements"'

    findings = check(tmp_path, body)
    package = open_package(tmp_path)
    with pytest.raises(Refused) as refused:
        add_jit(package.source, package.definition)

    assert codes(findings) == ["JIT001"]
    assert (findings[0].fix, refused.value.hint) == (fix, fix)


@pytest.mark.parametrize(
    "template",
    [
        '{"parameters": {"jitAccessPolicy": {},}, "variables": {}}',
        '{"variables": {"x": "several\n  lines"}, "parameters": {"JitAccessPolicy": {}}}',
        '// don\'t "mind\n{"x": [1, 2, ], /* ,} */ "parameters": {"jitAccessPolicy": {} , } }',
    ],
)
def test_a_template_is_read_as_azure_reads_it(tmp_path: Path, template: str) -> None:
    put(tmp_path, template, "mainTemplate.json")

    assert codes(check(tmp_path, right())) == ["JIT031"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"parameters": {"x": ${azure.armBased.vmSize.list}}}', "template of another tool"),
        ('{{#windows}}{"a": 1}{{/windows}}', "template of another tool"),
        ('{"parameters": {"x": <%= sizes %>}}', "template of another tool"),
        ('{"parameters": {"x": }}', "not valid JSON"),
    ],
)
def test_a_file_that_a_tool_still_has_to_build(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Usage) as refused:
        check(tmp_path, text)

    assert told in str(refused.value.hint)


@pytest.mark.parametrize(
    "name",
    ["pkg\\createUiDefinition.json", "./createUiDefinition.json", "a/createUiDefinition.json"],
)
def test_an_entry_that_is_not_at_the_root(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as opened:
        opened.writestr(name, json.dumps(right()))
        opened.writestr("mainTemplate.json", "{}")

    findings = findings_of(open_package(tmp_path / "app.zip"), is_catalog=False)

    assert codes(findings) == ["JIT042"]
    assert findings[0].text.endswith(name)
