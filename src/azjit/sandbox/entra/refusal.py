"""A refusal in Entra's form."""

from __future__ import annotations

from datetime import datetime

from azjit.sandbox.base.clock import stamp
from azjit.sandbox.base.ids import new_id
from azjit.sandbox.base.messages import Response, answer


class Refusal(Exception):
    """Why Entra signs nobody in: OAuth's error, its own number, and a text."""

    def __init__(self, error: str, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.code, self.status = error, code, status

    def response(self, at: datetime) -> Response:
        """The answer that carries it."""
        trace, correlation = new_id(), new_id()
        body = {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self} Trace ID: {trace}"
            f" Correlation ID: {correlation} Timestamp: {stamp(at)}",
            "error_codes": [self.code],
            "timestamp": stamp(at),
            "trace_id": trace,
            "correlation_id": correlation,
        }
        return answer(self.status, body)
