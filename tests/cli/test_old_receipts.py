"""Receipts that an earlier version wrote are verified, understood and settled for ever.

`old_receipts` was written by the version before details had types, by a command of every action.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from azjit.domain.applications import ApprovalMode, RoleGrant
from azjit.domain.ids import PrincipalId, RequestId, RoleId
from azjit.services.receipt_index import ReceiptIndex, revocations
from azjit.store.chain import Head, head_after
from azjit.store.receipt_details import (
    ActivationDetails,
    CancelDetails,
    DecisionDetails,
    OfferDetails,
    RefreshDetails,
    RequestDetails,
    SettingsDetails,
    encode_details,
)
from azjit.store.receipts import Receipts
from harness import START, Cli

OLD = Path(__file__).parent / "old_receipts"
ALICE = "e0b19ca5-2516-57b8-9ad2-9e05bfe4a450"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
HOME = "/subscriptions/fa11d9a1-0ff9-5600-a23b-4ed7c79661c3"
ORDERS = f"{HOME}/resourceGroups/contoso-apps/providers/Microsoft.Solutions/applications/orders"
REQUESTS = f"{HOME}/resourceGroups/mrg-orders/providers/Microsoft.Solutions/jitRequests"
MACHINES = (
    f"{HOME}/providers/Microsoft.Authorization/roleDefinitions/9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
)
REVOKED, DENIED = (f"a0000000-0000-4000-8000-00000000000{last}" for last in (2, 9))


@pytest.fixture
def old(tmp_path: Path) -> Receipts:
    shutil.copytree(OLD, tmp_path / "old")
    return Receipts(tmp_path / "old", now=lambda: START, new_id=lambda: "new")


def test_the_chain_is_whole(old: Receipts) -> None:
    found = old.verify()

    assert (found.ok, found.count) == (True, 28)


def test_details_are_understood_whole(old: Receipts) -> None:
    intents = [change.intent for change in old.changes()]

    known = [each.known_details for each in intents]

    assert [encode_details(each) for each in known if each is not None] == [
        each.details for each in intents
    ]


def test_each_action_has_its_type_and_its_values(old: Receipts) -> None:
    last = {each.intent.action: each.intent.known_details for each in old.changes()}
    nine, noon = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 12))
    row = RoleGrant(PrincipalId(ALICE), RoleId(CONTRIBUTOR))

    assert last["request"] == RequestDetails(ORDERS, (row,), noon, timedelta(hours=1), None)
    assert last["activate"] == ActivationDetails(
        MACHINES, ALICE, nine, timedelta(hours=2), "1@Snow"
    )
    assert last["cancel"] == CancelDetails("86b26fe01e65c55a", "pending")
    assert last["refresh-permissions"] == RefreshDetails(
        ("Contributor for 1f3ecf9d-181b-52f9-8f1d-eb00f993beeb",)
    )
    etag = '"45ee6149-f58b-496b-a075-1a1e8a993afb"'
    assert last["disable-jit"] == OfferDetails(before=True, after=False, etag=etag)
    assert isinstance(last["enable-jit"], OfferDetails)
    approved, denied, revoked = (last[verb] for verb in ("approve", "deny", "revoke"))
    assert isinstance(approved, DecisionDetails)
    assert (approved.route, approved.stage) == ("pim", "4bcc5df0-0474-518d-abef-1e89f92e7cfc")
    assert isinstance(denied, DecisionDetails)
    assert (denied.rows, denied.access_before) == ((row,), None)
    assert isinstance(revoked, DecisionDetails)
    assert revoked.access_before is True
    settings = last["configure"]
    assert isinstance(settings, SettingsDetails)
    assert settings.before is not None
    assert settings.after is not None
    assert (settings.before.maximum, settings.after.maximum) == (
        timedelta(hours=8),
        timedelta(hours=4),
    )
    assert settings.after.mode is ApprovalMode.MANUAL
    assert [each.kind for each in settings.after.approvers] == ["user", "group"]


def test_the_index_knows_the_decisions(old: Receipts) -> None:
    index = ReceiptIndex(old)
    revoked, denied = (RequestId(f"{REQUESTS}/{name}") for name in (REVOKED, DENIED))

    assert index.has(revoked, "approve")
    assert index.has(denied, "deny")
    assert not index.has(denied, "approve")
    assert set(revocations(old)) == {revoked.key}


def test_who_decided_is_told_by_an_old_receipt(cli: Cli) -> None:
    name = cli.file("orders", "--name", DENIED)
    cli("consumer", "deny", name, "--reason", "no", "--route", "application")
    shutil.copytree(OLD, cli.state / "sandbox", dirs_exist_ok=True)

    again = cli("consumer", "deny", name, "--reason", "no", "-o", "json")

    (row,) = again.json
    assert row["result"] == "already denied"
    assert row["message"] == "denied by bob@contoso.example at 2026-03-02 09:00 UTC (receipt)"


SETTLED = {
    "request": ("alice", "a read now shows: no such request"),
    "approve": ("bob", "a read now shows: no such request"),
    "deny": ("bob", "a read now shows: no such request"),
    "revoke": ("bob", "a read now shows: no such request"),
    "cancel": ("alice", "a read now shows: gone"),
    "configure": ("bob", "a read now shows: other settings"),
    "activate": ("alice", "a read now shows: no such request"),
    "refresh-permissions": ("bob", "a read now shows: not known; it may be run again"),
    "enable-jit": ("alice", "not known yet: see azjit publisher offer show"),
    "disable-jit": ("alice", "not known yet: see azjit publisher offer show"),
}


@pytest.mark.parametrize("action", SETTLED)
def test_what_an_old_version_left_open_is_settled(cli: Cli, action: str) -> None:
    person, told = SETTLED[action]
    _left_open(cli.state / "sandbox", action)

    done = cli("publisher", "apps", "--as", person)

    assert f"an earlier {action} of " in done.err
    assert told in done.err


def _left_open(state: Path, action: str) -> None:
    """Leave what a kill right after the intent of an action leaves."""
    head, kept = Head(), b""
    for line in (OLD / "receipts.jsonl").read_bytes().splitlines(keepends=True):
        offset, following = head.size, head_after(head, line)
        assert following is not None
        head, kept, entry = following, kept + line, json.loads(line)
        if entry.get("action") == action:
            break
    (state / "open").mkdir(parents=True, exist_ok=True)
    (state / "receipts.jsonl").write_bytes(kept)
    (state / "receipts.head").write_text(
        json.dumps({"count": head.count, "hash": head.hash, "size": head.size})
    )
    marker = {"offset": offset, "line": line.decode()}
    (state / "open" / f"{entry['id']}.json").write_text(json.dumps(marker))
