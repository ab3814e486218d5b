"""A cluster's resources added up: `nodeSummary` and `resourceSummary` of Cluster.status. Pure.

Objects that are alike in all that counts are kept as one and their number, so that twenty thousand pods are little
more than their names, and only a sum that is asked for is worked out.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flotilla_common.conditions import is_true
from flotilla_common.kinds.pod_template import request_of
from flotilla_common.objects import Obj, decode, encode, name_of
from flotilla_common.quantity import amount_of, format_amount, units_of

from .grading import Free

__all__ = ["Tally"]

_COUNTED = "pods"
_PARTS = ("containers", "initContainers")


class _Alike:
    """Objects by key, each as the JSON of what counts of it."""

    def __init__(self) -> None:
        self._shapes: dict[Hashable, str] = {}
        self._numbers: Counter[str] = Counter()

    def put(self, key: Hashable, shape: Any) -> str:
        """The JSON under which it is kept."""
        text = sys.intern(encode(shape).decode())
        if self._shapes.get(key) is not text:
            self.drop(key)
            self._shapes[key] = text
            self._numbers[text] += 1
        return text

    def drop(self, key: Hashable) -> None:
        text = self._shapes.pop(key, None)
        if text is not None:
            self._numbers[text] -= 1
            if not self._numbers[text]:
                del self._numbers[text]

    def shape_of(self, key: Hashable) -> str:
        return self._shapes[key]

    def each(self) -> Iterator[tuple[Hashable, str]]:
        """Every key and the JSON under which it is kept."""
        return iter(self._shapes.items())

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        """Each shape and how many there are of it."""
        return ((decode(text.encode()), number) for text, number in self._numbers.items())


class Tally:
    """Told of each node and each unfinished pod under a key of its own, and again when it changes or goes."""

    def __init__(self) -> None:
        self._nodes = _Alike()
        self._pods = _Alike()
        self._names: dict[Hashable, str] = {}
        self._node_of: dict[Hashable, str] = {}
        self._loads: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By the name of a node, how many pods of each shape are on it."""

    def put_node(self, key: Hashable, node: Obj) -> None:
        status = node.get("status") or {}
        self._nodes.put(key, [is_true(status.get("conditions"), "Ready"), status.get("allocatable") or {}])
        self._names[key] = name_of(node)

    def drop_node(self, key: Hashable) -> None:
        self._nodes.drop(key)
        self._names.pop(key, None)

    def put_pod(self, key: Hashable, pod: Obj) -> None:
        """Its request counts as allocated on a node, or as allocating while it waits for one."""
        spec = pod.get("spec") or {}
        node = spec.get("nodeName") or ""
        self._unload(key)
        shape = self._pods.put(key, [bool(node), _asking(spec)])
        if node:
            self._node_of[key] = sys.intern(node)
            self._loads[node][shape] += 1

    def drop_pod(self, key: Hashable) -> None:
        self._unload(key)
        self._pods.drop(key)

    def _unload(self, key: Hashable) -> None:
        node = self._node_of.pop(key, None)
        if node is not None:
            shape, loads = self._pods.shape_of(key), self._loads[node]
            loads[shape] -= 1
            if not loads[shape]:
                del loads[shape]
            if not loads:
                del self._loads[node]

    def nodes(self) -> Obj:
        ready = sum(number for (is_ready, _), number in self._nodes if is_ready)
        return {"totalNum": sum(number for _, number in self._nodes), "readyNum": ready}

    def resources(self) -> Obj:
        """Quantities in Kubernetes' spelling, by resource name."""
        pods = [(is_bound, {**request_of(spec), _COUNTED: "1"}, number) for (is_bound, spec), number in self._pods]
        sums = {
            "allocatable": [(allocatable, number) for (_, allocatable), number in self._nodes],
            "allocating": [(request, number) for is_bound, request, number in pods if not is_bound],
            "allocated": [(request, number) for is_bound, request, number in pods if is_bound],
        }
        # A resource is spelled alike in all sums.
        binary = {name for found in sums.values() for name in _binary(found)}
        return {name: _summed(found, binary) for name, found in sums.items()}

    def free(self) -> Iterator[Free]:
        """What each ready node has left. Raises Invalid when a quantity is none."""
        for key, text in self._nodes.each():
            is_ready, free = _node_units(text)
            if is_ready:
                yield _less(free, self._loads.get(self._names[key], {}))


_Found = Iterable[tuple[Mapping[str, Any], int]]


@lru_cache(maxsize=4096)
def _node_units(text: str) -> tuple[bool, Mapping[str, int]]:
    is_ready, allocatable = decode(text.encode())
    return is_ready, {name: units_of(name, quantity) for name, quantity in allocatable.items()}


@lru_cache(maxsize=4096)
def _pod_units(text: str) -> Mapping[str, int]:
    request = {**request_of(decode(text.encode())[1]), _COUNTED: "1"}
    return {name: units_of(name, quantity) for name, quantity in request.items()}


def _less(free: Mapping[str, int], loads: Mapping[str, int]) -> Mapping[str, int]:
    left = dict(free)
    for text, number in loads.items():
        for name, units in _pod_units(text).items():
            left[name] = left.get(name, 0) - units * number
    return left


def _asking(spec: Mapping[str, Any]) -> Obj:
    """What of a pod's spec its request is read from."""
    asking = {
        part: [{"resources": c["resources"]} for c in spec.get(part) or () if c.get("resources")] for part in _PARTS
    }
    return {**{part: found for part, found in asking.items() if found}, "overhead": spec.get("overhead") or {}}


def _binary(found: _Found) -> Iterator[str]:
    return (name for resources, _ in found for name, quantity in resources.items() if str(quantity).endswith("i"))


def _summed(found: _Found, binary: set[str]) -> dict[str, str]:
    amounts: dict[str, Fraction] = {}
    for resources, number in found:
        for name, quantity in resources.items():
            amounts[name] = amounts.get(name, Fraction(0)) + amount_of(quantity) * number
    return {name: format_amount(amount, "i" if name in binary else "") for name, amount in sorted(amounts.items())}
