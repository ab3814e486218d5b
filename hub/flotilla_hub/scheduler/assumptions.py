"""Room that was given away and that no member's report shows yet: what was just placed, until it runs. Pure.

Between a decision and the first report that counts its pods lie seconds, in which others would be given the same room.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from flotilla_common.objects import Obj

from .capacity import pod_of
from .grades import Part

__all__ = ["LASTS", "Assumptions"]

K = TypeVar("K", bound=Hashable)

LASTS = 300.0
"""Seconds after which room counts as the member reports it, whatever became of the workload."""

_Shape = tuple[tuple[str, int], ...]
"""What one pod asks for, hashable."""

_Pods = Counter[_Shape]


class _Taken(NamedTuple):
    by_cluster: dict[str, _Pods]
    until: float


class Assumptions(Mapping[str, tuple[Part, ...]], Generic[K]):
    """By cluster, the pods that are on their way there. Keys are whatever names a binding; `now` is in seconds."""

    def __init__(self) -> None:
        self._taken: dict[K, _Taken] = {}
        self._sums: dict[str, _Pods] = {}

    def __getitem__(self, cluster: str) -> tuple[Part, ...]:
        return tuple(Part(number, dict(shape)) for shape, number in self._sums[cluster].items())

    def __iter__(self) -> Iterator[str]:
        return iter(self._sums)

    def __len__(self) -> int:
        return len(self._sums)

    def assume(self, key: K, before: Obj, after: Obj, now: float) -> None:
        """A binding was placed anew: where it grew, what it grew by is on its way; where it is no more, nothing is."""
        was, will = _pods_of(before), _pods_of(after)
        held = self._taken[key].by_cluster if key in self._taken else {}
        grown = {name: pods - was.get(name, Counter()) for name, pods in will.items()}
        wanted = {name: pods or held.get(name, Counter()) for name, pods in grown.items()}
        self._replace(key, {name: pods for name, pods in wanted.items() if pods}, now + LASTS)

    def land(self, key: K, before: Obj, after: Obj) -> None:
        """The status of a binding changed: where it has become well, its pods are in the member's report, too."""
        taken = self._taken.get(key)
        if taken is not None:
            old, new = _told(before), _told(after)
            landed = {name for name, said in new.items() if said.get("health") == "Healthy" and said != old.get(name)}
            left = {name: pods for name, pods in taken.by_cluster.items() if name not in landed}
            self._replace(key, left, taken.until)

    def release(self, key: K) -> None:
        """It is gone, or was not placed after all."""
        self._replace(key, {}, 0)

    def expire(self, now: float) -> None:
        """Forget what has been on its way for too long."""
        for key in [key for key, taken in self._taken.items() if taken.until <= now]:
            self.release(key)

    def _replace(self, key: K, by_cluster: dict[str, _Pods], until: float) -> None:
        old = self._taken.pop(key, None)
        for name, pods in (old.by_cluster if old else {}).items():
            left = self._sums[name] - pods
            self._sums[name] = left
            if not left:
                del self._sums[name]
        for name, pods in by_cluster.items():
            self._sums[name] = self._sums.get(name, Counter()) + pods
        if by_cluster:
            self._taken[key] = _Taken(by_cluster, until)


def _pods_of(binding: Obj) -> dict[str, _Pods]:
    """By cluster, the pods its share makes."""
    spec = binding.get("spec") or {}
    components = {part.get("name"): part for part in spec.get("components") or ()}
    found = {}
    for cluster in spec.get("clusters") or ():
        pods: _Pods = Counter()
        for name, replicas in _shares(cluster):
            asking = components.get(name) if name else spec
            pods[_shape((asking or {}).get("replicaRequirements"))] += replicas
        found[cluster["name"]] = +pods
    return found


def _shares(cluster: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Name, empty without components, and replicas."""
    parts = [(part["name"], part.get("replicas") or 0) for part in cluster.get("components") or ()]
    return parts or [("", cluster.get("replicas") or 0)]


def _shape(requirements: Mapping[str, Any] | None) -> _Shape:
    return tuple(sorted(pod_of(requirements).items()))


def _told(binding: Obj) -> dict[str, Mapping[str, Any]]:
    items = (binding.get("status") or {}).get("aggregatedStatus") or ()
    return {item["clusterName"]: item for item in items}
