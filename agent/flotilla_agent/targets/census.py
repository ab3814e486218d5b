"""Nodes and unfinished pods of a Kubernetes cluster, counted by watching them.

A large cluster has tens of thousands, and listing them again and again would cost its API server more than all the
rest of the agent does. A watch costs what changes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from flotilla_common.objects import GVK, Obj

from ..engine.target import Seen, Synced
from ..estimate.nodes import Key, NodeBook
from ..settings import KubernetesSettings
from .discovery import Discovery
from .reflector import Reflector
from .transport import Transport

__all__ = ["Census"]

_NODE, _POD, _QUOTA = (GVK("", "v1", kind) for kind in ("Node", "Pod", "ResourceQuota"))
_FIELDS = {_POD: "status.phase!=Succeeded,status.phase!=Failed"}


class Census:
    """`start` it, wait for the `first` pass, read `book` once it `is_complete`; `close` it."""

    def __init__(self, transport: Transport, discovery: Discovery, settings: KubernetesSettings) -> None:
        self.book = NodeBook()
        self._uncounted = {_NODE, _POD}
        self._first, self._quotas = asyncio.Event(), asyncio.Event()
        self._tasks: dict[GVK, asyncio.Task[None]] = {}
        knobs = replace(settings, page=settings.census_page)

        def events(gvk: GVK, troubled: Callable[[], None]) -> AsyncGenerator[Seen | Synced, None]:
            fields, breath = _FIELDS.get(gvk, ""), settings.census_breath
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
        book = self.book
        self._follow(_NODE, book.put_node, book.drop_node, self._first)
        self._follow(_POD, book.put_pod, book.drop_pod, self._first)

    async def first(self, patience: float) -> None:
        """Return when it is complete, when it turns out that it cannot be, or after so many seconds."""
        await _once(self._first, patience)

    async def rooms(self, patience: float, *, quotas: bool) -> NodeBook | None:
        """The book, once it is complete; None when it is not within `patience` seconds.

        ResourceQuotas are followed from the first time somebody asks for them; a cluster that hides them has none.
        """
        if not self.is_started:
            self.start()
        if quotas and _QUOTA not in self._tasks:
            self._follow(_QUOTA, self.book.put_quota, self.book.drop_quota, self._quotas)
        await self.first(patience)
        if quotas:
            await _once(self._quotas, patience)
        return self.book if self.is_complete else None

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            task.cancel()
        if tasks:
            await asyncio.wait(tasks.values())

    def _follow(
        self, gvk: GVK, put: Callable[[Key, Obj], None], drop: Callable[[Key], None], known: asyncio.Event
    ) -> None:
        async def run() -> None:
            async with aclosing(self._events(gvk, known.set)) as events:
                async for event in events:
                    if isinstance(event, Synced):
                        self._note_synced(gvk, known)
                    elif event.obj is None:
                        drop((event.ref.namespace, event.ref.name))
                    else:
                        put((event.ref.namespace, event.ref.name), event.obj)

        self._tasks[gvk] = asyncio.create_task(run(), name=gvk.kind)

    def _note_synced(self, gvk: GVK, known: asyncio.Event) -> None:
        self._uncounted.discard(gvk)
        if gvk == _QUOTA or self.is_complete:
            known.set()


async def _once(known: asyncio.Event, patience: float) -> None:
    """Wait so long, the first time only."""
    try:
        async with asyncio.timeout(patience):
            await known.wait()
    except TimeoutError:
        known.set()
