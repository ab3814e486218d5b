"""What applying and deleting would do, cluster by cluster, before anything is stored.

The hub's own functions run twice, over the state there is and over the state there would be; the difference between the
Works they end in is the plan. See `compare` for what a difference becomes, `overlay` for the state there would be.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from flotilla_common.conditions import find
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj
from flotilla_common.subjects import WorkSubject

from ..detector.dependencies import is_attached
from ..work.targets import targets_of
from .compare import Row, Sides, compared, paired
from .concern import Concern, concern_of
from .dependents import Dependents
from .namespaces import everywhere
from .outlook import foreseen
from .overlay import Overlay, Stored, Submission, overlaid
from .settle import Settled, Works, is_tied, works_of
from .state import NAMESPACE, Identity, State
from .values import Answer, Named

__all__ = ["MassRemoval", "Plan", "Trouble", "plan"]

MANY = 10
"""A template that leaves so many clusters at once is a mass removal whatever else it stays in."""

TIED = "clusters are equal, and which of them gets the replica left over depends on the uid it will be given"


class MassRemoval(Answer):
    """A template that would leave many clusters at once: `removed` of the `present` it is in."""

    object: Named
    removed: int
    present: int


class Trouble(Answer):
    """Why something would not come true, or not for sure; an empty `cluster` means all of them."""

    object: Named
    cluster: str = ""
    message: str


class Plan(Answer):
    """`rows` are the objects in members, removals first; those that stay as they are count in `summary` only.

    `summary` counts rows by verb in lower case. `offline`: clusters in `rows` that do not answer now.
    """

    stored: tuple[Stored, ...]
    rows: tuple[Row, ...]
    summary: Mapping[str, int]
    mass_removals: tuple[MassRemoval, ...] = ()
    offline: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changes_anything(self) -> bool:
        return bool(self.rows) or any(stored.verb != "unchanged" for stored in self.stored)


def plan(state: State, submission: Submission, now: str) -> Plan:
    """`now` as RFC 3339. Raises Invalid when the API would refuse any of it. Neither argument is changed."""
    overlay = overlaid(state, submission, now)
    return _Planning(state, overlay, concern_of(state, overlay.state, overlay.edits), now).plan()


class _Planning:
    def __init__(self, before: State, overlay: Overlay, concern: Concern, now: str) -> None:
        self._before, self._after, self._now = before, overlay.state, now
        self._overlay, self._concern = overlay, concern
        self._was = Dependents(before, concern.templates, now)
        self._will = Dependents(overlay.state, concern.templates, now)
        self._troubles: list[Trouble] = []
        self._mass: list[MassRemoval] = []
        self._kept = 0

    def plan(self) -> Plan:
        rows = sorted(self._rows(), key=lambda row: row.order)
        return Plan(
            stored=self._overlay.stored,
            rows=tuple(rows),
            summary={**Counter(row.verb.lower() for row in rows), "keep": self._kept},
            mass_removals=tuple(self._mass),
            offline=tuple(sorted({row.cluster for row in rows} & self._silent())),
            troubles=tuple(self._troubles),
            warnings=self._overlay.warnings,
        )

    def _rows(self) -> Iterator[Row]:
        for identity in self._templates():
            before, after = self._was.settled(identity), self._will.settled(identity)
            self._note_doubts(before, after)
            if self._is_same(identity, before, after):
                self._kept += len(targets_of(before.binding)) if before and before.binding else 0
                continue
            only = self._only(identity, before, after)
            was, will = _works(self._before, before, only), _works(self._after, after, only)
            template = (after.template if after else None) or self._before.objects[identity]
            self._note_failures(template, was, will)
            sides = self._sides(was, will, exists=identity in self._after.objects)
            rows = paired([row for cluster in sorted(sides) for row in compared(cluster, sides[cluster])])
            binding = after.binding if after else None
            rows = foreseen(rows, binding, was.messages, will.messages, self._after.clusters)
            self._note_mass(template, rows, len(was.messages))
            self._kept += sum(row.verb == "KEEP" for row in rows)
            yield from (row for row in rows if row.verb != "KEEP")

    def _templates(self) -> Iterator[Identity]:
        """Those concerned, and those that are or would be required by them elsewhere."""
        present = self._after.objects.keys() | self._before.objects.keys()
        required = (*self._was.unlike(self._will), *self._will.unlike(self._was))
        return iter(dict.fromkeys((*self._concern.templates, *(i for i in required if i in present))))

    def _is_same(self, identity: Identity, before: Settled | None, after: Settled | None) -> bool:
        """Whether the Works are the same without building them; wrong only on the safe side."""
        if before is None or after is None or identity in self._concern.overridden:
            return False
        if identity.kind_of == NAMESPACE:
            return before.template is after.template and before.binding == after.binding and not self._concern.clusters
        if before.template is not after.template or before.binding is None or before.binding != after.binding:
            return before.binding is None and after.binding is None
        return self._concern.clusters.isdisjoint(targets_of(before.binding))

    def _only(self, identity: Identity, before: Settled | None, after: Settled | None) -> frozenset[str] | None:
        """Where to look, when nothing but clusters changed; a namespace goes to all of them. None is everywhere."""
        if before is None or after is None or identity in self._concern.overridden:
            return None
        is_same = before.template is after.template and before.binding == after.binding
        return self._concern.clusters if is_same else None

    def _sides(self, was: Works, will: Works, *, exists: bool) -> dict[str, Sides]:
        """By cluster, what it has and what it would have. A Work that cannot be made stays what it is."""
        sides = {}
        for cluster in was.messages.keys() | will.messages.keys():
            old, new = was.messages.get(cluster), will.messages.get(cluster)
            stays = cluster in will.failures or (exists and cluster in was.lasting)
            if new is None and stays and cluster in self._after.clusters:
                new = old
            if old is not None and new != old:
                old = self._before.kept.get(WorkSubject(cluster, old.name), old)
            sides[cluster] = self._side(cluster, old, new)
        return sides

    def _side(self, cluster: str, old: WorkMessage | None, new: WorkMessage | None) -> Sides:
        found = self._before.clusters.get(cluster)
        is_reachable = found is not None and found.ready == "True"
        return Sides(old, new, is_reachable, is_leaving=cluster not in self._after.clusters)

    def _note_doubts(self, before: Settled | None, after: Settled | None) -> None:
        why = _trouble_of(after)
        if after is not None and why and why != _trouble_of(before):
            self._troubles.append(Trouble(object=Named.of(after.template), message=why))
        if after is not None and before is None and is_tied(self._after, after.template, self._now):
            self._troubles.append(Trouble(object=Named.of(after.template), message=TIED))

    def _note_failures(self, template: Obj, was: Works, will: Works) -> None:
        for cluster, why in will.failures.items():
            if was.failures.get(cluster) != why:
                self._troubles.append(Trouble(object=Named.of(template), cluster=cluster, message=why))

    def _note_mass(self, template: Obj, rows: list[Row], present: int) -> None:
        removed = sum(row.is_removal for row in rows)
        if removed >= MANY or (removed > 1 and 2 * removed >= present):
            self._mass.append(MassRemoval(object=Named.of(template), removed=removed, present=present))

    def _silent(self) -> set[str]:
        return {c.name for state in (self._before, self._after) for c in state.clusters.values() if c.ready != "True"}


def _works(state: State, settled: Settled | None, only: Collection[str] | None) -> Works:
    return everywhere(state, settled.template, works_of(state, settled), only) if settled else Works()


def _trouble_of(settled: Settled | None) -> str:
    """Why it is not where it should be: nobody claims it, its binding cannot be made, or no cluster takes it."""
    if settled is None:
        return ""
    if settled.choice.policy is None:
        if Identity.of(settled.template).kind_of == NAMESPACE:
            return ""  # it goes everywhere without one
        if settled.binding is not None and is_attached(settled.binding):
            return ""  # it goes with what refers to it
        stays = settled.binding is not None
        return f"{settled.choice.why}: {'what it has stays as it is' if stays else 'it goes nowhere'}"
    if settled.trouble or settled.binding is None:
        return settled.trouble
    scheduled = find((settled.binding.get("status") or {}).get("conditions"), "Scheduled")
    return str(scheduled["message"]) if scheduled and scheduled["status"] != "True" else ""
