"""One simulated cluster with its journal, and the engines that come and go on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from flotilla_agent.engine.engine import Engine
from flotilla_agent.journal import Journal
from flotilla_agent.settings import EngineSettings
from flotilla_agent.targets.memory import MemoryTarget
from flotilla_common.messages import WorkMessage, WorkReport
from flotilla_common.objects import Obj, Ref
from tests.eventually import eventually
from tests.works import row

__all__ = ["Workbench"]


@dataclass
class Workbench:
    """`give` it Works while an engine is `running`; `reports` is what the hub would hear."""

    target: MemoryTarget
    journal: Journal
    reports: list[WorkReport] = field(default_factory=list)
    engine: Engine | None = None
    revision: int = 0
    _task: asyncio.Task[None] | None = None

    @property
    def last(self) -> dict[str, WorkReport]:
        """The latest report of each Work."""
        return {report.work: report for report in self.reports}

    @property
    def writes(self) -> dict[str, int]:
        """How often the agent changed each object, by name."""
        return {ref.name: count for ref, count in self.target.writes.items()}

    def find(self, ref: Ref) -> Obj:
        """The object in the cluster; empty when it is not there."""
        return self.target.find(ref) or {}

    def give(self, *messages: WorkMessage) -> None:
        """As the inbox does: journal first, then the engine."""
        self.revision += 1
        changed = self.journal.put_works(row(m, self.revision) for m in messages)
        if self.engine is not None:
            self.engine.offer(changed)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Engine]:
        """An engine at work; leaving it is its crash, at whatever line it is."""
        engine = self.engine = Engine(self.target, self.journal, self.reports.append, EngineSettings(patience=0.0))
        task = self._task = asyncio.create_task(engine.run())
        try:
            yield engine
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, BaseExceptionGroup):
                await task
            self.engine = None

    async def reported(self, name: str = "w", *, where: Callable[[WorkReport], object] = bool) -> WorkReport:
        """Wait for the last report of a Work to be such."""
        await eventually(lambda: name in self.last and where(self.last[name]))
        return self.last[name]

    async def settled(self) -> None:
        """Until the engine has nothing to do and watches had their say, or until it has died."""
        for _ in range(5):
            await asyncio.sleep(0)
            await eventually(self._is_idle)

    def _is_idle(self) -> bool:
        return self._task is None or self._task.done() or self.engine is None or self.engine.pending == 0
