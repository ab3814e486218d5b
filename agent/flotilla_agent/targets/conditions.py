"""The conditions by which a cluster says how it is, in Karmada's words. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from flotilla_common.conditions import condition, with_condition
from flotilla_common.objects import Obj

__all__ = ["EMPTY", "NOT_REACHABLE", "NOT_READY", "READY", "Verdict", "complete", "with_conditions"]


class Verdict(NamedTuple):
    """A condition without its time."""

    type: str
    status: bool
    reason: str
    message: str


READY = Verdict("Ready", True, "ClusterReady", "cluster is healthy and ready to accept workloads")
NOT_READY = Verdict("Ready", False, "ClusterNotReady", "cluster is reachable but health endpoint responded without ok")
NOT_REACHABLE = Verdict("Ready", False, "ClusterNotReachable", "cluster is not reachable")

_COMPLETE = Verdict("CompleteAPIEnablements", True, "Complete", "all API groups of the cluster were read")
_PARTIAL = Verdict(
    "CompleteAPIEnablements",
    False,
    "Partial",
    "some API groups of the cluster could not be read; the list is incomplete",
)
EMPTY = Verdict("CompleteAPIEnablements", False, "Empty", "the API groups of the cluster could not be read")


def complete(is_complete: bool) -> Verdict:
    """Whether the list of APIs is all there is."""
    return _COMPLETE if is_complete else _PARTIAL


def with_conditions(status: Obj, verdicts: Iterable[Verdict], now: str) -> list[Obj]:
    """The conditions of `status` with these set at `now`; one whose status stays keeps its time."""
    conditions = list(status.get("conditions") or ())
    for verdict in verdicts:
        conditions = with_condition(conditions, condition(*verdict, now))
    return conditions
