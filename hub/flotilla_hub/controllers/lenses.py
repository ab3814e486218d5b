"""The policies and clusters as the pure functions want them: parsed once per revision, kept up to date by events."""

import logging
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from flotilla_common.objects import Obj

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

_READERS: dict[str, Callable[[Obj], Any]] = {
    POLICIES: Policy.of,
    CLUSTER_POLICIES: Policy.of,
    OVERRIDES: OverridePolicy.of,
    CLUSTER_OVERRIDES: OverridePolicy.of,
    CLUSTERS: Cluster.of,
}

log = logging.getLogger(__name__)


class Lenses:
    """Create it before the controllers subscribe: they then find the state after the event they are told of."""

    def __init__(self, objects: Objects) -> None:
        self._read: dict[str, dict[str, dict[str, Any]]] = {resource: {} for resource in _READERS}
        """By resource, namespace and name."""
        self._clusters: dict[str, Cluster] = self._read[CLUSTERS].setdefault("", {})
        self._snapshot: Snapshot | None = None
        self._roomier: dict[str, Cluster] = {}
        """Clusters of which nothing but their free room has changed since the snapshot."""
        for record in objects.all():
            self._notice(Event("ADDED", record))
        objects.subscribe(self._notice)

    def policies(self, namespace: str) -> list[Policy]:
        """Those of one namespace."""
        return list(self._read[POLICIES].get(namespace, {}).values())

    def cluster_policies(self) -> list[Policy]:
        return list(self._read[CLUSTER_POLICIES].get("", {}).values())

    def all_policies(self) -> Iterator[Policy]:
        """Of both scopes and every namespace."""
        return self._all(POLICIES, CLUSTER_POLICIES)

    def overrides(self, namespace: str) -> list[OverridePolicy]:
        return list(self._read[OVERRIDES].get(namespace, {}).values())

    def cluster_overrides(self) -> list[OverridePolicy]:
        return list(self._read[CLUSTER_OVERRIDES].get("", {}).values())

    def all_overrides(self) -> Iterator[OverridePolicy]:
        """Of both scopes and every namespace."""
        return self._all(OVERRIDES, CLUSTER_OVERRIDES)

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

    def _all(self, *resources: str) -> Iterator[Any]:
        return (lens for resource in resources for held in self._read[resource].values() for lens in held.values())

    def _notice(self, event: Event) -> None:
        key = event.record.key
        read = _READERS.get(key.resource)
        if read is None:
            return
        held = self._read[key.resource].setdefault(key.namespace, {})
        before = held.pop(key.name, None)
        if event.type != "DELETED":
            self._take_in(event, held, read)
        if key.resource == CLUSTERS:
            self._outdate(before, held.get(key.name))

    def _outdate(self, before: Cluster | None, after: Cluster | None) -> None:
        """What the snapshot knows is kept where nothing but free room has changed: that happens all the time."""
        if before is not None and after is not None and before.is_but_for_room(after):
            self._roomier[after.name] = after
        else:
            self._snapshot, self._roomier = None, {}

    def _take_in(self, event: Event, held: dict[str, Any], read: Callable[[Obj], Any]) -> None:
        key = event.record.key
        try:
            lens = held[key.name] = read(event.record.obj())
            if unreadable := getattr(lens, "unreadable", ""):
                log.warning("policy cannot be read", extra={"object": str(key), "error": unreadable})
        except (ValidationError, KeyError, TypeError) as err:
            # Admission lets nothing of the kind in; an older release may have stored it.
            log.warning("object is ignored: it cannot be read", extra={"object": str(key), "error": str(err)})
