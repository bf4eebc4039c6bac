"""The tenants, subscriptions, people, groups and roles of the seeded world."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from azjit.sandbox.base.ids import stable_id

SECRET = "sandbox"
FABRIKAM, CONTOSO = stable_id("tenant/fabrikam"), stable_id("tenant/contoso")
PRODUCTION, TEST = stable_id("subscription/production"), stable_id("subscription/test")
PUBLISHER_OPERATOR = "b9331d33-8a36-4f8c-b097-4f54124fdb44"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
JIT_APPROVER = stable_id("role/jit-approver")
LISTS = ("actions", "notActions", "dataActions", "notDataActions")


class Person(NamedTuple):
    """Someone who can sign in to this world."""

    alias: str
    name: str
    upn: str
    kind: str
    tenant_id: str
    object_id: str
    side: str
    app_id: str | None
    secret: str

    @property
    def label(self) -> str:
        """The name of the person in systemData and error texts."""
        return self.app_id or self.upn

    def identity(self, app_id: str) -> dict[str, str]:
        """Give the person as a resource's `createdBy` names one, signed in through a client."""
        found = {"oid": self.object_id, "applicationId": app_id}
        if self.kind == "user":
            found["puid"] = self.object_id.replace("-", "")[:16].upper()
        return found

    def system_data(self, at: str) -> dict[str, str]:
        """Give the systemData of a resource that the person creates at an instant."""
        kind = "User" if self.kind == "user" else "Application"
        return {
            "createdBy": self.label,
            "createdByType": kind,
            "createdAt": at,
            "lastModifiedBy": self.label,
            "lastModifiedByType": kind,
            "lastModifiedAt": at,
        }


class Group(NamedTuple):
    """A group of a tenant and its members' object ids."""

    name: str
    tenant_id: str
    object_id: str
    members: tuple[str, ...]


class Role(NamedTuple):
    """A role definition with its one set of permissions."""

    id: str
    name: str
    description: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    is_custom: bool = False
    scopes: tuple[str, ...] = ("/",)

    @classmethod
    def custom(
        cls, key: str, name: str, description: str, permission: Any, scopes: Iterable[str]
    ) -> Role:
        """Give a custom role whose permission is as ARM writes it."""
        actions, not_actions, data, not_data = (tuple(permission.get(k, ())) for k in LISTS)
        lists = actions, not_actions, data, not_data
        return cls(key, name, description, *lists, is_custom=True, scopes=tuple(scopes))

    def permission(self) -> dict[str, Any]:
        """Its permission, as ARM writes it."""
        lists = self.actions, self.not_actions, self.data_actions, self.not_data_actions
        return {key: list(patterns) for key, patterns in zip(LISTS, lists, strict=True)}


TENANTS = (
    (FABRIKAM, "Fabrikam", "fabrikam.example"),
    (CONTOSO, "Contoso", "contoso.example"),
)
SUBSCRIPTIONS = (
    (PRODUCTION, "Contoso Production", CONTOSO),
    (TEST, "Contoso Test", CONTOSO),
)


def _user(alias: str, name: str, side: str) -> Person:
    tenant = FABRIKAM if side == "publisher" else CONTOSO
    domain = "fabrikam.example" if side == "publisher" else "contoso.example"
    oid = stable_id(f"principal/{alias}")
    return Person(alias, name, f"{alias}@{domain}", "user", tenant, oid, side, None, SECRET)


def _service(alias: str, side: str) -> Person:
    tenant = FABRIKAM if side == "publisher" else CONTOSO
    oid, app = stable_id(f"principal/{alias}"), stable_id(f"app/{alias}")
    return Person(alias, alias, alias, "servicePrincipal", tenant, oid, side, app, SECRET)


ALICE = _user("alice", "Alice Ashdown", "publisher")
DAVE = _user("dave", "Dave Dunn", "publisher")
FABRIKAM_CI = _service("fabrikam-ci", "publisher")
BOB = _user("bob", "Bob Brandt", "consumer")
CAROL = _user("carol", "Carol Cruz", "consumer")
RITA = _user("rita", "Rita Rossi", "consumer")
CONTOSO_CI = _service("contoso-ci", "consumer")
PEOPLE = (ALICE, DAVE, FABRIKAM_CI, BOB, CAROL, RITA, CONTOSO_CI)

SUPPORT = Group("Fabrikam Support", FABRIKAM, stable_id("group/support"), (DAVE.object_id,))
APPROVERS = Group("Contoso Approvers", CONTOSO, stable_id("group/approvers"), (CAROL.object_id,))
GROUPS = (SUPPORT, APPROVERS)

# Real GUIDs of built-in roles; their permissions are reduced to what this world uses.
ROLES = (
    Role(OWNER, "Owner", "Full access, and may give access to others.", ("*",)),
    Role(
        CONTRIBUTOR,
        "Contributor",
        "Full access, but may not give access to others.",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
    ),
    Role(READER, "Reader", "May see everything and change nothing.", ("*/read",)),
    Role(
        MACHINES,
        "Virtual Machine Contributor",
        "May manage virtual machines, not the network or storage they use.",
        (
            "Microsoft.Authorization/*/read",
            "Microsoft.Compute/availabilitySets/*",
            "Microsoft.Compute/disks/read",
            "Microsoft.Compute/disks/write",
            "Microsoft.Compute/virtualMachines/*",
            "Microsoft.Compute/virtualMachineScaleSets/*",
            "Microsoft.Network/networkInterfaces/*",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
    ),
    Role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Storage Blob Data Reader",
        "May read and list containers and blobs.",
        ("Microsoft.Storage/storageAccounts/blobServices/containers/read",),
        data_actions=("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",),
    ),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        "May give access to others.",
        ("*/read", "Microsoft.Authorization/*"),
    ),
    Role(
        PUBLISHER_OPERATOR,
        "Managed Application Publisher Operator",
        "The service's own role for publishers: read the managed group and ask for JIT access.",
        ("*/read", "Microsoft.Resources/deployments/*", "Microsoft.Solutions/jitRequests/*"),
    ),
    Role(
        "c7393b34-138c-406f-901b-d8cf2b17e6ae",
        "Managed Application Operator Role",
        "May read, and run every action of managed applications.",
        ("*/read", "Microsoft.Solutions/applications/read", "Microsoft.Solutions/*/action"),
    ),
    Role(
        JIT_APPROVER,
        "JIT Approver",
        "The least that judging and deciding JIT requests takes.",
        (
            "Microsoft.Authorization/roleDefinitions/read",
            "Microsoft.Solutions/applicationDefinitions/read",
            "Microsoft.Solutions/applications/read",
            "Microsoft.Solutions/applications/updateAccess/action",
            "Microsoft.Solutions/jitRequests/read",
            "Microsoft.Solutions/locations/operationStatuses/read",
            "Microsoft.ResourceGraph/resources/read",
        ),
        is_custom=True,
        scopes=tuple(f"/subscriptions/{subscription}" for subscription, _, _ in SUBSCRIPTIONS),
    ),
)

# The roles that people hold on both of the consumer's subscriptions.
STANDING = (
    (BOB, OWNER),
    (CAROL, CONTRIBUTOR),
    (RITA, READER),
    (CONTOSO_CI, JIT_APPROVER),
)
