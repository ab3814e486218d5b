"""Works from NATS into the journal, and their names to the engine. Nothing is acted on before it is on disk."""

import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing

from flotilla_common.bus import Bus, Entry, Feed
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage
from flotilla_common.subjects import WORKS, WorkSubject, agent_consumer

from ..journal import Journal

__all__ = ["Inbox"]

log = logging.getLogger(__name__)

OVERLAP = 500
"""Sequences looked at once more after a reconnect; only this cluster's Works among them are sent."""


class Inbox:
    """`offer` is told the names of Works that arrived or changed."""

    def __init__(self, bus: Bus, cluster: str, journal: Journal, offer: Callable[[Iterable[str]], None]) -> None:
        self._journal = journal
        self._offer = offer
        self._feed = Feed(
            bus, WORKS, cluster, consumer=agent_consumer(cluster), since=journal.last_revision, overlap=OVERLAP
        )

    def catch_up_fully(self) -> None:
        """Read every Work again: the hub noticed that we do not hold what it published."""
        self._feed.catch_up(since=0)

    async def run(self) -> None:
        async with aclosing(self._feed.batches()) as batches:  # type: ignore[type-var]
            async for batch in batches:
                accepted = [(name, entry.revision, entry.data) for entry in batch if (name := self._name(entry))]
                if changed := self._journal.put_works(accepted):
                    self._offer(changed)

    def _name(self, entry: Entry) -> str:
        """Empty for what is not ours to apply; it is said once, in the log, and the rest goes on."""
        try:
            message = WorkMessage.unpack(entry.data)
        except Terminal as err:
            log.error("a Work was refused", extra={"subject": entry.subject, "error": str(err)})
            return ""
        if (message.cluster, message.name) != WorkSubject.parse(entry.subject):
            # Only a forged message can be: the subject says one thing, the hub's envelope another.
            claim = f"{message.cluster}/{message.name}"
            log.error("a Work under a foreign name was refused", extra={"subject": entry.subject, "for": claim})
            return ""
        return message.name
