"""What one stub cluster holds, by kind, with a history for those who watch. Knows nothing of what objects mean."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from flotilla_common.errors import Expired
from flotilla_common.objects import Obj, decode, encode

__all__ = ["Change", "Key", "Shelves", "Stored"]

_HISTORY = 2_000
"""Changes kept for watches that come back; an older one is told to list again, as a real server's are."""


class Key(NamedTuple):
    """`namespace` is empty for what has none."""

    namespace: str
    name: str


class Stored(NamedTuple):
    """`json` holds the resourceVersion, which is `revision`."""

    key: Key
    revision: int
    json: bytes

    def obj(self) -> Obj:
        """A private copy."""
        found: Obj = decode(self.json)
        return found


class Change(NamedTuple):
    """`before` is None for a new object, `after` for one that is gone."""

    resource: str
    revision: int
    before: Stored | None
    after: Stored | None


class Shelves:
    """Use it from the loop's thread only."""

    def __init__(self, given: Mapping[str, Mapping[Key, Stored]] | None = None) -> None:
        """`given`: what is there from the start, by kind; its values may be shared with other clusters."""
        self._shelves: dict[str, dict[Key, Stored]] = {kind: dict(items) for kind, items in (given or {}).items()}
        self._sorted: dict[str, list[Key]] = {}
        self._history: deque[Change] = deque(maxlen=_HISTORY)
        self._forgotten = 0
        self._watchers: dict[str, list[Callable[[Change], None]]] = {}
        self.revision = max((i.revision for shelf in self._shelves.values() for i in shelf.values()), default=0) + 1

    def __len__(self) -> int:
        return sum(map(len, self._shelves.values()))

    def get(self, resource: str, key: Key) -> Stored | None:
        return self._shelves.get(resource, {}).get(key)

    def put(self, resource: str, key: Key, obj: Obj) -> Stored:
        """Under a new resourceVersion. Takes `obj` over."""
        self.revision += 1
        obj["metadata"]["resourceVersion"] = str(self.revision)
        stored = Stored(key, self.revision, encode(obj))
        shelf = self._shelves.setdefault(resource, {})
        before = shelf.get(key)
        if before is None:
            self._sorted.pop(resource, None)
        shelf[key] = stored
        self._tell(Change(resource, self.revision, before, stored))
        return stored

    def remove(self, resource: str, key: Key) -> None:
        self.revision += 1
        before = self._shelves[resource].pop(key)
        self._sorted.pop(resource, None)
        self._tell(Change(resource, self.revision, before, None))

    def kinds(self) -> list[str]:
        return list(self._shelves)

    def all(self, resource: str, namespace: str = "", after: Key | None = None) -> Iterator[Stored]:
        """In order of namespace and name, those behind `after`; of one namespace, if given."""
        shelf = self._shelves.get(resource, {})
        if resource not in self._sorted:
            self._sorted[resource] = sorted(shelf)
        keys = self._sorted[resource]
        start = 0 if after is None else bisect_right(keys, after)
        for at in range(start, len(keys)):
            if not namespace or keys[at].namespace == namespace:
                yield shelf[keys[at]]

    def since(self, resource: str, revision: int) -> list[Change]:
        """Raises Expired when not all of it is known any more."""
        if not self._forgotten <= revision <= self.revision:
            # A later one is of another life of this cluster: what it held went with its process.
            raise Expired(f"too old resource version: {revision} ({self._forgotten})")
        return [change for change in self._history if change.revision > revision and change.resource == resource]

    def subscribe(self, resource: str, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Call `watcher` with each change from now on; returns how to stop that."""
        watchers = self._watchers.setdefault(resource, [])
        watchers.append(watcher)
        return lambda: watchers.remove(watcher)

    def forget_history(self) -> None:
        """As a compaction does."""
        self._history.clear()
        self._forgotten = self.revision

    def _tell(self, change: Change) -> None:
        if len(self._history) == self._history.maxlen:
            self._forgotten = self._history[0].revision
        self._history.append(change)
        for watcher in tuple(self._watchers.get(change.resource, ())):
            watcher(change)
