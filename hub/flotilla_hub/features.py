"""The feature gates: upstream's names, stages and defaults, so that a Karmada operator's flags mean the same here."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Self

__all__ = ["GATES", "Features", "Gate", "Stage"]


class Stage(Enum):
    ALPHA = "ALPHA"
    BETA = "BETA"


@dataclass(frozen=True, slots=True)
class Gate:
    """`default`: whether it is on when nobody says so. `use`: what turning it on changes, for the docs.

    `settled`: this hub behaves one way whatever is chosen.
    """

    name: str
    default: bool
    stage: Stage
    use: str
    settled: bool = False


_ROWS = (
    Gate("Failover", False, Stage.BETA, "applications and clusters that fail are left for others"),
    Gate("GracefulEviction", True, Stage.BETA, "what is evicted stays until its replacement is healthy"),
    Gate("PropagateDeps", True, Stage.BETA, "what a template refers to travels with it"),
    Gate("CustomizedClusterResourceModeling", True, Stage.BETA, "free capacity is counted by grades of nodes"),
    Gate("PropagationPolicyPreemption", False, Stage.ALPHA, "a policy may take over what another has claimed"),
    Gate("MultiClusterService", False, Stage.ALPHA, "nothing yet: the objects are checked and stored", True),
    Gate("ResourceQuotaEstimate", False, Stage.ALPHA, "members' quotas bound their estimates"),
    Gate("StatefulFailoverInjection", False, Stage.ALPHA, "state is handed to what takes over"),
    Gate("PriorityBasedScheduling", True, Stage.BETA, "bindings of a higher priority are placed first"),
    Gate("FederatedQuotaEnforcement", False, Stage.ALPHA, "a namespace's quota over all clusters is enforced"),
    Gate("MultiplePodTemplatesScheduling", False, Stage.ALPHA, "kinds of several pod templates count as one set"),
    Gate(
        "ControllerPriorityQueue",
        True,
        Stage.BETA,
        "what users do goes before what a start has to look at; always so here",
        True,
    ),
    Gate("WorkloadAffinity", False, Stage.ALPHA, "workloads attract or avoid one another"),
    Gate("SchedulingOvercommitProtection", False, Stage.ALPHA, "what was just placed counts before it is reported"),
)
GATES: Mapping[str, Gate] = MappingProxyType({gate.name: gate for gate in _ROWS})


class Features:
    """Which gates are on."""

    __slots__ = ("_on", "_without_effect")

    def __init__(self, **chosen: bool) -> None:
        """Raises ValueError for a name that is no gate."""
        for name in chosen:
            _known(name)
        self._without_effect = tuple(
            name for name, on in chosen.items() if GATES[name].settled and on != GATES[name].default
        )
        self._on = frozenset(name for name, gate in GATES.items() if chosen.get(name, gate.default))

    @classmethod
    def parse(cls, text: str) -> Self:
        """`A=true,B=false`, as on upstream's command lines. Raises ValueError that says which part is wrong."""
        return cls(**dict(_pair(part.strip()) for part in text.split(",") if part.strip()))

    def enabled(self, name: str) -> bool:
        """Raises ValueError for a name that is no gate: a mistyped one must not read as off."""
        _known(name)
        return name in self._on

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Gates that were set to something else, which changes nothing in this hub."""
        return self._without_effect


def _pair(text: str) -> tuple[str, bool]:
    name, _, value = text.partition("=")
    if value.lower() not in ("true", "false"):
        raise ValueError(f"cannot read {text!r}: write {name or 'Gate'}=true or {name or 'Gate'}=false")
    _known(name.strip())
    return name.strip(), value.lower() == "true"


def _known(name: str) -> None:
    if name not in GATES:
        near = difflib.get_close_matches(name, GATES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(GATES)}"
        raise ValueError(f"no feature gate {name!r}; {hint}")
