"""Watches: a response that streams events as lines of JSON until the client, the time limit or the store ends it.

A selector turns a change into ADDED or DELETED when the object starts or stops matching, as Kubernetes does.
"""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flotilla_common.errors import Expired, FlotillaError
from flotilla_common.objects import encode
from flotilla_hub.store.objects import Event, ObjectList, Record

from .answers import wire_form
from .call import Call
from .reads import selected, selection_of
from .selectors import Selection
from .status_errors import Denied, failure

__all__ = ["BOOKMARK_EVERY_S", "WatchResponse", "watch"]

BOOKMARK_EVERY_S = 30.0
"""A client that hears nothing for this long learns how far it has seen, and need not list again after a break."""
_LONGEST_S = 3600.0
_INITIAL_END = {"k8s.io/initial-events-end": "true"}


async def watch(call: Call) -> Response:
    chosen = selection_of(call)
    since = _since(call)
    if not since or call.flag("sendInitialEvents"):
        initial = await call.storage.list(call.resource.key, call.target.namespace)
        return WatchResponse(call, chosen, initial.revision, initial)
    if since > call.storage.revision(call.resource.key):
        raise Expired(f"Too large resource version: {since}; list again")
    return WatchResponse(call, chosen, since, None)


def _since(call: Call) -> int:
    """0 for a watch that begins with what there is, which is also what naming no version means."""
    text = call.query.get("resourceVersion") or "0"
    if not text.isdigit():
        raise Denied(400, "BadRequest", f"resourceVersion: Invalid value: {text!r}: must be a number we gave out")
    return int(text)


class WatchResponse(Response):
    """Owns its tasks: the feed of events, the bookmarks, and an ear for the client going away."""

    def __init__(self, call: Call, chosen: Selection, since: int, initial: ObjectList | None) -> None:
        super().__init__(
            media_type=f"{call.accepted.media_type};stream=watch" if call.accepted.form else "application/json"
        )
        self._call = call
        self._chosen = chosen
        self._since = since
        self._initial = initial
        self._sent = 0
        self.raw_headers = [h for h in self.raw_headers if h[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        # The client learns at once that its watch stands, even if nothing happens for a long time.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        try:
            async with asyncio.timeout(self._limit()), asyncio.TaskGroup() as group:
                group.create_task(self._until_gone(receive), name="watch-client")
                group.create_task(self._bookmarks(send), name="watch-bookmarks")
                group.create_task(self._feed(send), name="watch-feed")
        except* (_Gone, TimeoutError):
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _limit(self) -> float:
        given = self._call.query.get("timeoutSeconds", "")
        return min(float(given), _LONGEST_S) if given.isdigit() and given != "0" else _LONGEST_S

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        raise _Gone

    async def _bookmarks(self, send: Send) -> None:
        while self._call.flag("allowWatchBookmarks"):
            # Read before the wait: everything up to it has long been sent when the wait is over.
            revision, sent = self._call.storage.revision(self._call.resource.key), self._sent
            await asyncio.sleep(BOOKMARK_EVERY_S)
            if sent == self._sent:
                await self._send(send, "BOOKMARK", encode(self._bookmark(revision)))

    async def _feed(self, send: Send) -> None:
        try:
            await self._send_initial(send)
            async with aclosing(self._call.storage.watch(self._call.resource.key, self._since)) as events:  # type: ignore[type-var]
                async for event in events:
                    for type_, record in self._visible(event):
                        await self._send(send, type_, self._form(record))
        except FlotillaError as err:
            await self._send(send, "ERROR", encode(failure(err)))
        raise _Gone

    async def _send_initial(self, send: Send) -> None:
        if self._initial is None:
            return
        for record in selected(self._initial.items, self._chosen):
            await self._send(send, "ADDED", self._form(record))
        if self._call.flag("sendInitialEvents"):
            await self._send(send, "BOOKMARK", encode(self._bookmark(self._since, _INITIAL_END)))

    def _visible(self, event: Event) -> Iterator[tuple[str, Record]]:
        """What this client is to see of a change: nothing, or one event."""
        namespace = self._call.target.namespace
        if namespace and event.record.key.namespace != namespace:
            return
        if self._chosen.is_open:
            yield event.type, event.record
            return
        matched = event.old is not None and self._matches(event.old)
        if event.type == "DELETED":
            if matched:
                yield "DELETED", event.record
        elif self._matches(event.record):
            yield "MODIFIED" if matched else "ADDED", event.record
        elif matched:
            yield "DELETED", event.record

    def _matches(self, record: Record) -> bool:
        return self._chosen.matches(record.key.namespace, record.key.name, record.json, record.obj)

    def _form(self, record: Record) -> bytes:
        return wire_form(self._call, record.json, headers=not self._sent)

    def _bookmark(self, revision: int, annotations: dict[str, str] | None = None) -> dict[str, Any]:
        metadata: dict[str, Any] = {"resourceVersion": str(revision), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        return {"kind": self._call.resource.kind, "apiVersion": self._call.api_version, "metadata": metadata}

    async def _send(self, send: Send, type_: str, json: bytes) -> None:
        self._sent += 1
        line = b"".join((b'{"type":"', type_.encode(), b'","object":', json, b"}\n"))
        await send({"type": "http.response.body", "body": line, "more_body": True})


class _Gone(Exception):
    """The watch is over: nobody listens any more, or nothing more will come."""
