"""A FederatedResourceQuota's shares in the members, and what is used of it. Keys are quotas."""

from collections.abc import Iterable

from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, name_of, namespace_of
from flotilla_common.runtime.queue import KeyQueue
from flotilla_common.subjects import WorkSubject

from ..dispatch.entry import WorkEntry
from ..quota.status import quota_status
from ..quota.works import assignments, quota_work
from ..store.objects import Event
from ..store.port import Key
from .controller import LIVE, RESYNC, Hub, is_binding, key_of_origin
from .lenses import CLUSTERS
from .quota_ledger import QUOTAS, QuotaLedger

__all__ = ["QuotaController"]

_ORIGIN = "quota:"


class QuotaController:
    """`ledger`: what bindings use, where the hub enforces quotas."""

    name = "quota"
    workers = 2

    def __init__(self, hub: Hub, ledger: QuotaLedger | None) -> None:
        self.queue: KeyQueue[Key] = KeyQueue()
        self._hub = hub
        self._ledger = ledger

    def notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == QUOTAS:
            if (
                event.old is None
                or event.type == "DELETED"
                or event.old.obj().get("spec") != event.record.obj().get("spec")
            ):
                self.queue.add(key)
        elif key.resource == CLUSTERS:
            if event.type != "MODIFIED":
                self._add_all(LIVE)
        elif is_binding(key) and key.namespace and (self._ledger or event.type == "DELETED"):
            # Also where nothing is charged: a binding that goes may have had a Work of ours.
            self._add_all(LIVE, key.namespace)

    def notice_work(self, _subject: WorkSubject, entry: WorkEntry) -> None:
        if entry.origin.startswith(_ORIGIN) and entry.report is not None:
            self.queue.add(_key_of(entry.origin))

    def resync(self) -> None:
        self._add_all(RESYNC)
        for origin in self._hub.works.origins():
            if origin.startswith(_ORIGIN):
                self.queue.add(_key_of(origin), RESYNC)

    async def reconcile(self, key: Key) -> float | None:
        quota, origin = self._hub.objects.get(key), _origin_of(key)
        held = self._hub.works.of_origin(origin)
        if quota is None or quota["metadata"].get("deletionTimestamp"):
            await self._hub.works.bury(subject for subject, _ in held)
            return None
        shares = assignments(quota)
        await self._hub.works.bury(subject for subject, _ in held if subject.cluster not in shares)
        await self._share_out(quota, shares, origin)
        await self._tell(key, quota, origin)
        return None

    async def _share_out(self, quota: Obj, shares: Iterable[str], origin: str) -> None:
        clusters = self._hub.lenses.clusters()
        living = [name for name in shares if name in clusters and not clusters[name].terminating]
        messages = [quota_work(quota, name) for name in living]
        # Where a policy propagates a ResourceQuota of the same name, the binding's Work is the one.
        fresh = [m for m in messages if self._hub.works.differs(m) and not self._is_bindings(m)]
        refused = await self._hub.works.publish(fresh, origin)
        what = f"works for FederatedResourceQuota({namespace_of(quota)}/{name_of(quota)})"
        if refused:
            why = "; ".join(f"{subject.cluster}: {error}" for subject, error in refused.items())
            self._hub.events.note(quota, "Warning", "SyncFederatedResourceQuotaFailed", f"Sync {what} failed: {why}")
            raise Terminal(why)
        if fresh:
            self._hub.events.note(quota, "Normal", "SyncFederatedResourceQuotaSucceed", f"Sync {what} succeed.")

    async def _tell(self, key: Key, quota: Obj, origin: str) -> None:
        works = self._hub.works.of_origin(origin)
        reports = {s.cluster: e.report for s, e in works if e.report is not None and not e.deleted}
        charged = self._ledger.of_namespace(key.namespace) if self._ledger else None
        after = quota_status(quota, reports, charged)
        if after is not None:
            await self._hub.objects.update(key, after)

    def _is_bindings(self, message: WorkMessage) -> bool:
        entry = self._hub.works.get(WorkSubject(message.cluster, message.name))
        return entry is not None and not entry.deleted and key_of_origin(entry.origin) is not None

    def _add_all(self, priority: int, namespace: str = "") -> None:
        for record in self._hub.objects.list(QUOTAS, namespace).items:
            self.queue.add(record.key, priority)


def _origin_of(key: Key) -> str:
    return f"{_ORIGIN}{key.namespace}/{key.name}"


def _key_of(origin: str) -> Key:
    return Key(QUOTAS, *origin.removeprefix(_ORIGIN).split("/"))
