"""What a Kubernetes API server's refusals mean to us: HTTP status and Status body to one of our errors. Pure."""

from typing import Any

import orjson

from flotilla_common.errors import (
    Conflict,
    Expired,
    FieldError,
    FlotillaError,
    Forbidden,
    Invalid,
    NotFound,
    Retryable,
    Unavailable,
)

from ..engine.target import Missing

__all__ = ["KindMissing", "error_of"]

_TERMINATING = "NamespaceTerminating"
_PINNED = "metadata.uid"
"""The field by which a request names the very object it means."""


class KindMissing(Missing):
    """The API server does not know the path: it does not serve the kind, or no longer does."""


def error_of(code: int, body: bytes, what: str) -> FlotillaError:
    """`what` was to be done, as in `apply Deployment shop/web`."""
    status = _status(body)
    details = status.get("details") or {}
    text = f"cannot {what}: {status.get('message') or body[:200].decode(errors='replace') or code}"
    causes = details.get("causes") or []
    match code:
        case 422 if any(cause.get("field") == _PINNED for cause in causes):
            return Conflict(f"{text}; another object has taken its name")
        case 400 | 405 | 406 | 413 | 415 | 422:
            return _invalid(text, causes)
        case 401:
            return Unavailable(f"{text}; the credentials have run out or were withdrawn")
        case 403 if any(cause.get("reason") == _TERMINATING for cause in causes):
            return Missing(f"{text}; it is tried again when the namespace is gone")
        case 403:
            return Forbidden(f"{text}; grant the agent's account the right to do so")
        case 404:
            return _not_found(text, details)
        case 409:
            return Conflict(text, exists=status.get("reason") == "AlreadyExists")
        case 410:
            return Expired(text)
        case 429 | 500 | 502 | 503 | 504:
            return Unavailable(text)
    return Retryable(text)


def _status(body: bytes) -> dict[str, Any]:
    try:
        decoded = orjson.loads(body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _not_found(text: str, details: dict[str, Any]) -> FlotillaError:
    if details.get("kind") == "namespaces":
        return Missing(text)
    # Without a name it is the path that is unknown, which is to say the kind.
    return NotFound(text) if details.get("name") else KindMissing(text)


def _invalid(text: str, causes: list[dict[str, Any]]) -> Invalid:
    error = Invalid(text)
    # The text has them already.
    error.errors = tuple(FieldError(c["field"], c.get("message", "")) for c in causes if c.get("field"))
    return error
