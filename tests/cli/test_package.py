from __future__ import annotations

import csv
import io
import json
import os
import shlex
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from azjit.packages.catalog import RULES
from createui import Shape, shapes
from harness import Cli, unwrapped

SHAPE = shapes()[1]
COMMANDS = ("check", "add-jit", "preview")


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write(tmp_path / "right", SHAPE)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return write(tmp_path / "bare", SHAPE.without_jit())


def write(folder: Path, shape: Shape) -> Path:
    folder.mkdir()
    (folder / "createUiDefinition.json").write_bytes(shape.draw().content)
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def package(cli: Cli, *argv: object, **more: Any) -> Any:
    return cli("publisher", "package", *(str(each) for each in argv), **more)


# check


def test_check_on_a_terminal_says_each_finding_and_the_next_step(cli: Cli, bare: Path) -> None:
    file = bare / "createUiDefinition.json"

    result = package(cli, "check", bare, tty=True)

    lines = result.out.splitlines()
    steps, outputs = SHAPE.without_jit().draw(), SHAPE.without_jit().draw()
    line, column = steps.at(("parameters", "steps"), "key")
    other, column2 = outputs.at(("parameters", "outputs"), "key")
    assert result.code == 5
    assert lines[0] == f"{file}:{line}:{column}: JIT001 no step has a JIT control"
    assert lines[3] == f"  next: add it: azjit publisher package add-jit {file} --in-place"
    assert lines[4] == f"{file}:{other}:{column2}: JIT020 there is no output jitAccessPolicy"
    assert result.error == "2 findings fail the check"


def test_check_of_a_right_package_is_quiet_in_a_pipe(cli: Cli, right: Path) -> None:
    result = package(cli, "check", right)

    assert (result.code, result.out, result.err) == (0, "", "")


def test_check_of_a_right_package_tells_a_person(cli: Cli, right: Path) -> None:
    result = package(cli, "check", right, tty=True)

    assert result.code == 0
    told, _, following = result.err.partition("next: ")
    assert unwrapped(told).endswith("the JIT step is correct")
    assert following.startswith("azjit publisher offer enable-jit")


def test_check_in_a_pipe_gives_a_row_each(cli: Cli, bare: Path) -> None:
    result = package(cli, "check", bare)

    rows = list(csv.reader(io.StringIO(result.out), delimiter="\t"))
    assert [row[1:3] for row in rows] == [["JIT001", "error"], ["JIT020", "error"]]


def test_check_as_json_has_every_key(cli: Cli, bare: Path) -> None:
    result = package(cli, "check", bare, "-o", "json")

    first = result.json[0]
    assert result.code == 5
    assert list(first) == [
        "code",
        "rule",
        "level",
        "place",
        "file",
        "entry",
        "line",
        "column",
        "message",
        "why",
        "fix",
        "breaks",
    ]
    assert first["file"] == str(bare / "createUiDefinition.json")
    assert first["breaks"] == "azjit publisher request"


def test_check_of_several_reports_what_it_could_read(cli: Cli, bare: Path, right: Path) -> None:
    result = package(cli, "check", bare, right, "none.json", "other.json", "-o", "json")

    assert result.code == 3
    assert len(result.json) == 2
    assert result.error == "other.json does not exist"
    assert "azjit: none.json does not exist" in result.err


def test_check_says_where_json_ends(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "createUiDefinition.json"
    path.write_text('{\n  "handler": "Microsoft.Azure.CreateUIDef",\n  oops\n}')

    result = package(cli, "check", path)

    assert result.code == 2
    assert result.error.startswith(f"{path}:3:3: expected a key in double quotes")


def test_check_of_the_service_catalog_refuses_a_template_parameter(cli: Cli, right: Path) -> None:
    template = {"parameters": {"jitAccessPolicy": {"type": "object"}}}
    (right / "mainTemplate.json").write_text(json.dumps(template))

    marketplace = package(cli, "check", right, "--kind", "marketplace", tty=True)
    catalog = package(cli, "check", right, "--kind", "service-catalog", tty=True)

    assert (marketplace.code, catalog.code) == (0, 5)
    assert "JIT031 note: mainTemplate.json has a parameter" in marketplace.out
    assert "JIT030 warning: mainTemplate.json has a parameter" in catalog.out


def test_sarif_has_what_the_schema_requires(cli: Cli, bare: Path, tmp_path: Path) -> None:
    report = tmp_path / "out.sarif"
    with zipfile.ZipFile(tmp_path / "a pp.zip", "w") as opened:
        opened.write(bare / "createUiDefinition.json", "createUiDefinition.json")

    result = package(cli, "check", bare, tmp_path / "a pp.zip", "--sarif", report)

    log = json.loads(report.read_text())
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    assert result.code == 5
    assert log["version"] == "2.1.0"
    assert driver["name"] == "azjit"
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in RULES]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(run["results"]) == 5
    inner = [each["locations"][0] for each in run["results"] if "a pp.zip" in str(each)]
    for place in inner:  # code scanning finds the zip, and no file in it
        assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("/a%20pp.zip")
        told = place["logicalLocations"][0]["fullyQualifiedName"]
        assert "a pp.zip/createUiDefinition.json:" in told
    assert len(inner) == 3
    for each in run["results"]:
        place = each["locations"][0]["physicalLocation"]
        artifact = place["artifactLocation"]
        region = place.get("region", {"startLine": 1, "startColumn": 1})
        assert driver["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["level"] in {"error", "warning", "note"}
        assert each["message"]["text"]
        assert min(region["startLine"], region["startColumn"]) >= 1
        assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]


