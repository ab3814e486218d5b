"""The objects of a simulated cluster, their watchers, and a count of who wrote them; on disk too when given a file.

With a file the cluster outlives its agent, as a real one does: an agent that is killed finds it as it left it.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flotilla_common.objects import Obj, decode, encode, meta_of

from ..engine.inventory import Identity

__all__ = ["MemoryStore"]

_SCHEMA = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS objects (
    api_group TEXT, kind TEXT, namespace TEXT, name TEXT, body BLOB NOT NULL, applied BLOB NOT NULL,
    PRIMARY KEY (api_group, kind, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS writes (
    api_group TEXT, kind TEXT, namespace TEXT, name TEXT, count INTEGER NOT NULL,
    PRIMARY KEY (api_group, kind, namespace, name)
) WITHOUT ROWID;
"""
_KEY = "api_group = ? AND kind = ? AND namespace = ? AND name = ?"

Watcher = Callable[[Identity, Obj | None], None]


class MemoryStore:
    """`writes` counts the agent's changes per object; a write that changed nothing is none, as in a real cluster."""

    def __init__(self, path: str = "") -> None:
        """`path`: SQLite file, created if need be; empty for a cluster that lives as long as this object."""
        self._bodies: dict[Identity, bytes] = {}
        self._applied: dict[Identity, bytes] = {}
        self._watchers: list[Watcher] = []
        self.writes: Counter[Identity] = Counter()
        self.revision = 0
        self._db = sqlite3.connect(path, isolation_level=None) if path else None
        if self._db is not None:
            self._db.executescript(_SCHEMA)
            self._load(self._db)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    def __iter__(self) -> Iterator[Identity]:
        return iter(tuple(self._bodies))

    def get(self, key: Identity) -> Obj | None:
        body = self._bodies.get(key)
        return None if body is None else decode(body)

    def applied(self, key: Identity) -> Obj:
        """What the agent applied last; empty when it never did."""
        found: Obj = decode(self._applied.get(key, b"{}"))
        return found

    def put(self, key: Identity, obj: Obj, applied: Obj | None = None) -> Obj:
        """Store it under a new resourceVersion; `applied` when it is the agent who writes. Returns what is stored."""
        self.revision += 1
        stored = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        self._bodies[key] = encode(stored)
        if applied is not None:
            self._applied[key] = encode(applied)
        if self._db is not None:
            row = (*key, self._bodies[key], self._applied.get(key, b"{}"))
            self._db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)", row)
        self._tell(key, stored)
        return stored

    def remove(self, key: Identity) -> None:
        self.revision += 1
        self._bodies.pop(key, None)
        self._applied.pop(key, None)
        if self._db is not None:
            self._db.execute(f"DELETE FROM objects WHERE {_KEY}", key)
        self._tell(key, None)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is written inside is on disk together or not at all, whoever kills us in between."""
        if self._db is None:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def count(self, key: Identity) -> None:
        """The agent changed this object."""
        self.writes[key] += 1
        if self._db is not None:
            self._db.execute("INSERT OR REPLACE INTO writes VALUES (?, ?, ?, ?, ?)", (*key, self.writes[key]))

    def subscribe(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each change from now on; returns how to stop that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def _tell(self, key: Identity, obj: Obj | None) -> None:
        for watcher in tuple(self._watchers):
            watcher(key, obj)

    def _load(self, db: sqlite3.Connection) -> None:
        for *key, body, applied in db.execute("SELECT * FROM objects").fetchall():
            identity = Identity(*key)
            self._bodies[identity], self._applied[identity] = body, applied
            self.revision = max(self.revision, int(meta_of(decode(body))["resourceVersion"]))
        for *key, count in db.execute("SELECT * FROM writes").fetchall():
            self.writes[Identity(*key)] = count
