"""Why a binding's Work in a cluster is not what it should be: found when it is built or sent, told in its status."""

import logging
from collections.abc import Callable, Mapping

from ..store.port import Key

__all__ = ["Troubles"]

log = logging.getLogger(__name__)


class Troubles:
    """Kept in memory only: a hub that starts builds every Work again, and finds them again."""

    def __init__(self) -> None:
        self._held: dict[Key, dict[str, str]] = {}
        self._listeners: list[Callable[[Key], None]] = []

    def subscribe(self, listener: Callable[[Key], None]) -> None:
        """`listener` is told of bindings whose troubles changed; it must only note it and return."""
        self._listeners.append(listener)

    def of(self, binding: Key) -> Mapping[str, str]:
        """Cluster → what is wrong."""
        return self._held.get(binding, {})

    def at(self, cluster: str) -> list[Key]:
        """The bindings with a trouble in this cluster."""
        return [binding for binding, found in self._held.items() if cluster in found]

    def note(self, binding: Key, found: Mapping[str, str]) -> bool:
        """All there is to say of this binding; an empty map says that nothing is wrong any more.

        Returns whether that is news.
        """
        if self._held.get(binding, {}) == found:
            return False
        self._held.pop(binding, None)
        if found:
            self._held[binding] = dict(found)
            log.warning("Works cannot be made", extra={"binding": str(binding), "why": dict(found)})
        for listener in self._listeners:
            listener(binding)
        return True
