"""Where a Pull cluster's agent introduces itself: a token and the agent's public key in, its NATS credentials out.

    GET  /flotilla/v1/ca         the CA's certificate; a caller compares it with the pin in its token
    POST /flotilla/v1/register   {id, secret, cluster, publicKey, labels?, provider?, region?, zones?}
                                 -> {cluster, jwt, natsUrls, ca}

Both are open: the token is what lets one in. A cluster's name belongs to the key that registered it first.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import nkeys
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flotilla_common.errors import Conflict, FieldError, FlotillaError, Invalid
from flotilla_common.join_token import CA_PATH, REGISTER_PATH
from flotilla_common.objects import Obj, annotations_of, decode, encode

from . import tokens
from .admission import cluster as admission
from .admission.lifecycle import created, updated
from .api.status_errors import Denied, failure_response
from .names import SYSTEM_NAMESPACE
from .store.objects import Objects
from .store.port import Key

__all__ = ["AGENT_KEY", "Registrar", "routes"]

log = logging.getLogger(__name__)

AGENT_KEY = "flotilla.io/agent-key"
"""Annotation on a Pull Cluster: the public key of its agent. Deleting the Cluster frees the name for another key."""

BODY_LIMIT = 64 * 1024
_REQUIRED = ("id", "secret", "cluster", "publicKey")
_OPTIONAL = ("provider", "region", "zones")


@dataclass(frozen=True)
class Registrar:
    """What registering needs of the hub."""

    objects: Objects
    issue: Callable[[str, str], str]
    """(cluster, public key) -> the NATS token with which that key may serve that cluster."""
    nats_urls: Sequence[str]
    """Where agents find NATS."""
    nats_ca: str
    """PEM of the CA of that NATS; empty for none or a publicly known one."""
    api_ca: str
    """PEM of the CA of this API."""
    now: Callable[[], str]
    new_id: Callable[[], str]

    async def register(self, wanted: Obj) -> Obj:
        """Raises Forbidden for the token, Invalid for the fields, Conflict for a name that is somebody else's."""
        for word in _REQUIRED:
            if not isinstance(wanted.get(word), str) or not wanted[word]:
                raise Invalid("the registration", [FieldError(word, "must be given", "FieldValueRequired")])
        kept = self.objects.get(Key("secrets", SYSTEM_NAMESPACE, tokens.secret_name(wanted["id"])))
        tokens.check(kept, wanted["secret"], self.now())
        _check_key(wanted["publicKey"])
        await self._claim(wanted["cluster"], wanted)
        log.info("cluster registered", extra={"cluster": wanted["cluster"], "token": wanted["id"]})
        return {
            "cluster": wanted["cluster"],
            "jwt": self.issue(wanted["cluster"], wanted["publicKey"]),
            "natsUrls": list(self.nats_urls),
            "ca": self.nats_ca,
        }

    async def _claim(self, name: str, wanted: Obj) -> None:
        """The Cluster exists and belongs to this key afterwards."""
        key = Key("clusters.cluster.karmada.io", "", name)
        held = self.objects.get(key)
        if held is None:
            await self.objects.create(key, created(self._cluster(name, wanted), self.now(), self.new_id()))
            return
        owner = annotations_of(held).get(AGENT_KEY)
        if owner == wanted["publicKey"]:
            return
        if (held.get("spec") or {}).get("syncMode") != "Pull":
            raise Conflict(
                f"cluster {name!r} is already joined as a Push cluster; choose another name, or unjoin it first"
            )
        if owner:
            raise Conflict(
                f"cluster {name!r} is already registered by another agent (key {owner}); choose another name, "
                f"or remove that cluster first with `flotilla unjoin {name}`"
            )
        annotations = {**annotations_of(held), AGENT_KEY: wanted["publicKey"]}
        owned = {**held, "metadata": {**held["metadata"], "annotations": annotations}}
        await self.objects.update(key, updated(held, owned))

    def _cluster(self, name: str, wanted: Obj) -> Obj:
        metadata: Obj = {"name": name, "annotations": {AGENT_KEY: wanted["publicKey"]}}
        if wanted.get("labels"):
            metadata["labels"] = wanted["labels"]
        spec = {"syncMode": "Pull", **{w: wanted[w] for w in _OPTIONAL if wanted.get(w)}}
        cluster = {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": metadata, "spec": spec}
        cluster = admission.default(cluster, self.now(), self.new_id())
        if errors := admission.validate(cluster, None):
            raise Invalid(f"cluster {name!r}", errors)
        return cluster


def routes(registrar: Registrar) -> list[Route]:
    """To be served by the hub's API beside the Kubernetes paths, without authentication."""

    async def ca(_: Request) -> Response:
        return PlainTextResponse(registrar.api_ca, media_type="application/x-pem-file")

    async def register(request: Request) -> Response:
        try:
            return Response(encode(await registrar.register(await _body(request))), media_type="application/json")
        except FlotillaError as err:
            return failure_response(err)

    return [Route(CA_PATH, ca), Route(REGISTER_PATH, register, methods=["POST"])]


async def _body(request: Request) -> dict[str, Any]:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > BODY_LIMIT:
            raise Denied(413, "RequestEntityTooLarge", f"a registration is at most {BODY_LIMIT} bytes")
    try:
        body = decode(data)
    except ValueError as err:
        raise Denied(400, "BadRequest", f"the registration is not JSON: {err}") from err
    if not isinstance(body, dict):
        raise Denied(400, "BadRequest", "the registration must be a JSON object")
    return body


def _check_key(public_key: str) -> None:
    """An nkey is base32 over a prefix byte, 32 bytes of key and a CRC-16."""
    try:
        raw = base64.b32decode(public_key)
    except ValueError:
        raw = b""
    if (
        len(raw) != 35
        or raw[0] != nkeys.PREFIX_BYTE_USER
        or raw[-2:] != bytes(nkeys.crc16_checksum(bytearray(raw[:-2])))
    ):
        raise Invalid("the registration", [FieldError("publicKey", "is not the public half of a NATS user key")])