def test_sarif_that_cannot_be_written_fails(cli: Cli, right: Path, tmp_path: Path) -> None:
    result = package(cli, "check", right, "--sarif", tmp_path / "none" / "out.sarif")

    assert result.code == 1
    assert "could not be written" in result.error


# add-jit


def test_add_jit_shows_the_difference_and_writes_nothing_unasked(cli: Cli, bare: Path) -> None:
    file = bare / "createUiDefinition.json"
    before = file.read_bytes()

    result = package(cli, "add-jit", bare, tty=True)

    added = [line for line in result.out.splitlines() if line.startswith("+ ")]
    assert result.code == 0
    assert file.read_bytes() == before
    assert any("Microsoft.Solutions.JitConfigurator" in line for line in added)
    assert "to write the change, add --in-place or --output FILE" in result.err


def test_add_jit_in_place_keeps_the_old_file_and_its_mode(cli: Cli, bare: Path) -> None:
    file = bare / "createUiDefinition.json"
    before = file.read_bytes()
    file.chmod(0o640)

    result = package(cli, "add-jit", bare, "--in-place", "-o", "json")
    checked = package(cli, "check", bare)

    kept = bare / "createUiDefinition.json.bak"
    assert (result.code, checked.code) == (0, 0)
    assert result.json["written"] == str(file)
    assert result.json["backup"] == str(kept)
    assert kept.read_bytes() == before
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(kept.stat().st_mode) == 0o640


def test_add_jit_never_overwrites_an_earlier_backup(cli: Cli, bare: Path) -> None:
    (bare / "createUiDefinition.json.bak").write_text("mine")

    result = package(cli, "add-jit", bare, "--in-place", "-o", "json")

    assert result.json["backup"].endswith(".bak1")
    assert (bare / "createUiDefinition.json.bak").read_text() == "mine"


def test_add_jit_a_second_time_writes_nothing(cli: Cli, bare: Path) -> None:
    package(cli, "add-jit", bare, "--in-place")
    names = names_in(bare)

    result = package(cli, "add-jit", bare, "--in-place", "-o", "json")

    assert result.code == 0
    assert result.json["changed"] is False
    assert names_in(bare) == names
    assert "already has its JIT step and output" in result.err


def test_add_jit_with_dry_run_writes_nothing(cli: Cli, bare: Path) -> None:
    result = package(cli, "add-jit", bare, "--in-place", "--dry-run")

    assert result.code == 0
    assert names_in(bare) == ["createUiDefinition.json"]
    assert "nothing was written" in result.err


def test_add_jit_to_another_file_leaves_the_package(cli: Cli, bare: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    before = (bare / "createUiDefinition.json").read_bytes()

    result = package(cli, "add-jit", bare, "--output", new, "-o", "json")
    again = package(cli, "add-jit", bare, "--output", new)

    assert result.json["written"] == str(new)
    assert package(cli, "check", new).code == 0
    assert (bare / "createUiDefinition.json").read_bytes() == before
    assert again.code == 2
    assert again.error == f"{new} exists"


def test_add_jit_to_another_file_copies_what_is_right_already(
    cli: Cli, right: Path, tmp_path: Path
) -> None:
    package(cli, "add-jit", right, "--output", tmp_path / "new.json")

    copied = (tmp_path / "new.json").read_bytes()
    assert copied == (right / "createUiDefinition.json").read_bytes()


def test_add_jit_rewrites_a_zip_and_never_the_template(
    cli: Cli, bare: Path, tmp_path: Path
) -> None:
    template = b'{"parameters": {"jitAccessPolicy": {}}} // mine'
    path = tmp_path / "app.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.write(bare / "createUiDefinition.json", "createUiDefinition.json")
        opened.writestr("mainTemplate.json", template)

    result = package(cli, "add-jit", path, "--in-place", "-o", "json")

    with zipfile.ZipFile(path) as opened:
        assert opened.read("mainTemplate.json") == template
        assert b"JitConfigurator" in opened.read("createUiDefinition.json")
    assert result.json["backup"] == f"{path}.bak"
    assert "JIT031" in result.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--in-place", "--output", "x"], "exclude each other"),
        (["--output", "json"], "--output names a file here"),
    ],
)
def test_add_jit_refuses_what_makes_no_sense(
    cli: Cli, bare: Path, more: list[str], said: str
) -> None:
    result = package(cli, "add-jit", bare, *more)

    assert result.code == 2
    assert said in result.error


