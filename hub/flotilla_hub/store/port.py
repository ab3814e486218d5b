"""The Store port: last values by key, compare-and-set, a watch that resumes. Two stores keep it under one contract.

A revision is a number of the whole store: every write takes the next one, and it becomes the object's resourceVersion.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

__all__ = ["Change", "Key", "Listing", "Store", "Stored"]


class Key(NamedTuple):
    """`resource` is `plural.group` (`deployments.apps`, `namespaces`); `namespace` is empty for cluster scope."""

    resource: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.resource} {where}"


class Stored(NamedTuple):
    """`body` is what was written, byte for byte."""

    key: Key
    revision: int
    body: bytes


class Change(NamedTuple):
    """One write as a watcher sees it; `body` is None for a deletion."""

    key: Key
    revision: int
    body: bytes | None


class Listing(NamedTuple):
    items: Sequence[Stored]
    revision: int
    """Everything up to and including this revision is in `items`; a watch from here misses nothing."""


class Store(Protocol):
    """Every method raises Unavailable when the store cannot be reached; nothing is written then, or it is not known."""

    async def get(self, key: Key) -> Stored | None: ...

    async def list(self) -> Listing: ...

    async def write(self, key: Key, body: bytes, expected: int) -> int:
        """The new revision. `expected` is the revision replaced, 0 for a key that must not exist.

        Raises Conflict when another write came first.
        """
        ...

    async def delete(self, key: Key, expected: int) -> int:
        """The revision of the deletion. Raises Conflict when another write came first, or the key is gone."""
        ...

    def watch(self, since: int) -> AsyncIterator[Change]:
        """Every key's changes after `since`, in order, each once, then live. Several writes of one key may come as its
        last. Raises Expired when deletions after `since` have been compacted away, or `since` lies in the future (the
        store was restored from a backup).
        """
        ...

    async def compact(self, before: int) -> None:
        """Forget deletions up to and including `before`; a watch from an older revision is Expired from then on."""
        ...

    async def close(self) -> None: ...
