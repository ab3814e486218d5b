"""Makes one cluster hold its Works: keys from a queue, a plan for each, its steps, one report. Reads nothing from NATS.

The inbox puts a Work into the journal and then offers its name here; `observe` offers the names of Works whose objects
somebody touched. What to do is decided in `plan`.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from flotilla_common.errors import Retryable, Terminal
from flotilla_common.messages import ObjectReport, WorkMessage, WorkReport
from flotilla_common.objects import Obj
from flotilla_common.runtime.loop import run_controller
from flotilla_common.runtime.queue import KeyQueue

from ..journal import Held, Journal
from ..observe import Observer
from ..settings import EngineSettings
from . import report as reports
from .damper import Damper
from .executor import Taken, take
from .inventory import Identity, identity, intent
from .plan import Step, Verb, Wanted, entry_of, intents, plan, read
from .target import Target

__all__ = ["Engine"]

log = logging.getLogger(__name__)
_PLACES = ("Namespace", "CustomResourceDefinition")
"""Kinds whose arrival is what others may be waiting for."""
_WRITES = (Verb.CREATE, Verb.UPDATE, Verb.DELETE, Verb.RELEASE)


class Engine:
    """`offer` what changed, and `run`. `report` is called with each Work's news, latest last, never twice the same."""

    def __init__(
        self,
        target: Target,
        journal: Journal,
        report: Callable[[WorkReport], None],
        settings: EngineSettings = EngineSettings(),  # noqa: B008 - frozen
    ) -> None:
        self._target = target
        self._journal = journal
        self._report = report
        self._settings = settings
        self._queue: KeyQueue[str] = KeyQueue(max_delay=settings.max_delay)
        self._sent: dict[str, WorkReport] = {}
        self._troubled: dict[str, float] = {}
        self._damper = Damper(free=3, first=0.5, longest=settings.longest_peace)
        self._truces: dict[str, asyncio.TimerHandle] = {}
        self._observer = Observer(target, journal, dirty=self._repair, news=self._news, back=self.wake)

    @property
    def pending(self) -> int:
        """Works waiting or in progress, without those that sleep before another try."""
        return len(self._queue)

    def offer(self, names: Iterable[str]) -> None:
        """These Works changed, in the journal or in the cluster. What others live in goes first."""
        for name, turn in self._journal.turns(names):
            self._queue.add(name, turn)

    def wake(self) -> None:
        """The cluster answers again: try at once what failed while it did not."""
        self.offer(tuple(self._troubled))

    async def run(self) -> None:
        """For ever: first look at every Work once, then follow what is offered and what happens in the cluster."""
        self.offer(self._journal.works())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._observer.run(), name="observer")
                await run_controller("engine", self._queue, self.reconcile, workers=self._settings.workers)
        finally:
            for truce in self._truces.values():
                truce.cancel()

    async def reconcile(self, name: str) -> float | None:
        """Make the cluster hold the Work as the journal has it.

        Returns the seconds until the next look, if there is to be one. Raises Retryable to be tried again.
        """
        held = self._journal.work(name)
        if held is None or (held.message.suspended and not held.message.deleted):
            self._troubled.pop(name, None)
            return None
        try:
            taken = await self._carry_out(held)
            _log_writes(name, taken)
            if self._journal.revision(name) != held.revision:
                return None  # another version came in, and with it another turn
            return self._conclude(held.message, taken)
        except Retryable:
            self._troubled.setdefault(name, _now())
            raise
        except Terminal as err:
            self._send(reports.failed(held.message, str(err)))
            return self._settings.second_look

    async def _carry_out(self, held: Held) -> list[Taken]:
        """Look, plan and take the steps. Stops short when another version of the Work comes in meanwhile."""
        message = held.message
        named = read(message)
        inventory = self._journal.inventory(held.name)
        # A tombstone names what its Work was about, for an agent that lost its journal.
        wanted, inventory = ((), {**intents(named), **inventory}) if message.deleted else (named, inventory)
        refs = {identity(ref): ref for ref in (*(e.ref for e in inventory.values()), *(w.ref for w in wanted))}
        live: dict[Identity, Obj | None] = {key: await self._target.get(ref) for key, ref in refs.items()}
        taken = []
        for step in plan(held.name, wanted, live, inventory, preserve=message.preserve):
            if self._journal.revision(held.name) != held.revision:
                break
            taken.append(await self._take(held.name, step))
        return taken

    async def _take(self, work: str, step: Step) -> Taken:
        """One step, noted before and written down after: whenever we die, what we applied is known or found."""
        with self._observer.writing(step.ref):
            if step.is_new:
                self._journal.record(work, intent(step.ref))
            taken = await take(self._target, step)
            if taken.error is None:
                self._write_down(work, taken)
        if step.verb is Verb.CREATE and step.ref.gvk.kind in _PLACES and taken.error is None:
            self.wake()
        return taken

    def _write_down(self, work: str, taken: Taken) -> None:
        step = taken.step
        if step.wanted is None:
            self._journal.drop(work, step.ref)
            self._observer.left(step.ref.gvk)
        elif step.is_ours and taken.live is not None:
            self._journal.record(work, entry_of(step.wanted, taken.live))
            self._observer.follow(step.ref.gvk)

    def _conclude(self, message: WorkMessage, taken: list[Taken]) -> float | None:
        """Report, and settle when the Work is looked at next."""
        errors = [t.error for t in taken if t.error is not None]
        passing = next((err for err in errors if isinstance(err, Retryable)), None)
        if passing is None or self._is_out_of_patience(message.name):
            self._send(_report(message, taken))
        if passing is not None:
            raise passing
        self._troubled.pop(message.name, None)
        if message.deleted and not errors:
            self._journal.forget(message.name)
            self._sent.pop(message.name, None)
            self._damper.forget(message.name)
        meets_others = any(not t.step.is_ours for t in taken)
        return self._settings.second_look if errors or meets_others else None

    def _is_out_of_patience(self, name: str) -> bool:
        return _now() - self._troubled.get(name, _now()) >= self._settings.patience

    def _repair(self, names: Iterable[str]) -> None:
        """Somebody touched what these Works applied."""
        for name in names:
            if name in self._truces:
                continue
            if wait := self._damper.wait(name, _now()):
                self._truces[name] = asyncio.get_running_loop().call_later(wait, self._end_truce, name)
                log.warning("a repair is put off, as it keeps being undone", extra={"work": name, "seconds": wait})
            else:
                self.offer([name])

    def _end_truce(self, name: str) -> None:
        del self._truces[name]
        self.offer([name])

    def _news(self, work: str, ordinal: int, live: Obj) -> None:
        """An object's status may have changed. Before the Work's first report nothing is told: that will have it."""
        last = self._sent.get(work)
        if last is not None:
            self._send(reports.with_status(last, ordinal, live))

    def _send(self, report: WorkReport) -> None:
        if self._sent.get(report.work) != report:
            self._sent[report.work] = report
            self._report(report)


def _report(message: WorkMessage, taken: Iterable[Taken]) -> WorkReport:
    trouble = [str(t.error) for t in taken if t.step.wanted is None and t.error is not None]
    if message.deleted:
        return reports.removed(message, trouble)
    return reports.work_report(message, [_outcome(t, t.step.wanted) for t in taken if t.step.wanted], trouble)


def _outcome(taken: Taken, wanted: Wanted) -> ObjectReport:
    # The status of an object we were refused is its owner's business.
    live = None if taken.step.verb is Verb.REFUSE else taken.live
    error = "" if taken.error is None else str(taken.error)
    return reports.object_report(wanted.ref, wanted.ordinal, live, error=error, note=taken.step.why)


def _log_writes(name: str, taken: Iterable[Taken]) -> None:
    steps = [f"{t.step.verb} {t.step.ref}" for t in taken if t.step.verb in _WRITES and t.error is None]
    if steps:
        log.info("work carried out", extra={"work": name, "steps": steps})


def _now() -> float:
    return asyncio.get_running_loop().time()
