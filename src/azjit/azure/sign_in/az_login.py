"""Whose login the Azure CLI uses, by its own files: asking `az` costs a second.

Source: https://learn.microsoft.com/cli/azure/azure-cli-configuration
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Any, NamedTuple

_PUBLIC = "AzureCloud"


class AzLogin(NamedTuple):
    """The folder of az's configuration, its cloud, and who is signed in there.

    Without a default subscription, az has neither user nor tenant.
    """

    folder: str
    cloud: str
    user: str = ""
    tenant: str = ""


def az_folder(environ: Mapping[str, str]) -> str:
    """Give the folder of az's configuration."""
    named = environ.get("AZURE_CONFIG_DIR") or "~/.azure"
    return os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111 - pathlib raises without a home


def az_login(environ: Mapping[str, str]) -> AzLogin:
    """Read the login of az.

    Raises:
        OSError: its files cannot be read.
        ValueError: they are malformed, or it is signed in as no person.
    """
    folder = str(Path(az_folder(environ)).resolve())
    login = AzLogin(folder, _cloud(folder, environ))
    try:
        profile = json.loads(Path(folder, "azureProfile.json").read_text("utf-8-sig"))
    except FileNotFoundError:
        return login
    except (ValueError, RecursionError) as error:
        raise ValueError("az's profile is malformed") from error
    found = [each for each in _subscriptions(profile) if _is_default(each, login.cloud)]
    if not found:
        return login
    user, tenant = found[0].get("user"), found[0].get("tenantId")
    if not isinstance(user, dict) or user.get("type") != "user":
        raise ValueError("az is not signed in as a person")
    if not isinstance(user.get("name"), str) or not isinstance(tenant, str):
        raise ValueError("az's profile names no account")  # noqa: TRY004 - a file's content
    return login._replace(user=user["name"].lower(), tenant=tenant.lower())


def _cloud(folder: str, environ: Mapping[str, str]) -> str:
    if environ.get("AZURE_CLOUD_NAME"):
        return environ["AZURE_CLOUD_NAME"]
    config = ConfigParser(interpolation=None)
    try:
        config.read(Path(folder, "config"), encoding="utf-8")
    except Error as error:
        raise ValueError("az's configuration is malformed") from error
    return config.get("cloud", "name", fallback=_PUBLIC)


def _subscriptions(profile: Any) -> list[dict[str, Any]]:
    found = profile.get("subscriptions") if isinstance(profile, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError("az's profile is malformed")
    return found


def _is_default(subscription: dict[str, Any], cloud: str) -> bool:
    return bool(subscription.get("isDefault")) and subscription.get("environmentName") == cloud
