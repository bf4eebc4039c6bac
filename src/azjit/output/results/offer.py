"""How an offer's package configuration looks."""

from __future__ import annotations

from azjit.domain.offers import PackageConfiguration
from azjit.output.render.styles import Style
from azjit.output.results.package_shapes import OfferItem
from azjit.output.view import Column, Item, Section, View

_WORDS = {True: "allowed", False: "not allowed", None: "not told"}


def offer_view(configuration: PackageConfiguration, *, changed: bool) -> View:
    """Show whether an offer's draft lets consumers choose JIT access."""
    columns = (
        Column("product", "Product"),
        Column("instance", "Draft"),
        Column("configuration", "Configuration", cut="middle"),
        Column("allowJitAccess", "JIT access", cell=_jit_cell, style=_jit_style),
        Column("deploymentMode", "Deployment"),
        Column("managementMode", "Management"),
        Column("principals", "Authorizations"),
        Column("changed", "Changed now"),
    )
    item = _offer_item(configuration, changed=changed)
    return View("offer", columns, [item], single=True, sections=(Section(fields=columns),))


def _offer_item(configuration: PackageConfiguration, *, changed: bool) -> OfferItem:
    return {
        "product": configuration.draft.product,
        "instance": configuration.draft.instance,
        "configuration": configuration.id,
        "allowJitAccess": configuration.allows_jit,
        "deploymentMode": configuration.deployment_mode,
        "managementMode": configuration.management_mode,
        "principals": configuration.principals,
        "changed": changed,
    }


def _jit_cell(item: Item) -> str:
    told = item.get("allowJitAccess")
    return _WORDS[told if isinstance(told, bool) else None]


def _jit_style(item: Item) -> Style:
    return "good" if item.get("allowJitAccess") is True else "wait"
