"""The ASGI app: one dispatcher for all paths of the Kubernetes API, and the routes the hub adds beside it."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from flotilla_common.errors import FlotillaError, Invalid
from flotilla_common.objects import encode
from flotilla_hub.admission.admit import Rejected
from flotilla_hub.admission.document import MAX_BYTES

from . import reads, removal, writes
from .auth import OPEN_PATHS, answer_review, authenticated
from .call import Call, Deps, User
from .discovery import Discovery
from .negotiation import accepted
from .openapi import OpenAPI
from .paths import Target, parse_path
from .scale import scale
from .status_errors import Denied, failure_response
from .storage import ObjectStorage
from .watch import watch

__all__ = ["MAX_BODY_BYTES", "VERSION", "build_app"]

log = logging.getLogger(__name__)

Verb = Callable[[Call], Awaitable[Response]]

VERSION = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.0+flotilla",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}
"""What clients compare themselves with: the release of Kubernetes whose API this follows."""

MAX_BODY_BYTES = MAX_BYTES

_OBJECT: Mapping[str, Verb] = {"GET": reads.get, "PUT": writes.update, "PATCH": writes.patch, "DELETE": removal.delete}
_COLLECTION: Mapping[str, Verb] = {"GET": reads.list_, "POST": writes.create, "DELETE": removal.delete_collection}
_STATUS: Mapping[str, Verb] = {"GET": reads.get, "PUT": writes.update, "PATCH": writes.patch}
_SCALE: Mapping[str, Verb] = {"GET": scale, "PUT": scale, "PATCH": scale}
_FINALIZE: Mapping[str, Verb] = {"PUT": writes.update}


def build_app(deps: Deps) -> ASGIApp:
    """The whole API of the hub. Everything but probes, the version and `extra_routes` needs a token.

    The extra routes decide themselves whom they let in; `guarded_routes` need a token like the rest.
    """
    guarded = Router([*deps.guarded_routes, Mount("", _Kubernetes(deps))])
    return Starlette(routes=[*deps.extra_routes, Mount("", _Authenticated(guarded, deps.tokens))])


class _Authenticated:
    """Puts the user into `scope["flotilla.user"]`, or answers 401."""

    def __init__(self, app: ASGIApp, tokens: Mapping[str, User]) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            try:
                scope["flotilla.user"] = authenticated(Headers(scope=scope).get("authorization", ""), self._tokens)
            except Denied as err:
                await failure_response(err)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _Kubernetes:
    """Finds out what a request is for and has it answered; errors become Statuses here and nowhere else."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._storage = ObjectStorage(deps.objects)
        self._discovery = Discovery(deps.registry)
        self._openapi = OpenAPI(deps.registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        target = parse_path(scope["path"])
        try:
            response = await self._answer(request, target)
        except FlotillaError as err:
            response = failure_response(err, self._details(err, target))
        except Exception:
            log.exception("request failed", extra={"method": scope["method"], "path": scope["path"]})
            response = failure_response(FlotillaError("an error of the hub's own; its log says more"))
        await response(scope, receive, send)

    async def _answer(self, request: Request, target: Target | None) -> Response:
        if target is not None and target.plural:
            call = await self._call(request, target)
            response = await _verb(call)(call)
            if request.method == "HEAD":
                # The length it announces is that of the body a GET would bring.
                response.body = b""
            return response
        document = self._document(request.url.path, request.headers.get("accept", ""), target)
        if document is None:
            raise Denied(404, "NotFound", "the server could not find the requested resource")
        if request.method not in ("GET", "HEAD"):
            raise Denied(405, "MethodNotAllowed", f"{request.method} is not allowed on {request.url.path}")
        return document

    def _document(self, path: str, accept: str, target: Target | None) -> Response | None:
        path = path.rstrip("/") or "/"
        if path in ("/livez", "/readyz", "/healthz"):
            return PlainTextResponse("ok")
        if path == "/version":
            return Response(encode(VERSION), media_type="application/json")
        if path == "/":
            return Response(
                encode({"paths": ["/api", "/apis", "/openapi/v2", "/openapi/v3", "/version"]}),
                media_type="application/json",
            )
        is_openapi = path.startswith(("/openapi/", "/swagger"))
        found = self._openapi.answer(path, accept) if is_openapi else self._discovery.answer(path, accept, target)
        if found is None:
            return None
        body, media_type = found
        return Response(body, headers={"content-type": media_type, "vary": "Accept"})

    def _details(self, err: FlotillaError, target: Target | None) -> Mapping[str, str]:
        if target is None:
            return {}
        resource = self._deps.registry.find(target.group, target.version, target.plural)
        # Kubernetes names the kind when fields are to blame, and else the resource.
        kind = resource.kind if resource and isinstance(err, Invalid) else target.plural
        name = err.name if isinstance(err, Rejected) else target.name
        return {"name": name, "group": target.group, "kind": kind}

    async def _call(self, request: Request, target: Target) -> Call:
        resource = self._deps.registry.find(target.group, target.version, target.plural)
        if resource is None or bool(target.namespace) > resource.namespaced:
            raise Denied(404, "NotFound", "the server could not find the requested resource")
        is_head = request.method == "HEAD"
        query = dict(QueryParams(request.scope["query_string"]))
        return Call(
            "GET" if is_head else request.method,
            target,
            resource,
            self._deps.storages.get(resource.key, self._storage),
            self._deps,
            request.scope["flotilla.user"],
            accepted(request.headers.get("accept", "")),
            {k: v for k, v in query.items() if k != "watch"} if is_head else query,
            request.headers.get("content-type", ""),
            await _body(request) if request.method not in ("GET", "HEAD") else b"",
            request.headers.get("user-agent", "unknown").split("/")[0],
        )


async def _body(request: Request) -> bytes:
    """Raises Denied (413) rather than take in more than any object may be."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise Denied(413, "RequestEntityTooLarge", f"Request entity too large: limit is {MAX_BODY_BYTES}")
        parts.append(part)
    return b"".join(parts)


def _verb(call: Call) -> Verb:
    """Raises Denied (404, 405)."""
    if call.resource.verbs == ("create",) and call.method == "POST":
        return _review
    verbs = _verbs(call)
    verb = verbs.get(call.method)
    if verb is None or (
        not call.target.namespace and call.resource.namespaced and (call.target.name or call.method == "POST")
    ):
        raise Denied(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    is_watch = call.method == "GET" and not call.target.name and call.flag("watch")
    return watch if is_watch else verb


def _verbs(call: Call) -> Mapping[str, Verb]:
    subresource = call.target.subresource
    if subresource == "status" and call.resource.status:
        return _STATUS
    if subresource == "scale" and call.resource.scale:
        return _SCALE
    if subresource == "finalize" and call.resource.key == "namespaces":
        return _FINALIZE
    if subresource:
        raise Denied(404, "NotFound", f"{call.resource.key} has no subresource {subresource} on the hub")
    return _OBJECT if call.target.name else _COLLECTION


async def _review(call: Call) -> Response:
    return answer_review(call)
