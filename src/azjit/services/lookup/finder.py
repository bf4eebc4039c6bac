"""Finds the applications and requests that a person names; never picks one of two matches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from azjit.context import Context, Side
from azjit.domain.applications import Application
from azjit.domain.ids import ApplicationId, GroupId, ResourceId
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, NotAllowed, NotFound, Usage
from azjit.services.lookup.named_requests import NamedRequests
from azjit.services.lookup.omissions import PartialResults, ends_all, is_gone, short
from azjit.services.parallel import each
from azjit.store.names import KnownApplication, KnownRequest

# The requests of a listing that are remembered in one step.
_AT_ONCE = 100
_APPLICATION = "microsoft.solutions/applications"


class Finder:
    """Finds names for one side: ids first, then cached names, then listings."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._omissions = context.service(PartialResults)
        self._not_listed: set[ApplicationId] = set()

    def application(self, text: str, *, changes: bool = False) -> Application:
        """Find the application that APP names: an id, a name, group/name, or a managed group's id.

        Raises:
            NotFound: none matches.
            PartlyDone: none matches in what could be listed.
            Usage: several match; the message lists them. Or a command that `changes` something
                names one by its name alone, and not all could be listed.
        """
        if text.startswith("/"):
            return self._application_by_id(ResourceId.parse(text), changes=changes)
        group, _, name = text.rpartition("/")
        if not name or "/" in group:
            raise Usage(f"malformed application {text!r}", hint="use NAME, GROUP/NAME or an id")
        missing = PartialResults(self._context)
        listed = list(self._named_in_reach(missing))
        matches = [app for app in listed if _is_named(app, group, name)]
        if not matches:
            raise self._no_application(text, listed, missing)
        if len(matches) > 1:
            labels = ", ".join(sorted(app.label for app in matches))
            raise Usage(
                f"{len(matches)} applications match {text!r}: {labels}",
                hint="use GROUP/NAME or the id",
            )
        if changes and missing and not group:
            raise Usage(
                f"another application may be named {text!r}, because not all could be listed:"
                f" {missing.said}",
                hint=f"use GROUP/NAME or the id: {matches[0].label}",
            )
        return self.fresh(matches[0], changes=changes)

    def applications(self) -> Iterator[Application]:
        """Give every application in reach; one that cannot be read is known by its id only.

        What could not be listed is noted in the `PartialResults` of the command.
        """
        if self._context.side is Side.CONSUMER:
            yield from self._as_consumer(self._omissions)
        else:
            yield from self._as_publisher(self._omissions)

    def _named_in_reach(self, missing: PartialResults) -> Iterator[Application]:
        """Give every application that a name may mean; a publisher may see only the id."""
        if self._context.side is Side.CONSUMER:
            return self._as_consumer(missing)
        return map(self._remembered_application, self._publisher_candidates(missing))

    def fresh(self, application: Application, *, changes: bool = False) -> Application:
        """Read an application if only its id is known."""
        if application.is_read:
            return application
        return self._read(application.id, application, changes=changes)

    def request(self, text: str, *, changes: bool = False) -> JitRequest:
        """Find the request that REQUEST names: an id, a name, or a prefix of 8 characters or more.

        Raises:
            NotFound: none matches.
            PartlyDone: none matches in what could be listed.
            Usage: several match, or the prefix is too short. Or a command that `changes` something
                does not name it by its id, and not all could be listed.
        """
        return self.named([text], changes=changes).find(text)

    def named(self, names: Iterable[str], *, changes: bool) -> NamedRequests:
        """Prepare to find the requests of several names with one listing at most."""
        missing = PartialResults(self._context)

        def listing() -> Iterator[JitRequest]:
            # The groups are enough to look for a name: no application is read for it.
            return missing.noted(self._in_reach(missing, self._publisher_candidates))

        return NamedRequests(self._context, listing, missing, names, changes=changes)

    def requests(self, application: Application | None) -> Iterator[JitRequest]:
        """Give the requests of an application, or of every one in reach.

        What could not be listed is noted in the `PartialResults` of the command; a request that
        cannot be read is given.
        """
        if application is None:
            return self._in_reach(self._omissions, self._as_publisher)
        return self._of_application(application)

    def _in_reach(
        self,
        missing: PartialResults,
        of_publisher: Callable[[PartialResults], Iterator[Application]],
    ) -> Iterator[JitRequest]:
        if self._context.side is Side.CONSUMER:
            return missing.parts(self._in_subscription, missing.subscriptions())
        label = "the requests of {0.label}".format
        apps = (app for app in of_publisher(missing) if app.unreadable is None)
        return missing.parts(self._in_application, apps, label)

    def managed_group(self, application: Application) -> GroupId:
        """Give an application's managed resource group, even if the application was not read.

        Raises:
            NotFound: it is not known.
        """
        if application.managed_group is not None:
            return application.managed_group
        for group in self._context.resources.managed_groups(application.id.subscription):
            if group.application == application.id and group.id is not None:
                return group.id
        raise NotFound(
            f"the managed resource group of {application.name} is not known",
            hint="use the id of the managed resource group as APP",
        )

    def _application_by_id(self, wanted: ResourceId, *, changes: bool) -> Application:
        if wanted.kind == _APPLICATION:
            return self._read(ApplicationId(wanted.text), None, changes=changes)
        if wanted.kind or wanted.group is None:
            raise Usage(
                f"{wanted} is neither an application nor a resource group",
                hint="use the id of a managed application or of its managed resource group",
            )
        group = GroupId(wanted.text)
        manager = self._context.resources.manager_of(group)
        if manager is None:
            raise NotFound(
                f"resource group {group.name} is not managed by an application",
                hint="list applications and their groups with: azjit consumer apps",
            )
        known = Application(manager, manager.name, group, is_read=False)
        return self._read(manager, known, changes=changes)

    def _read(
        self, wanted: ApplicationId, known: Application | None, *, changes: bool
    ) -> Application:
        try:
            application = self._context.solutions.application(wanted)
        except AzjitError as error:
            ends = isinstance(error, NotFound) or ends_all(error)
            is_needed = changes and not isinstance(error, NotAllowed)
            if self._context.side is Side.CONSUMER or ends or is_needed:
                raise
            # A publisher's rights end at the managed resource group; the id is enough to ask.
            self._context.notes.warn(f"the settings of {wanted.name} are unknown: {error.message}")
            return known or Application(wanted, wanted.name, is_read=False)
        return self._remembered_application(application)

    def _as_consumer(self, missing: PartialResults) -> Iterator[Application]:
        listed = missing.parts(self._context.solutions.applications, missing.subscriptions())
        yield from map(self._remembered_application, missing.noted(listed))

    def _as_publisher(self, missing: PartialResults) -> Iterator[Application]:
        for app, error in each(self._try_read, self._publisher_candidates(missing)):
            if error is not None:
                missing.note(app.label, f"application {app.label}: {short(error)}")
            yield self._remembered_application(app)

    def _publisher_candidates(self, missing: PartialResults) -> Iterator[Application]:
        remembered = self._context.known.applications()
        seen: set[ApplicationId] = set()
        listed = missing.parts(
            self._behind_groups, missing.subscriptions(), has_more=bool(remembered)
        )
        for app in missing.noted(listed):
            if app.unreadable or app.id not in seen:
                seen.add(app.id)
                yield app
        for known in remembered:
            told = ApplicationId.try_parse(known.id)
            if told is not None and told not in seen:
                seen.add(told)
                self._not_listed.add(told)
                group = GroupId.try_parse(known.managed_group)
                yield Application(told, known.name, group, is_read=False)

    def _behind_groups(self, subscription: str) -> Iterator[Application]:
        for group in self._context.resources.managed_groups(subscription):
            manager, why = group.application, group.unreadable
            yield Application(manager, manager.name, group.id, is_read=False, unreadable=why)

    def _try_read(self, known: Application) -> tuple[Application, AzjitError | None]:
        """Read an application; an error that is none of its rights is given with what is known."""
        if known.unreadable is not None:
            return known, None
        try:
            return self._context.solutions.application(known.id), None
        except (NotAllowed, NotFound):
            return known, None
        except AzjitError as error:
            if ends_all(error):
                raise
            return known, error

    def _remembered_application(self, app: Application) -> Application:
        if app.unreadable is not None:
            return app
        group = app.managed_group.text if app.managed_group else ""
        self._context.known.remember_applications(
            [KnownApplication(app.id.text, app.name, app.id.group or "", group)]
        )
        return app

    def _no_application(
        self, text: str, listed: list[Application], missing: PartialResults
    ) -> AzjitError:
        if missing:
            return missing.not_found(f"application named {text!r}")
        group, _, name = text.lower().rpartition("/")
        near = get_close_matches(name, {app.name.lower() for app in listed}, n=2)
        alike = [app for app in listed if app.name.lower() in near]
        places = get_close_matches(group, {(app.id.group or "").lower() for app in alike}, n=2)
        places = [group] if group in places else places
        alike = [app for app in alike if not places or (app.id.group or "").lower() in places]
        names = [app.name for app in alike]
        labels = [a.name if not group and names.count(a.name) == 1 else a.label for a in alike]
        meant = f"did you mean {' or '.join(labels)}? " if labels else ""
        return NotFound(
            f"no application named {text!r} in reach",
            hint=f"{meant}list them with: azjit {self._context.side} apps",
        )

    def _of_application(self, application: Application) -> Iterator[JitRequest]:
        group = self.managed_group(application)
        listed = self._context.solutions.requests_in(group)
        # One whose application cannot be read belongs to nothing else in this group: it is shown.
        return self._remembered(r for r in listed if r.application in {None, application.id})

    def _in_application(self, application: Application) -> Iterator[JitRequest]:
        try:
            yield from self._of_application(application)
        except (NotAllowed, NotFound) as error:
            if is_gone(error):
                return  # in a deleted group no request is left
            if application.id not in self._not_listed:
                raise
            # Azure does not list it: the application, or the right to read it, may be long gone.
            label = application.label
            self._context.notes.warn(f"left out: the requests of {label}: {short(error)}")

    def _in_subscription(self, subscription: str) -> Iterator[JitRequest]:
        return self._remembered(self._context.solutions.requests_of(subscription))

    def _remembered(self, requests: Iterable[JitRequest]) -> Iterator[JitRequest]:
        seen: list[KnownRequest] = []
        try:
            for request in requests:
                # Thousands of requests have some tens of applications: one text for each of those.
                application = sys.intern(request.application_text)
                if request.unreadable is None:
                    seen.append(KnownRequest(request.id.text, request.name, application))
                if len(seen) == _AT_ONCE:
                    self._context.known.remember_requests(seen)
                    seen = []
                yield request
        finally:
            self._context.known.remember_requests(seen)


def _is_named(application: Application, group: str, name: str) -> bool:
    if application.unreadable is not None:
        return False
    same_group = not group or (application.id.group or "").lower() == group.lower()
    return same_group and application.name.lower() == name.lower()
