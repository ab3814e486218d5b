"""What the operator has settled about scheduling: upstream's scheduler flags and the gates it reads. Pure."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from ..features import Features
from .plugins import FILTERS, SCORES, Filter, Score, name_of

__all__ = ["DEFAULT", "DEFAULT_SCHEDULER", "Profile"]

DEFAULT_SCHEDULER = "default-scheduler"

R = TypeVar("R", bound=Callable[..., Any])


@dataclass(frozen=True)
class Profile:
    """The defaults are upstream's."""

    scheduler_name: str = DEFAULT_SCHEDULER
    """Bindings that ask for another scheduler are left to it; those that ask for none are the default scheduler's."""
    filters: tuple[Filter, ...] = FILTERS
    scores: tuple[Score, ...] = SCORES
    propagate_empty: bool = False
    """Whether a chosen cluster that gets no replica still gets the workload, scaled to zero."""
    has_priorities: bool = True
    """Whether bindings of a higher priority go first."""
    has_models: bool = True
    """Whether room is told by grades of nodes, where a cluster reports them."""
    has_groups: bool = False
    """Whether workloads attract or avoid one another."""
    has_components: bool = False
    """Whether kinds of several pod templates are placed as whole sets."""
    has_assumptions: bool = False
    """Whether what was just placed takes up room before the member reports it."""
    grace: float = 30.0
    """Seconds for which a cluster that says it is not Ready still serves; a silent one is not Ready only after them."""

    @classmethod
    def of(
        cls,
        features: Features,
        plugins: str = "*",
        scheduler_name: str = DEFAULT_SCHEDULER,
        propagate_empty: bool = False,
    ) -> Self:
        """`plugins` as upstream's flag: `*` is all, `-Name` is all but that one. Raises ValueError for no plugin."""
        wanted = [word.strip() for word in plugins.split(",") if word.strip()]
        _check(wanted)
        return cls(
            scheduler_name=scheduler_name,
            filters=_enabled(FILTERS, wanted),
            scores=_enabled(SCORES, wanted),
            propagate_empty=propagate_empty,
            has_priorities=features.enabled("PriorityBasedScheduling"),
            has_models=features.enabled("CustomizedClusterResourceModeling"),
            has_groups=features.enabled("WorkloadAffinity"),
            has_components=features.enabled("MultiplePodTemplatesScheduling"),
            has_assumptions=features.enabled("SchedulingOvercommitProtection"),
        )


DEFAULT = Profile()


def _enabled(rules: Sequence[R], wanted: Sequence[str]) -> tuple[R, ...]:
    return tuple(rule for rule in rules if _is_enabled(name_of(rule), wanted))


def _is_enabled(name: str, wanted: Sequence[str]) -> bool:
    """What names the plugin counts, the first time it does; the star is for the others."""
    said = next((word for word in wanted if word.removeprefix("-") == name), "")
    return said == name if said else "*" in wanted


def _check(wanted: Iterable[str]) -> None:
    names = sorted({name_of(rule) for rule in (*FILTERS, *SCORES)})
    for word in wanted:
        if word != "*" and word.removeprefix("-") not in names:
            near = difflib.get_close_matches(word.removeprefix("-"), names, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            raise ValueError(f"no scheduler plugin {word!r}; {hint}")
