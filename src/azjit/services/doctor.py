"""The doctor: looks at everything that could make a command fail, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from azjit.azure.checkups import Checkups, Pulse
from azjit.domain import checks
from azjit.domain.applications import Application
from azjit.domain.checkup import HERE, Checkup, Diagnosis, Place
from azjit.errors import AzjitError, NotAllowed, NotFound, NotSignedIn, Unavailable
from azjit.services.activity_join import Namers
from azjit.services.doctor_application import ApplicationDoctor
from azjit.services.doctor_place import PlaceDoctor, places_of, proxy
from azjit.services.doctor_rights import RightsDoctor, why_of
from azjit.services.finder import Finder, Side
from azjit.services.parallel import each
from azjit.services.ports import Ports


@dataclass(frozen=True, slots=True)
class Bag:
    """What the doctor works with; what may fail to be made is made when it is asked for.

    `address` is where Azure's endpoints are asked for.
    """

    ports: Callable[[], Ports]
    checkups: Callable[[], Checkups]
    finder: Callable[[], Finder]
    namers: Callable[[], Namers]
    environ: Mapping[str, str]
    address: str


class Doctor:
    """Examines one side's applications and what its commands rest on."""

    def __init__(self, bag: Bag, side: Side) -> None:
        self._bag = bag
        self._side = side

    def examine(self, app: str | None) -> Checkup:
        """Look at one application, or at all in reach, and at the way there."""
        try:
            ports = self._bag.ports()
            caller = ports.caller()
        except NotSignedIn as error:
            return Checkup((HERE.found(checks.SIGN_IN, error.message),), error.message)
        except Unavailable as error:
            return Checkup(self._cut_off(error, [self._bag.address]))
        del caller
        return self._examine(ports, app)

    def _examine(self, ports: Ports, app: str | None) -> Checkup:
        checkups = self._bag.checkups()
        around = PlaceDoctor(ports, checkups, self._side)
        found = [around.signed_in()]
        before = ports.real_now()
        try:
            pulse = checkups.pulse()
        except NotSignedIn as error:
            return Checkup((HERE.found(checks.SIGN_IN, error.message),), error.message)
        except AzjitError as error:
            return Checkup((*found, *self._cut_off(error, places_of(ports.cloud))))
        cloud = ports.cloud
        found.append(HERE.ok(checks.ENDPOINT, f"{cloud.name} answers at {cloud.arm}"))
        found.append(proxy(self._bag.environ, places_of(cloud)))
        found.append(around.clock(pulse, before, ports.real_now()))
        applications, unseen = self._applications(ports, app)
        found += unseen
        found += self._shared(ports, around, applications, pulse)
        found += self._of_each(ports, checkups, applications)
        blocked = None
        if not applications and any(not each_one.is_checked for each_one in unseen):
            blocked = "nothing could be looked at: " + unseen[0].text.removeprefix("not checked: ")
        return Checkup(tuple(found), blocked)

    def _cut_off(self, error: AzjitError, called: list[str]) -> tuple[Diagnosis, ...]:
        return (HERE.found(checks.ENDPOINT, error.message), proxy(self._bag.environ, called))

    def _applications(
        self, ports: Ports, app: str | None
    ) -> tuple[list[Application], list[Diagnosis]]:
        finder = self._bag.finder()
        if app is not None:
            return [finder.application(app)], []
        if self._side is Side.PUBLISHER:
            found = list(finder.applications())
            return found, [] if found else [HERE.found(checks.REACH, "no application is in reach")]
        return self._of_subscriptions(ports)

    def _of_subscriptions(self, ports: Ports) -> tuple[list[Application], list[Diagnosis]]:
        def listed(subscription: str) -> list[Application] | Diagnosis:
            try:
                return list(ports.solutions.applications(subscription))
            except (NotAllowed, NotFound) as error:
                return Place(f"subscription {subscription}").unknown(checks.REACH, why_of(error))

        found: list[Application] = []
        unseen: list[Diagnosis] = []
        for told in each(listed, ports.seen_subscriptions()):
            if isinstance(told, Diagnosis):
                unseen.append(told)
            else:
                found += told
        if not found and not unseen:
            unseen.append(HERE.found(checks.REACH, "no application is in reach"))
        return found, unseen

    def _shared(
        self, ports: Ports, around: PlaceDoctor, applications: list[Application], pulse: Pulse
    ) -> Iterator[Diagnosis]:
        seen = [application.id.subscription for application in applications]
        subscriptions = list(dict.fromkeys(seen or ports.subscriptions or pulse.tenants))
        yield from around.tenants(applications, pulse)
        yield from around.providers(subscriptions)
        yield around.licence()

    def _of_each(
        self, ports: Ports, checkups: Checkups, applications: list[Application]
    ) -> Iterator[Diagnosis]:
        rights = RightsDoctor(ports, checkups)
        doctor = ApplicationDoctor(ports, self._bag.finder(), self._bag.namers())
        is_consumers = self._side is Side.CONSUMER
        visit = _consumers if is_consumers else _publishers

        def look(application: Application) -> list[Diagnosis]:
            return list(visit(application, rights, doctor))

        total = len(applications)
        for done, told in enumerate(each(look, applications), start=1):
            ports.ear.progress(f"looked at {done} of {total} applications")
            yield from told


def _consumers(
    application: Application, rights: RightsDoctor, doctor: ApplicationDoctor
) -> Iterator[Diagnosis]:
    place = Place(f"{application.id.group}/{application.name}", application.id)
    yield from doctor.settings(application, place)
    yield from doctor.approvers(application, place)
    yield from doctor.standing(application, place)
    yield from doctor.stale(application, place)
    yield from rights.consumer(application, place, rights.at(application.id))


def _publishers(
    application: Application, rights: RightsDoctor, doctor: ApplicationDoctor
) -> Iterator[Diagnosis]:
    place = Place(f"{application.id.group}/{application.name}", application.id)
    yield from doctor.settings(application, place)
    yield from doctor.foreign_approvers(application, place)
    yield doctor.identity(application, place)
    yield from doctor.stale(application, place)
    yield from rights.publisher(application, place, application.managed_group)
    own = rights.at(application.id)
    missing = own.missing((checks.UPDATE_ACCESS,))
    if missing is None:
        yield place.found(checks.SELF_APPROVAL, "you hold updateAccess on the application")
    elif missing:
        yield place.ok(checks.SELF_APPROVAL, "you may not call updateAccess")
    else:
        yield place.unknown(checks.SELF_APPROVAL, own.unknown)
