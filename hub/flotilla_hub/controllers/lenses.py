"""The policies and clusters as the pure functions want them: parsed once per revision, kept up to date by events."""

import logging
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from flotilla_common.objects import Obj, name_of

from ..detector.shelf import Shelf
from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..model.policy import Policy
from ..scheduler.snapshot import Snapshot
from ..store.objects import Event, Objects

__all__ = ["CLUSTERS", "CLUSTER_OVERRIDES", "CLUSTER_POLICIES", "OVERRIDES", "POLICIES", "Lenses"]

POLICIES = "propagationpolicies.policy.karmada.io"
CLUSTER_POLICIES = "clusterpropagationpolicies.policy.karmada.io"
OVERRIDES = "overridepolicies.policy.karmada.io"
CLUSTER_OVERRIDES = "clusteroverridepolicies.policy.karmada.io"
CLUSTERS = "clusters.cluster.karmada.io"

P = TypeVar("P", Policy, OverridePolicy)

log = logging.getLogger(__name__)


class Lenses:
    """Create it before the controllers subscribe: they then find the state after the event they are told of."""

    def __init__(self, objects: Objects) -> None:
        self._policies, self._overrides = Shelf[Policy](), Shelf[OverridePolicy]()
        self._clusters: dict[str, Cluster] = {}
        self._snapshot: Snapshot | None = None
        self._roomier: dict[str, Cluster] = {}
        """Clusters of which nothing but their free room has changed since the snapshot."""
        for record in objects.all():
            self._notice(Event("ADDED", record))
        objects.subscribe(self._notice)

    def policies_for(self, template: Obj) -> list[Policy]:
        """Those that may claim it, and the one that has."""
        return self._policies.of(template)

    def all_policies(self) -> Iterator[Policy]:
        """Of both scopes and every namespace."""
        return self._policies.all()

    def overrides_for(self, template: Obj) -> list[OverridePolicy]:
        """Those of both scopes that may change it."""
        return self._overrides.of(template)

    def cluster_overrides(self) -> list[OverridePolicy]:
        return [policy for policy in self._overrides.all() if not policy.namespace]

    def all_overrides(self) -> Iterator[OverridePolicy]:
        """Of both scopes and every namespace."""
        return self._overrides.all()

    def clusters(self) -> Mapping[str, Cluster]:
        """By name, as they are at each moment: iterate over it without a pause."""
        return MappingProxyType(self._clusters)

    def snapshot(self) -> Snapshot:
        """All clusters as the scheduler wants them; the same until a cluster changes, with what it has worked out."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._clusters.values())
        elif self._roomier:
            self._snapshot = self._snapshot.with_room(self._roomier)
        self._roomier = {}
        return self._snapshot

    def is_current(self, snapshot: Snapshot) -> bool:
        """Whether no cluster has changed since."""
        return self._snapshot is snapshot and not self._roomier

    def _notice(self, event: Event) -> None:
        resource = event.record.key.resource
        if resource in (POLICIES, CLUSTER_POLICIES):
            self._lay(self._policies, Policy.of, event)
        elif resource in (OVERRIDES, CLUSTER_OVERRIDES):
            self._lay(self._overrides, OverridePolicy.of, event)
        elif resource == CLUSTERS:
            self._notice_cluster(event)

    def _lay(self, shelf: Shelf[P], read: Callable[[Obj], P], event: Event) -> None:
        key = event.record.key
        shelf.drop(key.namespace, key.name)
        if event.type == "DELETED":
            return
        try:
            policy = read(event.record.obj())
        except (ValidationError, AttributeError, KeyError, TypeError, ValueError) as err:
            log.warning("object is ignored: it is no policy", extra={"object": str(key), "error": str(err)})
            return
        shelf.put(policy)
        if policy.unreadable:
            log.warning("policy cannot be read", extra={"object": str(key), "error": policy.unreadable})

    def _notice_cluster(self, event: Event) -> None:
        name = event.record.key.name
        before = self._clusters.pop(name, None)
        if event.type != "DELETED" and (cluster := _cluster_in(event.record.obj())) is not None:
            self._clusters[name] = cluster
        self._outdate(before, self._clusters.get(name))

    def _outdate(self, before: Cluster | None, after: Cluster | None) -> None:
        """What the snapshot knows is kept where nothing but free room has changed: that happens all the time."""
        if before is not None and after is not None and before.is_but_for_room(after):
            self._roomier[after.name] = after
        else:
            self._snapshot, self._roomier = None, {}


def _cluster_in(obj: Obj) -> Cluster | None:
    """A status nobody can read is no status: what runs there stays, and nothing new comes."""
    for readable in (obj, {**obj, "status": {}}):
        try:
            return Cluster.of(readable)
        except (ValidationError, AttributeError, KeyError, TypeError, ValueError) as err:
            log.warning("cluster cannot be read", extra={"object": name_of(obj), "error": str(err)})
    return None  # admission lets none of the kind in; an older release may have stored it
