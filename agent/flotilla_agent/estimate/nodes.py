"""The nodes of a cluster and what is free on each: sums that move with every node and pod that comes or goes."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from flotilla_common.conditions import find
from flotilla_common.errors import Invalid
from flotilla_common.kinds.pod_template import request_of
from flotilla_common.objects import Obj, labels_of, meta_of
from flotilla_common.quantity import units_of

from .claims import Taint

__all__ = ["PODS", "Key", "Node", "NodeBook", "WaitingPod", "units_in"]

PODS = "pods"
Key = tuple[str, str]
"""Namespace and name."""

Shape = tuple[tuple[str, int], ...]
"""What a pod asks for, in the units of `quantity.units_of`."""


class Node:
    """`used` is what the pods on it ask for. A node whose pods we know but not itself offers nothing."""

    __slots__ = ("allocatable", "labels", "name", "pods", "taints", "used")

    def __init__(self, name: str) -> None:
        self.name = name
        self.labels: Mapping[str, str] = {}
        self.taints: tuple[Taint, ...] = ()
        self.allocatable: Mapping[str, int] = {}
        self.used: dict[str, int] = {}
        self.pods = 0

    def free(self, resource: str) -> int:
        """Below zero where more was promised than there is; of pods how many more the kubelet takes."""
        taken = self.pods if resource == PODS else self.used.get(resource, 0)
        return self.allocatable.get(resource, 0) - taken

    def fitting(self, wanted: Iterable[tuple[str, int]]) -> int:
        """How many more pods that take these units each, themselves among them (`PODS`)."""
        return max(0, min(self.free(name) // units for name, units in wanted))


class WaitingPod:
    """One that the cluster's scheduler found no node for, `since` a time in RFC 3339."""

    __slots__ = ("labels", "owner", "since")

    def __init__(self, labels: Mapping[str, str], owner: str, since: str) -> None:
        self.labels = labels
        self.owner = owner
        """The kind of what controls it."""
        self.since = since


class NodeBook:
    """Told of each node, each unfinished pod and each ResourceQuota, and again when it changes or goes.

    Of a pod it keeps the node and what it asks for, and pods that ask for the same share that.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._known: set[str] = set()
        self._pods: dict[Key, tuple[str, Shape]] = {}
        self._shapes: dict[Shape, Shape] = {}
        self._waiting: dict[Key, WaitingPod] = {}
        self._quotas: dict[Key, Obj] = {}
        self._sorted: list[Node] | None = None
        self.version = 0
        """Moves with whatever changes an answer."""
        self.answers: dict[object, int] = {}
        """Worked out at this version; whoever fills it says by what key."""

    def nodes(self) -> list[Node]:
        """Sorted by name."""
        if self._sorted is None:
            self._sorted = [self._nodes[name] for name in sorted(self._known)]
        return self._sorted

    def waiting(self, namespace: str) -> list[WaitingPod]:
        return [pod for (inside, _), pod in self._waiting.items() if inside == namespace]

    def quotas(self, namespace: str) -> list[Obj]:
        return [quota for (inside, _), quota in self._quotas.items() if inside == namespace]

    def put_node(self, key: Key, obj: Obj) -> None:
        node = self._node(key[1])
        read = (
            {sys.intern(name): sys.intern(value) for name, value in labels_of(obj).items()},
            tuple(map(Taint.of, (obj.get("spec") or {}).get("taints") or ())),
            dict(units_in((obj.get("status") or {}).get("allocatable"))),
        )
        if key[1] not in self._known or read != (node.labels, node.taints, node.allocatable):
            self._note_known(key[1])
            node.labels, node.taints, node.allocatable = read
            self._move()

    def drop_node(self, key: Key) -> None:
        if key[1] in self._known:
            self._known.discard(key[1])
            self._sorted = None
            self._nodes[key[1]].allocatable = {}
            self._tidy(key[1])
            self._move()

    def put_pod(self, key: Key, obj: Obj) -> None:
        spec = obj.get("spec") or {}
        name = spec.get("nodeName")
        self._wait(key, None if name else _waiting(obj))
        if not name:
            self._leave(key)
            return
        shape = self._shape(spec)
        if self._pods.get(key) == (name, shape):
            return
        self._leave(key)
        self._pods[key] = (sys.intern(name), shape)
        self._charge(name, shape, 1)

    def drop_pod(self, key: Key) -> None:
        self._wait(key, None)
        self._leave(key)

    def put_quota(self, key: Key, obj: Obj) -> None:
        self._quotas[key] = {"spec": obj.get("spec") or {}, "status": obj.get("status") or {}}
        self._move()

    def drop_quota(self, key: Key) -> None:
        if self._quotas.pop(key, None) is not None:
            self._move()

    def _note_known(self, name: str) -> None:
        if name not in self._known:
            self._known.add(name)
            self._sorted = None

    def _move(self) -> None:
        self.version += 1
        self.answers.clear()

    def _wait(self, key: Key, pod: WaitingPod | None) -> None:
        if pod is not None or key in self._waiting:
            self._waiting.pop(key, None)
            self._move()
        if pod is not None:
            self._waiting[key] = pod

    def _leave(self, key: Key) -> None:
        held = self._pods.pop(key, None)
        if held is not None:
            self._charge(*held, -1)

    def _charge(self, name: str, shape: Shape, count: int) -> None:
        node = self._node(name)
        node.pods += count
        for resource, units in shape:
            node.used[resource] = node.used.get(resource, 0) + units * count
        self._tidy(name)
        self._move()

    def _node(self, name: str) -> Node:
        return self._nodes.get(name) or self._nodes.setdefault(sys.intern(name), Node(name))

    def _tidy(self, name: str) -> None:
        """A node that is gone is forgotten with its last pod."""
        if name not in self._known and not self._nodes[name].pods:
            del self._nodes[name]

    def _shape(self, spec: Mapping[str, Any]) -> Shape:
        shape = tuple(sorted(units_in(request_of(spec))))
        return self._shapes.setdefault(shape, shape)


def units_in(resources: Mapping[str, Any] | None) -> Iterable[tuple[str, int]]:
    """A ResourceList in whole units; what is no quantity, which no API server lets in, is left out."""
    for name, quantity in (resources or {}).items():
        try:
            yield sys.intern(name), units_of(name, quantity)
        except Invalid:
            continue


def _waiting(pod: Obj) -> WaitingPod | None:
    """None when it has not been tried yet, or is held back on purpose."""
    tried = find((pod.get("status") or {}).get("conditions"), "PodScheduled")
    if tried is None or tried.get("status") != "False" or tried.get("reason") != "Unschedulable":
        return None
    owner: Obj = next((o for o in meta_of(pod).get("ownerReferences") or () if o.get("controller")), {})
    return WaitingPod(labels_of(pod), str(owner.get("kind") or ""), str(tried.get("lastTransitionTime") or ""))
