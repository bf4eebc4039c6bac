"""Typed ids, which keep their spelling and are compared without case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import unquote

from azjit.errors import Usage

_GUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
# The beginning of a GUID, also written with letters that look like digits.
_CUT = re.compile(r"[0-9A-Fa-fOoIl]{8}")
# A name may hold all that quoting makes part of a path: not what ends one or may be decoded twice.
_SEGMENT = r"(?:[^/?%\\\s\x00-\x1f\x7f-\x9f\ud800-\udfff]| |%(?![0-9a-fA-F]{2}))+"
_REQUEST = "microsoft.solutions/jitrequests"
_QUOTES = "'\"`<> "
_ENCODED = "%2fsubscriptions%2f"
_WEB = re.compile(r"https?://", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:[/\\]", re.IGNORECASE)
_RESOURCE = re.compile(rf"/(?ai:subscriptions)/{_SEGMENT}(?:/{_SEGMENT}/{_SEGMENT})*")


@lru_cache(maxsize=4096)
def is_guid(text: str) -> bool:
    """Tell whether `text` is a GUID, with or without dashes."""
    return _GUID.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def normal_guid(text: str) -> str:
    """Give a GUID's normal form, in lower case with dashes; other text only in lower case."""
    if not is_guid(text):
        return text.lower()
    plain = text.replace("-", "").lower()
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def beginning(name: str) -> str:
    """Give a short name that commands accept: eight characters of a GUID, else the whole name."""
    return name[:8] if is_guid(name) else name


def short_name(name: str) -> str:
    """Give a request's name for display, with a mark if it looks like the beginning of a GUID."""
    return f"(no GUID) {name}" if looks_cut(name) else beginning(name)


def looks_cut(name: str) -> bool:
    """Tell whether a name, which is no GUID, looks like the beginning of one."""
    is_like = not name.isascii() or _CUT.match(name) is not None
    return is_like and not is_guid(name)


def unwrapped_id(text: str) -> str:
    """Give an id without the quotes, or the address of Azure or the portal, that it was copied in.

    Any other text stays as it is.

    Raises:
        Usage: a shell rewrote the id.
    """
    bare = text.strip(_QUOTES)
    if bare.startswith("{") and is_guid(bare[1:-1]):  # as PowerShell and the registry write it
        return bare[1:-1]
    plain = unquote(bare) if _ENCODED in bare.lower() else bare
    at = plain.lower().find("/subscriptions/")
    if at < 0:
        return text
    if _DRIVE.match(plain[:at]):
        raise Usage(
            f"the shell changed the id to {text!r}",
            hint="Git Bash rewrites what begins with /; set MSYS_NO_PATHCONV=1 and try again",
        )
    if at and _WEB.match(plain) is None:
        return text
    # A name may hold #, which only an address must quote.
    parts = re.split(r"[?#]" if at else r"\?", plain[at:])[0].rstrip("/").split("/")
    # Behind an id, an address has one word: the portal's page, or an action of Azure's.
    is_page = at > 0 and len(parts) % 2 == 0
    return "/".join(parts[:-1] if is_page else parts)


