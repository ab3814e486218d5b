"""In the place of engine and cluster: a Work is applied at once, or after a delay, written down and reported."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from flotilla_agent.engine import report as reports
from flotilla_agent.engine.target import Facts
from flotilla_common.kinds import replicas_of
from flotilla_common.messages import ObjectReport, WorkMessage, WorkReport
from flotilla_common.objects import Obj, decode, ref_of

from .journal import LeanJournal

__all__ = ["Applied", "StubCluster", "StubEngine", "now"]


def now() -> float:
    """Seconds of CLOCK_MONOTONIC: the same clock in every process of this machine."""
    return time.monotonic_ns() / 1e9


class Applied(NamedTuple):
    """One object written, or removed, in one cluster. `what`: Kind namespace/name."""

    cluster: str
    what: str
    at: float


class StubCluster:
    """What the link asks a target for: the cluster's own status, the same at every look."""

    def __init__(self, status: Obj) -> None:
        self._facts = Facts(status)

    async def facts(self) -> Facts:
        return self._facts


class StubEngine:
    """`offer` as the engine's. `log` is told of each write; only a Work that differs from the last one is written."""

    def __init__(
        self, journal: LeanJournal, report: Callable[[WorkReport], None], log: Callable[[Applied], None], delay: float
    ) -> None:
        self._journal = journal
        self._report = report
        self._log = log
        self._delay = delay

    def offer(self, names: Iterable[str]) -> None:
        for name in names:
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._carry_out, name)
            else:
                self._carry_out(name)

    def _carry_out(self, name: str) -> None:
        message = self._journal.take(name)
        if message is None or (message.suspended and not message.deleted):
            return
        if message.deleted:
            self._log(Applied(message.cluster, f"Work {name}", now()))
            self._report(reports.removed(message))
            self._journal.forget(name)
        else:
            objects = [self._apply(message, n, decode(body)) for n, body in enumerate(message.manifests)]
            self._report(reports.work_report(message, objects))

    def _apply(self, message: WorkMessage, ordinal: int, manifest: Obj) -> ObjectReport:
        ref = ref_of(manifest)
        self._log(Applied(message.cluster, f"{ref.gvk.kind} {ref.namespace}/{ref.name}", now()))
        return reports.object_report(ref, ordinal, _as_controllers_leave_it(manifest))


def _as_controllers_leave_it(manifest: Obj) -> Obj:
    """All replicas ready at once: the report then has the size that a settled one has."""
    count, _ = replicas_of(manifest)
    if not count:
        return manifest
    counters = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return {**manifest, "status": {**dict.fromkeys(counters, count), "observedGeneration": 1}}
