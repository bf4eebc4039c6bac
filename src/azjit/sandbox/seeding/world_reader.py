"""Reads a world from its file: `azjit sandbox seed --file`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azjit.sandbox.base.clock import read_duration, read_instant, stamp
from azjit.sandbox.base.ids import solutions_id, stable_id
from azjit.sandbox.base.switches import find as find_switch
from azjit.sandbox.seeding import bulk_seed
from azjit.sandbox.seeding.activity_seed import record_seeded
from azjit.sandbox.seeding.builders import (
    LOCATION,
    ApplicationFacts,
    Creation,
    RequestFacts,
    Rows,
    definition,
)
from azjit.sandbox.seeding.standing_roles import give_standing_roles
from azjit.sandbox.seeding.world_keys import Section, WorldKeys
from azjit.sandbox.solutions.deployment import deploy, give_standing_rights, save_group
from azjit.sandbox.solutions.jit_lifecycle import grant
from azjit.sandbox.solutions.request_state import APPROVED, PENDING
from azjit.sandbox.world.people import SUBSCRIPTIONS
from azjit.sandbox.world.rights import ALWAYS, FOREVER, Assignment
from azjit.sandbox.world.world import JIT_REQUEST, Resource

_MOMENT = timedelta(minutes=1)


class WorldReader(WorldKeys):
    """Reads the content of a file, which fits the schema, into an empty world."""

    def fill(self) -> None:
        """Add everything.

        Raises:
            ValueError: a name, a role, a time or a switch is not valid.
        """
        self.add_directory()
        self._switches("", self.content.get("switches", {}))
        for entry in self.content.get("definitions", ()):
            self._definition(entry)
        for entry in self.content.get("applications", ()):
            self._application(entry)
        for entry in self.content.get("requests", ()):
            self._request(entry)
        self._records()
        self._assignments()
        for request in self.world.every(JIT_REQUEST):
            record_seeded(self.world, request)
        wanted = self.content.get("fleet", {})
        if wanted:
            bulk_seed.grow(self.world, wanted)

    def _definition(self, entry: Section) -> None:
        place = self.subscription(entry["subscription"]), entry["group"]
        location = entry.get("location", LOCATION)
        save_group(self.world, *place, location)
        properties = {
            "lockLevel": "ReadOnly",
            "isEnabled": True,
            "artifacts": [],
            **entry.get("properties", {}),
            "authorizations": self.rows(entry["authorizations"]),
        }
        creation = self.creation(entry, self._someone(place[0]))
        tags = entry.get("tags", {})
        self.world.save(definition(place, entry["name"], properties, creation, location, tags))

    def _application(self, entry: Section) -> None:
        subscription, group = self.subscription(entry["subscription"]), entry["group"]
        location = entry.get("location", LOCATION)
        rows = self.rows(entry["authorizations"])
        facts = ApplicationFacts(
            entry["name"],
            group,
            subscription,
            entry.get("managedGroup", f"mrg-{entry['name']}"),
            self._policy(entry.get("jitAccessPolicy")),
            rows,
            self._publisher(entry, rows),
            self.creation(entry, self._someone(subscription)),
            self._definition_id(entry, subscription),
            location,
            entry.get("kind"),
            dict(entry.get("tags", {})),
            entry.get("properties", {}),
        )
        save_group(self.world, subscription, group, location)
        application = deploy(self.world, facts.body(), rows, facts.publisher)
        if entry.get("open") or entry.get("allowedActions"):
            application.private["isOpen"] = bool(entry.get("open"))
            application.private["allowedActions"] = list(entry.get("allowedActions", ()))
            self.world.save(application)
            give_standing_rights(self.world, application)
        self._switches(application.key, entry.get("switches", {}))

    def _policy(self, policy: dict[str, Any] | None) -> dict[str, Any] | None:
        if policy is None or not policy.get("jitApprovers"):
            return policy
        approvers = [{**row, "id": self.principal(row["id"])} for row in policy["jitApprovers"]]
        for row in approvers:
            kind = self.world.directory.principal_type(row["id"])
            row.setdefault("type", "group" if kind == "Group" else "user")
        return {**policy, "jitApprovers": approvers}

    def _publisher(self, entry: Section, rows: Rows) -> str:
        if "publisher" in entry:
            return self.tenant(entry["publisher"])
        for row in rows:
            person = self.world.directory.person(row["principalId"])
            if person is not None:
                return person.tenant_id
            for group in self.world.directory.groups():
                if group.object_id == row["principalId"]:
                    return group.tenant_id
        raise ValueError(f"the application {entry['name']!r} needs its 'publisher'")

    def _definition_id(self, entry: Section, subscription: str) -> str | None:
        named: str | None = entry.get("definition")
        if named is None or named.startswith("/"):
            return named
        group, _, name = named.rpartition("/")
        return solutions_id(subscription, group, "applicationDefinitions", name)

    def _someone(self, subscription: str) -> str:
        """Give the default creator: the first person of the subscription's tenant."""
        tenant = self.world.directory.tenant_of(subscription)
        for person in self.world.directory.people():
            if person.tenant_id == tenant:
                return person.alias
        raise ValueError(f"nobody is in the tenant of the subscription {subscription}")

    def _request(self, entry: Section) -> None:
        application = self._named(entry["application"])
        rows = self.rows(entry["authorizations"])
        name = entry.get(
            "name", stable_id(f"request/{entry['application']}/{entry['start']}/{rows}")
        )
        read_duration(entry["duration"])
        creation = self.creation({"name": name, **entry}, rows[0]["principalId"])
        moves = self._moves(entry, creation)
        facts = RequestFacts(
            name,
            application.body["id"],
            application.properties["managedResourceGroupId"],
            rows,
            self._start(entry["start"]),
            entry["duration"],
            str(application.properties["publisherTenantId"]),
            creation,
            moves,
            entry.get("type", "Once"),
            entry.get("location", application.body["location"]),
            dict(entry.get("tags", {})),
        )
        request = facts.resource()
        self.world.save(request)
        for at, state in moves:
            if state == APPROVED:
                grant(self.world, request, read_instant(at))
        if "accessEnds" in entry:
            self.world.end_grants(request.key, self.at(entry["accessEnds"]))

    def _start(self, text: str) -> str:
        """Give the start of access: a time as it is written, or relative to the seeding."""
        at = self.at(text)
        return stamp(at.replace(microsecond=0)) if text[0] in "+-" else text

    def _moves(self, entry: Section, creation: Creation) -> list[list[str]]:
        if "history" in entry:
            return [[stamp(self.at(at)), state] for at, state in entry["history"]]
        state = entry.get("state", PENDING)
        if state == PENDING:
            return [[creation.at, PENDING]]
        default = read_instant(creation.at) + _MOMENT
        decided = self.at(entry["decided"]) if "decided" in entry else default
        return [[creation.at, PENDING], [stamp(decided), state]]

    def _named(self, text: str) -> Resource:
        matches = self.world.applications_named(text)
        if len(matches) != 1:
            raise ValueError(f"{text!r} names {len(matches)} applications, not one")
        return matches[0]

    def _records(self) -> None:
        keys = ("id", "type", "subscription", "group", "name", "body", "private")
        for entry in self.content.get("records", ()):
            self.world.save(Resource(*(entry[key] for key in keys)))

    def _assignments(self) -> None:
        entries = self.content.get("assignments")
        if entries is None:
            if self.content.get("people") is None and self.content.get("subscriptions") is None:
                give_standing_roles(self.world, [key for key, _, _ in SUBSCRIPTIONS])
            return
        for entry in entries:
            scope, role = self.scope(entry["scope"]), self.role(entry["role"])
            principal = self.principal(entry["principal"])
            default = stable_id(f"assignment/{scope.lower()}/{principal}/{role}")
            self.world.assign(
                Assignment(
                    entry.get("name", default),
                    scope,
                    principal,
                    role,
                    stamp(self.at(entry["starts"])) if "starts" in entry else ALWAYS,
                    stamp(self.at(entry["ends"])) if "ends" in entry else FOREVER,
                    entry.get("request"),
                    dict(entry.get("body", {})),
                )
            )

    def _switches(self, application: str, values: Section) -> None:
        for key, value in values.items():
            switch = find_switch(key, for_application=bool(application))
            row = (application, key, switch.check(str(value)))
            self.world.connection.execute("INSERT OR REPLACE INTO switches VALUES (?,?,?)", row)
