"""Checks of the caller's rights at an application and in its managed group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from azjit.context import Context
from azjit.domain.access import Permissions
from azjit.domain.applications import Application, RoleGrant
from azjit.domain.checks import SELF_APPROVAL
from azjit.domain.deny_assignments import Denial
from azjit.domain.findings import Finding, Subject
from azjit.domain.ids import GroupId, ResourceId
from azjit.domain.permissions import CONSUMER_RIGHTS, PUBLISHER_RIGHTS, UPDATE_ACCESS, Right
from azjit.domain.right_checks import READ
from azjit.errors import AzjitError, NotAllowed, NotFound
from azjit.services.directory_names import Directory
from azjit.services.lookup.eligible_roles import told_rows, whole

_Read = TypeVar("_Read")


class Rights:
    """The caller's rights at one scope: read once, by `permissions` and deny assignments."""

    def __init__(self, context: Context, scope: ResourceId) -> None:
        self._context = context
        self._directory = context.service(Directory)
        self._scope = scope
        self._held: list[Permissions] | str = _or_why(
            lambda: context.authorization.permissions(scope)
        )
        self._denials: list[Denial] | str = _or_why(
            lambda: context.authorization.deny_assignments(scope)
        )

    def missing(self, actions: Iterable[str]) -> str | None:
        """Give why an action is not allowed; empty if that is unknown, None if all are allowed."""
        unknown = None
        for action in actions:
            why = self._missing(action)
            if why:
                return why
            unknown = why if why is not None else unknown
        return unknown

    @property
    def unknown(self) -> str:
        """Give the reason that rights are not known."""
        for read in (self._held, self._denials):
            if isinstance(read, str):
                return read
        return "a deny assignment names groups, and neither the token nor the directory shows yours"

    @property
    def _where(self) -> str:
        is_group = isinstance(self._scope, GroupId)
        return "in the managed resource group" if is_group else "on the application"

    def _missing(self, action: str) -> str | None:
        if isinstance(self._held, str):
            return ""
        if not any(block.allows(action) for block in self._held):
            return f"no role of yours allows {action} {self._where}"
        if isinstance(self._denials, str):
            return ""
        answers = self._answers(self._denials, action)
        for denial, denied in answers:
            if denied:
                return f"{denial.name} denies {action} {self._where}"
        return "" if any(denied is None for _, denied in answers) else None

    def _answers(self, denials: list[Denial], action: str) -> list[tuple[Denial, bool | None]]:
        caller = self._context.caller
        if any(each.denies(action, caller) is None for each in denials):
            # The token lists no groups, and a group decides: the directory may know it.
            named = [one for each in denials for one in (*each.principals, *each.excluded)]
            caller = self._directory.placed(caller, named)
        return [(each, each.denies(action, caller)) for each in denials]


class RightsDoctor:
    """Checks that the caller has the rights that commands need."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def consumer(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Check the rights that a consumer's commands need."""
        yield from self._of(
            CONSUMER_RIGHTS, application, subject, Rights(self._context, application.id)
        )

    def publisher(self, application: Application, subject: Subject) -> Iterator[Finding]:
        """Check the rights of a publisher's commands, and that it cannot approve its requests."""
        own = Rights(self._context, application.id)
        # A publisher may read the application without a role of its own.
        if application.is_read:
            yield subject.ok(READ, "the application can be read")
        else:
            yield subject.found(READ, "the application cannot be read")
        yield from self._of(PUBLISHER_RIGHTS, application, subject, own)
        yield self._own_decisions(subject, own)

    def _own_decisions(self, subject: Subject, own: Rights) -> Finding:
        missing = own.missing((UPDATE_ACCESS,))
        if missing is None:
            return subject.found(SELF_APPROVAL, "you hold updateAccess on the application")
        if missing:
            return subject.ok(SELF_APPROVAL, "you may not call updateAccess")
        return subject.unknown(SELF_APPROVAL, own.unknown)

    def _of(
        self, rights: Iterable[Right], application: Application, subject: Subject, own: Rights
    ) -> Iterator[Finding]:
        group = application.managed_group
        there = Rights(self._context, group) if group is not None else None
        for right in rights:
            held = own if right.where == "application" else there
            if held is None:
                yield subject.unknown(right.rule, "the managed resource group is not known")
            else:
                yield _say(right, held, subject)


def _say(right: Right, held: Rights, subject: Subject) -> Finding:
    why = held.missing(right.actions)
    if why is None:
        return subject.ok(right.rule, "allowed: " + ", ".join(_short(a) for a in right.actions))
    return subject.found(right.rule, why) if why else subject.unknown(right.rule, held.unknown)


def _short(action: str) -> str:
    return action if action.startswith("*") else action.partition("/")[2]


def why_of(error: AzjitError) -> str:
    """Give the short reason of an error: a checkup may have many of them."""
    if not isinstance(error, (NotAllowed, NotFound)):
        return error.message
    told = error.message.partition(": ")[0]
    return f"{told} ({error.code})" if error.code else told


def rows_or_why(context: Context, application: Application) -> tuple[RoleGrant, ...] | str:
    """Give the eligible roles, or the reason that they are not known."""
    try:
        rows = whole(told_rows(context, application))
    except AzjitError as error:
        return why_of(error)
    return (
        "neither the application nor its definition shows authorizations" if rows is None else rows
    )


def _or_why(read: Callable[[], list[_Read]]) -> list[_Read] | str:
    try:
        return read()
    except AzjitError as error:
        return why_of(error)
