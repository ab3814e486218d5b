"""A server's refusal in our words: which of our errors a Kubernetes Status becomes; its own message is kept. Pure."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.errors import (
    Conflict,
    Expired,
    FieldError,
    FlotillaError,
    Forbidden,
    Invalid,
    NotFound,
    Terminal,
    Unavailable,
)
from flotilla_common.objects import decode

__all__ = ["error_of"]


def error_of(code: int, body: bytes, what: str) -> FlotillaError:
    """`code` is the HTTP one, 400 or higher; `what` was tried, for a server that answers with no Status."""
    status = _status(body)
    reason = str(status.get("reason") or "")
    message = (
        str(status.get("message") or "") or f"{what}: the server answered {code} {body[:200].decode(errors='replace')}"
    )
    if code == 401:
        return Forbidden(f"{message}: the server does not know these credentials; look into the kubeconfig used")
    if code == 403:
        return Forbidden(message)
    if code == 404:
        return NotFound(message)
    if code == 409:
        return Conflict(message, exists=reason == "AlreadyExists")
    if code == 410:
        return Expired(message)
    if code == 422:
        return _invalid(message, status)
    if code == 429 or code >= 500:
        return Unavailable(message)
    return Terminal(message)


def _invalid(message: str, status: Mapping[str, Any]) -> Invalid:
    causes = (status.get("details") or {}).get("causes") or ()
    error = Invalid(message)
    # The message names the fields already; the causes are for callers that look at them one by one.
    error.errors = tuple(FieldError(c.get("field", ""), c.get("message", ""), c.get("reason", "")) for c in causes)
    return error


def _status(body: bytes) -> Mapping[str, Any]:
    try:
        status = decode(body)
    except ValueError:
        return {}
    return status if isinstance(status, dict) and status.get("kind") == "Status" else {}
