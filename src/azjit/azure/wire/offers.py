"""Package configurations of Partner Center, edited as text: every other character stays as it was.

Source: `allowJitAccess` is named in Microsoft's documentation of the ingestion API.
"""

from __future__ import annotations

import json

from azjit.azure.wire.values import Body, mapping, objects, principal, text, unusable
from azjit.domain.applications import RoleGrant
from azjit.domain.ids import PrincipalId, RoleId
from azjit.domain.offers import Branch, DraftId, OfferPart, PackageConfiguration
from azjit.packages.insertion import JsonStyle, insert
from azjit.packages.jsonc import Malformed, Node, NodeKind, parse

_FLAG = "allowJitAccess"
_ETAG = "@odata.etag"
_OWN = {_FLAG, _ETAG}


def decode_configurations(
    draft: DraftId, source: str, etag: str | None
) -> list[PackageConfiguration]:
    """Read the configurations of a draft from an answer's text and its ETag header.

    Raises:
        Unavailable: it is not JSON.
    """
    try:
        root = parse(source)
    except Malformed as error:
        raise unusable(
            f"the package configuration of {draft.product} is not complete JSON: {error}"
        ) from error
    listed = root.get("value")
    nodes = listed.items if listed is not None and listed.kind is NodeKind.LIST else (root,)
    return [_configuration(draft, source, node, etag) for node in nodes if node.get("id")]


def decode_product(body: Body) -> OfferPart:
    """Read a product; the ids of an offer are among its `externalIDs`."""
    names = [text(each.get("value")) for each in objects(body.get("externalIDs"))]
    return OfferPart(text(body.get("id")) or "", tuple(filter(None, names)))


def decode_plan(body: Body) -> OfferPart:
    """Read a plan, which this API calls a variant."""
    return OfferPart(
        text(body.get("id")) or "", tuple(filter(None, [text(body.get("externalID"))]))
    )


def decode_branch(body: Body) -> Branch:
    """Read which draft belongs to which plan."""
    return Branch(text(body.get("variantID")), text(body.get("currentDraftInstanceID")))


def encode_jit(source: str, *, allowed: bool) -> str:
    """Give a configuration's JSON with JIT access allowed or not, and nothing else changed."""
    root = parse(source)
    member = root.member(_FLAG)
    if member is None:
        return insert(source, JsonStyle(source, root).append(root, allowed, key=_FLAG))
    return source[: member.value.start] + json.dumps(allowed) + source[member.value.end :]


def _configuration(
    draft: DraftId, source: str, node: Node, etag: str | None
) -> PackageConfiguration:
    flag, plain = node.get(_FLAG), mapping(node.plain())
    return PackageConfiguration(
        draft=draft,
        id=_text(node, "id") or "",
        etag=_text(node, _ETAG) or etag,
        kind=_text(node, "resourceType") or "",
        allows_jit=flag.scalar if flag is not None and isinstance(flag.scalar, bool) else None,
        deployment_mode=_text(node, "deploymentMode"),
        management_mode=_text(node, "publisherManagementMode"),
        tenant=text(plain.get("publicAzureTenantID")),
        rows=tuple(map(_row, objects(plain.get("publicAzureAuthorizations")))),
        source=source[node.start : node.end],
        others={key: each for key, each in plain.items() if key not in _OWN},
    )


def _row(body: Body) -> RoleGrant:
    holder = principal(body.get("principalID")) or PrincipalId("")
    return RoleGrant(holder, RoleId(text(body.get("roleDefinitionID")) or ""))


def _text(node: Node, key: str) -> str | None:
    found = node.get(key)
    return found.text if found is not None else None
