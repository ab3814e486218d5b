"""How many nodes of each grade a cluster has: `resourceSummary.allocatableModelings` of Cluster.status. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj
from flotilla_common.quantity import units_of

__all__ = ["Free", "modelings"]

Free = Mapping[str, int]
"""What a node has left, by resource, in the units of `quantity.units_of`; `pods` are how many more it takes."""

_PODS = "pods"


def modelings(grades: Sequence[Obj], nodes: Iterable[Free]) -> list[Obj]:
    """`grades` as in `Cluster.spec.resourceModels`; `nodes` those that are ready. Empty where the grades tell nothing.

    A node is of the last grade of whose every resource it has the least. One that takes no pod more is left out:
    upstream then leaves out whatever nodes happen to come after it, too.
    """
    least = _least(grades)
    if not least:
        return []
    counts = Counter(_grade_of(node, least) for node in nodes if node.get(_PODS, 0) > 0)
    return [{"grade": model.get("grade", 0), "count": counts[i]} for i, model in enumerate(grades)]


def _least(grades: Sequence[Obj]) -> list[dict[str, int]]:
    try:
        return [{bounds["name"]: units_of(bounds["name"], bounds["min"]) for bounds in g["ranges"]} for g in grades]
    except (Invalid, KeyError, TypeError):
        return []  # nobody could tell what they mean, so nobody should count by them


def _grade_of(node: Free, least: Sequence[Mapping[str, int]]) -> int:
    names = least[0].keys()
    return min((_last(node.get(name, 0), [grade.get(name, 0) for grade in least]) for name in names), default=0)


def _last(free: int, bounds: Sequence[int]) -> int:
    return max((i for i, bound in enumerate(bounds) if bound <= free), default=0)
