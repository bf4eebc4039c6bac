"""Users, groups, service principals and licences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from azjit.sandbox.base.messages import Response, answer
from azjit.sandbox.graph.call import GraphCall, GraphRoute, Handler, bad, missing
from azjit.sandbox.graph.directory import DirectoryObject, Tenant
from azjit.sandbox.graph.pages import Relations, collection, one
from azjit.sandbox.world.people import CONTOSO

_Find = Callable[[GraphCall], DirectoryObject]
_MOST_IDS, _MOST_GROUPS = 1000, 20
_KINDS = {"users": "user", "groups": "group", "servicePrincipals": "servicePrincipal"}
_DIRECTORY_ROLES = (
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"),
)
_P1 = ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d")
_P2 = ("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998")
_SKUS = {
    "none": ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", (_P1,)),
    "p2": ("AAD_PREMIUM_P2", "84a661c4-e949-4bd2-a560-ed7766fcaf2b", (_P1, _P2)),
}


def listed(plural: str, call: GraphCall) -> Response:
    """GET of every object of a kind."""
    entries = _tenant(call).of_kind(_KINDS[plural])
    return collection(call, plural, [entry.body for entry in entries], _relations(plural, call))


def got(plural: str, call: GraphCall) -> Response:
    """GET of one object of a kind."""
    return one(call, plural, _entry(_KINDS[plural], call).body, _relations(plural, call))


def me(call: GraphCall) -> Response:
    """GET me."""
    return one(call, "users", _me(call).body)


def directory_object(call: GraphCall) -> Response:
    """GET of an object of any kind."""
    return one(call, "directoryObjects", _entry(None, call).typed())


def application_principal(call: GraphCall) -> Response:
    """GET servicePrincipals(appId='...')."""
    for entry in _tenant(call).of_kind("servicePrincipal"):
        if entry.body["appId"] == call["app"].lower():
            return one(call, "servicePrincipals", entry.body)
    raise missing(call["app"])


def related(relation: str, find: _Find, kind: str, call: GraphCall) -> Response:
    """GET of the objects that one is related to, of a kind only if there is a cast to it."""
    found = [
        entry.typed()
        for entry in _tenant(call).related(relation, find(call))
        if kind in ("", entry.kind)
    ]
    return collection(call, "directoryObjects", found)


def organization(call: GraphCall) -> Response:
    """GET organization: the caller's tenant."""
    found = [
        {
            "id": tenant,
            "displayName": name,
            "countryLetterCode": "DE",
            "tenantType": "AAD",
            "verifiedDomains": [
                {"name": domain, "isDefault": True, "isInitial": True, "type": "Managed"}
            ],
        }
        for tenant, name, domain in call.world.directory.tenants()
        if tenant == call.caller.tenant
    ]
    if "id" not in call.params:
        return collection(call, "organization", found)
    if call["id"].lower() != call.caller.tenant:
        raise missing(call["id"])
    return one(call, "organization", found[0])


def directory_roles(call: GraphCall) -> Response:
    """GET roleManagement/directory/roleDefinitions: a few built-in roles of the directory."""
    found = [
        {
            "id": key,
            "displayName": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "templateId": key,
            "resourceScopes": ["/"],
            "version": "1",
        }
        for name, key in _DIRECTORY_ROLES
    ]
    return collection(call, "roleManagement/directory/roleDefinitions", found)


def directory_role_assignments(call: GraphCall) -> Response:
    """GET roleManagement/directory/roleAssignments: nobody has a role of the directory here."""
    return collection(call, "roleManagement/directory/roleAssignments", [])


def get_by_ids(call: GraphCall) -> Response:
    """POST directoryObjects/getByIds: the objects of these ids.

    Assumes:
        [M] ids of other tenants are left out of getByIds
    """
    body = call.json()
    ids, kinds = _texts(body, "ids"), _texts(body, "types", is_needed=False)
    if len(ids) > _MOST_IDS:
        raise bad(f"Too many ids: at most {_MOST_IDS} are allowed in a request.")
    found = [
        entry.typed()
        for entry in _tenant(call).of_ids(ids)
        if not kinds or entry.kind in kinds or "directoryObject" in kinds
    ]
    context = f"{call.base}/$metadata#directoryObjects"
    return answer(200, {"@odata.context": context, "value": found})


def check_member_groups(find: _Find, call: GraphCall) -> Response:
    """POST checkMemberGroups: which of the named groups an object is in, also through others.

    Assumes:
        [U] the code of the 400 for more than 20 ids to checkMemberGroups
    """
    named = _texts(call.json(), "groupIds")
    if len(named) > _MOST_GROUPS:
        text = f"The number of group ids exceeds the maximum of {_MOST_GROUPS}."
        raise bad(text, "Directory_ResultSizeLimitExceeded")
    inside = {group.id for group in _tenant(call).groups_of(find(call))}
    return _ids(call, [key for key in named if key.lower() in inside])


def get_member_groups(find: _Find, call: GraphCall) -> Response:
    """POST getMemberGroups: the ids of every group that an object is in."""
    call.json()
    return _ids(call, [group.id for group in _tenant(call).groups_of(find(call))])


