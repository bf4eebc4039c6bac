"""The details in the receipt of each action: one type per action, one codec per field.

A field's key is its name in camel case, followed by its unit where it has one; a field with a
default is left out where it is None. Receipts are read for ever: a key, once written, keeps its
name and its meaning, and a value that an older receipt lacks is read as None or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

from azjit.domain.applications import ApprovalMode, Approver, JitPolicy, RoleGrant
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.times import parse_instant


class _Form(NamedTuple):
    """How a value is written as JSON and read again."""

    write: Callable[[Any], object]
    read: Callable[[Any], Any]
    unit: str = ""


def _of_type(kind: type) -> _Form:
    return _Form(lambda value: value, lambda json: json if isinstance(json, kind) else None)


def _write_seconds(length: timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None


def _read_seconds(json: object) -> timedelta | None:
    return timedelta(seconds=json) if isinstance(json, int | float) else None


def _read_texts(json: object) -> tuple[str, ...]:
    return tuple(str(each) for each in json) if isinstance(json, list) else ()


def _write_rows(rows: tuple[RoleGrant, ...]) -> list[list[str]]:
    return [[row.principal.text, row.role.text] for row in rows]


def _read_rows(json: object) -> tuple[RoleGrant, ...]:
    rows = []
    for row in json if isinstance(json, list) else ():
        match row:
            case [str(principal), str(role)]:
                rows.append(RoleGrant(PrincipalId(principal), RoleId(role)))
    return tuple(rows)


def _write_policy(policy: JitPolicy) -> dict[str, object]:
    maximum = _write_seconds(policy.maximum)
    return {
        "enabled": policy.enabled,
        "mode": policy.mode.value if policy.mode is not ApprovalMode.UNKNOWN else policy.mode_text,
        "maximumSeconds": maximum if maximum is not None else policy.maximum_text,
        "approvers": [f"{a.kind.lower()}:{a.id.key}" for a in policy.approvers],
    }


def _read_policy(json: object) -> JitPolicy | None:
    if not isinstance(json, Mapping):
        return None
    mode, maximum = json.get("mode"), json.get("maximumSeconds")
    approvers = [each.partition(":") for each in _read_texts(json.get("approvers"))]
    return JitPolicy(
        enabled=json.get("enabled") is True,
        mode=ApprovalMode(mode) if mode in set(ApprovalMode) else ApprovalMode.UNKNOWN,
        approvers=tuple(Approver(PrincipalId(key), kind) for kind, _, key in approvers),
        maximum=_read_seconds(maximum),
        mode_text=mode if isinstance(mode, str) else None,
        maximum_text=maximum if isinstance(maximum, str) else None,
    )


Text = Annotated[str | None, _of_type(str)]
Flag = Annotated[bool | None, _of_type(bool)]
Texts = Annotated[tuple[str, ...], _Form(list, _read_texts)]
Claims = Annotated[Mapping[str, str | None] | None, _of_type(dict)]
Plain = Annotated[Mapping[str, object] | None, _of_type(dict)]
Concerns = Annotated[Sequence[Mapping[str, str]] | None, _of_type(list)]
MaybeTexts = Annotated[Sequence[str] | None, _of_type(list)]
Instant = Annotated[datetime | None, _Form(lambda at: at and at.isoformat(), parse_instant)]
Seconds = Annotated[timedelta | None, _Form(_write_seconds, _read_seconds, "Seconds")]
Rows = Annotated[tuple[RoleGrant, ...], _Form(_write_rows, _read_rows)]
Policy = Annotated[JitPolicy | None, _Form(_write_policy, _read_policy)]


class RequestDetails(NamedTuple):
    """The content of a request."""

    application: Text
    rows: Rows
    start: Instant
    duration: Seconds
    ticket: Text


class ActivationDetails(NamedTuple):
    """The role that is activated in PIM."""

    role: Text
    principal: Text
    start: Instant
    duration: Seconds
    ticket: Text


class DeactivationDetails(NamedTuple):
    """The role that is given back in PIM: it was active, or its request waited."""

    role: Text
    principal: Text
    state: Text


class CancelDetails(NamedTuple):
    """The withdrawn request: its digest and its state before."""

    digest: Text
    state: Text


class DecisionDetails(NamedTuple):
    """The decided request, in Azure's spelling, and how the decision is sent.

    `access_before` is only of a revocation: whether a read showed the access before it. `concerns`
    and `facts` are what was judged, and `accepted` the codes that did not hold up an approval.
    """

    route: Text
    approval: Text
    stage: Text
    application: Text
    rows: Rows
    schedule_type: Text
    start: Text
    duration: Text
    created_by: Text
    publisher_tenant: Text
    digest: Text
    claims: Claims
    origin_request_id: Text
    access_before: Flag = None
    concerns: Concerns = None
    facts: Plain = None
    accepted: MaybeTexts = None


class SettingsDetails(NamedTuple):
    """An application's JIT settings before and after the change."""

    before: Policy
    after: Policy


class RefreshDetails(NamedTuple):
    """The rows of the definition that the application lacked."""

    missing: Texts


class OfferDetails(NamedTuple):
    """Whether the offer's plan allowed JIT access before and after the change."""

    before: Flag
    after: Flag
    etag: Text


Details = (
    RequestDetails
    | ActivationDetails
    | DeactivationDetails
    | CancelDetails
    | DecisionDetails
    | SettingsDetails
    | RefreshDetails
    | OfferDetails
)
_TYPES: Mapping[str, type[Details]] = {
    "request": RequestDetails,
    "activate": ActivationDetails,
    "deactivate": DeactivationDetails,
    "cancel": CancelDetails,
    "approve": DecisionDetails,
    "deny": DecisionDetails,
    "revoke": DecisionDetails,
    "configure": SettingsDetails,
    "refresh-permissions": RefreshDetails,
    "enable-jit": OfferDetails,
    "disable-jit": OfferDetails,
}


def encode_details(details: Details) -> dict[str, object]:
    """Write details as the JSON of a receipt."""
    kind: Any = type(details)
    told = {each.key: (each, getattr(details, each.name)) for each in _fields(kind)}
    return {
        key: each.form.write(value)
        for key, (each, value) in told.items()
        if value is not None or not each.is_optional
    }


def decode_details(action: str, json: Mapping[str, object]) -> Details | None:
    """Read the details of an action's receipt; None if azjit does not know the action."""
    kind: Any = _TYPES.get(action)
    if kind is None:
        return None
    details: Details = kind(**{f.name: f.form.read(json.get(f.key)) for f in _fields(kind)})
    return details


class _Field(NamedTuple):
    name: str
    key: str
    form: _Form
    is_optional: bool


@cache
def _fields(kind: type) -> tuple[_Field, ...]:
    hints, defaults = get_type_hints(kind, include_extras=True), kind._field_defaults  # type: ignore[attr-defined]
    forms = {name: hint.__metadata__[0] for name, hint in hints.items()}
    return tuple(
        _Field(name, _key(name, form), form, name in defaults) for name, form in forms.items()
    )


def _key(name: str, form: _Form) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest) + form.unit
