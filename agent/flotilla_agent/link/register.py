"""Registering with a hub: a token in, NATS credentials for this cluster out. The private key is made and stays here.

The hub is trusted by the pin in the token alone: its CA is fetched without verification, compared with the pin, and
only then, over a connection verified against that CA, is the token's secret sent.
"""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import nkeys

from flotilla_common.errors import Conflict, FlotillaError, Forbidden, Invalid, Terminal, Unavailable
from flotilla_common.join_token import CA_PATH, REGISTER_PATH, JoinToken, pin_of
from flotilla_common.objects import decode, encode

__all__ = ["Registration", "new_seed", "register"]

TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=10)
CA_LIMIT = 64 * 1024
"""Bytes read from a server that is not known yet."""

_REFUSALS: Mapping[int, type[FlotillaError]] = {403: Forbidden, 409: Conflict, 422: Invalid}


@dataclass(frozen=True)
class Registration:
    """What the hub answered, and the seed it never saw."""

    cluster: str
    nats_urls: tuple[str, ...]
    credentials: str
    """The text of a NATS credentials file; secret."""

    def __repr__(self) -> str:
        return f"Registration(cluster={self.cluster!r}, nats_urls={self.nats_urls!r})"


def new_seed() -> bytes:
    """The private half of a new NATS user key."""
    seed: bytes = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    return seed


async def register(token: JoinToken, cluster: str, seed: bytes, about: Mapping[str, Any]) -> Registration:
    """`about` may hold labels, provider, region and zones. With the seed of an earlier try it may be repeated.

    Raises Unavailable when no URL of the token answers; Forbidden for a token that is unknown or expired; Conflict when
    the name is another's; Invalid for a name that cannot be; Terminal when the server is not the hub of this token.
    """
    trouble: list[str] = []
    for url in token.urls:
        try:
            return await _register_at(url.rstrip("/"), token, cluster, seed, about)
        except Unavailable as err:
            trouble.append(str(err))
    raise Unavailable("; ".join(trouble) + "; is the hub up, and is its port reachable from here?")


async def _register_at(url: str, token: JoinToken, cluster: str, seed: bytes, about: Mapping[str, Any]) -> Registration:
    ca = await _trusted_ca(url, token.pin)
    wanted = {
        **about,
        "id": token.id,
        "secret": token.secret,
        "cluster": cluster,
        "publicKey": nkeys.from_seed(bytearray(seed)).public_key.decode(),
    }
    status, body = await _call(url, REGISTER_PATH, ssl.create_default_context(cadata=ca.decode()), encode(wanted))
    if status != 200:
        raise _refusal(url, status, body)
    try:
        answer = decode(body)
        urls = tuple(map(str, answer["natsUrls"]))
        return Registration(str(answer["cluster"]), urls, _credentials(str(answer["jwt"]), seed))
    except (ValueError, KeyError, TypeError) as err:
        raise Terminal(f"the hub at {url} gave an answer this agent cannot read ({err!r}); upgrade the agent") from err


async def _trusted_ca(url: str, pin: str) -> bytes:
    """The hub's CA in PEM. Raises Terminal when it is not the one the token pins."""
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    status, ca = await _call(url, CA_PATH, unverified)
    try:
        found = pin_of(ca) if status == 200 else f"an answer {status}"
    except ValueError:
        found = "something that is no certificate"
    if found != pin:
        raise Terminal(
            f"{url} is not the hub that made this token: the token pins {pin}, the server has {found}. Nothing was "
            "sent to it. Make a new token if the hub was set up anew; else something stands between you and the hub"
        )
    return ca


async def _call(url: str, path: str, context: ssl.SSLContext, body: bytes | None = None) -> tuple[int, bytes]:
    try:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), timeout=TIMEOUT) as session,
            session.request("GET" if body is None else "POST", url + path, data=body) as answer,
        ):
            return answer.status, await answer.content.read(CA_LIMIT) if body is None else await answer.read()
    except aiohttp.InvalidURL as err:
        raise Terminal(f"the token names {url!r} as the hub, which is no URL; make another with --server URL") from err
    except aiohttp.ClientConnectorCertificateError as err:
        raise Terminal(
            f"the hub at {url} has no certificate for that name ({err.certificate_error}); "
            "start it with --advertise NAME"
        ) from err
    except (aiohttp.ClientError, TimeoutError) as err:
        why = str(err) or f"no answer within {TIMEOUT.total:g} s"
        raise Unavailable(f"cannot reach the hub at {url}: {why}") from err


def _refusal(url: str, status: int, body: bytes) -> FlotillaError:
    try:
        message = str(decode(body)["message"])
    except (ValueError, KeyError, TypeError):
        message = f"it answered {status}"
    kind = Unavailable if status >= 500 else _REFUSALS.get(status, Terminal)
    return kind(f"the hub at {url} refused: {message}")


def _credentials(jwt: str, seed: bytes) -> str:
    """The form nats clients read: two armoured blocks."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed.decode()}\n------END USER NKEY SEED------\n"
    )
