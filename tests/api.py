"""The hub's API on a memory store: called in this process as ASGI, or served over HTTPS for real clients."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message

from flotilla_common.objects import Obj
from flotilla_hub.admission.lifecycle import created
from flotilla_hub.admission.namespace import BOOTSTRAP_NAMESPACES, default
from flotilla_hub.api.app import build_app
from flotilla_hub.api.call import Deps, User
from flotilla_hub.api.tls import ensure_certificates, kubeconfig
from flotilla_hub.resources.registry import Registry
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key

NOW = "2030-01-31T12:00:00Z"
TOKEN = "a-token"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Watching:
    """A watch that is under way: `await next()` is its next event."""

    def __init__(self, events: asyncio.Queue[Message]) -> None:
        self._events = events

    async def next(self) -> Obj:
        async with asyncio.timeout(5):
            while not (line := (await self._events.get()).get("body", b"")):
                pass
        event: Obj = json.loads(line)
        return event


class Api:
    def __init__(self, app: ASGIApp, objects: Objects) -> None:
        self.app = app
        self.objects = objects

    async def __call__(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        content_type: str = "application/json",
        token: str = TOKEN,
    ) -> Answer:
        """`body` bytes as they are, anything else as JSON."""
        sent: list[Message] = []
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        waiting = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> Message:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(_scope(method, url, accept, content_type, token), receive, send)
        headers = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return Answer(sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]))

    @asynccontextmanager
    async def watch(self, url: str, accept: str = "application/json") -> AsyncIterator[Watching]:
        """Returns once the watch stands; leaving disconnects it as a client does."""
        events: asyncio.Queue[Message] = asyncio.Queue()
        gone = asyncio.Event()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        scope = _scope("GET", url, accept, "", TOKEN)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.app(scope, receive, events.put))
            assert (await events.get())["status"] == 200
            yield Watching(events)
            gone.set()


def _scope(method: str, url: str, accept: str, content_type: str, token: str) -> dict[str, Any]:
    path, _, query = url.partition("?")
    headers = {"accept": accept, "content-type": content_type, "authorization": f"Bearer {token}"}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in headers.items() if v],
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
    }


@asynccontextmanager
async def running_api(now: str = NOW) -> AsyncIterator[Api]:
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    registry = Registry()
    await objects.load()
    async with asyncio.TaskGroup() as group:
        feed = group.create_task(objects.run())
        for name in BOOTSTRAP_NAMESPACES:
            await objects.create(Key("namespaces", "", name), created(default(_namespace(name), now, ""), now, name))
        registry.follow(objects)
        yield Api(build_app(Deps(objects, registry, {TOKEN: User("admin", ("system:masters",))}, lambda: now)), objects)
        feed.cancel()


def _namespace(name: str) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


@asynccontextmanager
async def served_api(directory: Path) -> AsyncIterator[Path]:
    """The kubeconfig of an API served on a free port of this machine."""
    now = datetime.now(UTC)
    tls = ensure_certificates(directory / "tls", ["127.0.0.1"], now)
    async with running_api(now.strftime("%Y-%m-%dT%H:%M:%SZ")) as api, asyncio.TaskGroup() as group:
        config = uvicorn.Config(
            api.app,
            host="127.0.0.1",
            port=0,
            ssl_certfile=tls.certificate,
            ssl_keyfile=tls.key,
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = group.create_task(server._serve())
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
                await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        target = directory / "kubeconfig"
        target.write_text(kubeconfig(f"https://127.0.0.1:{port}", tls.authority.read_bytes(), TOKEN))
        try:
            yield target
        finally:
            server.should_exit = True
            await asyncio.shield(serving)
