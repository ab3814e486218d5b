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
from ..settings import KubernetesSettings
from .discovery import Discovery
from .reflector import Reflector
from .resources import Tally
from .transport import Transport

__all__ = ["Census"]

_NODE, _POD = GVK("", "v1", "Node"), GVK("", "v1", "Pod")
_UNFINISHED = "status.phase!=Succeeded,status.phase!=Failed"


class Census:
    """`start` it, wait for the `first` pass, read `tally` once it `is_complete`; `close` it."""

    def __init__(self, transport: Transport, discovery: Discovery, settings: KubernetesSettings) -> None:
        self.tally = Tally()
        self._uncounted = {_NODE, _POD}
        self._first = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        knobs = replace(settings, page=settings.census_page)

        def events(gvk: GVK, fields: str) -> AsyncGenerator[Seen | Synced, None]:
            return Reflector(transport, discovery, gvk, knobs, "", fields, troubled=self._first.set).events()

        self._events = events

    @property
    def is_started(self) -> bool:
        return bool(self._tasks)

    @property
    def is_complete(self) -> bool:
        """Both have been counted once; what they are is then known to the last change."""
        return not self._uncounted

    def start(self) -> None:
        tally = self.tally
        self._tasks = [
            asyncio.create_task(self._follow(_NODE, "", tally.put_node, tally.drop_node), name="nodes"),
            asyncio.create_task(self._follow(_POD, _UNFINISHED, tally.put_pod, tally.drop_pod), name="pods"),
        ]

    async def first(self, patience: float) -> None:
        """Return when it is complete, when it turns out that it cannot be, or after so many seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._first.wait()
        except TimeoutError:
            self._first.set()  # once is enough

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _follow(
        self,
        gvk: GVK,
        fields: str,
        put: Callable[[tuple[str, str], Obj], None],
        drop: Callable[[tuple[str, str]], None],
    ) -> None:
        async with aclosing(self._events(gvk, fields)) as events:
            async for event in events:
                if isinstance(event, Synced):
                    self._uncounted.discard(gvk)
                    if self.is_complete:
                        self._first.set()
                    continue
                key = (event.ref.namespace, event.ref.name)
                if event.obj is None:
                    drop(key)
                else:
                    put(key, event.obj)
