"""Which templates and clusters a set of edits may concern: all others need not be looked at again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from flotilla_common.objects import Obj, name_of, namespace_of

from ..detector.match import match_level
from ..model.cluster import Cluster
from ..model.policy import ResourceSelector
from ..names import binding_name
from .overlay import Edit
from .settle import is_template
from .state import (
    CLUSTER,
    CLUSTER_OVERRIDE,
    CLUSTER_POLICY,
    OVERRIDE,
    POLICY,
    PRIORITY_CLASS,
    Identity,
    State,
)

__all__ = ["Concern", "concern_of"]

_POLICIES, _OVERRIDES = (POLICY, CLUSTER_POLICY), (OVERRIDE, CLUSTER_OVERRIDE)
_BINDINGS = ("ResourceBinding", "ClusterResourceBinding")


@dataclass(frozen=True)
class Concern:
    """`templates` in the order of the state; `overridden`: what an edited override policy may select; `clusters`: names
    of those edited.
    """

    templates: tuple[Identity, ...]
    overridden: frozenset[Identity]
    clusters: frozenset[str]


def concern_of(before: State, after: State, edits: Sequence[Edit]) -> Concern:
    clusters = frozenset(name_of(e.either) for e in edits if _kind(e) == CLUSTER and _is_seen_anew(e))
    overrides = list(_selections(edits, _OVERRIDES))
    policies = [*_selections(edits, _POLICIES), *_waiting((before, after), edits)]
    edited = {Identity.of(side) for edit in edits for side in edit.sides}
    bound = {(identity.namespace, identity.name) for identity in edited if identity.kind in _BINDINGS}
    templates: list[Identity] = []
    overridden: set[Identity] = set()
    for identity, obj in {**after.objects, **before.objects}.items():
        is_overridden = any(selection.covers(obj) for selection in overrides)
        is_bound = (identity.namespace, binding_name(identity.kind, identity.name)) in bound
        concerned = clusters or is_overridden or is_bound or identity in edited
        if (concerned or any(s.covers(obj) for s in policies)) and is_template(after, obj):
            templates.append(identity)
            overridden |= {identity} if is_overridden else set()
    return Concern(tuple(templates), frozenset(overridden), clusters)


@dataclass(frozen=True)
class _Selection:
    """What a policy selects; no selectors select everything, as only override policies may say."""

    namespace: str
    selectors: tuple[ResourceSelector, ...]

    def covers(self, obj: Obj) -> bool:
        if self.namespace and self.namespace != namespace_of(obj):
            return False
        return not self.selectors or any(match_level(selector, obj) for selector in self.selectors)


def _selections(edits: Iterable[Edit], kinds: Sequence[tuple[str, str]]) -> Iterator[_Selection]:
    return (_selection(side) for edit in edits if _kind(edit) in kinds for side in edit.sides)


def _selection(policy: Obj) -> _Selection:
    given = (policy.get("spec") or {}).get("resourceSelectors") or ()
    try:
        return _Selection(namespace_of(policy), tuple(map(ResourceSelector.model_validate, given)))
    except ValidationError:
        return _Selection(namespace_of(policy), ())


def _waiting(states: Iterable[State], edits: Iterable[Edit]) -> Iterator[_Selection]:
    """Policies that refer to what comes, goes or changes: an override policy, a PriorityClass."""
    moved = {Identity.of(e.either)[2:] for e in edits if _kind(e) in _OVERRIDES}
    classes = {name_of(e.either) for e in edits if _kind(e) == PRIORITY_CLASS}
    for state in states if moved or classes else ():
        for obj in (*state.of_kind(POLICY), *state.of_kind(CLUSTER_POLICY)):
            spec = obj.get("spec") or {}
            overrides = {(namespace_of(obj), name) for name in spec.get("dependentOverrides") or ()}
            if overrides & moved or (spec.get("schedulePriority") or {}).get("priorityClassName") in classes:
                yield _selection(obj)


def _is_seen_anew(edit: Edit) -> bool:
    """Whether the scheduler or an override reads something else in it."""
    if edit.before is None or edit.after is None:
        return True
    return Cluster.of(edit.before) != Cluster.of(edit.after)


def _kind(edit: Edit) -> tuple[str, str]:
    return Identity.of(edit.either).kind_of
