"""An offer's package configuration: whether its draft lets consumers choose JIT access."""

from __future__ import annotations

from typing import NamedTuple

from azjit.domain.offers import PackageConfiguration
from azjit.output.fields import Column, Field, Result, Shape, Style
from azjit.output.view import View

_WORDS = {True: "allowed", False: "not allowed", None: "not known"}


class Offer(NamedTuple):
    """A configuration, and whether a command changed it."""

    configuration: PackageConfiguration
    changed: bool


def _allows_jit(offer: Offer) -> bool | None:
    return offer.configuration.allows_jit


def _jit_style(offer: Offer) -> Style:
    return "good" if _allows_jit(offer) else "wait"


_ROWS = "number of publicAzureAuthorizations"
OFFER = Shape[Offer](
    "Offer",
    "A plan's package configuration in Partner Center.",
    Field("product", str, lambda o: o.configuration.draft.product),
    Field("instance", str, lambda o: o.configuration.draft.instance, "the draft instance"),
    Field("configuration", str, lambda o: o.configuration.id, "the package configuration's id"),
    Field("allowJitAccess", bool | None, _allows_jit, "null if Partner Center does not return it"),
    Field("deploymentMode", str | None, lambda o: o.configuration.deployment_mode),
    Field("managementMode", str | None, lambda o: o.configuration.management_mode),
    Field("principals", int, lambda o: o.configuration.principals, _ROWS),
    Field("changed", bool, lambda o: o.changed, "whether this command changed it"),
)
SHOWN = Result(
    "offer", OFFER, "publisher offer show, publisher offer enable-jit, publisher offer disable-jit"
)
_COLUMNS = OFFER.columns(
    Column("product", "Product"),
    Column("instance", "Draft"),
    Column("configuration", "Configuration", cut="middle"),
    Column("allowJitAccess", "JIT access", lambda o: _WORDS[_allows_jit(o)], _jit_style),
    Column("deploymentMode", "Deployment"),
    Column("managementMode", "Management"),
    Column("principals", "Authorizations"),
    Column("changed", "Changed now"),
)


def offer_view(configuration: PackageConfiguration, *, changed: bool) -> View:
    """Show whether an offer's draft lets consumers choose JIT access."""
    return View(SHOWN, _COLUMNS, [Offer(configuration, changed)])
