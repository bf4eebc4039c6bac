"""Partner Center's ingestion API: one offer, its plan, and the package configuration of its draft.

Its fields are those that public clients send and receive.

Assumes:
    [L] a stale If-Match is answered with 412, a missing one with 428
    [L] everyone of the publisher's tenant may use the API
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from azjit.sandbox.base.ids import new_id, stable_id
from azjit.sandbox.base.messages import Problem, Request, Response, answer
from azjit.sandbox.entra.tokens import caller_of
from azjit.sandbox.world.people import ALICE, CONTRIBUTOR, FABRIKAM, FABRIKAM_CI
from azjit.sandbox.world.world import Resource, World

HOST = "api.partner.microsoft.com"
AUDIENCE = f"https://{HOST}"
_KIND = "partnercenter/packageconfigurations"
_ROOT = "/v1.0/ingestion/"
_PRODUCT, _PLAN, _DRAFT = "fabrikam-orders", "standard", "standard-draft"
_OFFER = {"resourceType": "AzureApplication", "name": "Orders", "isModularPublishing": True}
_CONFIGURATIONS = rf"{re.escape(_ROOT)}products/([^/]+)/packageConfigurations"
_BY_INSTANCE = re.compile(
    rf"{_CONFIGURATIONS}/getByInstanceID\(instanceID=([^/)]+)\)", re.IGNORECASE
)
_LISTS = re.compile(
    rf"{re.escape(_ROOT)}products(?:/([^/]+)/(variants|branches/getByModule\(module=Package\)))?",
    re.IGNORECASE,
)
_ONE = re.compile(rf"{_CONFIGURATIONS}/([^/()]+)", re.IGNORECASE)


def serves(path: str) -> bool:
    """Whether a path is of this API."""
    return path.lower().startswith(_ROOT)


def respond(request: Request, world: World, real_now: datetime) -> Response:
    """Authenticate, and answer one of its routes."""
    caller = caller_of(world, request, at=real_now, tenant=FABRIKAM, audiences=(AUDIENCE,))
    if caller.tenant != FABRIKAM:
        text = f"The account of '{caller.label}' is not enrolled in Partner Center."
        raise Problem(403, "Forbidden", text)
    by_instance, one = _BY_INSTANCE.fullmatch(request.path), _ONE.fullmatch(request.path)
    if request.method == "GET" and by_instance is not None:
        return answer(200, {"value": [_of_draft(world, by_instance[1], by_instance[2])]})
    lists = _LISTS.fullmatch(request.path)
    if request.method == "GET" and lists is not None:
        return answer(200, {"value": _listed(lists[1], lists[2])})
    if one is not None and request.method in ("GET", "PUT"):
        body = _of_id(world, one[1], one[2])
        return answer(200, body if request.method == "GET" else _put(request, world, body))
    text = f"the sandbox has no route {request.method} {request.path}"
    raise Problem(501, "NotImplemented", text)


def _listed(product: str | None, part: str | None) -> list[dict[str, Any]]:
    """Give the products, or the plans or the drafts of one; a product has a draft of its own."""
    if product is None or part is None:
        ids = [{"type": "AzureOfferId", "value": _PRODUCT}]
        return [{**_OFFER, "externalIDs": ids, "id": _PRODUCT}]
    if product.lower() != _PRODUCT:
        raise Problem(404, "ResourceNotFound", f"The product '{product}' was not found.")
    variant = stable_id("variant/standard")
    if part.lower() == "variants":
        names = {"externalID": _PLAN, "friendlyName": "Standard"}
        return [{"resourceType": "AzureSkuVariant", **names, "id": variant}]
    own = {"resourceType": "Branch", "module": "Package", "type": "Main"}
    return [
        {**own, "currentDraftInstanceID": stable_id("draft/fabrikam-orders")},
        {**own, "variantID": variant, "currentDraftInstanceID": _DRAFT},
    ]


def _put(request: Request, world: World, before: dict[str, Any]) -> dict[str, Any]:
    """Replace the whole configuration, as the API does: absent fields are removed."""
    wanted = request.headers.get("if-match", "")
    if not wanted:
        raise Problem(428, "PreconditionRequired", "The request must be conditional.")
    if wanted != before["@odata.etag"]:
        text = "The resource has been changed since it was read."
        raise Problem(412, "PreconditionFailed", text)
    try:
        sent = json.loads(request.body)
    except ValueError as error:
        raise Problem(400, "InvalidRequest", f"the body is not valid JSON: {error}") from error
    same = ("id", "resourceType")
    if not isinstance(sent, dict) or any(sent.get(key) != before[key] for key in same):
        raise Problem(400, "InvalidRequest", "'id' and 'resourceType' must stay as they are")
    if not isinstance(sent.get("allowJitAccess"), bool):
        raise Problem(400, "InvalidRequest", "'allowJitAccess' must be true or false")
    body = {**sent, "@odata.etag": f'"{new_id()}"'}
    key = f"{_KIND}/{body['id']}"
    world.save(Resource(key, _KIND, "", "", _PRODUCT, {"configuration": body}))
    return body


def _of_draft(world: World, product: str, draft: str) -> dict[str, Any]:
    if (product.lower(), draft.lower()) != (_PRODUCT, _DRAFT):
        text = f"The product '{product}' or its draft '{draft}' was not found."
        raise Problem(404, "ResourceNotFound", text)
    return _configuration(world)


def _of_id(world: World, product: str, name: str) -> dict[str, Any]:
    body = _configuration(world)
    if product.lower() != _PRODUCT or name != body["id"]:
        text = f"The package configuration '{name}' was not found."
        raise Problem(404, "ResourceNotFound", text)
    return body


def _configuration(world: World) -> dict[str, Any]:
    seeded = _seeded()
    saved = world.resource(f"{_KIND}/{seeded['id']}")
    found: dict[str, Any] = saved.body["configuration"] if saved is not None else seeded
    return found


def _seeded() -> dict[str, Any]:
    return {
        "resourceType": "AzureManagedApplicationPackageConfiguration",
        "version": "1.0.0",
        "allowJitAccess": False,
        "deploymentMode": "Incremental",
        "canEnableCustomerActions": True,
        "allowedCustomerActions": ["Microsoft.Storage/storageAccounts/listKeys/action"],
        "allowedDataActions": [],
        "publicAzureTenantID": FABRIKAM,
        "publicAzureAuthorizations": [
            {"principalID": person.object_id, "roleDefinitionID": CONTRIBUTOR}
            for person in (ALICE, FABRIKAM_CI)
        ],
        "azureGovernmentTenantID": None,
        "azureGovernmentAuthorizations": [],
        "policies": [],
        "packageReferences": [
            {"type": "AzureApplicationPackage", "value": stable_id("package/fabrikam-orders")}
        ],
        "publisherManagementMode": "Managed",
        "customerAccessEnableState": "NotSpecified",
        "@odata.etag": f'"{stable_id("etag/fabrikam-orders")}"',
        "id": stable_id("configuration/fabrikam-orders"),
    }
