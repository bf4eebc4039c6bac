from __future__ import annotations

import pytest

from azjit.domain.access import Caller, Permissions, RoleDefinition, has_every_block
from azjit.domain.ids import PrincipalId, RoleId

GROUP = PrincipalId("2DB8E132e2934dbcb8e1178a61319491")
OWNER = Permissions(actions=("*",))
CONTRIBUTOR = Permissions(
    actions=("*",), not_actions=("Microsoft.Authorization/*/Write", "Microsoft.Blueprint/x")
)


@pytest.mark.parametrize(
    ("groups", "told"),
    [(None, None), (frozenset(), False), (frozenset({GROUP.key}), True)],
)
def test_membership_is_known_only_where_the_token_tells(
    groups: frozenset[str] | None, told: object
) -> None:
    caller = Caller(PrincipalId("x"), "ada", "user", "t", groups)

    assert caller.is_in(GROUP) is told


@pytest.mark.parametrize(
    ("block", "action", "is_allowed"),
    [
        (OWNER, "Microsoft.Compute/virtualMachines/write", True),
        (CONTRIBUTOR, "Microsoft.Compute/virtualMachines/write", True),
        (CONTRIBUTOR, "microsoft.authorization/roleassignments/WRITE", False),
        (Permissions(actions=("*/read",)), "Microsoft.Compute/virtualMachines/read", True),
        (Permissions(actions=("*/read",)), "Microsoft.Compute/virtualMachines/reader", False),
        (Permissions(actions=("Microsoft.Compute.*",)), "Microsoft.ComputeXx", False),
        (Permissions(), "Microsoft.Compute/virtualMachines/read", False),
    ],
)
def test_actions_match_with_stars_and_without_case(
    block: Permissions, action: str, *, is_allowed: bool
) -> None:
    assert block.allows(action) is is_allowed


def test_blocks_are_the_same_in_any_order_and_case() -> None:
    other = Permissions(actions=("*",), not_actions=tuple(reversed(CONTRIBUTOR.not_actions)))
    louder = Permissions(
        actions=("*",), not_actions=tuple(each.upper() for each in CONTRIBUTOR.not_actions)
    )

    assert CONTRIBUTOR.same(other)
    assert CONTRIBUTOR.same(louder)
    assert not CONTRIBUTOR.same(OWNER)
    assert not OWNER.same(Permissions(data_actions=("*",)))


@pytest.mark.parametrize(
    ("blocks", "held", "is_present"),
    [
        ((CONTRIBUTOR,), [OWNER, CONTRIBUTOR], True),
        ((CONTRIBUTOR, OWNER), [CONTRIBUTOR], False),
        # Owner allows more than Contributor, but it does not show that Contributor was granted.
        ((CONTRIBUTOR,), [OWNER], False),
        ((), [OWNER], False),
        ((OWNER,), [], False),
    ],
)
def test_role_is_present_only_with_each_of_its_blocks(
    blocks: tuple[Permissions, ...], held: list[Permissions], *, is_present: bool
) -> None:
    role = RoleDefinition(RoleId("r"), "Role", blocks)

    assert has_every_block(role, iter(held)) is is_present
