"""The rules behind the concerns: each says what it found of a request, or nothing.

The docstring of a rule is its entry in the reference. The text of a refusal begins with `it`, which
stands for the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from azjit.domain.access import Caller
from azjit.domain.durations import human_duration
from azjit.domain.facts import JudgedFacts, Reading, unknown_groups
from azjit.domain.ids import PrincipalId, short_name
from azjit.domain.levels import Level, Told
from azjit.domain.powers import Power
from azjit.domain.requests import JitRequest

LITTLE_TIME = timedelta(minutes=30)
FAR_START = timedelta(hours=24)
VERY_FAR_START = timedelta(days=30)
STALE = timedelta(hours=24)


def unknown_group(caller: Caller, principal: PrincipalId) -> str:
    """Say that nobody knows whether a principal is a group of the caller."""
    return f"it is for {principal}, and whether that is a group with {caller.name} is not known"


def own(read: Reading, facts: JudgedFacts) -> Told | None:
    """It was filed by or for the caller, also through a group."""
    if facts.is_own:
        text = "it is your own: someone else must decide it"
        return Told(Level.REFUSED, text, "ask another approver")
    if facts.is_own is False:
        return None
    doubtful = unknown_groups(read.request, read.caller)[0]
    return Told(
        Level.BLOCKER if read.attended else Level.REFUSED,
        f"it may be your own: {unknown_group(read.caller, doubtful)}",
        "decide it at a terminal without --yes, ask another approver, or get Microsoft Graph's"
        " GroupMember.Read.All",
    )


def unreadable(read: Reading, _: JudgedFacts) -> Told | None:
    """A row or the schedule cannot be read."""
    request, schedule = read.request, read.request.schedule
    hint = "do not approve what cannot be shown; decide it in the portal"
    if request.unreadable is not None:
        return Told(Level.REFUSED, f"it could not be read: {request.unreadable}", hint)
    if not request.rows or request.unread_rows:
        return Told(Level.REFUSED, "it asks for a role that could not be read", hint)
    if schedule.end is None:
        texts = f"{schedule.start_text!r}, {schedule.duration_text!r}"
        return Told(Level.REFUSED, f"it has no readable start and duration: {texts}", hint)
    return None


def other_place(read: Reading, facts: JudgedFacts) -> Told | None:
    """Its resource group or application is not its own."""
    request, application = read.request, read.application
    hint = "do not decide it; ask the publisher what it is for"
    if application is None:
        text = f"it is for an application that could not be read: {request.application_text!r}"
        return Told(Level.REFUSED, text, hint)
    if request.application != application.id:
        text = f"it is for another application than {application.name}"
    elif not facts.is_in_place:
        text = f"it is not in the managed resource group of {application.name}"
    else:
        return None
    return Told(Level.REFUSED, text, hint)


def other_publisher(read: Reading, facts: JudgedFacts) -> Told | None:
    """Its publisher tenant is not the application's."""
    application, theirs = read.application, read.request.publisher_tenant
    if facts.is_of_publisher or application is None:
        return None
    if facts.is_of_publisher is None:
        who = "its publisher's tenant" if theirs is None else f"the publisher of {application.name}"
        return Told(Level.WARNING, f"Azure does not tell {who}, so that they are not compared")
    return Told(
        Level.REFUSED,
        f"it comes from tenant {theirs}, but the publisher of {application.name} is"
        f" {application.publisher_tenant}",
        "do not approve it; ask the publisher",
    )


def ended(read: Reading, _: JudgedFacts) -> Told | None:
    """Its time is over."""
    if not read.request.has_ended(read.now):
        return None
    return Told(
        Level.REFUSED, "it is over: its time has passed", "the publisher can file a new one"
    )


