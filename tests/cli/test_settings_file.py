"""`consumer configure --file`: many applications get the settings of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from behind import People, Wire, fails
from harness import Cli, unwrapped


def _ids(cli: Cli) -> dict[str, str]:
    apps = cli("consumer", "apps", "-o", "json").json
    return {f"{each['resourceGroup']}/{each['name']}": each["id"] for each in apps}


@pytest.fixture
def ids(cli: Cli) -> dict[str, str]:
    return _ids(cli)


def _file(folder: Path, *entries: tuple[str, dict[str, Any]]) -> str:
    lines = ["# what we want"]
    for application, settings in entries:
        lines.append(f"- application: {application}")
        for key, value in settings.items():
            told = value if isinstance(value, str) else "".join(f"\n    - {v}" for v in value)
            lines.append(f"  {key}: {told}")
    path = folder / "settings.yaml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _configure(cli: Cli, file: str, *more: str, **kwargs: Any) -> Any:
    return cli("consumer", "configure", "--file", file, *more, "-o", "json", **kwargs)


def _rows(done: Any) -> dict[str, tuple[str, int]]:
    return {row["asked"].rsplit("/", 1)[-1]: (row["result"], row["exit"]) for row in done.json}


def test_each_application_gets_its_settings_and_keeps_other_approvers(
    both: Cli, tmp_path: Path
) -> None:
    ids = _ids(both)
    file = _file(
        tmp_path,
        (ids["contoso-apps/orders"], {"maximum": "4h", "approvers": ["carol@contoso.example"]}),
        (ids["contoso-apps/archive"], {"mode": "manual", "maximum": "8h"}),
    )

    done, again = _configure(both, file), _configure(both, file)

    assert done.code == 0, done.err
    assert _rows(done) == {"orders": ("configured", 0), "archive": ("nothing to change", 0)}
    assert _rows(again)["orders"] == ("nothing to change", 0)
    after = both("consumer", "show", "orders", "-o", "json").json
    assert [each["name"] for each in after["approvers"]] == [
        "Bob Brandt",
        "Contoso Approvers",
        "Carol Cruz",
    ]
    assert (after["approvalMode"], after["maximumDuration"]) == ("manual", "PT4H")


def test_a_pattern_means_the_applications_with_jit_that_no_id_names(
    cli: Cli, ids: dict[str, str], tmp_path: Path
) -> None:
    shop = ids["shop-eu/shop"]
    whole = shop.replace("shop-eu", "*").replace("/shop", "/*")
    file = _file(tmp_path, (whole, {"maximum": "3h"}), (shop, {"maximum": "1h"}))

    done = _configure(cli, file)

    assert done.code == 0, done.err
    longest = {row["asked"]: row["change"]["after"]["maximumDuration"] for row in done.json}
    here = {label: one for label, one in ids.items() if one.split("/")[2] == shop.split("/")[2]}
    del here["contoso-apps/ledger"]
    assert longest == {one: "PT1H" if one == shop else "PT3H" for one in here.values()}
    assert "left out: contoso-apps/ledger was deployed without JIT" in unwrapped(done.err)


def test_what_fails_of_one_hides_no_other(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    wire.on("PATCH", "/applications/orders", fails(403, "AuthorizationFailed"))
    orders = ids["contoso-apps/orders"]
    file = _file(
        tmp_path,
        (orders, {"maximum": "2h"}),
        (orders.replace("orders", "gone"), {"maximum": "2h"}),
        (ids["contoso-apps/ledger"], {"maximum": "2h"}),
        (ids["contoso-apps/archive"], {"approvers": ["nobody@contoso.example"]}),
        (ids["shop-eu/shop"], {"maximum": "90m"}),
        (orders.replace("orders", "zz*"), {"maximum": "90m"}),
    )

    done = _configure(cli, file)

    assert done.code == 7
    assert _rows(done) == {
        "orders": ("not allowed", 4),
        "gone": ("not found", 3),
        "ledger": ("refused", 5),
        "archive": ("not found", 3),
        "shop": ("configured", 0),
        "zz*": ("not found", 3),
    }
    assert f"{file}:13: no application matches" in done.err
    assert "5 of 6 applications failed" in done.err


def test_a_listing_that_fails_is_a_row_and_the_rest_is_done(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    sensors, shop = ids["sensors-rg/sensors"], ids["shop-eu/shop"]
    place = f"/subscriptions/{sensors.split('/')[2]}/providers/microsoft.solutions/applications"
    wire.on("GET", place, fails(403, "AuthorizationFailed"))
    file = _file(
        tmp_path,
        (sensors.replace("sensors-rg", "*"), {"maximum": "2h"}),
        (shop.replace("shop-eu", "shop-*"), {"maximum": "1h"}),
    )

    done = _configure(cli, file)

    assert done.code == 7
    assert [(row["result"], row["exit"]) for row in done.json] == [
        ("configured", 0),
        ("configured", 0),
        ("not allowed", 4),
    ]


def test_an_application_that_two_patterns_match_is_refused_before_anything_is_sent(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    shop = ids["shop-eu/shop"]
    file = _file(
        tmp_path,
        (ids["contoso-apps/orders"], {"maximum": "2h"}),
        (shop.replace("shop-eu", "shop-*"), {"maximum": "2h"}),
        (shop.replace("shop-eu", "*"), {"maximum": "1h"}),
    )

    done = _configure(cli, file)

    assert (done.code, wire.writes) == (2, [])
    assert "shop-eu/shop matches the patterns of lines 4 and 6" in done.error


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("  mod: manual", ":4: unknown key 'mod'"),
        ("  maximum: 1h", ":4: the key 'maximum' is there twice, first on line 3"),
    ],
)
def test_a_malformed_file_sends_nothing_and_names_the_line(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path, bad: str, told: str
) -> None:
    file = _file(tmp_path, (ids["contoso-apps/orders"], {"maximum": "2h"}))
    path = Path(file)
    path.write_text(f"{path.read_text()}{bad}\n")
    calls = len(wire.sent)

    done = _configure(cli, file)

    assert (done.code, len(wire.sent)) == (2, calls)
    assert done.error.startswith(f"{file}{told}")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"#" * (4 * 1024 * 1024 + 1), "more than 4 MiB"),
        (b"\xff\xfe", "it is not text"),
        (None, "cannot be read: no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_usage(
    cli: Cli, wire: Wire, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "settings.yaml"
    if content is not None:
        path.write_bytes(content)

    done = _configure(cli, str(path))

    assert (done.code, wire.writes) == (2, [])
    assert told in done.error


def test_a_file_comes_from_stdin_too(cli: Cli, wire: Wire, ids: dict[str, str]) -> None:
    text = f"\ufeff- application: {ids['contoso-apps/orders']}\n  maximum: 4h\n"

    done = _configure(cli, "-", answer=text)
    bad = _configure(cli, "-", answer=text.replace("maximum", "longest"))

    assert done.code == 0, done.err
    assert len(wire.writes) == 1
    assert (bad.code, bad.error) == (2, "stdin:2: unknown key 'longest'")


def test_a_dry_run_shows_the_calls_and_sends_nothing(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    file = _file(
        tmp_path,
        (ids["contoso-apps/orders"], {"maximum": "4h"}),
        (ids["shop-eu/shop"], {"maximum": "3h"}),
    )

    done = _configure(cli, file, "--dry-run")
    shown = cli("consumer", "configure", "--file", file, "--dry-run", tty=True)

    assert (done.code, wire.writes) == (0, [])
    assert [row["change"]["planned"]["method"] for row in done.json] == ["PATCH", "PATCH"]
    assert shown.out.count("PATCH https://") == 2
    assert "dry run: nothing was sent" in shown.err


def test_a_terminal_is_asked_once_and_a_no_changes_nothing(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    file = _file(tmp_path, (ids["contoso-apps/orders"], {"maximum": "4h"}))

    done = cli("consumer", "configure", "--file", file, tty=True, answer="n\n")
    unasked = cli("consumer", "configure", "--file", file, sure=False)

    assert (done.code, unasked.code, wire.writes) == (1, 2, [])
    assert "8 h  ->  4 h" in done.err


@pytest.mark.parametrize("width", [80, 140])
def test_a_table_has_short_names_in_place_of_ids(
    cli: Cli, ids: dict[str, str], tmp_path: Path, width: int
) -> None:
    labels = ("contoso-apps/orders", "shop-eu/shop", "shop-us/shop")
    file = _file(tmp_path, *((ids[label], {"maximum": "3h"}) for label in labels))

    done = cli("consumer", "configure", "--file", file, "--yes", tty=True, width=width)

    rows = done.out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["orders", *labels[1:]]
    assert all("configured" in row and "3 h" in row for row in rows)


def test_unattended_loosening_follows_the_rules_of_configure(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    wire.on("GET", "/mrg-orders/providers/microsoft.solutions/jitrequests", fails(403, "X"))
    file = _file(
        tmp_path,
        (ids["contoso-apps/orders"], {"mode": "automatic"}),
        (ids["shop-us/shop"], {"mode": "automatic"}),
    )

    done = _configure(cli, file)

    assert [row["result"] for row in done.json] == ["refused", "configured"]
    assert (done.code, len(wire.writes)) == (7, 1)


def test_manual_without_an_approver_needs_the_option(
    cli: Cli, ids: dict[str, str], tmp_path: Path
) -> None:
    file = _file(tmp_path, (ids["contoso-apps/reports"], {"mode": "manual"}))

    refused = _configure(cli, file)
    done = _configure(cli, file, "--allow-no-approver")

    assert (refused.code, done.code) == (5, 0)


@pytest.mark.parametrize(
    "also", [("orders",), ("--apps", "-"), ("--max-duration", "1h"), ("--mode", "manual")]
)
def test_a_file_stands_alone(cli: Cli, wire: Wire, also: tuple[str, ...]) -> None:
    done = _configure(cli, "none.yaml", *also)

    assert (done.code, wire.writes) == (2, [])
    assert "--file says which applications get which settings" in done.error


def test_a_file_without_an_application_does_nothing(cli: Cli, wire: Wire) -> None:
    done = _configure(cli, "-", answer="[]\n")

    assert (done.code, done.json, wire.writes) == (0, [], [])


# --check


def test_a_check_without_a_difference_is_0(
    both: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    shop = _ids(both)["shop-eu/shop"]
    file = _file(tmp_path, (shop, {"mode": "manual", "maximum": "PT2H"}))

    done = _configure(both, file, "--check")

    assert (done.code, wire.writes) == (0, []), done.err
    assert [(row["result"], row["exit"], row["message"]) for row in done.json] == [
        ("as in the file", 0, None)
    ]


def test_a_difference_is_5_and_shown_and_nothing_is_sent(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    orders = ids["contoso-apps/orders"]
    wanted = {"mode": "automatic", "maximum": "4h", "approvers": ["carol@contoso.example"]}
    file = _file(tmp_path, (orders, wanted), (ids["shop-eu/shop"], {"maximum": "2h"}))

    done = _configure(cli, file, "--check")
    shown = cli("consumer", "configure", "--file", file, "--check", tty=True)

    assert (done.code, shown.code, wire.writes) == (5, 5, [])
    assert done.error == f"1 of 2 applications differ from {file}"
    row = done.json[0]
    assert (row["result"], row["exit"], row["change"]["sent"]) == ("differs", 5, False)
    assert row["message"].startswith("mode is manual, not automatic; maximum is 8h, not 4h; ")
    assert row["message"].endswith("=Carol Cruz is missing")
    carol = next(a["id"] for a in row["change"]["after"]["approvers"] if a["name"] == "Carol Cruz")
    assert shown.out.splitlines() == [
        f"{orders}: differs",
        "- mode: manual",
        "+ mode: automatic",
        "- maximum: 8h",
        "+ maximum: 4h",
        f"+ approver: user:{carol}=Carol Cruz",
        f"{ids['shop-eu/shop']}: as in the file",
    ]
    assert [each for each in cli.receipts() if each.get("action") == "configure"] == []


def test_approvers_that_the_file_does_not_name_are_no_difference(
    cli: Cli, ids: dict[str, str], tmp_path: Path
) -> None:
    file = _file(tmp_path, (ids["contoso-apps/orders"], {"approvers": ["Bob Brandt"]}))

    assert _configure(cli, file, "--check").code == 0


def test_what_could_not_be_compared_is_7_beside_a_difference(
    cli: Cli, wire: Wire, ids: dict[str, str], tmp_path: Path
) -> None:
    wire.on("GET", "/applications/orders", fails(403, "AuthorizationFailed"))
    file = _file(
        tmp_path,
        (ids["contoso-apps/orders"], {"maximum": "4h"}),
        (ids["shop-eu/shop"], {"maximum": "4h"}),
    )

    done = _configure(cli, file, "--check")

    assert (done.code, wire.writes) == (7, [])
    assert _rows(done) == {"orders": ("not allowed", 4), "shop": ("differs", 5)}
    assert f"1 of 2 applications differ from {file}" in done.err


def test_a_change_that_would_be_refused_is_a_difference(
    cli: Cli, ids: dict[str, str], tmp_path: Path
) -> None:
    file = _file(tmp_path, (ids["contoso-apps/reports"], {"mode": "manual"}))

    done = _configure(cli, file, "--check")

    assert (done.code, done.json[0]["message"]) == (5, "mode is automatic, not manual")


def test_a_check_needs_a_file(cli: Cli) -> None:
    done = cli("consumer", "configure", "orders", "--check", "--max-duration", "1h")

    assert (done.code, done.error) == (2, "--check requires --file")


# The export


def test_the_export_is_a_file_without_a_difference(
    both: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(monkeypatch)
    path = tmp_path / "settings.yaml"

    exported = both("consumer", "settings", "export")
    path.write_text(exported.out)
    checked = _configure(both, str(path), "--check")
    told = both("consumer", "settings", "export", "-o", "json")
    again = _configure(both, "-", "--check", answer=told.out)

    assert (exported.code, checked.code, again.code, wire.writes) == (0, 0, 0, []), checked.err
    labels = [label for label in _ids(both) if label != "contoso-apps/ledger"]
    assert len(checked.json) == len(again.json) == len(labels)
    assert "left out: contoso-apps/ledger was deployed without JIT" in unwrapped(exported.err)


def test_the_export_of_named_applications(cli: Cli, ids: dict[str, str], people: People) -> None:
    done = cli(
        "consumer", "settings", "export", "orders", ids["contoso-apps/orders"], "shop-eu/shop"
    )

    bob = f"user:{people.id_of('bob')}=Bob Brandt"
    lines = done.out.splitlines()
    assert lines[:5] == [
        f"- application: {ids['contoso-apps/orders']}",
        "  mode: manual",
        "  maximum: 8h",
        "  approvers:",
        f"  - {bob}",
    ]
    assert [line for line in lines if line.startswith("- ")] == [
        f"- application: {ids['contoso-apps/orders']}",
        f"- application: {ids['shop-eu/shop']}",
    ]


def test_the_export_goes_on_after_a_failure_and_ends_with_7(cli: Cli, wire: Wire) -> None:
    wire.on("GET", "/applications/orders", fails(500, "Broken"))

    done = cli("consumer", "settings", "export", "orders", "shop-eu/shop", "-o", "json")
    alone = cli("consumer", "settings", "export", "nothing")

    assert (done.code, alone.code) == (7, 3)
    assert [each["application"].rsplit("/", 1)[-1] for each in done.json] == ["shop"]
    assert "application orders" in done.err


def test_what_a_file_cannot_have_is_left_out_with_a_warning(cli: Cli, wire: Wire) -> None:
    def odd(body: Any) -> None:
        body["properties"]["jitAccessPolicy"]["jitApprovalMode"] = "Sometimes"

    wire.rewrite("/applications/orders", odd)

    done = cli("consumer", "settings", "export", "orders", "-o", "json")

    assert done.code == 0
    assert (done.json[0]["mode"], done.json[0]["maximum"]) == (None, "8h")
    assert "a file cannot have the mode 'Sometimes' of contoso-apps/orders" in unwrapped(done.err)


def test_a_terminal_gets_the_file_too(cli: Cli) -> None:
    done = cli("consumer", "settings", "export", "orders", tty=True, width=80)

    assert done.out.startswith("- application: /subscriptions/")
