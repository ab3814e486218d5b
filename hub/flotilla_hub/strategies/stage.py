"""What a strategy lets happen now, and what it goes by: Works as they are wanted, and as they were sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from flotilla_common.kinds import HEALTHY
from flotilla_common.messages import WorkReport
from flotilla_common.objects import Obj

from ..model.cluster import Cluster
from ..work.build import WorkDraft

__all__ = ["Facts", "Held", "Said", "Stage", "trouble_of"]


class Held(Protocol):
    """A Work as it was sent. `rollout`: see `WorkMessage.rollout`."""

    @property
    def digest(self) -> str: ...

    @property
    def deleted(self) -> bool: ...

    @property
    def rollout(self) -> str: ...

    @property
    def report(self) -> WorkReport | None: ...


class Facts(NamedTuple):
    """`wanted`: the Works the binding asks for; `held`: those there are, by cluster, tombstones included."""

    binding: Obj
    template: Obj
    wanted: tuple[WorkDraft, ...]
    held: Mapping[str, Held]
    clusters: Mapping[str, Cluster]
    now: str


class Said(NamedTuple):
    """What the binding's status is to say: a condition, and what the strategy goes by next time, under its own name."""

    condition: dict[str, Any]
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """`works` may go out, those in `staying` clusters may not be buried, and what `awaited` clusters say may change it.

    `held_back`: by cluster, why it keeps what it has for now. `again`: seconds after which time alone may change it.
    """

    works: tuple[WorkDraft, ...]
    staying: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    held_back: Mapping[str, str] = field(default_factory=dict)
    status: Said | None = None
    again: float | None = None


def trouble_of(held: Held | None, cluster: Cluster | None) -> str:
    """Why a cluster cannot be counted on to run the Work that was sent to it; empty when it is healthy there."""
    if cluster is None or cluster.ready != "True":
        return f"it cannot be reached, its Ready condition is {cluster.ready if cluster else 'gone'}"
    report = held.report if held else None
    if held is None or report is None or report.digest != held.digest:
        return "its agent has not answered yet"
    if not report.applied:
        return report.message or "it could not be applied"
    sick = next((o for o in report.objects if o.health != HEALTHY), None)
    if sick is None:
        return ""
    return sick.message or f"it is {sick.health}"
