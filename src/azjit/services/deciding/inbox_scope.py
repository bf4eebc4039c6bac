"""Finds the resource groups in which requests may wait.

The index of Resource Graph may be some minutes behind, and the mode of an application may have
changed since. So Resource Manager lists once each subscription in which the index has an
application. A group is left out only if this list shows no JIT access or automatic approval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from azjit.azure.error_codes import is_absent
from azjit.azure.resource_graph import Index, SearchScope
from azjit.context import Context
from azjit.domain.applications import Application, ApprovalMode
from azjit.domain.ids import ApplicationId, GroupId
from azjit.domain.pim import PimRequest
from azjit.errors import AzjitError
from azjit.services.lookup.omissions import PartialResults, collected, ends_all
from azjit.services.parallel import as_completed


@dataclass
class _Listed:
    """What Resource Manager lists in some subscriptions."""

    applications: dict[ApplicationId, Application] = field(default_factory=dict)
    unlisted: dict[str, AzjitError] = field(default_factory=dict)


# Who may read single groups only is told so by this code, and by no other.
_FORBIDDEN = "authorizationfailed"


class InboxScope:
    """The known applications by managed resource group, and the groups to list."""

    def __init__(self, context: Context, omissions: PartialResults) -> None:
        self._context = context
        self._omissions = omissions
        self._by_group: dict[GroupId, Application] = {}
        self._managers: dict[GroupId, Application | None] = {}
        self._looked_in: set[str] = set()

    def add(self, applications: Iterable[Application]) -> None:
        """Add applications; a later one replaces an earlier one."""
        for app in applications:
            if app.managed_group is not None:
                self._by_group[app.managed_group] = app

    def managing(self, group: GroupId | None) -> Application | None:
        """Give the application that manages a group, if it is known."""
        return self._by_group.get(group) if group is not None else None

    def to_list(self, index: Index, scope: SearchScope) -> dict[GroupId, None]:
        """Give the groups that may contain a pending request which the index does not show."""
        ids = [app.id for app in index.applications], [hit.id for hit in index.undecided]
        here = {each.subscription.lower() for each in chain(*ids)}
        self._looked_in = here | {each.lower() for each in scope.subscriptions}
        listed = self._listed()
        self._note_unlisted(listed, here)
        self._say_unsearched(scope)
        groups: dict[GroupId, None] = {}
        before = {app.id: app for app in index.applications}
        # If no application shows its settings, people may decide in any group.
        no_settings = not any(app.policy is not None for app in listed.applications.values())
        for app in listed.applications.values():
            # After a change of the mode, earlier requests still wait.
            if no_settings or _may_wait(app) or _may_wait(before.get(app.id, app)):
                self._add_group(app, groups)
            before.pop(app.id, None)
        for app in before.values():
            if app.policy is None or app.policy.enabled:
                self._add_group(app, groups)
        # One list of a group is cheaper than a read of each request that may wait in it.
        stateless = (hit.id.group_id for hit in index.undecided if not hit.has_state)
        return groups | dict.fromkeys(group for group in stateless if group is not None)

    def of_pim(self, request: PimRequest, scope: SearchScope) -> Application | None:
        """Give the application of a request in PIM, if its managed group is in the scope."""
        group = request.scope.group_id
        if group is None or group != request.scope:
            return None
        found = self._by_group.get(group)
        if found is not None or not self._is_within(group, scope):
            return found
        if group not in self._managers:
            self._managers[group] = self._manager_of(group)
        return self._managers[group]

    def _is_within(self, group: GroupId, scope: SearchScope) -> bool:
        if scope.management_group is not None:
            return group.subscription.lower() in self._looked_in
        named = {each.lower() for each in scope.subscriptions}
        return not named or group.subscription.lower() in named

    def _manager_of(self, group: GroupId) -> Application | None:
        try:
            manager = self._context.resources.manager_of(group)
        except AzjitError as error:
            if is_absent(error):
                return None
            if ends_all(error):
                raise
            self._omissions.note(group.name, f"a request that PIM lists: {error.message}")
            return None
        return Application(manager, manager.name, group, is_read=False) if manager else None

    def _listed(self) -> _Listed:
        found = _Listed()
        names = sorted(self._looked_in)
        for number, (name, applications, error) in enumerate(
            as_completed(self._in_subscription, names), 1
        ):
            self._context.notes.progress(
                f"reading settings: {number} of {len(names)} subscriptions"
            )
            found.applications |= {app.id: app for app in applications}
            self.add(applications)
            if error is not None:
                found.unlisted[name] = error
        return found

    def _in_subscription(self, name: str) -> tuple[str, list[Application], AzjitError | None]:
        applications, error = collected(partial(self._context.solutions.applications, name))
        return name, applications, error

    def _note_unlisted(self, listed: _Listed, here: set[str]) -> None:
        forbidden = 0
        for name, error in listed.unlisted.items():
            # A caller who may read only single groups sees them in the index, but cannot list them.
            if name in here and (error.code or "").lower() == _FORBIDDEN:
                forbidden += 1
            else:
                self._omissions.note(name, error.message)
        if forbidden:
            self._context.notes.say(
                f"you cannot list the applications of {forbidden} subscriptions: one that was"
                " deployed there in the last minutes may be missing"
            )

    def _say_unsearched(self, scope: SearchScope) -> None:
        if scope.subscriptions:
            return
        if scope.management_group is None:
            seen, error = collected(self._context.resources.subscriptions)
            if error is not None:
                self._omissions.note("subscriptions", error.message)
            if not {each.id.lower() for each in seen if each.may_be_listed} - self._looked_in:
                return
        self._context.notes.say(
            "subscriptions without an application in Resource Graph were not searched: the first"
            " application of a subscription may be missing for some minutes"
        )

    def _add_group(self, app: Application, groups: dict[GroupId, None]) -> None:
        group = app.managed_group or self._read_group(app)
        if group is not None:
            groups[group] = None

    def _read_group(self, app: Application) -> GroupId | None:
        if app.unreadable is not None:
            self._omissions.note(app.name, f"application {app.name or '?'}: {app.unreadable}")
            return None
        try:
            fresh = self._context.solutions.application(app.id)
        except AzjitError as error:
            if is_absent(error):
                return None
            if ends_all(error):
                raise
            self._omissions.note(app.name, error.message)
            return None
        if fresh.managed_group is None:
            self._omissions.note(app.name, f"application {app.name} has no managed resource group")
        self.add([fresh])
        return fresh.managed_group


def _may_wait(app: Application) -> bool:
    policy = app.policy
    return policy is not None and policy.enabled and policy.mode is not ApprovalMode.AUTOMATIC