def test_add_jit_refuses_a_fault_that_it_does_not_mend(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "x", SHAPE) / "createUiDefinition.json"
    before = file.read_bytes().replace(b'"jitAccessPolicy"', b'"JitAccessPolicy"')
    file.write_bytes(before)

    result = package(cli, "add-jit", file, "--in-place")

    assert result.code == 5
    assert "JIT021" in result.error
    assert file.read_bytes() == before
    assert names_in(file.parent) == [file.name]


def test_add_jit_leaves_the_file_whole_where_the_disk_fails(
    cli: Cli, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bare / "createUiDefinition.json"
    before = file.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)

    result = package(cli, "add-jit", bare, "--in-place")

    assert result.code == 1
    assert result.error == f"{file} could not be written: no space left on device"
    assert file.read_bytes() == before
    assert names_in(bare) == [file.name]


def test_add_jit_into_a_folder_that_is_not_there_fails(
    cli: Cli, bare: Path, tmp_path: Path
) -> None:
    result = package(cli, "add-jit", bare, "--output", tmp_path / "none" / "new.json")

    assert result.code == 1
    assert "could not be written" in result.error


# preview


def test_preview_on_a_terminal_shows_microsofts_defaults(cli: Cli, right: Path) -> None:
    result = package(cli, "preview", right, tty=True, width=120)

    lines = {" ".join(line.split()) for line in result.out.splitlines()}
    assert result.code == 0
    assert {
        "Enable JIT access Yes",
        "Approval mode automatic",
        "Longest access 8 h",
        "Approvers none",
    } <= lines
    assert any("[JIT Configuration]" in line for line in lines)
    assert "check the offer's preview" in " ".join(result.err.split())


def test_preview_as_json_has_every_key(cli: Cli, right: Path) -> None:
    told = package(cli, "preview", right, "-o", "json").json

    assert told["enabled"] is True
    assert told["approvalMode"] == "automatic"
    assert told["maximumDuration"] == "PT8H"
    assert told["approvers"] == []
    assert told["steps"][told["position"] - 1] == "JIT Configuration"
    assert told["output"] == "[steps('access').policy]"


def test_preview_in_a_pipe_is_one_row(cli: Cli, right: Path) -> None:
    assert len(package(cli, "preview", right).out.splitlines()) == 1


def test_preview_of_a_form_counts_its_own_basics(cli: Cli, tmp_path: Path) -> None:
    folder = write(tmp_path / "form", shapes()[4])

    told = package(cli, "preview", folder, "-o", "json").json

    assert told["steps"][0] == "Basics"
    assert told["steps"].count("Basics") == 1
    assert told["steps"][told["position"] - 1] == "JIT Configuration"


def test_preview_without_a_step_is_refused(cli: Cli, bare: Path) -> None:
    result = package(cli, "preview", bare)

    assert result.code == 5
    assert "has no JIT step: the consumer is not asked" in result.error


def test_preview_warns_of_faults(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "x", SHAPE) / "createUiDefinition.json"
    file.write_bytes(file.read_bytes().replace(b'"jitAccessPolicy"', b'"JitAccessPolicy"'))

    result = package(cli, "preview", file)

    assert result.code == 0
    assert "warning: the check has findings" in result.err


# What is not opened


@pytest.mark.parametrize("command", ["check", "preview"])
def test_a_package_is_read_through_symbolic_links(
    cli: Cli, right: Path, tmp_path: Path, command: str
) -> None:
    _linked(tmp_path, right)

    for path in (tmp_path / "link.json", tmp_path / "folder", tmp_path / "linked"):
        done = package(cli, command, path, "-o", "json")
        assert (done.code, bool(done.json)) == (0, command == "preview")


