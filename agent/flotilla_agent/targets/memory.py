"""A simulated cluster: a Target that keeps its objects in memory and plays the workload controllers' part.

It stands in for a real cluster in the demo and in tests, under the same contract. It knows no admission webhooks, no
defaults and no field of an object beyond those it simulates.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime
from pathlib import Path

from flotilla_common.errors import Conflict, FieldError, Invalid, Unavailable
from flotilla_common.node_grades import default_grades, digest_of_grades
from flotilla_common.objects import GVK, Obj, Ref, meta_of, ref_of

from ..engine.inventory import Identity, identity
from ..engine.target import Facts, Missing, Seen, Synced
from ..estimate.nodes import NodeBook
from .apis import BUILT_IN, of_crd
from .memory_facts import summary, unreachable
from .memory_rooms import book_of
from .memory_settings import MemorySettings
from .memory_store import MemoryStore
from .memory_watch import MemoryWatch
from .merge import aged, applicable, contested, merged
from .simulated import Place, is_same, settled

__all__ = ["MemoryTarget"]

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_DEFINITION = ("apiextensions.k8s.io", "CustomResourceDefinition")
_AT_ONCE = ("Namespace", "CustomResourceDefinition")


class MemoryTarget:
    """A Target. Beside the port, `put`, `remove` and `find` are the hands of others, and `writes` is what we did."""

    def __init__(self, settings: MemorySettings = MemorySettings()) -> None:  # noqa: B008 - frozen
        """Make it where a loop runs: a cluster that comes back from its file has workloads that still get ready."""
        self._settings = settings
        if settings.state:
            Path(settings.state).parent.mkdir(parents=True, exist_ok=True)
        self._store = MemoryStore(settings.state)
        self._apis = {api.gvk: api for api in (*BUILT_IN, *settings.apis)}
        self._timers: dict[Identity, asyncio.TimerHandle] = {}
        self._watches: set[MemoryWatch] = set()
        self._status: Obj = {}
        self._is_reachable = True
        self._grades = default_grades()
        for key, obj in self._objects():
            self._learn(key, obj)
            self._settle_later(key)
        for name in settings.namespaces:
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            if self.find(ref_of(namespace)) is None:
                self.put(namespace)

    @property
    def writes(self) -> dict[Ref, int]:
        """How often we changed each object, over all lives of the cluster. Versions are left out of the refs."""
        counts = self._store.writes.items()
        return {Ref(GVK(key.group, "", key.kind), key.namespace, key.name): count for key, count in counts}

    # --- the port

    async def get(self, ref: Ref) -> Obj | None:
        self._reach()
        return self.find(ref)

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        self._reach()
        ref, key = ref_of(obj), identity(ref_of(obj))
        self._check_place(ref)
        live, last, desired = self._store.get(key), self._store.applied(key), applicable(obj)
        _check_uid(ref, live, meta_of(obj).get("uid"))
        if live is None:
            return self._write(key, _born(desired), desired)
        if not force and (fields := contested(live, last, desired)):
            raise Conflict(
                f"cannot apply {ref}: others have set {', '.join(fields)}; apply with force to take them over"
            )
        after = aged(live, merged(live, last, desired))
        return live if after == live else self._write(key, after, desired)

    async def release(self, ref: Ref, *, uid: str, labels: tuple[str, ...], annotations: tuple[str, ...]) -> None:
        self._reach()
        live = self.find(ref)
        if live is None:
            return
        _check_uid(ref, live, uid)
        for part, keys in (("labels", labels), ("annotations", annotations)):
            live["metadata"][part] = {k: v for k, v in (live["metadata"].get(part) or {}).items() if k not in keys}
        self._write(identity(ref), live, self._store.applied(identity(ref)))

    async def delete(self, ref: Ref, *, uid: str | None = None) -> None:
        self._reach()
        live = self.find(ref)
        if live is not None:
            _check_uid(ref, live, uid)
            with self._store.at_once():
                self._store.count(identity(ref))
                self.remove(ref)

    async def watch(self, gvk: GVK) -> AsyncGenerator[Seen | Synced, None]:
        watch = MemoryWatch(gvk)
        stop = self._store.subscribe(watch.see)
        self._watches.add(watch)
        try:
            for key, obj in self._objects():
                watch.see(key, obj)
            if self._is_reachable:
                watch.sync()
            while True:
                for event in await watch.take():
                    yield event
        finally:
            stop()
            self._watches.discard(watch)

    async def facts(self) -> Facts:
        place = Place(self._settings.nodes, _now())
        objects = (obj for _, obj in self._objects())
        if self._is_reachable:
            version = self._settings.version
            self._status = summary(self._status, objects, self._apis.values(), version, place, self._grades)
        else:
            self._status = unreachable(self._status, place.now)
        return Facts(self._status, digest_of_grades(self._grades))

    def grade_nodes(self, grades: list[Obj]) -> None:
        self._grades = grades

    async def rooms(self, patience: float, *, quotas: bool = False) -> NodeBook | None:
        return book_of((obj for _, obj in self._objects()), self._settings.nodes) if self._is_reachable else None

    async def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._store.close()

    # --- others in the cluster, for tests and demos

    @property
    def reachable(self) -> bool:
        """Whether the cluster answers; set it to cut it off, and back to heal it."""
        return self._is_reachable

    @reachable.setter
    def reachable(self, value: bool) -> None:
        self._is_reachable = value
        for watch in self._watches:
            watch.sync() if value else watch.hold()

    def find(self, ref: Ref) -> Obj | None:
        """The object, whether the cluster answers or not."""
        return self._store.get(identity(ref))

    def put(self, obj: Obj) -> Obj:
        """Somebody else writes the whole object."""
        key = identity(ref_of(obj))
        live = self._store.get(key)
        return self._write(key, _born(obj) if live is None else aged(live, obj))

    def remove(self, ref: Ref) -> None:
        """Somebody deletes it, and what lives in it."""
        key = identity(ref)
        gone = self._store.get(key)
        if gone is None:
            return
        self._store.remove(key)
        if (key.group, key.kind) == ("", "Namespace"):
            self._remove_all(k for k in self._store if k.namespace == key.name)
        if (key.group, key.kind) == _DEFINITION:
            for api in of_crd(gone):
                self._apis.pop(api.gvk, None)
                self._remove_all(k for k in self._store if (k.group, k.kind) == (api.gvk.group, api.gvk.kind))

    # --- inside

    def _reach(self) -> None:
        if not self._is_reachable:
            raise Unavailable("the simulated cluster is cut off; it answers again when it is healed")

    def _check_place(self, ref: Ref) -> None:
        api = self._apis.get(ref.gvk)
        if api is None:
            raise Missing(f"cannot apply {ref}: the cluster does not serve {ref.gvk}; install its CRD there")
        if not _NAME.fullmatch(ref.name):
            raise Invalid(str(ref), [FieldError("metadata.name", "must be lower case letters, digits, '-' or '.'")])
        if api.is_namespaced != bool(ref.namespace):
            need = "must be set" if api.is_namespaced else "must be empty"
            raise Invalid(str(ref), [FieldError("metadata.namespace", need)])
        if ref.namespace and self._store.get(Identity("", "Namespace", "", ref.namespace)) is None:
            raise Missing(f"cannot apply {ref}: namespace {ref.namespace} does not exist")

    def _objects(self) -> list[tuple[Identity, Obj]]:
        return [(key, obj) for key in self._store if (obj := self._store.get(key)) is not None]

    def _write(self, key: Identity, obj: Obj, applied: Obj | None = None) -> Obj:
        """Store it, as the agent's doing if `applied` is given; returns a copy of what is there then."""
        self._learn(key, obj)
        with self._store.at_once():
            if applied is not None:
                self._store.count(key)
            stored = self._store.put(key, obj, applied)
        self._settle_later(key)
        return self._store.get(key) or stored

    def _learn(self, key: Identity, obj: Obj) -> None:
        if (key.group, key.kind) == _DEFINITION:
            self._apis.update({api.gvk: api for api in of_crd(obj)})

    def _settle_later(self, key: Identity) -> None:
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()
        if self._settings.settle == 0 or key.kind in _AT_ONCE:
            self._settle(key)
        else:
            self._timers[key] = asyncio.get_running_loop().call_later(self._settings.settle, self._settle, key)

    def _settle(self, key: Identity) -> None:
        """The controllers have done their part."""
        self._timers.pop(key, None)
        live = self._store.get(key)
        status = settled(live, Place(self._settings.nodes, _now())) if live else None
        if live is not None and status is not None and not is_same(status, live.get("status")):
            self._store.put(key, {**live, "status": status})

    def _remove_all(self, keys: Iterable[Identity]) -> None:
        for key in tuple(keys):
            self._store.remove(key)


def _check_uid(ref: Ref, live: Obj | None, uid: str | None) -> None:
    if uid and (live is None or meta_of(live).get("uid") != uid):
        raise Conflict(f"{ref} is not the object with uid {uid} any more; look at it again")


def _born(obj: Obj) -> Obj:
    meta = {**obj["metadata"], "uid": str(uuid.uuid4()), "creationTimestamp": _now(), "generation": 1}
    return {**obj, "metadata": meta}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
