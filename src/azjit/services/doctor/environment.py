"""Checks that concern every command: sign-in, endpoints, proxy, clock, tenants and licence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from azjit.azure.azure_time import LARGEST_SKEW
from azjit.azure.clouds import Cloud
from azjit.azure.network import proxy_to
from azjit.azure.sign_in.choice import Way
from azjit.azure.sign_in.kept_tokens import KeptTokens, NotKept
from azjit.context import Context, Side
from azjit.domain import checks
from azjit.domain.directory import Licence
from azjit.domain.durations import human_duration
from azjit.domain.findings import HERE, Finding, Subject
from azjit.errors import AzjitError, NotAllowed, NotFound
from azjit.services.directory_names import Directory
from azjit.services.doctor.reach import ReachedApplications
from azjit.services.doctor.rights import why_of
from azjit.services.lookup.subscriptions import ChosenSubscriptions
from azjit.services.parallel import each

ELSEWHERE = "signed in to another tenant"
_SECOND = timedelta(seconds=1)
_NO_OTHER = ", as no variable chooses another"
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


class EnvironmentDoctor:
    """Checks tenants, providers, licence and directory."""

    def __init__(self, context: Context, tenants: Mapping[str, str]) -> None:
        self._context = context
        self._directory = context.service(Directory)
        self._tenants = tenants  # of the subscriptions, by what the first answer told
        self._mine = context.caller.tenant.lower()

    def subscriptions(self, reached: ReachedApplications) -> list[str]:
        """Give the subscriptions of the applications, else the named ones."""
        seen = [application.id.subscription.lower() for application in reached.applications]
        if reached.subscription:
            chosen: tuple[str, ...] = (reached.subscription,)
        else:
            chosen = self._context.service(ChosenSubscriptions).ids
        return list(dict.fromkeys(seen or chosen or self._tenants))

    def tenants(self, reached: ReachedApplications) -> Iterator[Finding]:
        """Compare the sign-in's tenant with the tenant of the side that it acts for."""
        for name, tenant in self._wanted(reached).items():
            subject = Subject(name)
            if tenant is None:
                yield subject.unknown(checks.TENANT, "its tenant is unknown")
            elif tenant == self._mine:
                yield subject.ok(
                    checks.TENANT, f"of the tenant that you are signed in to, {tenant}"
                )
            else:
                text = f"of tenant {tenant}, the sign-in of {self._mine}"
                yield subject.found(checks.TENANT, text, self._way_to(tenant))

    def foreign(self, reached: ReachedApplications) -> str | None:
        """Give the tenant to sign in to, if the sign-in is of none of the right ones."""
        tenants = set(self._wanted(reached).values())
        others = sorted(each for each in tenants if each is not None)
        return None if self._mine in tenants or not others else others[0]

    def is_home(self, subscription: str) -> bool | None:
        """Tell whether a subscription is of the sign-in's tenant; None if that is not known."""
        tenant = self._tenants.get(subscription.lower())
        return None if tenant is None else tenant == self._mine

    def providers(self, subscriptions: Iterable[str]) -> Iterator[Finding]:
        """Check that the subscriptions have Microsoft.Solutions registered."""
        yield from each(self._provider, subscriptions)

    def licence(self, subscriptions: Iterable[str]) -> Finding:
        """Check that the consumer's tenant has a licence for PIM and JIT."""
        if self._context.side is Side.PUBLISHER:
            return HERE.unknown(checks.LICENCE, "only the consumer's own tenant shows it")
        homes = {self.is_home(each_one) for each_one in subscriptions}
        if True not in homes:
            is_elsewhere = False in homes
            why = ELSEWHERE if is_elsewhere else "the tenant of the subscriptions is unknown"
            return HERE.unknown(checks.LICENCE, why)
        try:
            licence = self._directory.licence()
        except AzjitError as error:
            return HERE.unknown(checks.LICENCE, why_of(error))
        if licence is Licence.NONE:
            return HERE.found(checks.LICENCE, "the tenant has neither Entra ID P2 nor Governance")
        return HERE.ok(checks.LICENCE, f"the tenant has {licence}")

    def names(self) -> Iterator[Finding]:
        """Check that the directory gives names, and that PIM accepts the caller's decisions."""
        caller = self._context.caller
        if not caller.is_person:
            yield HERE.found(checks.PERSON, f"{caller.name} is a service principal")
        else:
            yield HERE.ok(checks.PERSON, f"{caller.name} is a {caller.kind}")
        try:
            self._directory.entries([caller.id])
        except NotAllowed as error:
            yield HERE.found(checks.NAMES, why_of(error))
        except AzjitError as error:
            yield HERE.unknown(checks.NAMES, why_of(error))
        else:
            yield HERE.ok(checks.NAMES, "Microsoft Graph gives the names of people")

    def _way_to(self, tenant: str) -> str:
        other = Side.CONSUMER if self._context.side is Side.PUBLISHER else Side.PUBLISHER
        return (
            f"sign in to the right tenant, az login --tenant {tenant}, or use --tenant {tenant};"
            f" as the {other}: --side {other}"
        )

    def _wanted(self, reached: ReachedApplications) -> dict[str, str | None]:
        """Give the tenants that a sign-in must be of, by the subject that needs it."""
        if self._context.side is Side.PUBLISHER:
            theirs = {
                f"application {app.name}": app.publisher_tenant for app in reached.applications
            }
            return {name: tenant and tenant.lower() for name, tenant in theirs.items()}
        subscriptions = self.subscriptions(reached)
        return {f"subscription {sub}": self._tenants.get(sub.lower()) for sub in subscriptions}

    def _provider(self, subscription: str) -> Finding:
        subject = Subject(f"subscription {subscription}")
        try:
            state = self._context.resources.registration(subscription)
        except NotFound:
            return subject.unknown(checks.PROVIDER, "the subscription is not shown to you")
        except AzjitError as error:
            return subject.unknown(checks.PROVIDER, why_of(error))
        is_there = state.lower() == "registered"
        say = subject.ok if is_there else subject.found
        word = "not registered" if state.lower() == "notregistered" else state.lower()
        return say(checks.PROVIDER, f"Microsoft.Solutions is {word}")


