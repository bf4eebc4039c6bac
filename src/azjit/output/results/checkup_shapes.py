"""The JSON of what was done and of what the doctor finds: our keys and what each holds."""

from __future__ import annotations

from typing import Annotated, TypedDict

from azjit.output.results.shapes import NamedItem, RowItem


class ActorItem(TypedDict):
    """Who did something."""

    id: Annotated[str | None, "Entra object id; null for a service, or where not told"]
    name: Annotated[str | None, "as the log or the name cache has it"]


class ActivityRequestItem(TypedDict):
    """The request that something was done to."""

    id: str
    name: str
    state: Annotated[str | None, "what it is now; null where it is gone"]


class LastChangeItem(TypedDict):
    """The last change of a request, which need not be its decision."""

    at: str | None
    by: ActorItem


class ActivityItem(TypedDict):
    """Something that was done to an application, a request, or the access of its publisher."""

    at: Annotated[str | None, "instant; null where Azure tells none"]
    what: Annotated[
        str,
        "request filed, request filed or changed, request deleted, request decided, request"
        " approved, request denied, access revoked, approval sent, not confirmed, denial sent, not"
        " confirmed, revocation sent, not confirmed, application changed, role given, role taken",
    ]
    who: ActorItem
    byPublisher: Annotated[bool | None, "null where the tenant is not told"]
    application: Annotated[NamedItem | None, "null where it is about several"]
    request: Annotated[ActivityRequestItem | None, "null where it is about none, or not known"]
    role: Annotated[RowItem | None, "the role given or taken, and whose; null where not told"]
    withoutReceipt: Annotated[
        bool | None,
        "a decision that no receipt on this machine explains; null where none is expected",
    ]
    deletedByPublisher: Annotated[bool, "the publisher took the request away"]
    standingAccess: Annotated[bool, "a role of the publisher's that no JIT request gave"]
    lastChanged: Annotated[
        LastChangeItem | None,
        "of a decision that only the request's state tells: nothing says who decided, nor when",
    ]
    status: Annotated[str | None, "Azure's own word; null where the log has no such event"]
    subStatus: str | None
    operation: Annotated[str | None, "Azure's name of what was called"]
    target: Annotated[str | None, "resource id that was written"]
    correlationId: str | None
    source: Annotated[str, "activity log, or request where only the request tells of it"]


class CheckItem(TypedDict):
    """What the doctor says of one thing that it looked at."""

    code: Annotated[str, "stable, e.g. DOC001; all are in the documentation"]
    check: Annotated[str, "the check's name"]
    severity: Annotated[str, "ok, note, warning, problem, or not checked"]
    checked: Annotated[bool, "false where it could not be looked at: that is never ok"]
    application: Annotated[NamedItem | None, "null where it is about more than one"]
    subject: Annotated[str, "what it is about, in words"]
    message: Annotated[str, "what was seen, or why nothing was"]
    meaning: Annotated[str | None, "what it means; null where nothing is wrong, or not known to be"]
    fix: Annotated[str | None, "what to do about it; null where nothing is to be done"]
    breaks: Annotated[list[str], "the commands that fail, or would, while it is so"]
