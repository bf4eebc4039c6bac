"""Names for the approvers that Azure keeps by their ids only, for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from azjit.domain.applications import Application, JitPolicy
from azjit.services.directory_names import Directory

# Applications wait for each other only this far; names are asked for at most so many at once.
_BATCH = 200


def named_policy(directory: Directory, policy: JitPolicy) -> JitPolicy:
    """Give a policy with the known names of its approvers; it must not be sent."""
    directory.learn(each.id for each in policy.approvers if each.name is None)
    named = (
        each if each.name is not None else each._replace(name=directory.name(each.id))
        for each in policy.approvers
    )
    return policy._replace(approvers=tuple(named))


def named(directory: Directory, application: Application) -> Application:
    """Give an application with the known names of its approvers."""
    if application.policy is None:
        return application
    return application._replace(policy=named_policy(directory, application.policy))


def all_named(directory: Directory, applications: Iterable[Application]) -> Iterator[Application]:
    """Name the approvers of many as they come; where names are asked for, some at a time."""
    left = iter(applications)
    size = _BATCH if directory.is_asked else 1
    while batch := list(islice(left, size)):
        policies = [each.policy for each in batch if each.policy is not None]
        directory.learn(a.id for policy in policies for a in policy.approvers if a.name is None)
        yield from (named(directory, each) for each in batch)
