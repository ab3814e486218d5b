"""Which objects are held compressed: those that have lain still for a while. No I/O, no clock."""

from collections.abc import Callable, Iterator

from .port import Key
from .record import Record

__all__ = ["Cooling"]

LARGEST_DICTIONARY = 16 * 1024
"""Bytes; zlib itself looks back 32 KiB."""


class Cooling:
    """`note` each record that comes in; `find` gives the one that is held under a key now."""

    def __init__(self, find: Callable[[Key], Record | None]) -> None:
        self._find = find
        self._fresh: list[tuple[Key, int]] = []
        self._still: list[tuple[Key, int]] = []
        self._dictionaries: dict[str, bytes] = {}

    def note(self, record: Record) -> None:
        self._fresh.append((record.key, record.revision))

    def round(self) -> Iterator[None]:
        """Compress what came before the last round and has not changed since: 20 µs for each step.

        What changed in between is not worth the time: it soon leaves the history of changes, and with it the memory.
        """
        due, self._still, self._fresh = self._still, self._fresh, []
        for key, revision in due:
            record = self._find(key)
            if record is not None and record.revision == revision:
                record.cool(self._dictionary(record))
                yield

    def _dictionary(self, record: Record) -> bytes:
        """An object of the kind; a new one when one comes that says more, so there are few of each kind."""
        body, known = record.json, self._dictionaries.get(record.key.resource, b"")
        if not known or 2 * len(known) < len(body) <= LARGEST_DICTIONARY:
            known = self._dictionaries[record.key.resource] = body[:LARGEST_DICTIONARY]
        return known
