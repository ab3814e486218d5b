"""Where each binding goes. Keys are bindings; the decision is `scheduler.outcome.schedule`.

Whom a change of a cluster may move is for `wishes` to say, when those that failed are tried again for
`scheduler.attempts`, and where the others of a binding's groups are for `scheduler.groups`.
"""

import asyncio
from collections.abc import Mapping

from flotilla_common.objects import Obj, meta_of
from flotilla_common.runtime.queue import KeyQueue

from ..quota.limits import QuotaExceeded
from ..scheduler.asking import question_of
from ..scheduler.assumptions import Assumptions
from ..scheduler.attempts import MOST, Attempts
from ..scheduler.groups import NOBODY, Company, Groups
from ..scheduler.outcome import refused, schedule
from ..scheduler.telling import told
from ..store.objects import Event, Record
from ..store.port import Key
from ..strategies.serving import next_look, reads_health
from .changes import cluster_change, placement_may_change, spec_changed
from .controller import BINDINGS, CLUSTER_BINDINGS, LIVE, MANY, RESYNC, Hub, is_binding
from .estimates import Estimates
from .first_place import FirstPlace
from .gather import Gathered
from .lenses import CLUSTERS
from .quota_ledger import QUOTAS
from .wishes import Wishes, failure_of

__all__ = ["SchedulerController"]

_AT_ONCE, _MOST = 10_000, 1.0
"""Clusters a second that may join without waiting for each other, and the longest such wait in seconds."""

_WAITING = 64
"""Workers where agents are asked: a question holds one until the farthest agent has answered."""

_PRIORITY = b'"schedulePriority"'


