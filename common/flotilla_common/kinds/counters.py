"""The workloads that differ only in which counters they keep: how their status is reflected, summed and judged."""

from collections.abc import Callable, Sequence

from ..objects import Obj, meta_of
from .base import Item, at, counted, generations, is_settled, observes_itself, spec_of, status_of, summed, with_value
from .pod_template import requirements_of

__all__ = ["aggregator", "covers", "reflector", "replicas", "revise"]

DEFAULT_REPLICAS = 1
"""What a kube-apiserver fills in for an absent replica count; members will, so the hub reckons with it too."""


def replicas(obj: Obj) -> tuple[int, Obj | None]:
    return wanted(obj), requirements_of(spec_of(obj).get("template") or {})


def wanted(obj: Obj) -> int:
    """`spec.replicas`, or its default."""
    count = spec_of(obj).get("replicas")
    return DEFAULT_REPLICAS if count is None else int(count)


def revise(obj: Obj, count: int) -> Obj:
    return with_value(obj, ("spec", "replicas"), count)


def reflector(names: Sequence[str]) -> Callable[[Obj], Obj | None]:
    """A `reflect` of these counters, with the generations that tell the hub how fresh they are."""

    def reflect(obj: Obj) -> Obj | None:
        status = status_of(obj)
        return {**counted(status, (*names, "observedGeneration")), **generations(obj)}

    return reflect


def aggregator(names: Sequence[str]) -> Callable[[Obj, Sequence[Item]], Obj | None]:
    """An `aggregate` that sums these counters and leaves every other field of the template's status alone.

    `observedGeneration` moves to the template's generation once every member has caught up with it, and so at once when
    there is no member.
    """

    def aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
        kept = {key: value for key, value in status_of(template).items() if key not in names}
        status = {**kept, **summed(items, names)}
        if is_settled(template, items):
            status["observedGeneration"] = int(meta_of(template).get("generation") or 0)
        return status

    return aggregate


def covers(obj: Obj, wanted: int, updated: str, available: str) -> bool:
    """Whether the controller has seen the spec, updated all that is wanted, and has that many available."""
    count = at(obj, "status", updated) or 0
    return observes_itself(obj) and count >= wanted and (at(obj, "status", available) or 0) >= count
