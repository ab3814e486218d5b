"""The policies and clusters as the pure functions want them: parsed once per revision, kept up to date by events."""

import logging
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from flotilla_common.objects import Obj

from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..model.policy import Policy
from ..scheduler.snapshot import Snapshot
from ..store.objects import Event, Objects
from ..store.port import Key

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
        self._held: dict[str, dict[Key, Any]] = {resource: {} for resource in _READERS}
        self._snapshot: Snapshot | None = None
        for record in objects.all():
            self._notice(Event("ADDED", record))
        objects.subscribe(self._notice)

    def policies(self, namespace: str) -> list[Policy]:
        """Those of one namespace."""
        return [p for key, p in self._held[POLICIES].items() if key.namespace == namespace]

    def cluster_policies(self) -> list[Policy]:
        return list(self._held[CLUSTER_POLICIES].values())

    def all_policies(self) -> list[Policy]:
        """Of both scopes and every namespace."""
        return [*self._held[POLICIES].values(), *self._held[CLUSTER_POLICIES].values()]

    def overrides(self, namespace: str) -> list[OverridePolicy]:
        return [p for key, p in self._held[OVERRIDES].items() if key.namespace == namespace]

    def cluster_overrides(self) -> list[OverridePolicy]:
        return list(self._held[CLUSTER_OVERRIDES].values())

    def clusters(self) -> dict[str, Cluster]:
        return {key.name: cluster for key, cluster in self._held[CLUSTERS].items()}

    def snapshot(self) -> Snapshot:
        """All clusters as the scheduler wants them; the same until a cluster changes, with what it has worked out."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._held[CLUSTERS].values())
        return self._snapshot

    def _notice(self, event: Event) -> None:
        key = event.record.key
        read = _READERS.get(key.resource)
        if read is None:
            return
        if key.resource == CLUSTERS:
            self._snapshot = None
        self._held[key.resource].pop(key, None)
        if event.type == "DELETED":
            return
        try:
            self._held[key.resource][key] = read(event.record.obj())
        except (ValidationError, KeyError, TypeError) as err:
            # Admission lets nothing of the kind in; an older release may have stored it.
            log.warning("object is ignored: it cannot be read", extra={"object": str(key), "error": str(err)})
