from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from azjit.domain.applications import (
    Application,
    ApprovalMode,
    Approver,
    JitPolicy,
    JitState,
    RoleGrant,
)
from azjit.domain.ids import ApplicationId, PrincipalId, RoleId

ADA = Approver(PrincipalId("1db8e132-e293-4dbc-b8e1-178a61319491"), "user", "Ada")
TEAM = Approver(PrincipalId("2db8e132-e293-4dbc-b8e1-178a61319491"), "group")
POLICY = JitPolicy(
    enabled=True,
    mode=ApprovalMode.MANUAL,
    approvers=(ADA, TEAM),
    maximum=timedelta(hours=8),
    mode_text="ManualApprove",
    maximum_text="PT8H",
)
APP = ApplicationId(
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Solutions/applications/a"
)


@pytest.mark.parametrize(
    "change",
    [
        {"approvers": (TEAM, ADA)},
        {"approvers": (ADA._replace(name=None, kind="USER"), TEAM)},
        {"maximum_text": "PT480M"},
        {"mode_text": "manualapprove"},
        {"mode_text": None, "maximum_text": None},
    ],
)
def test_settings_that_mean_the_same_are_the_same(change: dict[str, Any]) -> None:
    assert POLICY.same(POLICY._replace(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"mode": ApprovalMode.AUTOMATIC},
        {"mode": ApprovalMode.UNKNOWN, "mode_text": "EveryoneApproves"},
        {"approvers": (ADA,)},
        {"approvers": (ADA, TEAM._replace(kind="user"))},
        {"maximum": timedelta(hours=4)},
        {"maximum": None, "maximum_text": "P1M"},
    ],
)
def test_settings_that_mean_something_else_are_not(change: dict[str, Any]) -> None:
    assert not POLICY.same(POLICY._replace(**change))


def test_unknown_modes_are_told_apart_by_their_text() -> None:
    one = POLICY._replace(mode=ApprovalMode.UNKNOWN, mode_text="A")

    assert one.same(one._replace(mode_text="a"))
    assert not one.same(one._replace(mode_text="B"))
    assert one._replace(mode_text=None).same(one._replace(mode_text=None))


def test_approvers_are_the_same_whatever_their_name() -> None:
    assert ADA.same(ADA._replace(name="Somebody", kind="User"))
    assert not ADA.same(ADA._replace(kind="group"))
    assert not ADA.same(TEAM)


def test_rows_are_compared_by_principal_and_role_only() -> None:
    row = RoleGrant(ADA.id, RoleId("r"), {"condition": "new"})

    assert row == RoleGrant(ADA.id, RoleId("R"))
    assert hash(row) == hash(RoleGrant(ADA.id, RoleId("r")))


@pytest.mark.parametrize(
    ("policy", "is_read", "state"),
    [
        (POLICY, True, JitState.ON),
        (POLICY._replace(enabled=False), True, JitState.OFF),
        (None, True, JitState.OFF),
        (None, False, JitState.UNKNOWN),
        (POLICY, False, JitState.UNKNOWN),
    ],
)
def test_jit_is_on_off_or_not_known(
    policy: JitPolicy | None, state: JitState, *, is_read: bool
) -> None:
    assert Application(APP, "a", policy=policy, is_read=is_read).jit is state