def over_maximum(read: Reading, facts: JudgedFacts) -> Told | None:
    """It is longer than the application allows."""
    name = read.application.name if read.application is not None else "its application"
    if facts.length is None:
        return None  # it cannot be read
    if facts.maximum is None:
        asked = human_duration(facts.length)
        return Told(Level.WARNING, f"it asks for {asked}, and what {name} allows is not known")
    if facts.length <= facts.maximum:
        return None
    return Told(
        Level.BLOCKER,
        f"it asks for {human_duration(facts.length)}, but {name} now allows"
        f" {human_duration(facts.maximum)}",
    )


def recurring(read: Reading, _: JudgedFacts) -> Told | None:
    """Its type is not Once."""
    kind = read.request.schedule.kind
    if kind == "once":
        return None
    return Told(
        Level.BLOCKER, f"its schedule is {kind!r}: Azure does not document what that grants"
    )


def not_eligible(read: Reading, facts: JudgedFacts) -> Told | None:
    """A row is not among the application's authorizations."""
    if facts.is_eligible or not read.request.rows:
        return None
    if facts.is_eligible is None:
        text = "whether the application's authorizations have its roles is not known"
        return Told(Level.WARNING, text)
    return Told(Level.BLOCKER, "the application's authorizations do not have what it asks for")


def can_give_access(_: Reading, facts: JudgedFacts) -> Told | None:
    """A role can give access to others, or its powers are not known."""
    for each in facts.roles:
        if each.powers is not None and Power.GIVE_ACCESS in each.powers:
            name = each.grant.role_name or each.grant.role.guid
            return Told(Level.BLOCKER, f"{name} can give access to others")
    unknown = [each.grant.role.guid or "?" for each in facts.roles if each.powers is None]
    if unknown:
        text = f"what role {', '.join(unknown)} can do is not known, so it may give access"
        return Told(Level.BLOCKER, text)
    return None


def name_conflict(read: Reading, _: JudgedFacts) -> Told | None:
    """A built-in role's GUID has another name or type."""
    for row in read.request.rows:
        role, name = read.roles.get(row.role.guid), read.built_in.get(row.role.guid)
        if role is None or name is None:
            continue
        if role.name.casefold() != name.casefold() or not role.is_built_in:
            kind = "" if role.is_built_in else ", which is not built in"
            text = f"role {row.role.guid} is {role.name!r}{kind}, but Azure's built-in {name!r}"
            return Told(Level.BLOCKER, f"{text} has that id")
    return None


def several_rows(_: Reading, facts: JudgedFacts) -> Told | None:
    """It has more than one role row."""
    count = len(facts.roles)
    return Told(Level.WARNING, f"it asks for {count} roles at once") if count > 1 else None


def other_principal(read: Reading, _: JudgedFacts) -> Told | None:
    """A principal is not the filer."""
    filer = read.request.created_by
    if filer is None:
        return Told(Level.WARNING, "it does not tell who filed it, who may be another principal")
    if {row.principal for row in read.request.rows} - {filer}:
        text = "it gives access to another principal than the one that filed it"
        return Told(Level.WARNING, text)
    return None


def group_principal(read: Reading, _: JudgedFacts) -> Told | None:
    """A principal is a group."""
    possible = read.request.possible_groups
    kinds = {each: read.kinds.get(each.key, "").lower() for each in possible}
    groups = [each for each, kind in kinds.items() if kind == "group"]
    if groups:
        return Told(Level.WARNING, f"{groups[0]} is a group: all its members get the access")
    unknown = [each for each, kind in kinds.items() if not kind]
    return Told(Level.NOTE, f"{unknown[0]} may be a group") if unknown else None


def little_time_left(_: Reading, facts: JudgedFacts) -> Told | None:
    """Under half of what was asked is left, or under 30 minutes."""
    left, length = facts.left, facts.length
    if left is None or length is None or not left:
        return None  # it is over, or cannot be read
    if left >= LITTLE_TIME and left * 2 >= length:
        return None
    told = f"{human_duration(_minutes(left))} are left of {human_duration(length)}"
    return Told(Level.WARNING, told)