def test_a_symbolic_link_is_not_written_through(cli: Cli, tmp_path: Path) -> None:
    real = write(tmp_path / "real", SHAPE.without_jit())
    _linked(tmp_path, real)
    before = (real / "createUiDefinition.json").read_bytes()

    for path in (tmp_path / "link.json", tmp_path / "folder"):
        result = package(cli, "add-jit", path, "--in-place")
        assert (result.code, result.error.endswith("is a symbolic link")) == (2, True)

    assert (real / "createUiDefinition.json").read_bytes() == before


def _linked(tmp_path: Path, real: Path) -> None:
    target = real / "createUiDefinition.json"
    (tmp_path / "link.json").symlink_to(target)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "createUiDefinition.json").symlink_to(target)
    (tmp_path / "linked").symlink_to(real)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_is_refused_and_not_waited_for(cli: Cli, tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe.json")

    result = package(cli, command, tmp_path / "pipe.json")

    assert result.code == 2
    assert result.error.endswith("is not a regular file")


@pytest.mark.parametrize("name", ["createUiDefinition.json", "app.zip"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_too_large_is_refused_unread(
    cli: Cli, tmp_path: Path, command: str, name: str
) -> None:
    size, limit = (100, 64) if name.endswith(".json") else (600, 512)
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b"PK")
        file.truncate(size * 1024 * 1024)

    result = package(cli, command, path)

    path.unlink()  # else all of it would be searched for tokens
    assert result.code == 2
    assert result.error == f"{path} has {size} MiB; the limit is {limit} MiB"


def test_a_large_definition_in_a_folder_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "createUiDefinition.json"
    with path.open("wb") as file:
        file.truncate(9 * 1024 * 1024)

    result = package(cli, "check", tmp_path)

    assert result.code == 2
    assert "9 MiB; the limit is 8 MiB" in result.error


# What Azure refuses of a package


def _template(folder: Path, name: str = "mainTemplate.json") -> Path:
    (folder / name).write_text("{}")
    return folder


def _zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for each in sorted(folder.iterdir()):
            opened.write(each, each.name)
    return path


@pytest.mark.parametrize(
    "name", ["createUIDefinition.json", "CREATEUIDEFINITION.JSON", "createUiDefinition.JSON"]
)
@pytest.mark.parametrize("as_zip", ["zip", ""])
def test_a_name_in_another_case_is_found(
    cli: Cli, right: Path, tmp_path: Path, name: str, as_zip: str
) -> None:
    (right / "createUiDefinition.json").rename(right / name)
    _template(right, "MainTemplate.json")
    path = _zipped(right, tmp_path / "app.zip") if as_zip else right

    result = package(cli, "check", path, "-o", "json")

    assert result.code == 5
    assert [each["code"] for each in result.json] == ["JIT043", "JIT043"]
    assert name in str(result.json[0])


def test_a_zip_without_a_template_is_found(cli: Cli, right: Path, tmp_path: Path) -> None:
    bare = package(cli, "check", _zipped(right, tmp_path / "bare.zip"), "-o", "json")
    whole = package(cli, "check", _zipped(_template(right), tmp_path / "whole.zip"), "-o", "json")

    assert (bare.code, [each["code"] for each in bare.json]) == (5, ["JIT044"])
    assert (whole.code, whole.json) == (0, [])


def test_a_service_catalog_is_not_asked_to_have_what_fails_there(cli: Cli, bare: Path) -> None:
    result = package(cli, "check", bare, "--kind", "service-catalog", "-o", "json")

    assert result.code == 0
    assert [each["code"] for each in result.json] == ["JIT033"]


def test_comments_are_told_and_no_text_is_taken_for_one(cli: Cli, right: Path) -> None:
    file = right / "createUiDefinition.json"
    plain = package(cli, "check", right, "-o", "json")
    file.write_bytes(file.read_bytes().replace(b"{", b"{ // see https://example.com\n", 1))

    told = package(cli, "check", right, "-o", "json")

    assert plain.json == []
    assert (told.code, [each["code"] for each in told.json]) == (0, ["JIT045"])


@pytest.mark.parametrize("version", ["0.0.1-preview", "0.2.0"])
def test_what_add_jit_refuses_is_not_suggested(cli: Cli, bare: Path, version: str) -> None:
    file = bare / "createUiDefinition.json"
    file.write_bytes(file.read_bytes().replace(b"0.1.2-preview", version.encode()))

    result = package(cli, "check", bare, "-o", "json")

    found = {each["code"]: each["fix"] for each in result.json}
    assert "add-jit" not in str(found)
    assert '"0.1.2-preview"' in found["JIT046"]


def test_a_suggested_command_can_be_pasted(cli: Cli, bare: Path, tmp_path: Path) -> None:
    folder = bare.rename(tmp_path / "my pkg; it's")

    result = package(cli, "check", folder, "-o", "json")

    words = shlex.split(result.json[0]["fix"].removeprefix("add it: azjit publisher package "))
    assert words == ["add-jit", str(folder / "createUiDefinition.json"), "--in-place"]
    assert package(cli, *words).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"$schema": "x/CreateUIDefinition.MultiVm.json#", "handler": "My.Own"}', "'My.Own'"),
        ("{}", "it has no handler"),
        ("[]", "it has no handler"),
    ],
)
def test_what_is_no_definition_is_told_by_its_cause(
    cli: Cli, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "createUiDefinition.json").write_text(text)

    result = package(cli, "check", tmp_path)

    assert result.code == 2
    assert said in result.error
    assert "its folder, or app.zip" not in result.err


