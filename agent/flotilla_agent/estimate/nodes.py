"""The nodes of a cluster, and what is asked of them: counted as nodes and unfinished pods come, change and go.

Objects that are alike in all that counts share it, so that twenty thousand pods are little more than their names.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from flotilla_common.conditions import find, is_true
from flotilla_common.errors import Invalid
from flotilla_common.kinds.pod_template import request_of
from flotilla_common.objects import Obj, decode, encode, labels_of, meta_of
from flotilla_common.quantity import Resources, units_of

from .claims import Taint

__all__ = ["PODS", "Key", "Node", "NodeBook", "WaitingPod", "units_in"]

PODS = "pods"
Key = tuple[str, str]
"""Namespace and name."""

_PARTS = ("containers", "initContainers")


class Node:
    """`allocatable` and `used`, what the pods on it ask for, in the units of `quantity.units_of`.

    A node whose pods we know but not itself offers nothing.
    """

    __slots__ = ("allocatable", "is_ready", "labels", "name", "offer", "pods", "taints", "used")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_ready = False
        self.labels: Mapping[str, str] = {}
        self.taints: tuple[Taint, ...] = ()
        self.offer = ""
        """What is allocatable, as it is spelled."""
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
    """Told of each node, each unfinished pod and each ResourceQuota, and again when it changes or goes."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._known: set[str] = set()
        self._sorted: list[Node] | None = None
        self._pods: dict[Key, tuple[str, str]] = {}
        """The node, empty while it waits for one, and what is asked for, as it is spelled."""
        self._asked: Counter[tuple[bool, str]] = Counter()
        self._waiting: dict[Key, WaitingPod] = {}
        self._quotas: dict[Key, Obj] = {}
        self.answers: dict[object, int] = {}
        """Worked out since the last change; whoever fills it says by what key."""

    def nodes(self) -> list[Node]:
        """Sorted by name."""
        if self._sorted is None:
            self._sorted = [self._nodes[name] for name in sorted(self._known)]
        return self._sorted

    def asked(self) -> Iterator[tuple[bool, Resources, int]]:
        """Whether pods have a node, what one of them asks for, and how many they are. Raises Invalid.

        As it is spelled, for who adds it up exactly.
        """
        return ((is_bound, _request(text), number) for (is_bound, text), number in self._asked.items())

    def waiting(self, namespace: str) -> list[WaitingPod]:
        return [pod for (inside, _), pod in self._waiting.items() if inside == namespace]

    def quotas(self, namespace: str) -> list[Obj]:
        return [quota for (inside, _), quota in self._quotas.items() if inside == namespace]

    def put_node(self, key: Key, obj: Obj) -> None:
        node, status = self._node(key[1]), obj.get("status") or {}
        node.is_ready = is_true(status.get("conditions"), "Ready")
        labels = {sys.intern(name): sys.intern(value) for name, value in labels_of(obj).items()}
        taints = tuple(map(Taint.of, (obj.get("spec") or {}).get("taints") or ()))
        offer = _shared(status.get("allocatable") or {})
        if key[1] not in self._known or (labels, taints, offer) != (node.labels, node.taints, node.offer):
            node.labels, node.taints, node.offer, node.allocatable = labels, taints, offer, _units(offer)
            self._know(key[1])
            self.answers.clear()

    def drop_node(self, key: Key) -> None:
        if key[1] in self._known:
            self._known.discard(key[1])
            self._sorted = None
            self._tidy(key[1])
            self.answers.clear()

    def put_pod(self, key: Key, obj: Obj) -> None:
        spec = obj.get("spec") or {}
        name = sys.intern(spec.get("nodeName") or "")
        self._wait(key, None if name else _waiting(obj))
        asking = name, _shared(_asking(spec))
        if self._pods.get(key) != asking:
            self._leave(key)
            self._pods[key] = asking
            self._charge(*asking, 1)

    def drop_pod(self, key: Key) -> None:
        self._wait(key, None)
        self._leave(key)

    def put_quota(self, key: Key, obj: Obj) -> None:
        self._quotas[key] = {"spec": obj.get("spec") or {}, "status": obj.get("status") or {}}
        self.answers.clear()

    def drop_quota(self, key: Key) -> None:
        if self._quotas.pop(key, None) is not None:
            self.answers.clear()

    def _know(self, name: str) -> None:
        if name not in self._known:
            self._known.add(name)
            self._sorted = None

    def _wait(self, key: Key, pod: WaitingPod | None) -> None:
        self._waiting.pop(key, None)
        if pod is not None:
            self._waiting[key] = pod

    def _leave(self, key: Key) -> None:
        held = self._pods.pop(key, None)
        if held is not None:
            self._charge(*held, -1)

    def _charge(self, name: str, text: str, count: int) -> None:
        asked = (bool(name), text)
        self._asked[asked] += count
        if not self._asked[asked]:
            del self._asked[asked]
        if name:
            node = self._node(name)
            node.pods += count
            for resource, units in _taken(text).items():
                node.used[resource] = node.used.get(resource, 0) + units * count
            self._tidy(name)
        self.answers.clear()

    def _node(self, name: str) -> Node:
        return self._nodes.get(name) or self._nodes.setdefault(sys.intern(name), Node(name))

    def _tidy(self, name: str) -> None:
        """A node that is gone is forgotten with its last pod."""
        if name not in self._known and not self._nodes[name].pods:
            del self._nodes[name]


def units_in(resources: Mapping[str, Any] | None) -> Iterable[tuple[str, int]]:
    """A ResourceList in whole units; what is no quantity, which no API server lets in, is left out."""
    for name, quantity in (resources or {}).items():
        try:
            yield sys.intern(name), units_of(name, quantity)
        except Invalid:
            continue


def _shared(part: Obj) -> str:
    return sys.intern(encode(part).decode())


def _asking(spec: Mapping[str, Any]) -> Obj:
    """What of a pod's spec its request is read from."""
    asking = {
        part: [{"resources": c["resources"]} for c in spec.get(part) or () if c.get("resources")] for part in _PARTS
    }
    return {**{part: found for part, found in asking.items() if found}, "overhead": spec.get("overhead") or {}}


@lru_cache(maxsize=4096)
def _request(text: str) -> Resources:
    return request_of(decode(text.encode()))


@lru_cache(maxsize=4096)
def _taken(text: str) -> Mapping[str, int]:
    try:
        return dict(units_in(_request(text)))
    except Invalid:
        return {}  # one pod that cannot be read must not end the counting of all others


@lru_cache(maxsize=4096)
def _units(text: str) -> Mapping[str, int]:
    return dict(units_in(decode(text.encode())))


def _waiting(pod: Obj) -> WaitingPod | None:
    """None when it has not been tried yet, or is held back on purpose."""
    tried = find((pod.get("status") or {}).get("conditions"), "PodScheduled")
    if tried is None or tried.get("status") != "False" or tried.get("reason") != "Unschedulable":
        return None
    owner: Obj = next((o for o in meta_of(pod).get("ownerReferences") or () if o.get("controller")), {})
    return WaitingPod(labels_of(pod), str(owner.get("kind") or ""), str(tried.get("lastTransitionTime") or ""))