def subscribed_skus(call: GraphCall) -> Response:
    """GET subscribedSkus: the switch `licence` decides for the consumer, others have P1."""
    licence = call.world.switch("licence") if call.caller.tenant == CONTOSO else "none"
    name, sku, plans = _SKUS[licence]
    tenants = {key: shown for key, shown, _domain in call.world.directory.tenants()}
    body: dict[str, Any] = {
        "id": f"{call.caller.tenant}_{sku}",
        "accountId": call.caller.tenant,
        "accountName": tenants.get(call.caller.tenant),
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": 3,
        "prepaidUnits": {"enabled": 5, "suspended": 0, "warning": 0, "lockedOut": 0},
        "skuId": sku,
        "skuPartNumber": name,
        "subscriptionIds": [],
        "servicePlans": [
            {
                "servicePlanId": key,
                "servicePlanName": plan,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for plan, key in plans
        ],
    }
    return collection(call, "subscribedSkus", [body])


def _relations(plural: str, call: GraphCall) -> Relations:
    """Give what objects of a kind can be expanded by."""
    tenant = _tenant(call)

    def of(relation: str) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
        def found(body: dict[str, Any]) -> list[dict[str, Any]]:
            entry = tenant.find(body["id"])
            return [] if entry is None else [e.typed() for e in tenant.related(relation, entry)]

        return found

    names = ("members", "memberOf") if plural == "groups" else ("memberOf", "transitiveMemberOf")
    return {name: of(name) for name in names}


def _tenant(call: GraphCall) -> Tenant:
    return Tenant(call.world, call.caller.tenant)


def _me(call: GraphCall) -> DirectoryObject:
    if call.caller.person.kind != "user":
        text = "/me request is only valid with delegated authentication flow."
        raise bad(text, "BadRequest")
    entry = _tenant(call).find(call.caller.oid)
    if entry is None:
        raise missing(call.caller.oid)
    return entry


def _entry(kind: str | None, call: GraphCall) -> DirectoryObject:
    entry = _tenant(call).find(call["id"], kind)
    if entry is None:
        raise missing(call["id"])
    return entry


def _ids(call: GraphCall, ids: list[str]) -> Response:
    context = f"{call.base}/$metadata#Collection(Edm.String)"
    return answer(200, {"@odata.context": context, "value": ids})


def _texts(body: dict[str, Any], key: str, *, is_needed: bool = True) -> list[str]:
    value = body.get(key)
    if value is None and not is_needed:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise bad(f"Invalid value specified for property '{key}' of the request.")
    return value


def _route(method: str, path: str, handler: Handler, *, is_open: bool = False) -> GraphRoute:
    return GraphRoute(method, f"/v1.0{path}", handler, is_open)


def _related(place: str, find: _Find, *relations: str) -> tuple[GraphRoute, ...]:
    # Microsoft's SDK casts by the short name.
    casts = [("", "")]
    casts += [
        (f"/{graph}.{k}", k) for k in _KINDS.values() for graph in ("microsoft.graph", "graph")
    ]
    return tuple(
        _route("GET", f"{place}/{relation}{cast}", partial(related, relation, find, kind))
        for relation in relations
        for cast, kind in casts
    )


def _member_groups(place: str, find: _Find) -> tuple[GraphRoute, ...]:
    return (
        _route("POST", f"{place}/checkMemberGroups", partial(check_member_groups, find)),
        _route("POST", f"{place}/getMemberGroups", partial(get_member_groups, find)),
    )


def _of_kind(plural: str) -> tuple[GraphRoute, ...]:
    place, find = f"/{plural}/{{id}}", partial(_entry, _KINDS[plural])
    return (
        _route("GET", f"/{plural}", partial(listed, plural)),
        _route("GET", place, partial(got, plural)),
        *_related(place, find, "memberOf", "transitiveMemberOf"),
        *_member_groups(place, find),
    )


ROUTES = (
    _route("GET", "/me", me, is_open=True),
    *_related("/me", _me, "memberOf", "transitiveMemberOf"),
    *_member_groups("/me", _me),
    _route("GET", "/users(userPrincipalName='{id}')", partial(got, "users")),
    _route("GET", "/servicePrincipals(appId='{app}')", application_principal),
    *_of_kind("users"),
    *_of_kind("groups"),
    *_of_kind("servicePrincipals"),
    *_related("/groups/{id}", partial(_entry, "group"), "members", "transitiveMembers"),
    _route("POST", "/directoryObjects/getByIds", get_by_ids),
    _route("GET", "/directoryObjects/{id}", directory_object),
    *_member_groups("/directoryObjects/{id}", partial(_entry, None)),
    _route("GET", "/subscribedSkus", subscribed_skus),
    _route("GET", "/organization", organization),
    _route("GET", "/organization/{id}", organization),
    _route("GET", "/roleManagement/directory/roleDefinitions", directory_roles),
    _route("GET", "/roleManagement/directory/roleAssignments", directory_role_assignments),
)
