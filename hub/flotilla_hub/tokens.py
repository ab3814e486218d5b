"""The hub's side of the tokens clusters register with: making one, keeping its hash in a Secret, checking one. Pure but
for new secrets.

Only a hash is kept, so who can read the hub's Secrets can still not register with them. The secret is 256 random bits,
so a plain hash is as good as a slow one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flotilla_common.errors import Forbidden
from flotilla_common.join_token import JoinToken
from flotilla_common.objects import Obj
from flotilla_common.times import time_of

from .names import SYSTEM_NAMESPACE

__all__ = ["PREFIX", "TYPE", "check", "expires", "new_token", "read", "secret_for", "secret_name"]

TYPE = "bootstrap.flotilla.io/token"
PREFIX = "bootstrap-token-"


def new_token(urls: tuple[str, ...], pin: str) -> JoinToken:
    return JoinToken(urls, pin, secrets.token_hex(5), secrets.token_urlsafe(32))


def secret_name(token_id: str) -> str:
    return PREFIX + token_id


def secret_for(token: JoinToken, now: str, ttl: timedelta | None, description: str = "") -> Obj:
    """The Secret that makes `token` valid from `now` (RFC 3339) for `ttl`; None for ever."""
    data = {"id": token.id, "hash": _hash(token.secret)}
    if ttl is not None:
        data["expiration"] = (time_of(now) + ttl).strftime("%Y-%m-%dT%H:%M:%SZ")
    if description:
        data["description"] = description
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret_name(token.id), "namespace": SYSTEM_NAMESPACE},
        "type": TYPE,
        "data": {word: base64.b64encode(value.encode()).decode() for word, value in data.items()},
    }


def check(secret: Obj | None, given: str, now: str) -> None:
    """Raises Forbidden unless `given` is the secret of the token kept in `secret` and `now` is before its end.

    Unknown and wrong are told in the same words, so nobody learns which ids exist.
    """
    held = read(secret, "hash") if secret is not None and secret.get("type") == TYPE else ""
    if not hmac.compare_digest(held, _hash(given)):
        raise Forbidden("the hub does not know this token; make another with `flotilla token create` on the hub")
    end = expires(secret or {})
    if end and time_of(now) >= time_of(end):
        raise Forbidden(f"this token expired at {end}; make another with `flotilla token create` on the hub")


def expires(secret: Mapping[str, Any]) -> str:
    """When the token ends, RFC 3339; empty for never."""
    return read(secret, "expiration")


def read(secret: Mapping[str, Any], word: str) -> str:
    """One value of the Secret in clear, empty when it is not there."""
    return base64.b64decode((secret.get("data") or {}).get(word, "")).decode()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
