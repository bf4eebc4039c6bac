"""Extends a grant: plans the request that begins where it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.inputs import RequestSpec
from azjit.domain.requests import JitRequest, Phase
from azjit.domain.times import When
from azjit.errors import Refused
from azjit.services.requesting.create import Requesting, RequestPlan
from azjit.services.requesting.own import OwnRequests

_SECOND = timedelta(seconds=1)


class Extension(NamedTuple):
    """The plan of the adjoining request, and the grant that it continues."""

    plan: RequestPlan
    before: JitRequest

    @property
    def joint_length(self) -> timedelta | None:
        """The length of both together."""
        first, last = self.before.schedule.start, self.plan.request.schedule.end
        return last - first if first is not None and last is not None else None

    @property
    def maximum(self) -> timedelta | None:
        """The longest request that the application allows."""
        policy = self.plan.application.policy
        return policy.maximum if policy is not None else None


class Extending:
    """Plans requests that continue a grant; `Requesting` files them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def plan(self, text: str, by: timedelta, words: RequestSpec) -> Extension:
        """Plan the request for the same role and principal from the end of a grant.

        `words` has what the person says about it: reason, ticket and name.

        Raises:
            Refused: the request is no grant, has ended, cannot be filed again by azjit, or `by` is
                longer than the application allows.
        """
        before = self._context.service(OwnRequests).newest(text, changes=True)
        end = _end_of(before, self._context.now())
        (row,) = before.rows
        spec = words._replace(
            app=before.application_text,
            role=row.role.text,
            principal=row.principal,
            start=When(end, is_now=False),
            duration=by,
            group=before.id.group_id,
        )
        return Extension(self._context.service(Requesting).plan(spec), before)


def _end_of(request: JitRequest, now: datetime) -> datetime:
    """Give when a grant ends, in whole seconds, so that the next one does not overlap it."""
    name, end = request.name, request.schedule.end
    if not request.phase(now).is_granted:
        phase = request.phase(now)
        said = "has ended" if phase is Phase.ENDED else f"is {request.state_clause}"
        raise Refused(
            f"nothing to extend: request {name} {said}",
            hint="file a new one: azjit publisher request APP --role ROLE",
        )
    if end is None or len(request.rows) != 1 or request.unread_rows or not request.application:
        raise Refused(
            f"request {name} cannot be extended: it has not one role, application and end that"
            " azjit can read",
            hint="file a new one: azjit publisher request APP --role ROLE --start WHEN",
        )
    return end if not end.microsecond else end.replace(microsecond=0) + _SECOND
