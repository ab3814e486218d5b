"""Everything the hub says about some kinds, kept by list and watch, and waiting until it says what is hoped for."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing

from flotilla_common.errors import NotFound, Retryable, Terminal
from flotilla_common.objects import GVK, Obj, name_of, namespace_of

from ..client import Client, Served

__all__ = ["Lookout", "NotYet", "Seen"]

Seen = Mapping[tuple[str, str, str], Obj]
"""Objects by (kind, namespace, name)."""

_PAUSE = 0.2


class NotYet(Terminal):
    """What was waited for did not come in time; the message says what was missing."""


class Lookout:
    """`seen` is up to date while `run` runs."""

    def __init__(self, hub: Client) -> None:
        self._hub = hub
        self._seen: dict[tuple[str, str, str], Obj] = {}
        self._changed = asyncio.Event()

    @property
    def seen(self) -> Seen:
        return self._seen

    async def run(self, kinds: Iterable[GVK]) -> None:
        """Keep watching these kinds, for ever."""
        async with asyncio.TaskGroup() as group:
            for kind in kinds:
                group.create_task(self._follow(kind), name=f"watch {kind.kind}")

    async def until(self, missing: Callable[[Seen], str | None], seconds: float) -> None:
        """Return once `missing` does. Raises NotYet with its last word when it did not within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while missing(self._seen) is not None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as err:
            raise NotYet(f"not so after {seconds:g} s: {missing(self._seen)}") from err

    async def _follow(self, kind: GVK) -> None:
        while True:
            try:
                served = await self._hub.served({"apiVersion": kind.api_version, "kind": kind.kind})
                await self._list_and_watch(served)
            except (Retryable, NotFound, Terminal):
                # A kind not served yet, a hub that restarts, a history that is gone: look again.
                await asyncio.sleep(_PAUSE)

    async def _list_and_watch(self, served: Served) -> None:
        kind = served.gvk.kind
        answer = await self._hub.list(served)
        for key in [key for key in self._seen if key[0] == kind]:
            del self._seen[key]
        for item in answer["items"]:
            self._seen[kind, namespace_of(item), name_of(item)] = item
        self._changed.set()
        async with aclosing(self._hub.watch(served, "", answer["metadata"]["resourceVersion"])) as events:
            async for change, obj in events:
                key = (kind, namespace_of(obj), name_of(obj))
                if change == "DELETED":
                    self._seen.pop(key, None)
                else:
                    self._seen[key] = obj
                self._changed.set()
