"""The tokens with which nats-server knows operators, accounts and users: built and signed here.

They are JSON Web Tokens of version 2 of NATS's own claims, signed with nkeys (`alg` "ed25519-nkey"), as laid down in
NATS ADR-14 and the claims of the nats-io/jwt package. Who may do what is not decided here but in permissions.py.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import nkeys
import orjson

__all__ = ["Export", "Import", "account", "credentials", "decode", "operator", "user"]

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_UNLIMITED = -1
_ACCOUNT_LIMITS = {
    "subs": _UNLIMITED,
    "data": _UNLIMITED,
    "payload": _UNLIMITED,
    "imports": _UNLIMITED,
    "exports": _UNLIMITED,
    "wildcards": True,
    "conn": _UNLIMITED,
    "leaf": _UNLIMITED,
}
_JETSTREAM_LIMITS = {
    "mem_storage": _UNLIMITED,
    "disk_storage": _UNLIMITED,
    "streams": _UNLIMITED,
    "consumer": _UNLIMITED,
}
_USER_LIMITS = {"subs": _UNLIMITED, "data": _UNLIMITED, "payload": _UNLIMITED}

Claims = dict[str, Any]


class Export(NamedTuple):
    """What an account offers to others: a `service` that answers requests, or a stream of messages."""

    subject: str
    service: bool = False
    many: bool = False
    """One request of the service has many answers."""

    def claims(self) -> Claims:
        kind = {"name": self.subject, "subject": self.subject, "type": "service" if self.service else "stream"}
        return {**kind, "response_type": "Stream"} if self.many else kind


class Import(NamedTuple):
    """What an account takes from the one with the public key `account`; `local` is its subject here, if another."""

    subject: str
    account: str
    local: str = ""
    service: bool = False

    def claims(self) -> Claims:
        kind = {"name": self.subject, "subject": self.subject, "type": "service" if self.service else "stream"}
        named = {**kind, "local_subject": self.local} if self.local else kind
        return {**named, "account": self.account}


def operator(key: nkeys.KeyPair, *, name: str, system_account: str, now: int) -> str:
    """`system_account`: the public key of the account that may watch the server. `now`: seconds since the epoch."""
    claims = {"type": "operator", "version": 2, "system_account": system_account}
    return _signed(key, subject=_public(key), name=name, claims=claims, now=now)


def account(
    signer: nkeys.KeyPair,
    public_key: str,
    *,
    name: str,
    now: int,
    jetstream: bool = False,
    exports: Sequence[Export] = (),
    imports: Sequence[Import] = (),
) -> str:
    """An account without limits, signed by the operator; with `jetstream` it may store as much as the disk holds."""
    claims = {
        "type": "account",
        "version": 2,
        "limits": {**_ACCOUNT_LIMITS, **(_JETSTREAM_LIMITS if jetstream else {})},
        "exports": [export.claims() for export in exports],
        "imports": [taken.claims() for taken in imports],
        "default_permissions": {"pub": {}, "sub": {}},
    }
    return _signed(signer, subject=public_key, name=name, claims=claims, now=now)


def user(
    signer: nkeys.KeyPair,
    public_key: str,
    *,
    name: str,
    now: int,
    publish: Sequence[str] = (),
    subscribe: Sequence[str] = (),
) -> str:
    """A user of the signing account who may use the subjects given and no other; all of them when none is given.

    A client program only: neither a leaf node, which would act for a whole account, nor an MQTT device.
    """
    claims = {
        "type": "user",
        "version": 2,
        **_USER_LIMITS,
        "pub": {"allow": list(publish)} if publish else {},
        "sub": {"allow": list(subscribe)} if subscribe else {},
        "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
    }
    return _signed(signer, subject=public_key, name=name, claims=claims, now=now)


def credentials(token: str, seed: str) -> str:
    """The text of a credentials file, which NATS clients read; it holds the private seed."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


def decode(token: str) -> Claims:
    """The claims, unverified: for people and tests. The server does the verifying."""
    claims: Claims = orjson.loads(_unbase64(token.split(".")[1]))
    return claims


def _signed(key: nkeys.KeyPair, *, subject: str, name: str, claims: Mapping[str, Any], now: int) -> str:
    body: Claims = {"iat": now, "iss": _public(key), "name": name, "sub": subject, "nats": claims}
    # The identifier is a hash of the claims, so that the same token is the same text.
    body["jti"] = base64.b32encode(hashlib.sha256(_json(body)).digest()).decode().rstrip("=")
    text = f"{_base64(_json(_HEADER))}.{_base64(_json(body))}"
    return f"{text}.{_base64(key.sign(text.encode()))}"


def _public(key: nkeys.KeyPair) -> str:
    text: str = key.public_key.decode()
    return text


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
