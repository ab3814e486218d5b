"""Errors as Kubernetes says them: one table from our errors to a Status with code, reason and causes."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from flotilla_common.errors import (
    Conflict,
    Expired,
    FlotillaError,
    Forbidden,
    Invalid,
    NotFound,
    Terminal,
    TooLarge,
    Unavailable,
)
from flotilla_common.objects import encode
from flotilla_hub.admission.apply import ApplyConflict
from flotilla_hub.quota.limits import QuotaExceeded

__all__ = ["Denied", "failure", "failure_response", "success"]


class Denied(Terminal):
    """A request the API cannot serve, for a reason of HTTP's: `code` and `reason` go out as they are."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(message)


_CODES: tuple[tuple[type[FlotillaError], int, str], ...] = (
    (Invalid, 422, "Invalid"),
    (NotFound, 404, "NotFound"),
    (Forbidden, 403, "Forbidden"),
    (Conflict, 409, "Conflict"),
    (ApplyConflict, 409, "Conflict"),
    (Expired, 410, "Expired"),
    (TooLarge, 413, "RequestEntityTooLarge"),
    (QuotaExceeded, 403, "QuotaExceeded"),
    (Unavailable, 503, "ServiceUnavailable"),
)
"""The first row an error is an instance of; anything else is a 500."""


def failure(error: FlotillaError, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """`details` names the object: name, group, kind. Causes are added when fields are to blame."""
    code, reason = _code_of(error)
    told = {k: v for k, v in (details or {}).items() if v}
    if isinstance(error, Invalid | ApplyConflict):
        told["causes"] = [{"reason": e.kind, "message": e.why, "field": e.path} for e in error.errors]
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": str(error),
        "reason": reason,
        **({"details": told} if told else {}),
        "code": code,
    }


def _code_of(error: FlotillaError) -> tuple[int, str]:
    if isinstance(error, Denied):
        return error.code, error.reason
    if isinstance(error, Conflict) and error.exists:
        return 409, "AlreadyExists"
    return next(((code, reason) for kind, code, reason in _CODES if isinstance(error, kind)), (500, "InternalError"))


def failure_response(error: FlotillaError, details: Mapping[str, Any] | None = None) -> Response:
    status = failure(error, details)
    headers = {"Retry-After": "1"} if status["code"] == 503 else {}
    return Response(encode(status), status["code"], headers, "application/json")


def success(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a deletion that is done answers."""
    told = {k: v for k, v in details.items() if v}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": told}
