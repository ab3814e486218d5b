"""One watch on a stub cluster: what is there, if asked for, then every change the client selected, and bookmarks."""

import asyncio
from collections.abc import Callable

from flotilla_common.errors import Expired
from flotilla_common.objects import Obj, encode
from flotilla_hub.api.selectors import Selection
from flotilla_hub.api.status_errors import failure

from .requests import Call
from .shelves import Change, Shelves, Stored

__all__ = ["Watch"]

_USUAL = 1800.0
"""Seconds of a watch whose client names no other length."""
_BOOKMARK_EVERY = 60.0
_INITIAL_END = {"k8s.io/initial-events-end": "true"}


class Watch:
    """`start` it with where lines go and how to end them; `stop` when the client is gone."""

    def __init__(self, call: Call, shelves: Shelves, chosen: Selection) -> None:
        self._call = call
        self._shelves = shelves
        self._chosen = chosen
        self._unsubscribe: Callable[[], None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._write: Callable[[bytes], None]
        self._end: Callable[[], None]

    def start(self, write: Callable[[bytes], None], end: Callable[[], None]) -> None:
        self._write, self._end = write, end
        try:
            self._begin()
        except Expired as err:
            self._line("ERROR", encode(failure(err)))
            end()
            return
        self._unsubscribe = self._shelves.subscribe(self._call.row.key, self._see)
        self._later("end", float(self._call.request.query.get("timeoutSeconds") or _USUAL), self._run_out)
        if self._wants_bookmarks:
            self._later("bookmark", _BOOKMARK_EVERY, self._bookmark_again)

    def stop(self) -> None:
        """Once or more often."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        for timer in self._timers.values():
            timer.cancel()

    def _begin(self) -> None:
        """What the client has not seen."""
        query, shelves = self._call.request.query, self._shelves
        since, is_list = query.get("resourceVersion", ""), query.get("sendInitialEvents") == "true"
        if is_list or since in ("", "0"):
            for stored in shelves.all(self._call.row.key, self._call.target.namespace):
                if self._matches(stored):
                    self._line("ADDED", self._call.shown(stored.json))
            if is_list:
                self._bookmark(_INITIAL_END)
            return
        for change in shelves.since(self._call.row.key, int(since)):
            self._see(change)

    def _see(self, change: Change) -> None:
        was, is_now = self._matches(change.before), self._matches(change.after)
        if is_now:
            assert change.after is not None
            self._line("MODIFIED" if was else "ADDED", self._call.shown(change.after.json))
        elif was:
            assert change.before is not None
            obj = (change.after or change.before).obj()
            obj["metadata"]["resourceVersion"] = str(change.revision)
            self._line("DELETED", self._call.shown(encode(obj), obj))

    def _matches(self, stored: Stored | None) -> bool:
        if stored is None or self._call.target.namespace not in ("", stored.key.namespace):
            return False
        return self._chosen.matches(stored.key.namespace, stored.key.name, stored.json, stored.obj)

    def _run_out(self) -> None:
        if self._wants_bookmarks:
            self._bookmark()
        self.stop()
        self._end()

    @property
    def _wants_bookmarks(self) -> bool:
        return self._call.request.query.get("allowWatchBookmarks") == "true"

    def _later(self, what: str, seconds: float, call: Callable[[], None]) -> None:
        self._timers[what] = asyncio.get_running_loop().call_later(seconds, call)

    def _bookmark_again(self) -> None:
        self._bookmark()
        self._later("bookmark", _BOOKMARK_EVERY, self._bookmark_again)

    def _bookmark(self, annotations: dict[str, str] | None = None) -> None:
        row = self._call.row
        metadata: Obj = {"resourceVersion": str(self._shelves.revision)}
        if annotations:
            metadata["annotations"] = annotations
        self._line("BOOKMARK", encode({"kind": row.kind, "apiVersion": self._call.api_version, "metadata": metadata}))

    def _line(self, type_: str, json: bytes) -> None:
        self._write(b'{"type":"%s","object":%s}\n' % (type_.encode(), json))
