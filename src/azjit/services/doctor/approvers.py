"""Checks of named approvers: that they exist, can decide, and have the kind that is set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from azjit.context import Context
from azjit.domain import checks
from azjit.domain.applications import Application, ApprovalMode, Approver
from azjit.domain.directory import DirectoryEntry
from azjit.domain.findings import Finding, Subject
from azjit.errors import AzjitError
from azjit.services.directory_names import Directory
from azjit.services.doctor.deciders import Deciders
from azjit.services.doctor.environment import ELSEWHERE, EnvironmentDoctor
from azjit.services.doctor.rights import why_of

_ANOTHER = "azjit consumer configure APP --add-approver user:ID"


@dataclass(slots=True)
class ApproverFindings:
    """The findings about an application's approvers, and whether none of them can decide."""

    findings: list[Finding] = field(default_factory=list)
    nobody_can_decide: bool = False


class ApproverDoctor:
    """Checks the approvers of applications in the caller's own tenant."""

    def __init__(self, context: Context, environment: EnvironmentDoctor) -> None:
        self._directory = context.service(Directory)
        self._deciders = context.service(Deciders)
        self._environment = environment
        self._known: Mapping[str, DirectoryEntry] | str = {}

    def look_up(self, applications: Iterable[Application]) -> None:
        """Look up all approvers at once, in one call for a thousand."""
        asked = {
            each.id: None
            for application in applications
            if application.policy is not None
            and self._environment.is_home(application.id.subscription)
            for each in application.policy.approvers
        }
        try:
            self._known = self._directory.entries(asked) if asked else {}
        except AzjitError as error:
            self._known = why_of(error)

    def judge(self, application: Application, subject: Subject) -> ApproverFindings:
        """Check of each approver that it exists and can decide."""
        policy = application.policy
        if policy is None or not policy.enabled or not policy.approvers:
            return ApproverFindings()
        is_home = self._environment.is_home(application.id.subscription)
        if not is_home:
            why = ELSEWHERE if is_home is False else "the tenant of the subscription is unknown"
            return ApproverFindings(
                [subject.unknown(each, why) for each in (checks.GONE, checks.UNABLE)]
            )
        found = ApproverFindings(nobody_can_decide=policy.mode is ApprovalMode.MANUAL)
        for approver in policy.approvers:
            told, cannot_decide = self._one(application, approver, subject)
            found.findings += told
            found.nobody_can_decide &= cannot_decide
        return found

    def _one(
        self, application: Application, approver: Approver, subject: Subject
    ) -> tuple[list[Finding], bool]:
        """Give the findings about an approver, and whether it can decide nowhere."""
        if isinstance(self._known, str):
            named = _named(approver, None)
            there = subject.unknown(checks.GONE, f"{named}: {self._known}")
            return [there, self._unseen(application, approver, subject)], False
        entry = self._known.get(approver.id.key)
        named = _named(approver, entry)
        if entry is None:
            advice = f"azjit consumer configure APP --remove-approver {_id(approver)}"
            told = f"{named} is not in the directory"
            return [subject.found(checks.GONE, told, f"{advice}, and name another approver")], True
        there = subject.ok(checks.GONE, f"{named} is there")
        able, cannot_decide = self._as_found(application, approver, subject, entry)
        return [there, able], cannot_decide

    def _unseen(self, application: Application, approver: Approver, subject: Subject) -> Finding:
        """Check by role assignments alone, without the directory."""
        told = self._by_roles(application, approver, subject, _named(approver, None))
        if approver.kind.lower() == "group" and told.is_checked and not told.is_ok:
            return subject.unknown(checks.UNABLE, f"{told.text}; its members may")
        return told

    def _as_found(
        self, application: Application, approver: Approver, subject: Subject, entry: DirectoryEntry
    ) -> tuple[Finding, bool]:
        named = _named(approver, entry)
        if entry.kind == "service principal":
            return subject.found(checks.UNABLE, f"{named} is a service principal", _ANOTHER), True
        if entry.kind != approver.kind.lower():
            advice = (
                f"azjit consumer configure APP --remove-approver {_id(approver)}"
                f" --add-approver {entry.kind}:{entry.id.key}"
            )
            return subject.found(checks.UNABLE, f"{named} is a {entry.kind}", advice), False
        if entry.kind == "group":
            return self._group(application, approver, subject, named)
        if entry.is_enabled is False:
            advice = f"enable the account, or name another approver: {_ANOTHER}"
            return subject.found(checks.UNABLE, f"{named} is disabled", advice), True
        told = self._by_roles(application, approver, subject, named)
        return _if_enabled(told, [entry], named, subject), False

    def _by_roles(
        self, application: Application, approver: Approver, subject: Subject, named: str
    ) -> Finding:
        try:
            held = self._deciders.of(application.id, approver.id)
        except AzjitError as error:
            return subject.unknown(checks.UNABLE, f"{named}: {why_of(error)}")
        answers = [decides for _, decides in held]
        if any(answers):
            return subject.ok(checks.UNABLE, f"{named} holds a role that allows updateAccess")
        if None in answers:
            return subject.unknown(checks.UNABLE, f"a role of {named} could not be read")
        return subject.found(checks.UNABLE, f"{named} holds no role that allows updateAccess")

    def _group(
        self, application: Application, approver: Approver, subject: Subject, named: str
    ) -> tuple[Finding, bool]:
        try:
            people = [e for e in self._directory.members(approver.id) if e.kind == "user"]
        except AzjitError as error:
            return subject.unknown(checks.UNABLE, f"{named}: {why_of(error)}"), False
        active = [each for each in people if each.is_enabled is not False]
        if not active:
            told = "only disabled members" if people else "no members"
            advice = f"add members to the group, or name another approver: {_ANOTHER}"
            return subject.found(checks.UNABLE, f"{named} has {told}", advice), True
        told_of = self._by_roles(application, approver, subject, named)
        if told_of.is_checked and not told_of.is_ok:
            told_of = self._members(application, active, subject, named)
        return _if_enabled(told_of, active, named, subject), False

    def _members(
        self, application: Application, people: list[DirectoryEntry], subject: Subject, named: str
    ) -> Finding:
        """Check whether members of a group can decide by roles of their own."""
        try:
            held_there = self._deciders.at(application.id)
            holders = [held for held, decides in held_there if decides]
            able = {held.principal.key for held in holders}
            groups = {h.principal for h in holders if (h.principal_kind or "").lower() == "group"}
            for group in groups:
                able |= {each.id.key for each in self._directory.members(group)}
        except AzjitError as error:
            return subject.unknown(checks.UNABLE, f"{named}: {why_of(error)}")
        count = sum(each.id.key in able for each in people)
        if count:
            whose = f"{count} of {len(people)} in {named}"
            return subject.ok(checks.UNABLE, f"{whose} hold a role that allows updateAccess")
        if any(decides is None for _, decides in held_there):
            return subject.unknown(
                checks.UNABLE, f"some roles of the members of {named} could not be read"
            )
        return subject.found(
            checks.UNABLE, f"no member of {named} holds a role that allows updateAccess"
        )


def _if_enabled(
    told: Finding, people: list[DirectoryEntry], named: str, subject: Subject
) -> Finding:
    """Report no approver as able unless the directory shows that one can sign in."""
    if told.is_ok and all(each.is_enabled is None for each in people):
        why = f"the directory does not show whether {named} can sign in"
        return subject.unknown(checks.UNABLE, why)
    return told


def _named(approver: Approver, entry: DirectoryEntry | None) -> str:
    name = approver.name or (entry.label if entry is not None else None) or approver.id.text
    return f"{approver.kind.lower()} {name}"


def _id(approver: Approver) -> str:
    return f"{approver.kind.lower()}:{approver.id.key}"
