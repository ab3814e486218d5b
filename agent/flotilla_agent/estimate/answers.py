"""What is answered to each question of the hub's: one row each."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flotilla_common.messages import COMPONENTS, REPLICAS, UNSCHEDULABLE
from flotilla_common.objects import Obj

from .nodes import NodeBook
from .quotas import max_allowed
from .room import max_replicas, max_sets
from .waiting import count_waiting

__all__ = ["ANSWERS", "Question"]


class Question(NamedTuple):
    """`body` as in `EstimateRequest`; `live` is the workload in the member, where one is asked about."""

    body: Mapping[str, Any]
    quotas: bool
    now: str
    """RFC 3339."""
    live: Obj | None = None


def _replicas(book: NodeBook, question: Question) -> int:
    requirements = question.body.get("replicaRequirements") or {}
    room = max_replicas(book.nodes(), requirements)
    if not question.quotas:
        return room
    return min(room, max_allowed(book.quotas(str(requirements.get("namespace") or "")), requirements))


def _components(book: NodeBook, question: Question) -> int:
    return max_sets(book.nodes(), question.body.get("components") or ())


def _unschedulable(book: NodeBook, question: Question) -> int:
    """Only a Deployment's pods are known by its selector; -1 for all else, and for one that is not there."""
    if question.live is None or question.body.get("kind") != "Deployment":
        return -1
    selector = (question.live.get("spec") or {}).get("selector") or {}
    threshold = float(question.body.get("threshold") or 0)
    return count_waiting(book.waiting(str(question.body.get("namespace") or "")), selector, threshold, question.now)


ANSWERS: Mapping[str, Callable[[NodeBook, Question], int]] = {
    REPLICAS: _replicas,
    COMPONENTS: _components,
    UNSCHEDULABLE: _unschedulable,
}
"""Each may raise whatever a body nobody could mean makes it raise; it is then answered with -1."""