def signed_in(context: Context) -> Finding:
    """Report the signed-in principal, and by which kind of sign-in."""
    identity = context.identity
    caller, way = identity.caller, Way(identity.sign_in, identity.variables)
    text = f"signed in as {caller.name} ({caller.kind}, tenant {caller.tenant})"
    if way.kind == "sandbox":
        return HERE.ok(checks.SIGN_IN, text)
    is_by_default = context.settings.auth == "auto" and way.kind == "cli"
    return HERE.ok(checks.SIGN_IN, f"{text}, {way.label}{_NO_OTHER if is_by_default else ''}")


def token_cache(kept: KeptTokens | NotKept) -> Iterator[Finding]:
    """Report where access tokens are kept between commands; a sandbox's are not."""
    if isinstance(kept, KeptTokens):
        text = f"tokens of this sign-in are kept for up to an hour in {kept.place}"
        yield HERE.ok(checks.TOKEN_CACHE, text)
    elif not kept.is_sandbox:
        say = HERE.found if kept.is_fault else HERE.ok
        yield say(checks.TOKEN_CACHE, f"no tokens are kept: {kept.reason}")


def clock(told: datetime | None, before: datetime, after: datetime, cloud: Cloud) -> Finding:
    """Compare this machine's clock with Azure's; azjit follows a sandbox's clock."""
    if told is None:
        return HERE.unknown(checks.CLOCK, "Azure's answer has no date")
    ahead = skew(told, before, after)
    words = _words_of(ahead)
    if cloud.is_sandbox:
        return HERE.ok(checks.CLOCK, f"the sandbox's clock {words}; azjit follows it")
    say = HERE.found if abs(ahead) > LARGEST_SKEW else HERE.ok
    return say(checks.CLOCK, f"Azure's clock {words}")


def proxy(environ: Mapping[str, str], addresses: Iterable[str]) -> Finding:
    """Report the proxy of each host that azjit calls, without passwords."""
    through: dict[str | None, list[str]] = {}
    for address in dict.fromkeys(addresses):
        host = urlsplit(address).netloc.lower()
        through.setdefault(proxy_to(address, environ), []).append(host)
    direct = through.pop(None, [])
    if not through:
        is_set = any(environ.get(name) for name in _PROXIES)
        spared = f"a proxy is set, and calls to {_listed(direct)} go past it"
        return HERE.ok(checks.PROXY, spared if is_set else "no proxy is set")
    told = [f"calls to {_listed(hosts)} go through {each}" for each, hosts in through.items()]
    told += [f"those to {_listed(direct)} go past it"] if direct else []
    return HERE.found(checks.PROXY, ", ".join(told))


def addresses_of(cloud: Cloud) -> list[str]:
    """Give the addresses that azjit calls in a cloud: Resource Manager, sign-in and Graph."""
    return [each for each in (cloud.arm, cloud.authority, cloud.graph) if each]


def skew(date: datetime, before: datetime, after: datetime) -> timedelta:
    """Give how far Azure's clock is ahead; `Date` has whole seconds, and the call takes time."""
    if before - _SECOND <= date <= after:
        return timedelta(0)
    return date - after if date > after else date - before


def _listed(hosts: list[str]) -> str:
    *most, last = dict.fromkeys(hosts)
    return f"{', '.join(most)} and {last}" if most else last


def _words_of(ahead: timedelta) -> str:
    if abs(ahead) < 2 * _SECOND:
        return "agrees with this machine's"
    span = human_duration(timedelta(seconds=round(abs(ahead).total_seconds())))
    return f"is {span} {'ahead of' if ahead > timedelta(0) else 'behind'} this machine's"