def far_start(_: Reading, facts: JudgedFacts) -> Told | None:
    """It starts in more than 24 hours."""
    ahead = facts.starts_in
    if ahead is None or ahead <= FAR_START:
        return None
    level = Level.BLOCKER if ahead > VERY_FAR_START else Level.WARNING
    return Told(level, f"it starts in {_days(ahead)}")


def overlap(_: Reading, facts: JudgedFacts) -> Told | None:
    """The same principal has an active or approved grant at that time."""
    if facts.overlaps is None:
        text = "whether the same principal has other access at that time is not known"
        return Told(Level.WARNING, text)
    if not facts.overlaps:
        return None
    return Told(
        Level.WARNING, f"the same principal has access then through {_names(facts.overlaps)}"
    )


def continues(_: Reading, facts: JudgedFacts) -> Told | None:
    """It begins within an hour of the end of a grant of the same principal and role."""
    if facts.continues is None:
        return Told(Level.NOTE, "whether it continues another grant is not known")
    if not facts.continues:
        return None
    joint = f", {human_duration(facts.joint_length)} together" if facts.joint_length else ""
    most = f"; the maximum is {human_duration(facts.maximum)}" if facts.maximum else ""
    return Told(Level.WARNING, f"it continues {_names(facts.continues)}{joint}{most}")


def stale(_: Reading, facts: JudgedFacts) -> Told | None:
    """It has waited for more than 24 hours."""
    if facts.waited is None:
        return Told(Level.NOTE, "how long it has waited is not known")
    if facts.waited <= STALE:
        return None
    return Told(Level.WARNING, f"it has waited for {_days(facts.waited)}")


def not_an_approver(read: Reading, facts: JudgedFacts) -> Told | None:
    """The caller is not in the application's list of approvers."""
    caller = read.caller
    if facts.is_approver:
        return None
    if facts.is_approver is None:
        return Told(Level.NOTE, f"whether {caller.name} is among its approvers is not known")
    if not caller.is_person:
        text = f"{caller.name} is a service principal, which cannot be among the approvers"
        return Told(Level.NOTE, text)
    return Told(Level.WARNING, f"{caller.name} is not among the application's approvers")


def acts_through(_: Reading, facts: JudgedFacts) -> Told | None:
    """A role can act through resources (run commands, keys, identities)."""
    if any(each.powers is None for each in facts.roles):
        return Told(Level.NOTE, "whether its role can act through resources is not known")
    acting = [each.grant for each in facts.roles if Power.ACT_THROUGH in (each.powers or ())]
    names = ", ".join(dict.fromkeys(each.role_name or each.role.guid for each in acting))
    return Told(Level.NOTE, f"{names} {Power.ACT_THROUGH.words}") if acting else None


def standing_access(_: Reading, facts: JudgedFacts) -> Told | None:
    """The publisher has it anyway."""
    if facts.has_standing_access is None:
        return Told(Level.NOTE, "whether its publisher has standing access is not known")
    text = "its publisher has standing access anyway: JIT was not enabled"
    return Told(Level.NOTE, text) if facts.has_standing_access else None


def policy_exempt(_: Reading, facts: JudgedFacts) -> Told | None:
    """Azure Policy is said not to hold a publisher back."""
    if facts.is_exempt is None:
        return Told(Level.NOTE, "whether Azure Policy holds its publisher back is not known")
    text = "Azure Policy is said not to hold back a publisher of another tenant"
    return Told(Level.NOTE, text) if facts.is_exempt else None


def _names(requests: Iterable[JitRequest]) -> str:
    return "request " + ", ".join(short_name(each.name) for each in requests)


def _days(span: timedelta) -> str:
    return f"{span.days} {'day' if span.days == 1 else 'days'} and {span.seconds // 3600} h"


def _minutes(span: timedelta) -> timedelta:
    return max(timedelta(minutes=span // timedelta(minutes=1)), timedelta(minutes=1))
