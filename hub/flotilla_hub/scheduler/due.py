"""Whether a binding must be scheduled again, and for which reason."""

from collections.abc import Mapping
from typing import Any

import orjson

from flotilla_common.conditions import is_true
from flotilla_common.objects import Obj, annotations_of, labels_of, meta_of
from flotilla_common.times import time_of

from ..labels import CLUSTER_POLICY_MARKS, POLICY_MARKS
from .plugins.cluster_anti_affinity import is_banned
from .profile import DEFAULT_SCHEDULER
from .request import Division, Request, division_of, is_ordered
from .snapshot import Snapshot

__all__ = ["APPLIED_PLACEMENT", "banned_targets", "first_term", "is_ours", "is_reschedule_asked", "why_due"]

APPLIED_PLACEMENT = "policy.karmada.io/applied-placement"
"""Annotation: the placement, as JSON, that the present result was made from."""

_CLAIMS = (POLICY_MARKS.permanent_id, CLUSTER_POLICY_MARKS.permanent_id, "binding.karmada.io/managed-by")
_COMPARED = (
    "clusterAffinity",
    "clusterAntiAffinity",
    "clusterTolerations",
    "spreadConstraints",
    "replicaScheduling",
    "schedulerStrategy",
)


def is_ours(binding: Obj, scheduler_name: str = DEFAULT_SCHEDULER) -> bool:
    """Whether this scheduler places the binding: not another's, not suspended, not leaving, and claimed by a policy."""
    spec = binding.get("spec") or {}
    if (spec.get("schedulerName") or DEFAULT_SCHEDULER) != scheduler_name or (spec.get("suspension") or {}).get(
        "scheduling"
    ):
        return False
    if not spec or meta_of(binding).get("deletionTimestamp"):
        return False
    return any(label in labels_of(binding) for label in _CLAIMS)


def why_due(binding: Obj, request: Request, snapshot: Snapshot) -> str | None:
    """In words why the binding must be scheduled now; None when its result stands.

    The last one is ours: what failed is tried again whenever asked. Upstream waits for certain events, and so never
    notices a cluster that joins.
    """
    status = _status_of(binding)
    if _is_placement_changed(binding, status.get("schedulerObservingAffinityName") or ""):
        return "the placement changed"
    if _is_replicas_changed(binding, request) or _is_share_changed(binding, request):
        return "the replicas changed"
    if request.fresh:
        return "a reschedule was asked for"
    if is_ordered(request.placement):
        return "its strategy looks at the clusters each time"
    if banned_targets(request, snapshot):
        return "a target cluster is one it may never run in"
    if not request.is_workload or division_of(request.placement) is Division.DUPLICATED:
        return "it runs on every cluster that fits"
    if any((cluster := snapshot.get(name)) is None or cluster.terminating for name in request.previous):
        return "a target cluster is leaving"
    return None if is_true(status.get("conditions"), "Scheduled") else "it is not scheduled yet"


def banned_targets(request: Request, snapshot: Snapshot) -> frozenset[str]:
    """Those of its present clusters in which it may never run: they, or the placement, have changed since."""
    if request.placement.cluster_anti_affinity is None:
        return frozenset()
    present = ((name, snapshot.get(name)) for name in request.previous)
    return frozenset(name for name, cluster in present if cluster is not None and is_banned(request, cluster))


def first_term(binding: Obj, *, fresh: bool) -> int:
    """Where in `clusterAffinities` to start: at the one in use, never before it, unless a reschedule was asked for."""
    observed = _status_of(binding).get("schedulerObservingAffinityName")
    terms = (binding["spec"].get("placement") or {}).get("clusterAffinities") or ()
    names = [term.get("affinityName") for term in terms]
    return names.index(observed) if observed in names and not fresh else 0


def is_reschedule_asked(binding: Obj) -> bool:
    """Whether someone asked for a fresh result since the last one was made."""
    asked, scheduled = binding["spec"].get("rescheduleTriggeredAt"), _status_of(binding).get("lastScheduledTime")
    return bool(asked and scheduled) and time_of(asked) > time_of(scheduled)


def _status_of(binding: Obj) -> Mapping[str, Any]:
    return binding.get("status") or {}


def _is_placement_changed(binding: Obj, observed: str) -> bool:
    placement = binding["spec"].get("placement") or {}
    text = annotations_of(binding).get(APPLIED_PLACEMENT, "").encode()
    if text == orjson.dumps(placement):
        return False
    try:
        applied = orjson.loads(text)
    except orjson.JSONDecodeError:
        return True
    if not isinstance(applied, dict) or any(applied.get(name) != placement.get(name) for name in _COMPARED):
        return True
    # Of the affinity groups only the one in use counts: another changing moves nothing.
    return bool(_term(applied, observed) != _term(placement, observed))


def _term(placement: Mapping[str, Any], observed: str) -> Any:
    terms = placement.get("clusterAffinities") or ()
    return next((term for term in terms if term.get("affinityName") == observed), None) if observed else terms


def _is_share_changed(binding: Obj, request: Request) -> bool:
    """Whether a cluster holds other components than each is to have, or as many as they were before."""
    share = [{"name": name, "replicas": replicas} for name, replicas in request.share]
    return any(cluster.get("components", []) != share for cluster in binding["spec"].get("clusters") or ())


def _is_replicas_changed(binding: Obj, request: Request) -> bool:
    if request.placement.replica_scheduling is None or not request.is_divisible:
        return False
    if division_of(request.placement) is Division.DUPLICATED:
        return any(replicas != request.replicas for replicas in request.previous.values())
    return sum(request.previous.values()) != request.replicas
