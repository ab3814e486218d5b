"""A cluster's resources added up: `nodeSummary` and `resourceSummary` of Cluster.status. Pure."""

from fractions import Fraction

from flotilla_common.conditions import is_true
from flotilla_common.kinds.pod_template import request_of
from flotilla_common.objects import Obj
from flotilla_common.quantity import amount_of, format_amount

__all__ = ["Tally"]

_COUNTED = "pods"


class Tally:
    """Told one node and one pod at a time, so that nobody has to hold them all."""

    def __init__(self) -> None:
        self._total = 0
        self._ready = 0
        self._allocatable: dict[str, Fraction] = {}
        self._allocated: dict[str, Fraction] = {}
        self._allocating: dict[str, Fraction] = {}
        self._binary: set[str] = set()

    def add_node(self, node: Obj) -> None:
        status = node.get("status") or {}
        self._total += 1
        self._ready += is_true(status.get("conditions"), "Ready")
        self._add(self._allocatable, status.get("allocatable") or {})

    def add_pod(self, pod: Obj) -> None:
        """An unfinished pod: its request counts as allocated on a node, or as allocating while it waits for one."""
        spec = pod.get("spec") or {}
        self._add(self._allocated if spec.get("nodeName") else self._allocating, {**request_of(spec), _COUNTED: "1"})

    def nodes(self) -> Obj:
        return {"totalNum": self._total, "readyNum": self._ready}

    def resources(self) -> Obj:
        """Quantities in Kubernetes' spelling, by resource name."""
        sums = {"allocatable": self._allocatable, "allocating": self._allocating, "allocated": self._allocated}
        return {name: self._spelled(amounts) for name, amounts in sums.items()}

    def _add(self, amounts: dict[str, Fraction], resources: Obj) -> None:
        for name, quantity in resources.items():
            amounts[name] = amounts.get(name, Fraction(0)) + amount_of(quantity)
            if str(quantity).endswith("i"):
                self._binary.add(name)

    def _spelled(self, amounts: dict[str, Fraction]) -> dict[str, str]:
        return {
            name: format_amount(amount, "i" if name in self._binary else "") for name, amount in sorted(amounts.items())
        }
