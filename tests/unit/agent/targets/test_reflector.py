"""The reflector against an API server that fails in each way a real one does: a scripted HTTP server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import web

from flotilla_agent.engine.target import SYNCED, Seen
from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.credentials import of_kubeconfig
from flotilla_agent.targets.discovery import Discovery
from flotilla_agent.targets.reflector import Reflector
from flotilla_agent.targets.transport import Transport
from flotilla_common.objects import Obj, Ref
from tests.works import CONFIG_MAP

Script = Callable[[web.StreamResponse], Awaitable[None]]

QUICK = KubernetesSettings(max_delay=0.05, watch_seconds=1, watch_margin=0.2, page=2)


def cm(name: str, version: int) -> Obj:
    return {"metadata": {"name": name, "namespace": "x", "resourceVersion": str(version)}}


class Server:
    """Lists what it has; each watch plays the next script, and after the last one stays silent."""

    def __init__(self, *scripts: Script) -> None:
        self.objects: list[Obj] = []
        self.scripts = list(scripts)
        self.lists = 0
        self.watched_from: list[str] = []

    async def kinds(self, request: web.Request) -> web.Response:
        return web.json_response({"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}]})

    async def collection(self, request: web.Request) -> web.StreamResponse:
        assert request.query["labelSelector"] == "karmada.io/managed=true"
        return await (self._watch(request) if "watch" in request.query else self._list(request))

    async def _list(self, request: web.Request) -> web.Response:
        start, limit = int(request.query.get("continue", 0)), int(request.query["limit"])
        self.lists += start == 0
        meta = {"resourceVersion": "100"}
        if start + limit < len(self.objects):
            meta["continue"] = str(start + limit)
        return web.json_response({"metadata": meta, "items": self.objects[start : start + limit]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        assert request.query["allowWatchBookmarks"] == "true"
        self.watched_from.append(request.query["resourceVersion"])
        response = web.StreamResponse()
        await response.prepare(request)
        if self.scripts:
            await self.scripts.pop(0)(response)
        else:
            await asyncio.sleep(60)
        return response


def says(*events: tuple[str, Obj]) -> Script:
    async def script(response: web.StreamResponse) -> None:
        for kind, obj in events:
            await response.write(json.dumps({"type": kind, "object": obj}).encode() + b"\n")

    return script


def then(*scripts: Script) -> Script:
    async def script(response: web.StreamResponse) -> None:
        for each in scripts:
            await each(response)

    return script


def moves_on(server: Server, *objects: Obj) -> Script:
    """The server's state moves on while nobody watches."""

    async def script(response: web.StreamResponse) -> None:
        server.objects = list(objects)

    return script


async def cut(response: web.StreamResponse) -> None:
    assert response._req is not None and response._req.transport is not None
    response._req.transport.abort()


async def silence(response: web.StreamResponse) -> None:
    await asyncio.sleep(60)


EXPIRED = ("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"})


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Server], Awaitable[Reflector]]]:
    runners: list[web.AppRunner] = []
    transports: list[Transport] = []

    async def start(server: Server) -> Reflector:
        app = web.Application()
        app.router.add_get("/api/v1", server.kinds)
        app.router.add_get("/api/v1/configmaps", server.collection)
        runners.append(runner := web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.0))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        transports.append(transport := Transport(lambda: of_kubeconfig(_kubeconfig(port)), QUICK))
        await transport.open()
        return Reflector(transport, Discovery(transport), CONFIG_MAP, QUICK)

    yield start
    for transport in transports:
        await transport.close()
    for runner in runners:
        await runner.cleanup()


def _kubeconfig(port: int) -> Obj:
    return {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }


async def told(reflector: Reflector, wanted: int) -> list[Any]:
    """The first events, in short: `+name@version`, `-name`, `synced`."""
    found: list[str] = []
    async with asyncio.timeout(10), aclosing(reflector.events()) as events:
        async for event in events:
            found.append(_short(event))
            if len(found) == wanted:
                break
    return found


def _short(event: Any) -> str:
    if event is SYNCED:
        return "synced"
    assert isinstance(event, Seen)
    assert event.ref == Ref(CONFIG_MAP, "x", event.ref.name)
    if event.obj is None:
        return f"-{event.ref.name}"
    assert (event.obj["apiVersion"], event.obj["kind"]) == ("v1", "ConfigMap")
    return f"+{event.ref.name}@{event.obj['metadata']['resourceVersion']}"


Serve = Callable[[Server], Awaitable[Reflector]]


async def test_a_list_of_several_pages_is_told_whole(serve: Serve) -> None:
    server = Server()
    server.objects = [cm(name, n) for n, name in enumerate("abcde")]

    assert await told(await serve(server), 6) == ["+a@0", "+b@1", "+c@2", "+d@3", "+e@4", "synced"]


async def test_a_watch_that_ends_goes_on_from_its_last_bookmark(serve: Serve) -> None:
    server = Server(says(("ADDED", cm("a", 101)), ("BOOKMARK", cm("", 150))), says(("MODIFIED", cm("a", 151))))

    assert await told(await serve(server), 3) == ["synced", "+a@101", "+a@151"]
    assert (server.lists, server.watched_from) == (1, ["100", "150"])


async def test_after_410_it_lists_again_and_tells_what_vanished(serve: Serve) -> None:
    server = Server()
    server.objects = [cm("a", 1), cm("b", 2)]
    server.scripts = [then(moves_on(server, cm("b", 2), cm("c", 3)), says(EXPIRED))]

    assert await told(await serve(server), 6) == ["+a@1", "+b@2", "synced", "+c@3", "-a", "synced"]


async def test_a_cut_connection_is_resumed_and_said_to_be_back(serve: Serve) -> None:
    server = Server(then(says(("ADDED", cm("a", 101))), cut), says(("MODIFIED", cm("a", 102))))

    assert await told(await serve(server), 4) == ["synced", "+a@101", "synced", "+a@102"]
    assert server.lists == 1


async def test_a_silent_connection_is_given_up(serve: Serve) -> None:
    server = Server(silence, says(("ADDED", cm("a", 101))))

    assert await told(await serve(server), 3) == ["synced", "synced", "+a@101"]


async def test_an_object_larger_than_any_buffer_is_read(serve: Serve) -> None:
    large = {**cm("a", 101), "data": {"x": "y" * 3_000_000}}
    server = Server(says(("ADDED", large)))

    assert await told(await serve(server), 2) == ["synced", "+a@101"]


async def test_what_is_no_watch_event_is_survived(serve: Serve) -> None:
    async def nonsense(response: web.StreamResponse) -> None:
        await response.write(b"<html>\n")

    server = Server(nonsense, says(("ADDED", cm("a", 101))))

    assert await told(await serve(server), 3) == ["synced", "synced", "+a@101"]


async def test_a_deletion_of_what_was_never_told_is_not_told(serve: Serve) -> None:
    server = Server(says(("DELETED", cm("a", 101)), ("ADDED", cm("b", 102))))

    assert await told(await serve(server), 2) == ["synced", "+b@102"]