@dataclass(frozen=True, slots=True, eq=False)
class ResourceId:
    """An Azure resource id, `/subscriptions/...`; equal in any case."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what is no resource id.

        Raises:
            Usage: the text has no subscription, an empty or a foreign segment.
        """
        if _RESOURCE.fullmatch(self.text) is None or self.text.endswith(" "):
            raise Usage(
                f"malformed resource id {self.text!r}",
                hint="a resource id begins with /subscriptions/ID/resourceGroups/NAME/...",
            )
        if "/." in self.text and {".", ".."} & {*self.text.split("/")}:
            raise Usage(f"malformed resource id {self.text!r}", hint="it must not contain . or ..")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id as a person typed it: a trailing slash is forgiven.

        Raises:
            Usage: it is not one.
        """
        return cls(text.strip().rstrip("/"))

    @classmethod
    def try_parse(cls, value: object) -> Self | None:
        """Read an id from JSON; None if the value is no resource id."""
        try:
            return cls(value.rstrip("/")) if isinstance(value, str) else None
        except Usage:
            return None

    @classmethod
    def unusable(cls, value: object) -> Self:
        """Keep a value that Azure wrote in place of an id; no call may use it."""
        made = cls.__new__(cls)
        object.__setattr__(made, "text", value if isinstance(value, str) else "")
        return made

    @property
    def key(self) -> str:
        """The normal form, to compare by."""
        return self.text.lower()

    @property
    def name(self) -> str:
        """The last segment."""
        return self.text.rsplit("/", 1)[-1]

    @property
    def subscription(self) -> str:
        """The subscription's id; empty if the id is unusable."""
        return next(iter(self.text.split("/")[2:3]), "")

    @property
    def group(self) -> str | None:
        """The resource group's name, if the id has one."""
        parts = self.text.split("/")
        has_group = len(parts) > 4 and parts[3].lower() == "resourcegroups"  # noqa: PLR2004 - the id's shape
        return parts[4] if has_group else None

    @property
    def group_id(self) -> GroupId | None:
        """The id of the resource group, if the id has one."""
        if self.group is None:
            return None
        return _group_of("/".join(self.text.split("/")[:5]))

    @property
    def kind(self) -> str:
        """The resource type in lower case, e.g. `microsoft.solutions/applications`, else ''."""
        parts = self.text.lower().split("/")
        if "providers" not in parts:
            return ""
        at = len(parts) - 1 - parts[::-1].index("providers")
        tail = parts[at + 1 :]
        return "/".join([tail[0], *tail[1::2]]) if tail else ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return self.text


def reaches(scope: str, place: ResourceId) -> bool:
    """Tell whether an assignment at a scope applies at a place: the scope is that or above.

    Management groups and the root are above every subscription.
    """
    wanted = scope.lower().rstrip("/")
    return not wanted.startswith("/subscriptions/") or f"{place.key}/".startswith(f"{wanted}/")


class ApplicationId(ResourceId):
    """The id of a managed application."""

    __slots__ = ()


class RequestId(ResourceId):
    """The id of a JIT request."""

    __slots__ = ()

    @property
    def is_usable(self) -> bool:
        """Whether this is the id of a JIT request in a resource group."""
        return self.kind == _REQUEST and self.group is not None


class GroupId(ResourceId):
    """The id of a resource group."""

    __slots__ = ()


# Thousands of requests are in some tens of groups.
_group_of = lru_cache(GroupId.try_parse)


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalId:
    """The object id of a user, group or service principal; kept as written, compared as a GUID."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an object id as a person typed it.

        Raises:
            Usage: it is not a GUID.
        """
        if not is_guid(text):
            raise Usage(f"malformed principal {text!r}", hint="use the Entra object id, a GUID")
        return cls(text)

    @property
    def key(self) -> str:
        """The normal form, to compare by."""
        return normal_guid(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrincipalId) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, eq=False)
class RoleId:
    """A role definition as it was written: a bare GUID or a whole resource id."""

    text: str

    @property
    def guid(self) -> str:
        """The role definition's GUID in its normal form, to compare by."""
        return normal_guid(self.text.rstrip("/").rsplit("/", 1)[-1])

    @property
    def bare(self) -> str:
        """The GUID; an id that has none as it was written."""
        return self.guid if is_guid(self.guid) else self.text

    @property
    def whole(self) -> str:
        """The resource id; of a bare GUID the one that every scope knows."""
        if self.text.startswith("/") or not is_guid(self.guid):
            return self.text
        return f"/providers/Microsoft.Authorization/roleDefinitions/{self.guid}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoleId) and other.guid == self.guid

    def __hash__(self) -> int:
        return hash(self.guid)

    def __str__(self) -> str:
        return self.text
