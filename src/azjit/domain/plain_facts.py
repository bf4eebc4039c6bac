"""The facts of a request as plain values, as results and receipts have them."""

from __future__ import annotations

from datetime import timedelta

from azjit.domain.facts import JudgedFacts
from azjit.domain.powers import Power
from azjit.domain.requests import JitRequest
from azjit.domain.times import iso_instant


def plain_facts(facts: JudgedFacts) -> dict[str, object]:
    """Give the facts as results and receipts have them: lengths in seconds, requests by their ids.

    The publisher's tags are under `claims` only.
    """
    return {
        "lengthSeconds": _seconds(facts.length),
        "maximumSeconds": _seconds(facts.maximum),
        "startsInSeconds": _seconds(facts.starts_in),
        "leftSeconds": _seconds(facts.left),
        "waitedSeconds": _seconds(facts.waited),
        "latestEnd": iso_instant(facts.latest_end) if facts.latest_end is not None else None,
        "own": facts.is_own,
        "approver": facts.is_approver,
        "inPlace": facts.is_in_place,
        "ofPublisher": facts.is_of_publisher,
        "eligible": facts.is_eligible,
        "standingAccess": facts.has_standing_access,
        "policyExempt": facts.is_exempt,
        "roles": [
            {
                "roleId": each.grant.role.bare,
                "roleName": each.grant.role_name,
                "powers": [one.value for one in Power if one in each.powers]
                if each.powers is not None
                else None,
            }
            for each in facts.roles
        ],
        "overlaps": _ids(facts.overlaps),
        "continues": _ids(facts.continues),
        "jointSeconds": _seconds(facts.joint_length),
        "claims": dict(facts.claims),
    }


def _seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None


def _ids(requests: tuple[JitRequest, ...] | None) -> list[str] | None:
    return [each.id.text for each in requests] if requests is not None else None
