"""What an agent of the swarm remembers of its Works, in memory: the journal's side that the link sees, and no more.

A body is kept until the engine takes it. A test holds this to the same answers as the journal on disk.
"""

from collections.abc import Iterable

from flotilla_common.messages import WorkMessage, fold

__all__ = ["LeanJournal"]


class LeanJournal:
    """A few hundred bytes per Work held."""

    def __init__(self) -> None:
        self.last_revision = 0
        self._index: dict[str, tuple[int, str]] = {}
        self._fold = 0
        self._fresh: dict[str, WorkMessage] = {}

    @property
    def held(self) -> int:
        return len(self._index)

    def fold(self) -> int:
        return self._fold

    def revision(self, work: str) -> int:
        found = self._index.get(work)
        return 0 if found is None else found[0]

    def put_works(self, batch: Iterable[tuple[str, int, bytes]]) -> list[str]:
        """As the journal's: rows of (name, revision, packed WorkMessage); the names whose Work is now another."""
        newest: dict[str, tuple[int, WorkMessage]] = {}
        highest = self.last_revision
        for name, revision, body in batch:
            highest = max(highest, revision)
            if revision != self.revision(name):
                newest[name] = revision, WorkMessage.unpack(body)
        self.last_revision = highest
        return [name for name, (revision, message) in newest.items() if self._note(name, revision, message)]

    def take(self, work: str) -> WorkMessage | None:
        """The Work that came last under this name, once."""
        return self._fresh.pop(work, None)

    def forget(self, work: str) -> None:
        held = self._index.pop(work, None)
        self._fresh.pop(work, None)
        if held is not None:
            self._fold ^= fold(work, held[1])

    def _note(self, work: str, revision: int, message: WorkMessage) -> bool:
        """Whether it is another Work than before, and not only another revision."""
        digest, held = message.digest(), self._index.get(work)
        if held is not None and held[1] == digest:
            self._index[work] = revision, digest
            return False
        if held is not None:
            self._fold ^= fold(work, held[1])
        self._fold ^= fold(work, digest)
        self._index[work] = revision, digest
        self._fresh[work] = message
        return True
