"""A cluster's resources added up: `nodeSummary` and `resourceSummary` of Cluster.status, from its nodes and pods. Pure.

Of objects that are alike only their number counts, and only a sum that is asked for is worked out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from flotilla_common.objects import Obj, decode
from flotilla_common.quantity import amount_of, format_amount

from ..estimate.nodes import PODS, NodeBook
from .grading import Free

__all__ = ["free_of", "node_summary", "resource_summary"]


def node_summary(book: NodeBook) -> Obj:
    nodes = book.nodes()
    return {"totalNum": len(nodes), "readyNum": sum(node.is_ready for node in nodes)}


def resource_summary(book: NodeBook) -> Obj:
    """Quantities in Kubernetes' spelling, by resource name. Raises Invalid when one of them is none."""
    offers = Counter(node.offer for node in book.nodes())
    pods = [(is_bound, {**request, PODS: "1"}, number) for is_bound, request, number in book.asked()]
    sums: dict[str, list[tuple[Mapping[str, Any], int]]] = {
        "allocatable": [(decode(offer.encode()), number) for offer, number in offers.items()],
        "allocating": [(request, number) for is_bound, request, number in pods if not is_bound],
        "allocated": [(request, number) for is_bound, request, number in pods if is_bound],
    }
    # A resource is spelled alike in all sums.
    binary = {name for found in sums.values() for name in _binary(found)}
    return {name: _summed(found, binary) for name, found in sums.items()}


def free_of(book: NodeBook) -> Iterator[Free]:
    """What each ready node has left."""
    for node in book.nodes():
        if node.is_ready:
            yield {name: node.free(name) for name in node.allocatable}


_Found = Iterable[tuple[Mapping[str, Any], int]]


def _binary(found: _Found) -> Iterator[str]:
    return (name for resources, _ in found for name, quantity in resources.items() if str(quantity).endswith("i"))


def _summed(found: _Found, binary: set[str]) -> dict[str, str]:
    amounts: dict[str, Fraction] = {}
    for resources, number in found:
        for name, quantity in resources.items():
            amounts[name] = amounts.get(name, Fraction(0)) + amount_of(quantity) * number
    return {name: format_amount(amount, "i" if name in binary else "") for name, amount in sorted(amounts.items())}
