"""Nodes and unfinished pods of a Kubernetes cluster, counted by watching them.

A large cluster has tens of thousands, and listing them again and again would cost its API server more than all the
rest of the agent does. A watch costs what changes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from flotilla_common.objects import GVK, Obj

from ..engine.target import Seen, Synced
from ..estimate.nodes import NodeBook
from ..settings import KubernetesSettings
from .discovery import Discovery
from .reflector import Reflector
from .resources import Tally
from .transport import Transport

__all__ = ["Census"]

_NODE, _POD, _QUOTA = (GVK("", "v1", kind) for kind in ("Node", "Pod", "ResourceQuota"))
_FIELDS = {_POD: "status.phase!=Succeeded,status.phase!=Failed"}
Key = tuple[str, str]


class Counter(Protocol):
    """Somebody who is told of nodes and pods."""

    def put_node(self, key: Key, node: Obj, /) -> None: ...
    def drop_node(self, key: Key, /) -> None: ...
    def put_pod(self, key: Key, pod: Obj, /) -> None: ...
    def drop_pod(self, key: Key, /) -> None: ...


class Census:
    """`start` it, wait for the `first` pass, read `tally` once it `is_complete`; `close` it."""

    def __init__(self, transport: Transport, discovery: Discovery, settings: KubernetesSettings) -> None:
        self.tally = Tally()
        self._uncounted = {_NODE, _POD}
        self._first = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._book: NodeBook | None = None
        knobs = replace(settings, page=settings.census_page)

        def events(gvk: GVK) -> AsyncGenerator[Seen | Synced, None]:
            fields, breath, troubled = _FIELDS.get(gvk, ""), settings.census_breath, self._troubled(gvk)
            reflector = Reflector(transport, discovery, gvk, knobs, "", fields, breath=breath, troubled=troubled)
            return reflector.events()

        self._events = events

    @property
    def is_started(self) -> bool:
        return bool(self._tasks)

    @property
    def is_complete(self) -> bool:
        """Both have been counted once; what they are is then known to the last change."""
        return not self._uncounted

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._follow(_NODE, self._note_node), name="nodes"),
            asyncio.create_task(self._follow(_POD, self._note_pod), name="pods"),
        ]
        if self._book is not None:
            self._tasks.append(asyncio.create_task(self._follow(_QUOTA, self._note_quota), name="quotas"))

    async def first(self, patience: float) -> None:
        """Return when it is complete, when it turns out that it cannot be, or after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._first.wait()
        except TimeoutError:
            self._first.set()  # once is enough

    async def rooms(self, patience: float) -> NodeBook | None:
        """What is free on each node; None when that is not known within `patience` seconds.

        The first call has everything told once more, since of single pods and nodes nothing else is kept.
        """
        if self._book is None:
            self._book = NodeBook()
            await self._restart()
        await self.first(patience)
        return self._book if self.is_complete else None

    def forget_rooms(self) -> None:
        """Nobody asks any more; the counting goes on."""
        if self._book is not None and self._tasks:
            self._tasks.pop().cancel()
        self._book = None

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _restart(self) -> None:
        """Nothing waits between the end of the old watches and the start of the new: nobody may start them twice."""
        before = self._tasks
        for task in before:
            task.cancel()
        self._first.set()
        self.tally, self._uncounted, self._first = Tally(), {_NODE, _POD}, asyncio.Event()
        self.start()
        if before:
            await asyncio.wait(before)

    def _troubled(self, gvk: GVK) -> Callable[[], None]:
        """Without nodes or pods there is nothing to wait for; quotas are an extra."""
        return self._first.set if gvk in (_NODE, _POD) else lambda: None

    async def _follow(self, gvk: GVK, note: Callable[[Key, Obj | None], None]) -> None:
        async with aclosing(self._events(gvk)) as events:
            async for event in events:
                if not isinstance(event, Synced):
                    note((event.ref.namespace, event.ref.name), event.obj)
                    continue
                self._uncounted.discard(gvk)
                if self.is_complete:
                    self._first.set()

    def _note_node(self, key: Key, node: Obj | None) -> None:
        for counter in self._counters():
            counter.drop_node(key) if node is None else counter.put_node(key, node)

    def _note_pod(self, key: Key, pod: Obj | None) -> None:
        for counter in self._counters():
            counter.drop_pod(key) if pod is None else counter.put_pod(key, pod)

    def _note_quota(self, key: Key, quota: Obj | None) -> None:
        if self._book is not None:
            self._book.drop_quota(key) if quota is None else self._book.put_quota(key, quota)

    def _counters(self) -> tuple[Counter, ...]:
        return (self.tally,) if self._book is None else (self.tally, self._book)
