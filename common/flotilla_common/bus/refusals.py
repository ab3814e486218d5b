"""What the server, or its client, says when it will not or cannot, in our words."""

from collections.abc import Mapping
from typing import Any

from ..errors import Conflict, FlotillaError, Forbidden, NotFound, Terminal, Unavailable

__all__ = ["in_our_words", "words_of"]

_WRONG_LAST_SEQUENCE = (10071, 10164)
"""With the sequence in its text, and, from servers that must not tell it, without."""


def in_our_words(subject: str, error: Mapping[str, Any]) -> FlotillaError:
    """`error` as a JetStream answer carries it."""
    code, text = error.get("err_code"), error.get("description", "")
    if code in _WRONG_LAST_SEQUENCE:
        return Conflict(f"{subject}: {text}")
    if error.get("code") == 404:
        return NotFound(f"{subject}: {text}")
    if error.get("code") == 403:
        return Forbidden(f"{subject}: {text}")
    if error.get("code", 500) >= 500:
        return Unavailable(f"{subject}: {text}")
    return Terminal(f"NATS refused {subject}: {text} (code {code})")


def words_of(err: BaseException) -> str:
    """Some of the client's errors say nothing but their name."""
    return str(err) or type(err).__name__
