"""What a connection does and says while its server is away: tries again with jitter, warns once of each trouble."""

import logging
import random
from collections.abc import Callable
from typing import Any

from nats.aio.client import Server

from .refusals import words_of

__all__ = ["Trouble", "jittered"]

log = logging.getLogger(__name__)

_REMEMBERED = 100


def jittered(first: float, most: float) -> Callable[[list[Server], dict[str, Any]], tuple[Server | None, float]]:
    """Chooses the server tried least, and a pause that doubles from `first` to `most` seconds.

    A thousand agents that lost the same server must not come back in the same instant.
    """

    def choose(servers: list[Server], _info: dict[str, Any]) -> tuple[Server | None, float]:
        if not servers:
            return None, first
        server = min(servers, key=lambda s: s.reconnects)
        ceiling = min(most, first * 2 ** min(server.reconnects, 20))
        return server, random.uniform(ceiling / 2 if server.reconnects else 0.0, ceiling)

    return choose


class Trouble:
    """What the client reports: a warning for what is new, no more than a debug line for what goes on."""

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._told: set[str] = set()

    async def note(self, err: Exception) -> None:
        why = words_of(err)
        level = logging.DEBUG if why in self._told else logging.WARNING
        log.log(level, "NATS client reports trouble", extra={"connection": self._connection, "error": why})
        if len(self._told) < _REMEMBERED:
            self._told.add(why)

    def over(self) -> None:
        """The connection is back: the next trouble is news again."""
        self._told.clear()
