"""What the agent knows, on disk: the Works it was given, what it applied for each, and how far it has read. SQLite.

It outlives `kill -9` at any line. After a power cut the last writes may be missing, which costs a catch-up and some
looks at the cluster: the hub has every Work, and an object we made carries our marks.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, fold
from flotilla_common.objects import GVK, Ref

from .engine.inventory import Entry, Identity, Inventory, identity
from .engine.order import turn
from .engine.plan import kinds_of

__all__ = ["Held", "Journal"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS works (
    name TEXT PRIMARY KEY, revision INTEGER NOT NULL, digest TEXT NOT NULL, turn INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inventory (
    work TEXT NOT NULL, api_group TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    version TEXT NOT NULL, uid TEXT NOT NULL, digest TEXT NOT NULL, fingerprint TEXT NOT NULL,
    PRIMARY KEY (work, api_group, kind, namespace, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS inventory_by_object ON inventory (api_group, kind, namespace, name);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_ENTRY = "work, api_group, version, kind, namespace, name, uid, digest, fingerprint"
_OBJECT = "api_group = ? AND kind = ? AND namespace = ? AND name = ?"
_LAST_REVISION = "last_revision"


class Held(NamedTuple):
    """One Work as last received; `revision` is its sequence number in the stream."""

    name: str
    revision: int
    message: WorkMessage


class _Row(NamedTuple):
    name: str
    revision: int
    digest: str
    turn: int
    body: bytes


class Journal:
    """All calls are synchronous and take some tens of microseconds; use it from the loop's thread only."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        """Opens or creates it. Raises Terminal when the file is not a journal."""
        if path != ":memory:":
            # Manifests may hold secrets.
            Path(path).touch(mode=0o600)
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_SCHEMA}")
            rows = self._rows("SELECT name, revision, digest FROM works")
        except sqlite3.DatabaseError as err:
            raise Terminal(
                f"cannot use the journal {path}: {err}; move it away, the hub has all that was in it"
            ) from err
        self._index: dict[str, tuple[int, str]] = {name: (revision, digest) for name, revision, digest in rows}
        self._fold = 0
        for name, (_, digest) in self._index.items():
            self._fold ^= fold(name, digest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # --- the Works

    def put_works(self, batch: Iterable[tuple[str, int, bytes]]) -> list[str]:
        """Keep (name, revision, packed WorkMessage) rows, all or none, and move `last_revision` up to the highest.

        Returns the names whose Work is now another. The feed tells in order, so a row that is older than what is held
        says that the server lost what we hold: it counts. Raises Terminal for what is no Work, before anything is
        written.
        """
        newest: dict[str, _Row] = {}
        highest = self.last_revision
        for name, revision, body in batch:
            highest = max(highest, revision)
            if revision != self.revision(name):
                newest[name] = self._row(name, revision, body)
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO works VALUES (?, ?, ?, ?, ?)", newest.values())
            self.last_revision = highest
        changed = [row.name for row in newest.values() if row.digest != self._index.get(row.name, (0, ""))[1]]
        for row in newest.values():
            self._note(row.name, row.revision, row.digest)
        return changed

    def forget(self, work: str) -> None:
        """Drop a Work and whatever the inventory says of it."""
        with self._transaction():
            self._db.execute("DELETE FROM works WHERE name = ?", (work,))
            self._db.execute("DELETE FROM inventory WHERE work = ?", (work,))
        self._note(work, 0, "")

    def work(self, name: str) -> Held | None:
        for revision, body in self._rows("SELECT revision, body FROM works WHERE name = ?", name):
            return Held(name, revision, WorkMessage.unpack(body))
        return None

    def works(self) -> list[str]:
        """The names of all Works held, tombstones included."""
        return sorted(self._index)

    def revision(self, work: str) -> int:
        """The revision held of a Work, 0 when none is."""
        found = self._index.get(work)
        return 0 if found is None else found[0]

    def turns(self, names: Iterable[str]) -> list[tuple[str, int]]:
        """(name, its turn) for those of the Works that are held; turn 0 goes first."""
        found = []
        for name in names:
            found += [(name, int(turn)) for (turn,) in self._rows("SELECT turn FROM works WHERE name = ?", name)]
        return found

    @property
    def held(self) -> int:
        """How many Works are held, tombstones included."""
        return len(self._index)

    def fold(self) -> int:
        """The digest of all Works held, as a heartbeat says it."""
        return self._fold

    # --- how far the stream was read

    @property
    def last_revision(self) -> int:
        """The highest stream sequence received; 0 at first. Set it back only when the stream itself began anew."""
        return int(self.meta(_LAST_REVISION) or 0)

    @last_revision.setter
    def last_revision(self, revision: int) -> None:
        self.set_meta(_LAST_REVISION, str(revision))

    def meta(self, key: str) -> str:
        """A value kept for the link, as the stream's epoch; empty when never set."""
        return next((str(value) for (value,) in self._rows("SELECT value FROM meta WHERE key = ?", key)), "")

    def set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # --- the inventory

    def inventory(self, work: str) -> Inventory:
        rows = self._rows(f"SELECT {_ENTRY} FROM inventory WHERE work = ?", work)
        return {identity(entry.ref): entry for _, entry in map(_entry, rows)}

    def record(self, work: str, entry: Entry) -> None:
        """The object is in the cluster as `entry` says, for this Work."""
        group, kind, namespace, name = identity(entry.ref)
        values = (work, group, kind, namespace, name, entry.ref.gvk.version, entry.uid, entry.digest, entry.fingerprint)
        self._db.execute("INSERT OR REPLACE INTO inventory VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def drop(self, work: str, ref: Ref) -> None:
        """The Work has no such object in the cluster any more."""
        self._db.execute(f"DELETE FROM inventory WHERE work = ? AND {_OBJECT}", (work, *identity(ref)))

    def owners(self, object_: Identity) -> list[tuple[str, Entry]]:
        """The Works that applied an object: one, but for the moment in which it moves to another."""
        return list(map(_entry, self._rows(f"SELECT {_ENTRY} FROM inventory WHERE {_OBJECT}", *object_)))

    def has_kind(self, gvk: GVK) -> bool:
        """Whether any applied object is of this kind, in this version."""
        query = "SELECT 1 FROM inventory WHERE api_group = ? AND kind = ? AND version = ? LIMIT 1"
        return bool(self._rows(query, gvk.group, gvk.kind, gvk.version))

    def kinds(self) -> set[GVK]:
        """The kinds of all applied objects, in the versions they were applied in."""
        return {GVK(*row) for row in self._rows("SELECT DISTINCT api_group, version, kind FROM inventory")}

    def applied(self, gvk: GVK) -> list[tuple[str, Identity]]:
        """(work, object) for each applied object of a kind."""
        query = "SELECT work, namespace, name FROM inventory WHERE api_group = ? AND version = ? AND kind = ?"
        return [(work, Identity(gvk.group, gvk.kind, ns, name)) for work, ns, name in self._rows(query, *gvk)]

    # --- inside

    def _row(self, name: str, revision: int, body: bytes) -> _Row:
        message = WorkMessage.unpack(body)
        # A tombstone names no objects; what it removes is in the inventory.
        kinds = [entry.ref.gvk for entry in self.inventory(name).values()] if message.deleted else kinds_of(message)
        return _Row(name, revision, message.digest(), turn(kinds, removing=message.deleted), body)

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._db.execute(query, values).fetchall()

    def _note(self, name: str, revision: int, digest: str) -> None:
        old = self._index.pop(name, None)
        if old is not None:
            self._fold ^= fold(name, old[1])
        if digest:
            self._index[name] = (revision, digest)
            self._fold ^= fold(name, digest)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _entry(row: Sequence[str]) -> tuple[str, Entry]:
    work, group, version, kind, namespace, name, uid, digest, fingerprint = row
    return work, Entry(Ref(GVK(group, version, kind), namespace, name), uid, digest, fingerprint)
