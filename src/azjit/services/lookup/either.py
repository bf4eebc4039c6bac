"""Finds what APP|REQUEST names: an application or a request."""

from __future__ import annotations

import re

from azjit.context import Context
from azjit.domain.applications import Application
from azjit.domain.ids import is_guid
from azjit.domain.requests import JitRequest
from azjit.errors import AzjitError, NotFound, Usage
from azjit.services.lookup.finder import Finder
from azjit.services.lookup.omissions import ends_all

# What begins a GUID, as a name of a request may be cut; other names are those of applications.
_BEGINNING = re.compile(r"[0-9a-fA-F]{8}[0-9a-fA-F-]*")


class EitherFinder:
    """Finds an application or a request by one text."""

    def __init__(self, context: Context) -> None:
        self._finder = context.service(Finder)

    def find(self, text: str, *, changes: bool = False) -> Application | JitRequest:
        """Give what a text names.

        A GUID, or 8 and more hexadecimal digits, is a request, unless only an application has it.
        No application is looked for where a request has the whole GUID. All else is an application.

        Raises:
            NotFound: neither has the name.
            Usage: both have it, or several of one.
        """
        if text.startswith("/"):
            is_request = "/jitrequests/" in text.lower()
            find = self._finder.request if is_request else self._finder.application
            return find(text, changes=changes)
        if not _BEGINNING.fullmatch(text):
            return self._finder.application(text, changes=changes)
        application = None
        if not is_guid(text):
            application = self._application_or_none(text, changes=changes)
        try:
            request = self._finder.request(text, changes=changes)
        except NotFound:
            if is_guid(text):
                application = self._application_or_none(text, changes=changes)
            if application is None:
                raise
            return application
        if application is not None:
            raise Usage(
                f"{text!r} names an application and a request",
                hint=f"use an id: {application.id} or {request.id}",
            )
        return request

    def _application_or_none(self, text: str, *, changes: bool) -> Application | None:
        try:
            return self._finder.application(text, changes=changes)
        except Usage:
            raise
        except AzjitError as error:
            if ends_all(error):
                raise
            return None
