"""Asks agents how much more fits into their clusters, all at once, and waits no longer than it was told to.

A cluster that does not answer is asked again, but not waited for until it has answered once: one mute agent must cost
one wait, not one for each decision.
"""

import asyncio
import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count

from nats.aio.msg import Msg

from flotilla_common.bus import Bus
from flotilla_common.errors import Retryable, Terminal
from flotilla_common.messages import UNSCHEDULABLE, EstimateAnswer, EstimateRequest
from flotilla_common.objects import encode
from flotilla_common.subjects import ANY, control, estimate, parse_estimate

from ..scheduler.asking import Estimating, Question

__all__ = ["Estimates"]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """One question: who has still to answer, and what the others said."""

    awaited: set[str]
    said: dict[str, int] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, cluster: str, value: int) -> None:
        self.said[cluster] = value
        self.awaited.discard(cluster)
        if not self.awaited:
            self.done.set()


class Estimates:
    """`run` it, and `ask`."""

    def __init__(self, bus: Bus, estimating: Estimating) -> None:
        self.settings = estimating
        self._bus = bus
        self._waiting: dict[str, _Waiting] = {}
        self._mute: set[str] = set()
        self._life, self._ids = secrets.token_hex(4), count(1)
        """A late answer to an earlier hub must not pass for one to this."""

    async def run(self) -> None:
        """Until cancelled: hears the answers."""
        async with self._bus.listening(estimate(ANY), self._hear):
            await asyncio.Event().wait()

    async def ask(self, question: Question) -> Mapping[str, int]:
        """Cluster → its answer; those that said nothing, or that they do not know, are not in it."""
        id_ = f"{self._life}-{next(self._ids):x}"
        waiting = self._waiting[id_] = _Waiting(set(question.clusters) - self._mute)
        try:
            async with asyncio.timeout(self.settings.timeout):
                await self._send(question, id_)
                if waiting.awaited:
                    await waiting.done.wait()
        except TimeoutError:
            self._mute |= waiting.awaited
            log.info("clusters gave no estimate in time", extra={"clusters": sorted(waiting.awaited)})
        except Retryable as err:
            log.info("clusters cannot be asked for estimates", extra={"error": str(err)})
        finally:
            del self._waiting[id_]
        return {cluster: value for cluster, value in waiting.said.items() if value >= 0}

    async def unschedulable(
        self, clusters: Iterable[str], workload: Mapping[str, str], threshold: float
    ) -> Mapping[str, int]:
        """How many pods of a workload have waited in vain for a node for over `threshold` seconds, by cluster.

        `workload`: its apiVersion, kind, namespace and name.
        """
        return await self.ask(Question(tuple(clusters), UNSCHEDULABLE, encode({**workload, "threshold": threshold})))

    async def _send(self, question: Question, id_: str) -> None:
        for cluster in question.clusters:
            request = EstimateRequest(
                cluster, id_, question.what, question.body, question.quotas, self.settings.timeout
            )
            await self._bus.say(control(cluster, "estimate"), request.pack())

    def _hear(self, message: Msg) -> None:
        try:
            answer, cluster = EstimateAnswer.unpack(message.data), parse_estimate(message.subject)
        except (Terminal, ValueError):
            return
        # The subject is what the server let its sender write to; what is inside is only a claim.
        self._mute.discard(cluster)
        waiting = self._waiting.get(answer.id)
        if waiting is not None:
            waiting.take(cluster, answer.value)
