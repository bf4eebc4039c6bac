"""The application that a request is decided through, and the content of the call."""

from __future__ import annotations

from azjit.azure.error_codes import is_absent
from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.inputs import DecisionSpec
from azjit.domain.requests import JitRequest
from azjit.domain.rules import AccessUpdate
from azjit.errors import NotFound, Refused
from azjit.services.deciding.judging import Judging
from azjit.services.lookup.reports import Reporter


def application_of(judging: Judging, request: JitRequest) -> Application:
    """Read the application of a request.

    Raises:
        Refused: it names none that exists.
    """
    if request.application is None:
        raise Refused(
            f"request {request.name} has no application: {request.application_text!r}",
            hint="do not decide it; ask the publisher what it is for",
        )
    try:
        return judging.application(request.application)
    except NotFound as error:
        if not is_absent(error):
            raise
        raise Refused(
            f"request {request.name} is for an application that does not exist:"
            f" {request.application}",
            hint="do not decide it; ask the publisher what it is for",
            code=error.code,
            request_id=error.request_id,
        ) from error


def update_of(
    context: Context, spec: DecisionSpec, request: JitRequest, application: Application
) -> AccessUpdate:
    """Give the content of the call that decides a request."""
    principal = request.rows[0].principal if request.rows else request.created_by
    requestor = principal.text if principal is not None else ""
    name = context.service(Reporter).principal_name(principal) if principal is not None else None
    return AccessUpdate(
        verdict=spec.verdict,
        origin_request=spec.origin or request.name,
        requestor=requestor,
        approver=context.caller.id.text,
        publisher=request.publisher_tenant or application.publisher_tenant,
        subject=name or requestor,
    )
