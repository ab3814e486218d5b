"""Everything the hub's decisions read, at one moment, as plain values: what is there now, or what would be there.

Like the controllers' lenses it reads each policy and cluster once; unlike them it never changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Self, TypeVar

from pydantic import ValidationError

from flotilla_common.messages import WorkMessage
from flotilla_common.objects import GVK, Obj, gvk_of, name_of, namespace_of
from flotilla_common.subjects import WorkSubject

from ..detector.follow import Surroundings
from ..detector.shelf import Shelf
from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..model.policy import Policy
from ..names import binding_name
from ..resources.resource import Resource
from ..rules import Rules
from ..scheduler.groups import Company, Groups
from ..scheduler.snapshot import Snapshot

__all__ = [
    "CLUSTER",
    "CLUSTER_OVERRIDE",
    "CLUSTER_POLICY",
    "NAMESPACE",
    "OVERRIDE",
    "POLICY",
    "PRIORITY_CLASS",
    "Identity",
    "State",
    "binding_identity",
]

POLICY = ("policy.karmada.io", "PropagationPolicy")
CLUSTER_POLICY = ("policy.karmada.io", "ClusterPropagationPolicy")
OVERRIDE = ("policy.karmada.io", "OverridePolicy")
CLUSTER_OVERRIDE = ("policy.karmada.io", "ClusterOverridePolicy")
CLUSTER = ("cluster.karmada.io", "Cluster")
NAMESPACE = ("", "Namespace")
PRIORITY_CLASS = ("scheduling.k8s.io", "PriorityClass")

T = TypeVar("T")


class Identity(NamedTuple):
    """What makes an object the same one, in whatever version of its kind it is written."""

    group: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Self:
        gvk = gvk_of(obj)
        return cls(gvk.group, gvk.kind, namespace_of(obj), name_of(obj))

    @property
    def kind_of(self) -> tuple[str, str]:
        return self.group, self.kind

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def binding_identity(template: Obj) -> Identity:
    """Of the binding that belongs to a template."""
    namespace = namespace_of(template)
    kind = "ResourceBinding" if namespace else "ClusterResourceBinding"
    return Identity("work.karmada.io", kind, namespace, binding_name(template["kind"], name_of(template)))


@dataclass(frozen=True)
class State:
    """`kept`: Works as their clusters have them, where they cannot be told from the objects (the hub failed to make or
    send what is wanted now). `kinds` finds the kind that is served under a GVK. `touched`: what a user has just
    written.
    """

    objects: Mapping[Identity, Obj]
    kinds: Callable[[GVK], Resource | None]
    kept: Mapping[WorkSubject, WorkMessage] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    touched: frozenset[Identity] = frozenset()

    @classmethod
    def of(
        cls,
        objects: Iterable[Obj],
        kinds: Callable[[GVK], Resource | None],
        kept: Mapping[WorkSubject, WorkMessage] | None = None,
        rules: Rules | None = None,
    ) -> Self:
        return cls({Identity.of(obj): obj for obj in objects}, kinds, kept or {}, rules or Rules())

    def with_objects(self, objects: Mapping[Identity, Obj]) -> Self:
        return replace(self, objects=objects)

    def near(self, template: Obj) -> Surroundings:
        """What may claim a template, and what that may refer to."""

        def names(of: str) -> set[str]:
            return {override.name for override in self.overrides(of)}

        return Surroundings(self._shelf.of(template), names, self._priority_of, self.rules.features)

    def policies(self, namespace: str) -> list[Policy]:
        """Those that may claim a template there: the namespace's own and the cluster-wide ones."""
        return [*self._policies[namespace], *self._policies[""]] if namespace else list(self._policies[""])

    def all_policies(self) -> Iterator[Policy]:
        """Of every namespace, and the cluster-wide ones."""
        return self._shelf.all()

    def overrides(self, namespace: str) -> list[OverridePolicy]:
        """The namespace's own; the ClusterOverridePolicies for an empty one."""
        return list(self._overrides[namespace])

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        return {cluster.name: cluster for cluster in _read(Cluster.of, self.of_kind(CLUSTER))}

    @cached_property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.clusters.values())

    def company_of(self, binding: Obj) -> Company:
        """Where the others of its affinity groups are."""
        return self._groups.company_of(Identity.of(binding), binding)

    def of_kind(self, kind: tuple[str, str]) -> Iterator[Obj]:
        return (obj for identity, obj in self.objects.items() if identity.kind_of == kind)

    def _priority_of(self, name: str) -> int | None:
        found = self.objects.get(Identity(*PRIORITY_CLASS, "", name))
        return None if found is None else int(found.get("value") or 0)

    @cached_property
    def _policies(self) -> Mapping[str, list[Policy]]:
        return _by_namespace(_read(Policy.of, (*self.of_kind(POLICY), *self.of_kind(CLUSTER_POLICY))))

    @cached_property
    def _shelf(self) -> Shelf[Policy]:
        shelf = Shelf[Policy]()
        for policy in (policy for policies in self._policies.values() for policy in policies):
            shelf.put(policy)
        return shelf

    @cached_property
    def _groups(self) -> Groups[Identity]:
        groups = Groups[Identity]()
        for binding in self.of_kind(("work.karmada.io", "ResourceBinding")) if self.rules.scheduling.has_groups else ():
            groups.note(Identity.of(binding), binding)
        return groups

    @cached_property
    def _overrides(self) -> Mapping[str, list[OverridePolicy]]:
        return _by_namespace(_read(OverridePolicy.of, (*self.of_kind(OVERRIDE), *self.of_kind(CLUSTER_OVERRIDE))))


def _read(reader: Callable[[Obj], T], objects: Iterable[Obj]) -> Iterator[T]:
    for obj in objects:
        try:
            yield reader(obj)
        except (ValidationError, KeyError, TypeError):
            continue  # as the controllers do: an older release may have stored what this one cannot read


def _by_namespace(policies: Iterable[Any]) -> Mapping[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for policy in policies:
        found[policy.namespace].append(policy)
    return found