class SchedulerController:
    name = "scheduler"
    workers = MANY

    def __init__(self, hub: Hub, estimates: Estimates | None = None) -> None:
        self.queue: KeyQueue[Key] = KeyQueue(max_delay=MOST, importance=self._importance)
        self._hub = hub
        self.first_place = FirstPlace(hub)
        self._estimates = estimates
        if estimates is not None:
            self.workers = _WAITING
        self._profile = hub.rules.scheduling
        self._clock = asyncio.get_running_loop().time
        self._wishes = Wishes(self._profile)
        self._touched = Gathered[Key](self._look_again, self._pause)
        self._attempts = Attempts[Key]()
        self._groups = Groups[Key]()
        self._assumptions = Assumptions[Key]()
        self._priorities: dict[Key, int] = {}
        """Of bindings whose policy gives them one other than zero."""
        self._writing: dict[Key, Obj] = {}
        """What is being written: the event that follows is no news, as deciding once more would change nothing."""

    def notice(self, event: Event) -> None:
        key = event.record.key
        if is_binding(key):
            self._notice_binding(key, event)
        elif key.resource == CLUSTERS:
            self._notice_cluster(event)
        elif key.resource == QUOTAS:
            refused = self._attempts.failed_for(QuotaExceeded.reason)
            self._touched.add(waiting for waiting in refused if waiting.namespace == key.namespace)

    def resync(self) -> None:
        for resource in (BINDINGS, CLUSTER_BINDINGS):
            for record in self._hub.objects.list(resource).items:
                self._learn(record)
                self.queue.add(record.key, RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        estimates = await self._estimated(key) if self._estimates else {}
        binding = self._hub.objects.look(key)
        if binding is None or meta_of(binding).get("deletionTimestamp"):
            self._forget(key)
            return None
        company = self._company_of(key, binding)
        snapshot, now = self._hub.lenses.snapshot(), self._hub.now()
        after = schedule(
            binding,
            snapshot,
            now,
            profile=self._profile,
            company=company,
            estimates=estimates,
            assumed=self._assumptions,
        )
        # Before anything is awaited: a cluster that changes meanwhile must find it, and others the room it takes.
        self._wishes.note(key, after or binding)
        stored = await self._place(key, binding, after) if after is not None else binding
        self._tell(binding, stored)
        waits = self._settle(key, stored), next_look(stored, snapshot, now, self._profile)
        return min((seconds for seconds in waits if seconds is not None), default=None)

    async def _estimated(self, key: Key) -> Mapping[str, int]:
        """What agents answer; what changes meanwhile brings the binding back here."""
        binding = self._hub.objects.look(key)
        if self._estimates is None or binding is None:
            return {}
        company, snapshot = self._company_of(key, binding), self._hub.lenses.snapshot()
        question = question_of(binding, snapshot, self._profile, self._estimates.settings, company)
        return await self._estimates.ask(question) if question else {}

    def _company_of(self, key: Key, binding: Obj) -> Company:
        return self._groups.company_of(key, binding) if self._profile.has_groups else NOBODY

    async def _place(self, key: Key, before: Obj, after: Obj) -> Obj:
        """The binding as it then is; the room it takes is taken at once, and given back when it cannot be stored."""
        if not self._profile.has_assumptions:
            return await self._store(key, before, after)
        self._assumptions.expire(self._clock())
        self._assumptions.assume(key, before, after, self._clock())
        stored = before
        try:
            stored = await self._store(key, before, after)
        finally:
            if stored is not after:
                self._assumptions.release(key)
        return stored

    async def _store(self, key: Key, before: Obj, after: Obj) -> Obj:
        """The binding as it then is: where a quota leaves no room it only says so."""
        try:
            await self._write(key, after)
        except QuotaExceeded as err:
            said = refused(before, err.reason, str(err), self._hub.now())
            if said is None:
                return before
            await self._write(key, said)
            return said
        return after

    async def _write(self, key: Key, binding: Obj) -> None:
        self._writing[key] = binding
        try:
            await self._hub.objects.update(key, binding)
        finally:
            del self._writing[key]

    def _settle(self, key: Key, binding: Obj) -> float | None:
        is_wishing = self._wishes.note(key, binding)
        return self._attempts.settle(key, failure_of(binding) if is_wishing else "", self._clock())

    def _tell(self, before: Obj, after: Obj) -> None:
        for about, severity, reason, message in told(before, after):
            self._hub.events.note(about, severity, reason, message)

    def _notice_cluster(self, event: Event) -> None:
        if placement_may_change(event):
            self._touched.add(self._wishes.moved_by(cluster_change(event)))
        elif self._wishes.lack_room:
            self._touched.add(self._wishes.helped_by(cluster_change(event)))

    def _notice_binding(self, key: Key, event: Event) -> None:
        if event.type == "DELETED":
            self._touched.add(self._groups.forget(key))
            self._forget(key)
            return
        if self._profile.has_assumptions and event.old is not None:
            self._assumptions.land(key, event.old.seen(), event.record.seen())
        if spec_changed(event) or _is_told_what_moves_it(event):
            self._learn(event.record)
            if self.first_place.stands(event):
                if self._profile.has_assumptions:
                    self._assumptions.assume(key, {}, event.record.seen(), self._clock())
                self._settle(key, event.record.seen())
                self._tell({}, event.record.seen())
            elif key not in self._writing or self._writing[key].get("spec") != event.record.seen().get("spec"):
                self._attempts.forget(key)
                self.queue.add(key, LIVE)

    def _learn(self, record: Record) -> None:
        """What has to be known of a binding before its turn comes: its priority, and the company it is in."""
        if self._profile.has_priorities and _PRIORITY in record.json:
            self._priorities[record.key] = _priority_of(record.seen())
        else:
            self._priorities.pop(record.key, None)
        if self._profile.has_groups:
            self._touched.add(self._groups.note(record.key, record.seen()))

    def _importance(self, key: Key) -> int:
        return self._priorities.get(key, 0)

    def _look_again(self, key: Key) -> None:
        """Something may help it, or move it; what failed waits until its back-off is over."""
        patience = self._attempts.patience(key, self._clock())
        if patience > 0:
            self.queue.hasten(key, patience)
        else:
            self.queue.add(key, LIVE + 1)

    def _pause(self) -> float:
        """What goes everywhere takes longer to write the more clusters there are, and each that joins asks for it."""
        return min(_MOST, len(self._hub.lenses.clusters()) / _AT_ONCE)

    def _forget(self, key: Key) -> None:
        self._wishes.forget(key)
        self._attempts.forget(key)
        self._groups.forget(key)
        self._assumptions.release(key)
        self._priorities.pop(key, None)
        self.queue.forget(key)


def _priority_of(binding: Obj) -> int:
    given = ((binding.get("spec") or {}).get("schedulePriority") or {}).get("priority")
    return given if isinstance(given, int) else 0  # an older release may have stored what nobody can read


def _is_told_what_moves_it(event: Event) -> bool:
    """Status writes, of which there are several per binding, seldom matter: where a strategy reads them."""
    new = event.record.seen()
    return event.old is not None and reads_health(new) and _told(event.old.seen()) != _told(new)


def _told(binding: Obj) -> object:
    return (binding.get("status") or {}).get("aggregatedStatus")
