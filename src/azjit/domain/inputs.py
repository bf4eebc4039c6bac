"""The inputs of the services: parsed from the command line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from azjit.domain.applications import ApprovalMode, Approver, JitPolicy
from azjit.domain.durations import LONGEST
from azjit.domain.ids import ApplicationId, GroupId, PrincipalId, is_guid
from azjit.domain.pim import Route
from azjit.domain.reports import RequestReport
from azjit.domain.rules import Verdict
from azjit.domain.times import When
from azjit.errors import Usage

APPROVER_KINDS = ("user", "group")
_MODES = {"automatic": ApprovalMode.AUTOMATIC, "manual": ApprovalMode.MANUAL}
WAIT_TIMEOUT = timedelta(hours=1)


class RequestFilter(NamedTuple):
    """The filter of a list of requests; None, False and an empty set match all."""

    states: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    since: datetime | None = None
    mine: bool = False

    def matches(self, report: RequestReport) -> bool:
        """Tell whether a request matches."""
        request = report.request
        if self.states and request.state.value not in self.states:
            return False
        if self.phases and request.phase(report.at).value not in self.phases:
            return False
        at = request.created_at or request.schedule.start
        return self.since is None or (at is not None and at >= self.since)


class RequestSpec(NamedTuple):
    """A request as a person asked for it; the rules fill in what is None."""

    app: str
    role: str
    start: When
    duration: timedelta | None = None
    principal: PrincipalId | None = None
    reason: str | None = None
    ticket: str | None = None
    name: str | None = None
    group: GroupId | None = None
    new: bool = False


class Goal(StrEnum):
    """What `wait` waits for."""

    DECIDED = "decided"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"


class ChosenRequest(NamedTuple):
    """A request to decide: how it was named, and the digest that it must have, if one was given.

    One that `is_listed` came from a list: nobody named it by hand.
    """

    text: str
    digest: str | None = None
    is_listed: bool = False


class DecisionSpec(NamedTuple):
    """A decision on requests as a person asked for it; `reason` is None until it is given.

    One that is `attended` is put to a person as a question before it is sent. Where nobody is
    asked, `accepted` has the codes of the concerns that do not hold it up.
    """

    verdict: Verdict
    requests: tuple[ChosenRequest, ...]
    reason: str | None
    timeout: timedelta
    origin: str | None = None
    route: Route = Route.APPLICATION
    attended: bool = False
    accepted: frozenset[str] = frozenset()

    @property
    def is_alone(self) -> bool:
        """Whether somebody named one request, and no list did."""
        return len(self.requests) == 1 and not self.requests[0].is_listed


class SettingsPatch(NamedTuple):
    """Changes of JIT settings; None keeps a setting.

    Approvers are as typed. The application's directory resolves them, and the settings may name
    some that it no longer has.
    """

    mode: ApprovalMode | None = None
    maximum: timedelta | None = None
    approvers: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    allow_no_approver: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        nothing_set = self.mode is None and self.maximum is None and self.approvers is None
        return nothing_set and not self.add and not self.remove


class SettingsEntry(NamedTuple):
    """The settings that a file wants of an application, and the line that says so.

    A `*` in the name or the resource group of the id stands for any characters. The patch adds the
    approvers of the file and removes none.
    """

    application: ApplicationId
    patch: SettingsPatch
    line: int = 0

    @property
    def is_pattern(self) -> bool:
        """Whether it may mean several applications, all in one subscription."""
        return "*" in self.application.text

    def matches(self, application: ApplicationId) -> bool:
        """Tell whether it means an application."""
        parts = map(re.escape, self.application.key.split("*"))
        return re.fullmatch("[^/]*".join(parts), application.key) is not None


def parse_mode(text: str) -> ApprovalMode:
    """Read an approval mode that somebody wants, also in Azure's own word.

    Raises:
        Usage: there is no such mode.
    """
    # Azure's own words are AutoApprove and ManualApprove.
    word = {"autoapprove": "automatic"}.get(text.lower(), text.lower().removesuffix("approve"))
    if word not in _MODES:
        raise Usage(f"no approval mode named {text!r}", hint="use automatic or manual")
    return _MODES[word]


def settings_entry(
    application: ApplicationId, policy: JitPolicy
) -> tuple[SettingsEntry, tuple[str, ...]]:
    """Give the entry of a file that wants what a policy has, and what an entry cannot want."""
    unfit: list[str] = []
    mode, maximum = policy.mode, policy.maximum
    if mode not in _MODES.values():
        unfit.append(f"the mode {policy.mode_word!r}")
    is_exact = maximum is not None and timedelta(0) < maximum <= LONGEST
    if maximum is None or not is_exact or maximum.microseconds:
        unfit.append(f"the maximum {policy.maximum_text or 'that is not set'}")
        maximum = None
    approvers: list[str] = []
    for each in policy.approvers:
        if each.kind.lower() not in APPROVER_KINDS or not is_guid(each.id.text):
            unfit.append(f"the approver {each.kind}:{each.id}")
            continue
        name = (each.name or "").strip()
        approvers.append(f"{each.kind.lower()}:{each.id}" + (f"={name}" if name else ""))
    wanted = mode if mode in _MODES.values() else None
    patch = SettingsPatch(mode=wanted, maximum=maximum, add=tuple(approvers))
    return SettingsEntry(application, patch), tuple(unfit)


def parse_approver(text: str) -> Approver | None:
    """Read an approver given as `user:ID` or `group:ID`; None if the directory must find it.

    Raises:
        Usage: malformed.
    """
    kind, colon, rest = text.partition(":")
    who, has_name, name = rest.partition("=")
    is_kind = bool(colon) and kind.lower() in APPROVER_KINDS
    is_cut = is_kind and is_guid(who) and bool(has_name) and not name.strip()
    if is_cut or (is_guid(who) and not is_kind) or not (rest if is_kind else text).strip():
        raise Usage(
            f"malformed approver {text!r}",
            hint="use a sign-in name, a mail, a display name, or user:ID or group:ID with =NAME",
        )
    if is_kind and is_guid(who):
        return Approver(PrincipalId.parse(who), kind.lower(), name.strip() or None)
    return None


def check_approver(text: str) -> str:
    """Give the text of an approver, who may be one of the directory.

    Raises:
        Usage: malformed.
    """
    parse_approver(text.strip())
    return text
