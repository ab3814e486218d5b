"""What `explain` answers about one template: the values only, as JSON has them."""

from collections.abc import Mapping
from typing import Any

from .values import Answer, Change, Named

__all__ = ["AppliedRule", "Contender", "Delivery", "Explanation", "Reason", "Verdict"]


class Contender(Answer):
    """A policy that selects the template, or all but selects it. `how` is by name, by label or by kind."""

    policy: Named
    priority: int
    how: str = ""
    outcome: str
    """won, lost, or no match."""
    why: str


class Reason(Answer):
    """`message` is the plugin's own, as conditions and events have it; `detail` has the values it looked at."""

    plugin: str
    message: str
    detail: str = ""


class AppliedRule(Answer):
    """One rule of one override policy, and what it changed in the manifest of one cluster."""

    policy: Named
    rule: int
    """Its place in the policy, from 0."""
    changes: tuple[Change, ...] = ()
    error: str = ""


class Delivery(Answer):
    """How far a Work has come: what is wanted, what was sent, what the agent says it has. Digests are of whole Works.

    `generation` is the template's where the agent has what is wanted; `at` is when the agent said so (RFC 3339).
    """

    state: str
    """applied, failed, waiting, publishing, held, suspended, removing, impossible or absent."""
    message: str = ""
    desired: str = ""
    published: str = ""
    reported: str = ""
    generation: int | None = None
    health: str = ""
    at: str = ""

    @property
    def is_current(self) -> bool:
        return self.state == "applied"


class Verdict(Answer):
    """One cluster. `reasons`: every plugin that turns it down; `excused`: those that would, were it not there already.

    `replicas` only where replicas are divided; `delivery` only where there is, or should be, a Work.
    """

    cluster: str
    fit: bool
    chosen: bool
    replicas: int | None = None
    score: int = 0
    reasons: tuple[Reason, ...] = ()
    excused: tuple[Reason, ...] = ()
    note: str = ""
    required_by: tuple[str, ...] = ()
    """The bindings that need it there beside their own, as `namespace/name`."""
    overrides: tuple[AppliedRule, ...] = ()
    delivery: Delivery | None = None


class Dependency(Answer):
    """What the template refers to and takes along; without a name, all of a kind that its labels select.

    `there`: it is on the hub; until it is, nothing of it travels.
    """

    object: Named
    there: bool


class Explanation(Answer):
    """`skipped`: why it is no template at all; then nothing else is said. `policy` is the winner's name, absent when
    nothing claims it, and `why` says in words what decided.
    """

    object: Named
    generation: int = 0
    skipped: str = ""
    policy: Named | None = None
    why: str = ""
    contenders: tuple[Contender, ...] = ()
    waiting_for: tuple[str, ...] = ()
    """What the winner refers to that is not there, as `Kind name`."""
    held: bool = False
    """The winner is lazy, and what it says waits for the template to change."""
    dependencies: tuple[Dependency, ...] = ()
    binding: Named | None = None
    affinity: str = ""
    """The one of the ordered affinity groups that is in use."""
    clusters: tuple[Verdict, ...] = ()
    conditions: tuple[Mapping[str, Any], ...] = ()
    """The binding's."""