def test_add_jit_names_the_checkbox_of_the_offer_next(cli: Cli, bare: Path) -> None:
    result = package(cli, "add-jit", bare, "--in-place")

    assert result.code == 0
    assert "next: azjit publisher offer enable-jit" in result.err


def test_sarif_tells_what_could_not_be_read(cli: Cli, right: Path, tmp_path: Path) -> None:
    bad = tmp_path / "createUiDefinition.json"
    bad.write_text("{")
    report = tmp_path / "out.sarif"

    result = package(cli, "check", right, bad, "--sarif", report)
    (run,) = json.loads(report.read_text())["runs"]
    package(cli, "check", right, "--sarif", report)
    (sound,) = json.loads(report.read_text())["runs"]

    (invocation,) = run["invocations"]
    assert result.code == 2
    assert invocation["executionSuccessful"] is False
    assert str(bad) in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert sound["invocations"][0]["executionSuccessful"] is True


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
@pytest.mark.parametrize(
    "form",
    [
        {"indent": "\t"},
        {"indent": "\t", "end": "\r\n"},
        {"indent": 2, "end": "\r\n", "last": ""},
        {"indent": 4, "last": ""},
        {"indent": 2, "mark": "\ufeff"},
    ],
    ids=str,
)
def test_the_difference_as_text_is_a_patch(
    cli: Cli, bare: Path, tmp_path: Path, form: dict[str, Any]
) -> None:
    """Tabs, line ends, a byte order mark, backslashes and invisible characters come through."""
    file = bare / "createUiDefinition.json"
    body = json.loads(file.read_bytes().decode("utf-8-sig"))
    body["parameters"]["outputs"]["odd"] = "a\\b \u200b \u2028 x"
    text = json.dumps(body, indent=form["indent"], ensure_ascii=False) + form.get("last", "\n")
    written = form.get("mark", "") + text.replace("\n", form.get("end", "\n"))
    file.write_bytes(written.encode())

    shown = package(cli, "add-jit", bare, "--dry-run", "-o", "table")
    package(cli, "add-jit", bare, "--output", tmp_path / "new.json")
    subprocess.run(
        ["patch", "--binary", "--silent", file], input=shown.out.encode(), check=True, timeout=30
    )

    assert shown.code == 0, shown.err
    assert file.read_bytes() == (tmp_path / "new.json").read_bytes()


def test_the_difference_cannot_act_on_a_terminal(cli: Cli, bare: Path) -> None:
    file = bare / "createUiDefinition.json"
    body = json.loads(file.read_bytes().decode("utf-8-sig"))
    body["parameters"]["outputs"]["odd"] = "\u202e\u009b2J"
    file.write_text(json.dumps(body, indent="\t", ensure_ascii=False), encoding="utf-8")

    shown = package(cli, "add-jit", bare, "--dry-run", tty=True).out

    assert "\t" in shown
    assert "<U+202E><U+009B>2J" in shown


def test_a_path_with_backslashes_is_told_as_it_is(cli: Cli, bare: Path) -> None:
    """As every path of Windows is; only cells of TSV have escapes."""
    odd = bare.rename(bare.with_name("pkg\\dir"))
    config = cli("config", "path", environ={"AZJIT_CONFIG_DIR": str(odd)})

    checked = package(cli, "check", odd, tty=True)

    assert checked.out.startswith(f"{odd}/createUiDefinition.json:")
    assert config.out == f"{odd}/config.toml\n"
