"""Which clusters are heard of, since when not, and whether what they hold is what was published. Does no I/O."""

from collections.abc import Callable

__all__ = ["Holding", "Presence"]

Holding = tuple[int, int]
"""How many Works, and their folded digests."""


class Presence:
    """`clock` gives seconds that only rise; `grace` is how many of them a cluster may be silent."""

    def __init__(self, clock: Callable[[], float], grace: float) -> None:
        self._clock = clock
        self._grace = grace
        self._started = clock()
        self._expected: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._differing: dict[str, tuple[Holding, int]] = {}

    def expect(self, cluster: str) -> None:
        """It has just joined, and has the whole grace period to be heard for the first time."""
        self._expected[cluster] = self._clock()

    def forget(self, cluster: str) -> None:
        for held in (self._expected, self._heard, self._differing):
            held.pop(cluster, None)

    def hear(self, cluster: str) -> bool:
        """It lives. Whether that is news."""
        is_news = cluster not in self._heard or self.is_silent(cluster)
        self._heard[cluster] = self._clock()
        return is_news

    def compare(self, cluster: str, held: Holding, published: Holding) -> bool:
        """Whether a message was lost, so that the cluster is to be asked to read everything again.

        That is so when nothing was published between two heartbeats and yet the agent does not hold it: then it is not
        on its way. What asking does not cure, as with a Work its agent refuses, is asked for more and more rarely.
        """
        if held == published:
            self._differing.pop(cluster, None)
            return False
        before, times = self._differing.get(cluster, (None, 0))
        times = times + 1 if before == published else 1
        self._differing[cluster] = (published, times)
        return times > 1 and times.bit_count() == 1

    def was_heard(self, cluster: str) -> bool:
        """Since this hub started."""
        return cluster in self._heard

    def is_silent(self, cluster: str) -> bool:
        return self.patience(cluster) <= 0

    def patience(self, cluster: str) -> float:
        """Seconds until it counts as silent."""
        last = self._heard.get(cluster, self._expected.get(cluster, self._started))
        return self._grace - (self._clock() - last)
