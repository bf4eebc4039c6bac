"""An offer's package configuration: whether its draft lets consumers choose JIT access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from azjit.domain.applications import NamedGrant
from azjit.domain.offers import PackageConfiguration
from azjit.output.cells import DisplayContext
from azjit.output.fields import Column, Field, Many, Result, Shape, Style
from azjit.output.view import Line, Section, View

_WORDS = {True: "allowed", False: "not allowed", None: "not known"}


class Offer(NamedTuple):
    """A configuration, the names of roles by GUID, and whether a command changed it."""

    configuration: PackageConfiguration
    role_names: Mapping[str, str]
    changed: bool

    @property
    def rows(self) -> list[NamedGrant]:
        """The authorizations, with the names of their roles."""
        names = self.role_names
        told = [(row, names.get(row.role.guid)) for row in self.configuration.rows]
        return [NamedGrant(row.role, name, row.principal, None) for row, name in told]


def _allows_jit(offer: Offer) -> bool | None:
    return offer.configuration.allows_jit


def _jit_style(offer: Offer) -> Style:
    return "good" if _allows_jit(offer) else "wait"


_ROWS = "number of publicAzureAuthorizations"
AUTHORIZATION = Shape[NamedGrant](
    "Authorization",
    "A principal and the role that it can request; each null if it cannot be read.",
    Field("principalId", str | None, lambda r: r.principal.text or None),
    Field("roleId", str | None, lambda r: r.role.bare or None, "GUID; an id without one as it is"),
    Field("roleDefinitionId", str | None, lambda r: r.role.whole or None, "resource id"),
    Field("roleName", str | None, lambda r: r.role_name, "of a built-in role"),
)
OFFER = Shape[Offer](
    "Offer",
    "A plan's package configuration in Partner Center.",
    Field("product", str, lambda o: o.configuration.draft.product),
    Field("instance", str, lambda o: o.configuration.draft.instance, "the draft instance"),
    Field("configuration", str, lambda o: o.configuration.id, "the package configuration's id"),
    Field("allowJitAccess", bool | None, _allows_jit, "null if Partner Center does not return it"),
    Field("deploymentMode", str | None, lambda o: o.configuration.deployment_mode),
    Field("managementMode", str | None, lambda o: o.configuration.management_mode),
    Field("principals", int, lambda o: len(o.configuration.rows), _ROWS),
    Field("authorizations", Many(AUTHORIZATION), lambda o: o.rows),
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

_ROW_COLUMNS = AUTHORIZATION.columns(
    Column("principalId", "Principal", priority=9),
    Column("roleName", "Role", priority=9),
    Column("roleId", "Role id", priority=8),
)


def offer_view(
    configuration: PackageConfiguration, role_names: Mapping[str, str], *, changed: bool
) -> View:
    """Show whether an offer's draft lets consumers choose JIT access, and its authorizations."""
    offer = Offer(configuration, role_names, changed)
    return View(SHOWN, _COLUMNS, [offer], details=_details)


def _details(offer: Offer, _: DisplayContext | None) -> Iterator[Line | Section]:
    draft = offer.configuration
    yield Line("Product", draft.draft.product)
    yield Line("Draft", draft.draft.instance)
    yield Line("Configuration", draft.id, cut="middle")
    yield Line("JIT access", _WORDS[draft.allows_jit], _jit_style(offer))
    yield Line("Deployment", draft.deployment_mode or "-")
    yield Line("Management", draft.management_mode or "-")
    yield Line("Changed now", "yes" if offer.changed else "no")
    yield Section("Authorizations", columns=_ROW_COLUMNS, rows=offer.rows)
