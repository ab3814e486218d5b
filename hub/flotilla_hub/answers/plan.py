"""What applying and deleting would do, cluster by cluster, before anything is stored.

The hub's own functions run twice, over the state there is and over the state there would be; the difference between the
Works they end in is the plan. See `compare` for what a difference becomes, `overlay` for the state there would be.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from flotilla_common.conditions import find
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, name_of
from flotilla_common.subjects import WorkSubject

from ..detector.skip import DEFAULT
from ..work.namespace import is_propagated, namespace_work
from ..work.targets import targets_of
from .compare import Row, Sides, compared, paired
from .concern import Concern, concern_of
from .overlay import Overlay, Stored, Submission, overlaid
from .settle import Settled, Works, is_template, is_tied, settle, works_of
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
        self._before, self._after, self._overlay, self._concern, self._now = (
            before,
            overlay.state,
            overlay,
            concern,
            now,
        )
        self._troubles: list[Trouble] = []
        self._mass: list[MassRemoval] = []
        self._kept = 0

    def plan(self) -> Plan:
        rows = sorted((*self._template_rows(), *self._namespace_rows()), key=lambda row: row.order)
        return Plan(
            stored=self._overlay.stored,
            rows=tuple(rows),
            summary={**Counter(row.verb.lower() for row in rows), "keep": self._kept},
            mass_removals=tuple(self._mass),
            offline=tuple(sorted({row.cluster for row in rows} & self._silent())),
            troubles=tuple(self._troubles),
            warnings=self._overlay.warnings,
        )

    def _template_rows(self) -> Iterator[Row]:
        for identity in self._concern.templates:
            before, after = self._settled(self._before, identity), self._settled(self._after, identity)
            self._note_doubts(before, after)
            if self._is_same(identity, before, after):
                self._kept += len(targets_of(before.binding)) if before and before.binding else 0
                continue
            was = works_of(self._before, before) if before else Works()
            will = works_of(self._after, after) if after else Works()
            template = (after.template if after else None) or self._before.objects[identity]
            self._note_failures(template, was, will)
            sides = self._sides(was, will)
            rows = paired([row for cluster in sorted(sides) for row in compared(cluster, sides[cluster])])
            self._note_mass(template, rows, len(was.messages))
            self._kept += sum(row.verb == "KEEP" for row in rows)
            yield from (row for row in rows if row.verb != "KEEP")

    def _settled(self, state: State, identity: Identity) -> Settled | None:
        template = state.objects.get(identity)
        return settle(state, template, self._now) if template is not None and is_template(template) else None

    def _is_same(self, identity: Identity, before: Settled | None, after: Settled | None) -> bool:
        """Whether the Works are the same without building them; wrong only on the safe side."""
        if before is None or after is None or identity in self._concern.overridden:
            return False
        if before.template is not after.template or before.binding is None or before.binding != after.binding:
            return before.binding is None and after.binding is None
        return self._concern.clusters.isdisjoint(targets_of(before.binding))

    def _sides(self, was: Works, will: Works) -> dict[str, Sides]:
        """By cluster, what it has and what it would have. A Work that cannot be made stays what it is."""
        sides = {}
        for cluster in was.messages.keys() | will.messages.keys():
            old, new = was.messages.get(cluster), will.messages.get(cluster)
            if new is None and cluster in will.failures and cluster in self._after.clusters:
                new = old
            if old is not None and new != old:
                old = self._before.kept.get(WorkSubject(cluster, old.name), old)
            sides[cluster] = self._side(cluster, old, new)
        return sides

    def _side(self, cluster: str, old: WorkMessage | None, new: WorkMessage | None) -> Sides:
        found = self._before.clusters.get(cluster)
        is_reachable = found is not None and found.ready == "True"
        return Sides(old, new, is_reachable, is_leaving=cluster not in self._after.clusters)

    def _namespace_rows(self) -> Iterator[Row]:
        for name in sorted(self._namespaces()):
            was, will = self._namespace_works(self._before, name), self._namespace_works(self._after, name)
            if will is None:
                will = was  # no longer propagated, but there: what it has stays
            for cluster in sorted((was or {}).keys() | (will or {}).keys()):
                rows = compared(cluster, self._side(cluster, (was or {}).get(cluster), (will or {}).get(cluster)))
                self._kept += sum(row.verb == "KEEP" for row in rows)
                yield from (row for row in rows if row.verb != "KEEP")

    def _namespaces(self) -> set[str]:
        states = (self._before, self._after) if self._concern.clusters or self._concern.all_namespaces else ()
        return {name_of(obj) for state in states for obj in state.of_kind(NAMESPACE)} | self._concern.namespaces

    def _namespace_works(self, state: State, name: str) -> Mapping[str, WorkMessage] | None:
        """By cluster; empty when there is no such namespace, None when it is not propagated."""
        namespace = state.objects.get(Identity(*NAMESPACE, "", name))
        if namespace is None:
            return {}
        if not is_propagated(namespace, DEFAULT.namespaces):
            return None
        is_whole = name in self._concern.namespaces or self._concern.all_namespaces
        clusters = [c for c in state.clusters.values() if is_whole or c.name in self._concern.clusters]
        return {c.name: namespace_work(namespace, c, state.overrides("")) for c in clusters if not c.terminating}

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


def _trouble_of(settled: Settled | None) -> str:
    """Why it is not where it should be: nobody claims it, its binding cannot be made, or no cluster takes it."""
    if settled is None:
        return ""
    if settled.choice.policy is None:
        stays = settled.binding is not None
        return f"{settled.choice.why}: {'what it has stays as it is' if stays else 'it goes nowhere'}"
    if settled.trouble or settled.binding is None:
        return settled.trouble
    scheduled = find((settled.binding.get("status") or {}).get("conditions"), "Scheduled")
    return str(scheduled["message"]) if scheduled and scheduled["status"] != "True" else ""
