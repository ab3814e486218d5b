"""One kind of object in one cluster, followed for ever: list, watch, and list again when the history is gone.

No client library does this in full: a watch may end, be refused with 410, be cut, or just fall silent, and
what was deleted meanwhile is in no event. So the reflector remembers the keys it has told, and nothing else.
"""

import logging
import random
from asyncio import sleep
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import orjson

from flotilla_common.errors import Expired, FlotillaError
from flotilla_common.labels import MANAGED
from flotilla_common.objects import GVK, Obj, Ref, meta_of, name_of, namespace_of

from ..engine.target import SYNCED, Missing, Seen, Synced
from ..settings import KubernetesSettings
from .discovery import Discovery, Resource
from .status_errors import error_of
from .transport import Transport

__all__ = ["Reflector"]

log = logging.getLogger(__name__)

_FIRST_DELAY = 0.1


class Reflector:
    """`events()` is its only use, once. Objects are told in the state last seen, each state at most once."""

    def __init__(
        self,
        transport: Transport,
        discovery: Discovery,
        gvk: GVK,
        settings: KubernetesSettings,
        selector: str = f"{MANAGED}=true",
        fields: str = "",
        *,
        breath: float = 0.0,
        troubled: Callable[[], None] = lambda: None,
    ) -> None:
        """`selector`: of labels, `fields`: of fields; empty for all objects of the kind. `breath`: seconds to let
        events gather, for those who are in no hurry. `troubled` hears of each failure.
        """
        self._transport = transport
        selection = {"labelSelector": selector, "fieldSelector": fields}
        self._selection: dict[str, str] = {name: text for name, text in selection.items() if text}
        self._breath = breath
        self._troubled = troubled
        self._discovery = discovery
        self._gvk = gvk
        self._settings = settings
        self._versions: dict[tuple[str, str], str] = {}
        self._since = ""
        self._failures = 0

    async def events(self) -> AsyncGenerator[Seen | Synced, None]:
        """Never ends and never raises: troubles are logged, once for each outage, and waited out."""
        while True:
            try:
                async with aclosing(self._once()) as events:
                    async for event in events:
                        yield event
            except Expired:
                self._since = ""
                await self._back_off("the history asked for is gone")
            except Missing:
                # The kind is gone, and its objects with it.
                self._discovery.forget(self._gvk)
                self._since = ""
                for event in self._gone(set()):
                    yield event
                await self._back_off("the kind is not served")
            except FlotillaError as err:
                await self._back_off(str(err))
            except (ValueError, KeyError, TypeError) as err:
                self._since = ""
                await self._back_off(f"the answer was not understood: {err!r}")

    async def _once(self) -> AsyncGenerator[Seen | Synced, None]:
        """List if there is no point to go on from, then watch until that ends."""
        resource = await self._discovery.need(self._gvk, f"watch {self._gvk}")
        if not self._since:
            async with aclosing(self._list(resource)) as events:
                async for event in events:
                    yield event
        async with aclosing(self._watch(resource)) as events:
            async for event in events:
                yield event

    async def _list(self, resource: Resource) -> AsyncGenerator[Seen | Synced, None]:
        found: set[tuple[str, str]] = set()
        params: dict[str, str | int] = {**self._selection, "limit": self._settings.page}
        while True:
            page = await self._transport.call("GET", resource.collection(), params, what=f"list {self._gvk}")
            for item in page.pop("items"):
                found.add(_key(item))
                if event := self._news(item):
                    yield event
            if not (more := page["metadata"].get("continue")):
                break
            params["continue"] = more
        for event in self._gone(found):
            yield event
        self._since = page["metadata"]["resourceVersion"]
        self._recovered()
        yield SYNCED

    async def _watch(self, resource: Resource) -> AsyncGenerator[Seen | Synced, None]:
        seconds = int(self._settings.watch_seconds * random.uniform(0.75, 1.0)) or 1
        params: dict[str, str | int] = {
            **self._selection,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": seconds,
            "resourceVersion": self._since,
        }
        silence = seconds + self._settings.watch_margin
        path, what = resource.collection(), f"watch {self._gvk}"
        stream = self._transport.stream(path, params, silence=silence, what=what, breath=self._breath)
        async with stream as lines:
            if self._failures:
                self._recovered()
                yield SYNCED
            async for line in lines:
                if event := self._read(orjson.loads(line)):
                    yield event

    def _read(self, event: Obj) -> Seen | None:
        """One line of a watch. Raises Expired when the history asked for is gone."""
        obj = event["object"]
        if event["type"] == "ERROR":
            raise error_of(int(obj.get("code") or 500), orjson.dumps(obj), f"watch {self._gvk}")
        self._since = meta_of(obj)["resourceVersion"]
        if event["type"] == "BOOKMARK":
            return None
        if event["type"] == "DELETED":
            return self._lost(_key(obj))
        return self._news(obj)

    def _news(self, obj: Obj) -> Seen | None:
        key, version = _key(obj), meta_of(obj)["resourceVersion"]
        if self._versions.get(key) == version:
            return None
        self._versions[key] = version
        # Items of a list do not say what they are.
        obj.setdefault("apiVersion", self._gvk.api_version)
        obj.setdefault("kind", self._gvk.kind)
        return Seen(Ref(self._gvk, *key), obj)

    def _lost(self, key: tuple[str, str]) -> Seen | None:
        return Seen(Ref(self._gvk, *key), None) if self._versions.pop(key, None) else None

    def _gone(self, found: set[tuple[str, str]]) -> list[Seen]:
        """What we have told of and is not among `found`."""
        lost = [self._lost(key) for key in self._versions.keys() - found]
        return [event for event in lost if event]

    def _recovered(self) -> None:
        if self._failures > 1:
            log.info("watch is back", extra={"kind": str(self._gvk)})
        self._failures = 0

    async def _back_off(self, why: str) -> None:
        self._failures += 1
        self._troubled()
        if self._failures == 2:  # one failure is a restart, two are an outage
            log.warning("watch fails", extra={"kind": str(self._gvk), "error": why})
        ceiling = min(self._settings.max_delay, _FIRST_DELAY * 2 ** min(self._failures - 1, 20))
        await sleep(ceiling * random.uniform(0.5, 1.0))


def _key(obj: Obj) -> tuple[str, str]:
    return namespace_of(obj), name_of(obj)
