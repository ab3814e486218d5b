"""Follows the applied objects in the cluster: tells the engine whose fields were touched, and what status changed.

One watch for each kind the inventory holds. Nothing is kept here but keys: manifests are read from the journal when an
event asks for them.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager

from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj, Ref

from .engine.inventory import Entry, Identity, identity
from .engine.plan import Wanted, is_ours, is_untouched, read
from .engine.target import Seen, Target
from .journal import Journal

__all__ = ["Observer"]

log = logging.getLogger(__name__)


class Observer:
    """`dirty(works)`: look at these again. `news(work, ordinal, live)`: an object as it now is, with
    our fields untouched. `back()`: the cluster answers.
    """

    def __init__(
        self,
        target: Target,
        journal: Journal,
        *,
        dirty: Callable[[Iterable[str]], None],
        news: Callable[[str, int, Obj], None],
        back: Callable[[], None],
    ) -> None:
        self._target = target
        self._journal = journal
        self._dirty = dirty
        self._news = news
        self._back = back
        self._group: asyncio.TaskGroup | None = None
        self._watches: dict[GVK, asyncio.Task[None]] = {}
        self._echoes: dict[Identity, Seen | None] = {}

    async def run(self) -> None:
        """Watch all applied kinds until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for gvk in self._journal.kinds():
                self.follow(gvk)
            await asyncio.Event().wait()

    def follow(self, gvk: GVK) -> None:
        """The inventory holds an object of this kind."""
        if self._group is not None and gvk not in self._watches:
            self._watches[gvk] = self._group.create_task(self._watch(gvk), name=f"watch {gvk}")

    def left(self, gvk: GVK) -> None:
        """An object of this kind has left the inventory, perhaps the last one."""
        if gvk in self._watches and not self._journal.has_kind(gvk):
            self._watches.pop(gvk).cancel()

    @contextmanager
    def writing(self, ref: Ref) -> Iterator[None]:
        """While our own write is under way its echo waits, to be judged by what the write puts into the inventory."""
        key = identity(ref)
        self._echoes[key] = None
        try:
            yield
        finally:
            echo = self._echoes.pop(key, None)
            if echo is not None:
                self.see(echo)

    def see(self, seen: Seen) -> None:
        """Judge one event."""
        key = identity(seen.ref)
        if key in self._echoes:
            self._echoes[key] = seen
            return
        for work, entry in self._journal.owners(key):
            try:
                self._judge(work, entry, seen.obj)
            except Exception:
                # A defect met by one object's shape must not end the watch over all others.
                log.exception("an event was not understood", extra={"work": work, "object": str(seen.ref)})

    async def _watch(self, gvk: GVK) -> None:
        unseen = {key: work for work, key in self._journal.applied(gvk)}
        async with aclosing(self._target.watch(gvk)) as events:
            async for event in events:
                if isinstance(event, Seen):
                    unseen.pop(identity(event.ref), None)
                    self.see(event)
                    continue
                # What went away while nobody watched is missing from the first pass.
                self._dirty(unseen.values())
                unseen.clear()
                self._back()

    def _judge(self, work: str, entry: Entry, live: Obj | None) -> None:
        item = self._wanted(work, identity(entry.ref))
        if item is None:
            return  # it is about to be removed
        # While a newer manifest waits to be applied, only the object's absence is worth a look.
        is_current = item.digest == entry.digest
        if live is None or not is_ours(live, entry) or (is_current and not is_untouched(item, live, entry)):
            self._dirty([work])
        else:
            self._news(work, item.ordinal, live)

    def _wanted(self, work: str, key: Identity) -> Wanted | None:
        held = self._journal.work(work)
        if held is None or held.message.deleted:
            return None
        try:
            return next((item for item in read(held.message) if identity(item.ref) == key), None)
        except Invalid:
            return None
