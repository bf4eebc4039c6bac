"""What a publisher sends to the consumer to give back access that azjit does not delete."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from azjit.context import Context
from azjit.domain.ids import ResourceId
from azjit.domain.reports import RequestReport
from azjit.domain.times import say_utc
from azjit.errors import AzjitError
from azjit.services.lookup.omissions import ends_all


def lines_for_consumer(context: Context, report: RequestReport) -> Iterator[str]:
    """Give the lines that ask the consumer to end the access of a request, with the ids."""
    request = report.request
    start, end = request.schedule.start, request.schedule.end
    span = f"{say_utc(start)} to {say_utc(end)}" if start and end else "times not known"
    yield "send this to the consumer:"
    yield f"  the access of request {request.name} is not needed any more; please end it"
    yield f"  request: {request.id}"
    yield f"  application: {request.application_text}"
    for each in report.grants:
        role, holder = each.role_name or each.role.text, each.principal_name
        who = f"{holder} ({each.principal})" if holder else each.principal.text
        yield f"  access: {role} for {who}, {span}"
    command = f"azjit consumer revoke {shlex.quote(request.id.text)}"
    yield f'  command: {command} --reason "given back by the publisher"'
    if request.application is not None:
        yield f"  portal: {_link(context, request.application)}"


def _link(context: Context, application: ResourceId) -> str:
    """Give the page of an application in the portal, in the consumer's tenant if it is known."""
    try:
        tenants = context.resources.probe().tenants
    except AzjitError as error:
        if ends_all(error):
            raise
        tenants = {}
    tenant = tenants.get(application.subscription.lower())
    return context.cloud.portal_link(application.text, tenant)
