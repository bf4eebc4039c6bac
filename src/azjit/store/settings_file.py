"""Reads the file of JIT settings that many applications should have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from azjit.domain.durations import parse_duration
from azjit.domain.ids import ApplicationId, unwrapped_id
from azjit.domain.inputs import SettingsEntry, SettingsPatch, check_approver, parse_mode
from azjit.errors import Usage, meant
from azjit.store.strict_yaml import YamlNode, read_yaml, wrong

_KEYS = ("application", "mode", "maximum", "approvers")
_KIND = "microsoft.solutions/applications"
# /subscriptions/S/resourceGroups/G/providers/Microsoft.Solutions/applications/A
_SEGMENTS = 9
_SHAPE = "the file is a list: - application: ID, with mode, maximum or approvers below it"
_FORM = (
    "/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Solutions/applications/NAME;"
    " GROUP and NAME may contain *"
)
_T = TypeVar("_T")


def parse_settings(text: str, name: str) -> list[SettingsEntry]:
    """Read the entries of a file.

    Raises:
        Usage: it is not such a file, or has an unknown key or the same application twice; with the
            line.
    """
    top = read_yaml(text, name)
    if not isinstance(top.value, list):
        raise wrong(name, top.line, "not a list of applications", _SHAPE)
    entries: dict[str, SettingsEntry] = {}
    for each in top.value:
        entry = _entry(each, name)
        first = entries.setdefault(entry.application.key, entry)
        if first is not entry:
            what = f"{entry.application} is there twice, first on line {first.line}"
            raise wrong(name, entry.line, what, "keep one of them")
    return list(entries.values())


def _entry(node: YamlNode, name: str) -> SettingsEntry:
    if not isinstance(node.value, dict):
        raise wrong(name, node.line, "not the settings of an application", _SHAPE)
    for key, value in node.value.items():
        if key not in _KEYS:
            hint = f"{meant(key, _KEYS)}the keys are: {', '.join(_KEYS)}"
            raise wrong(name, value.line, f"unknown key {key!r}", hint)
    told = node.value
    if "application" not in told:
        raise wrong(name, node.line, "the key application is missing", _SHAPE)
    application = _read(told["application"], name, "application", _application)
    patch = SettingsPatch(
        mode=_setting(told, name, "mode", parse_mode),
        maximum=_setting(told, name, "maximum", parse_duration),
        add=_approvers(told.get("approvers"), name),
    )
    if patch.is_empty:
        hint = "add mode, maximum or approvers, or remove the entry"
        raise wrong(name, node.line, f"no setting for {application}", hint)
    return SettingsEntry(application, patch, told["application"].line)


def _setting(
    told: dict[str, YamlNode], name: str, key: str, parse: Callable[[str], _T]
) -> _T | None:
    node = told.get(key)
    return _read(node, name, key, parse) if node is not None and node.value is not None else None


def _approvers(node: YamlNode | None, name: str) -> tuple[str, ...]:
    if node is None or node.value is None:
        return ()
    if not isinstance(node.value, list):
        hint = "use one line for each: - user:ID, - group:ID, or a name"
        raise wrong(name, node.line, "approvers is not a list", hint)
    return tuple(_read(each, name, "approver", check_approver) for each in node.value)


def _read(node: YamlNode, name: str, what: str, parse: Callable[[str], _T]) -> _T:
    """Parse a scalar, and say its line if it is wrong."""
    if not isinstance(node.value, str):
        raise wrong(name, node.line, f"{what} is not a text", _SHAPE)
    try:
        return parse(node.value)
    except Usage as error:
        raise wrong(name, node.line, error.message, error.hint or _SHAPE) from error


def _application(text: str) -> ApplicationId:
    found = ApplicationId.parse(unwrapped_id(text))
    segments = found.text.split("/")
    if found.kind != _KIND or found.group is None or len(segments) != _SEGMENTS:
        raise Usage(f"{text!r} is not the id of an application", hint=_FORM)
    if "*" in found.subscription:
        raise Usage("a pattern is for one subscription", hint=_FORM)
    return found
