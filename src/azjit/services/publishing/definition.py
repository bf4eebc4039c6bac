"""Compares an application to its definition, and refreshes its permissions from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from azjit.context import Context
from azjit.domain.access import RoleAssignment, RoleDefinition
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.calls import Call
from azjit.domain.definition_rules import Facts, judge, missing_rows, principals_of, row_text
from azjit.domain.findings import Finding
from azjit.domain.ids import GroupId
from azjit.errors import AzjitError, NotFound, Unconfirmed
from azjit.services.directory_names import Directory
from azjit.services.lookup.access import AccessReader
from azjit.services.lookup.eligible_roles import whole
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.reports import Reporter
from azjit.services.recording import record
from azjit.services.sending import follow, send_if_undone
from azjit.store.receipt_details import RefreshDetails
from azjit.store.receipts import Outcome


class RefreshPlan(NamedTuple):
    """An application, and the call that lets Azure read its definition again."""

    application: Application
    call: Call


class RefreshResult(NamedTuple):
    """An application after the refresh: the added rows, and whether a read shows its rows."""

    application: Application
    added: tuple[str, ...]
    confirmed: bool


class Definitions:
    """Compares applications to their definitions."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._finder = context.service(Finder)
        self._access = context.service(AccessReader)
        self._reporter = context.service(Reporter)
        self._directory = context.service(Directory)

    def check(self, app: str) -> list[Finding]:
        """Give the findings on an application's roles and settings."""
        return judge(self._facts(self._finder.application(app), thoroughly=True))

    def plan_refresh(self, app: str) -> RefreshPlan:
        """Plan to let Azure read the definition's rows again."""
        application = self._finder.application(app, changes=True)
        return RefreshPlan(application, self._context.solutions.refresh(application.id))

    def apply_refresh(self, plan: RefreshPlan) -> RefreshResult:
        """Let Azure read the definition's rows again, and give the rows that a read shows then.

        Raises:
            Unconfirmed: sent, but the application still lacks rows of its definition.
        """
        application = plan.application
        before = self._facts(application, thoroughly=False)
        waiting = tuple(row_text(row, before.names) for row in missing_rows(before))
        details, target = RefreshDetails(waiting), application.id.text
        with record(self._context, "refresh-permissions", target, None, details) as opened:
            answer_id = self._send(plan, opened.leaves)
            after = self._after(application)
            left = missing_rows(after)
            if left:
                raise self._not_taken(application, [row_text(row, after.names) for row in left])
            result = _result(before, after)
            # Without a read the receipt does not confirm what Azure answered.
            outcome = Outcome.CONFIRMED if result.confirmed else Outcome.UNCONFIRMED
            opened.conclude(outcome, state="refreshed", request_id=answer_id)
        return result

    def _send(self, plan: RefreshPlan, leaving: Callable[[], None]) -> str | None:
        sent = send_if_undone(
            self._context, plan.call, lambda: self._is_as_planned(plan), leaving, attempts=1
        )
        sent = follow(self._context, sent)
        if sent.trouble is not None:
            # The read below shows whether it was done.
            self._context.notes.warn(sent.trouble.message)
        return sent.request_id

    def _is_as_planned(self, plan: RefreshPlan) -> bool:
        return self._context.solutions.application(plan.application.id).roles == (
            plan.application.roles
        )

    def _after(self, application: Application) -> Facts:
        try:
            fresh = self._context.solutions.application(application.id)
            return self._facts(fresh, thoroughly=False)
        except AzjitError as error:
            raise Unconfirmed(
                f"{application.name} was refreshed, but could not be read: {error.message}",
                hint=f"check it: azjit publisher check {application.label}",
            ) from error

    def _not_taken(self, application: Application, rows: list[str]) -> AzjitError:
        link = self._context.portal_link(application.id)
        return Unconfirmed(
            f"{application.name} was refreshed, but a read does not show {', '.join(rows)} yet",
            hint=f"check again in a minute: azjit publisher check {application.label}; or look in"
            f" the portal: {link}",
        )

    def _facts(self, application: Application, *, thoroughly: bool) -> Facts:
        deployed = whole(application.roles)
        defined = whole(self._defined(application))
        rows = tuple(dict.fromkeys([*(deployed or ()), *(defined or ())]))
        group = self._group(application)
        held = self._access.assignments(group) if group is not None else None
        kinds, gone = self._in_directory(application, rows) if thoroughly else ({}, None)
        return Facts(
            application=application,
            deployed=deployed,
            defined=defined,
            caller=self._context.caller,
            kinds={**_kinds_of(held or []), **kinds},
            gone=gone,
            roles=self._roles(group, rows) if thoroughly else {},
            names=self._names(group, rows),
            present=_present(held),
        )

    def _group(self, application: Application) -> GroupId | None:
        try:
            return self._finder.managed_group(application)
        except AzjitError:
            return None

    def _defined(self, application: Application) -> tuple[RoleGrant, ...] | None:
        if application.definition is None:
            return None
        try:
            return self._context.solutions.definition_roles(application.definition)
        except AzjitError:
            return None

    def _roles(
        self, group: GroupId | None, rows: Iterable[RoleGrant]
    ) -> dict[str, RoleDefinition | None]:
        found: dict[str, RoleDefinition | None] = {}
        for role in dict.fromkeys(row.role for row in rows) if group is not None else ():
            assert group is not None
            try:
                found[role.guid] = self._context.authorization.role(group, role.guid)
            except NotFound:
                found[role.guid] = None
            except AzjitError as error:
                self._context.notes.warn(f"{error.message}; whether it grants access is not known")
        return found

    def _in_directory(
        self, application: Application, rows: Iterable[RoleGrant]
    ) -> tuple[Mapping[str, str], frozenset[str] | None]:
        # The ids in the rows are of the publisher's tenant: no other directory has them.
        principals = principals_of(rows)
        if not principals or self._context.caller.tenant != application.publisher_tenant:
            return {}, None
        kinds = self._directory.kinds(principals)
        if kinds is None:
            return {}, None
        return kinds, frozenset(each.key for each in principals if each.key not in kinds)

    def _names(self, group: GroupId | None, rows: Iterable[RoleGrant]) -> dict[str, str]:
        names: dict[str, str | None] = {}
        for row in rows:
            names[row.role.guid] = self._access.role_name(group, row.role)
            names[row.principal.key] = self._reporter.principal_name(row.principal)
        return {key: name for key, name in names.items() if name is not None}


def _present(held: list[RoleAssignment] | None) -> frozenset[str] | None:
    """Give the principals that have a role; None if some are unknown."""
    if held is None or not all(each.is_whole for each in held):
        return None
    return frozenset(each.principal.key for each in held)


def _kinds_of(held: Iterable[RoleAssignment]) -> dict[str, str]:
    return {each.principal.key: each.principal_kind for each in held if each.principal_kind}


def _result(before: Facts, after: Facts) -> RefreshResult:
    added = [row for row in missing_rows(before) if row not in missing_rows(after)]
    return RefreshResult(
        application=after.application,
        added=tuple(row_text(row, after.names) for row in added),
        confirmed=after.defined is not None and (after.deployed is not None or bool(added)),
    )
