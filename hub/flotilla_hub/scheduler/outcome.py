"""A binding before and after scheduling: when to decide, and what a decision leaves on it. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from types import MappingProxyType
from typing import Any

from flotilla_common.conditions import condition, with_condition
from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj, annotations_of, encode, meta_of

from ..model.cluster import Cluster
from ..strategies.failover import choose
from ..strategies.serving import noted, without_others
from .decide import Decision, Failure, Target, decide_terms
from .due import APPLIED_PLACEMENT, banned_targets, first_term, is_ours, is_reschedule_asked, why_due
from .grades import Part
from .groups import NOBODY, Company
from .profile import DEFAULT, Profile
from .request import Request, is_ordered
from .snapshot import Snapshot

__all__ = ["APPLIED_PLACEMENT", "REJECTED", "refused", "schedule"]

REJECTED = "scheduler.flotilla.io/rejected"
"""Annotation: `{"cluster": "why not"}` as JSON, of at most `_TOLD` clusters, the rarest reasons first."""

_TOLD = 100
_SUCCESS = "Binding has been scheduled successfully."


def schedule(
    binding: Obj,
    clusters: Iterable[Cluster],
    now: str,
    *,
    profile: Profile = DEFAULT,
    company: Company = NOBODY,
    estimates: Mapping[str, int] = MappingProxyType({}),
    assumed: Mapping[str, tuple[Part, ...]] = MappingProxyType({}),
) -> Obj | None:
    """The binding as scheduling leaves it, or None when nothing changes; asking again with the answer gives None.

    `clusters` may be a Snapshot, and should be when many bindings are scheduled over the same clusters. A failure of
    reason NoClusterFit empties the result; any other keeps it. Unlike upstream, which then waits for an event that a
    joining cluster does not cause, whoever failed is tried again at every call: call it whenever a cluster appears or
    changes. A changed spec raises `metadata.generation` as storing it through the API would, as the status names it.
    `estimates`: how many replicas fit where, as agents answered; `assumed`: pods on their way there, as reported by
    nobody yet.
    """
    if not is_ours(binding, profile.scheduler_name):
        return None
    snapshot = Snapshot.of(clusters)
    mates = company if profile.has_groups else NOBODY
    try:
        request = Request.of(binding, fresh=is_reschedule_asked(binding), company=mates, estimates=estimates)
        return _scheduled(binding, replace(request, assumed=assumed), snapshot, now, profile)
    except Invalid as err:
        unreadable = Decision(failure=Failure("SchedulerError", str(err)))
        return _changed(binding, _failed(binding, unreadable, now))


def refused(binding: Obj, reason: str, message: str, now: str) -> Obj | None:
    """The binding saying why its result could not be stored; it keeps the one it has. None when it says so already."""
    return _changed(binding, _failed(binding, Decision(failure=Failure(reason, message)), now))


def _scheduled(binding: Obj, request: Request, snapshot: Snapshot, now: str, profile: Profile) -> Obj | None:
    if why_due(binding, request, snapshot) is None:
        return _changed(binding, _observed(binding))
    if is_ordered(request.placement):
        choice = choose(binding, request, snapshot, now, profile)
        failure = choice.decision.failure
        new = noted(_decided(binding, choice.decision, now), choice, now)
    else:
        decision = decide_terms(request, snapshot, first_term(binding, fresh=request.fresh), profile)
        failure = decision.failure
        kept = _without(binding, banned_targets(request, snapshot)) if failure else binding
        new = _decided(kept, decision, now)
    new = without_others(new)
    if failure is not None or (new == binding and not request.fresh):
        return _changed(binding, new)
    return _with_status(new, lastScheduledTime=now)


def _decided(binding: Obj, decision: Decision, now: str) -> Obj:
    if decision.failure is not None:
        return _failed(binding, decision, now)
    return _observed(_succeeded(binding, decision, now))


def _changed(binding: Obj, new: Obj) -> Obj | None:
    return None if new == binding else new


def _succeeded(binding: Obj, decision: Decision, now: str) -> Obj:
    new = _with_result(binding, decision.targets, decision)
    observing = {"schedulerObservingAffinityName": decision.affinity_name} if decision.affinity_name else {}
    return _with_status(
        new, **observing, conditions=_conditions(binding, condition("Scheduled", True, "Success", _SUCCESS, now))
    )


def _failed(binding: Obj, decision: Decision, now: str) -> Obj:
    failure = decision.failure
    assert failure is not None
    if failure.reason == "NoClusterFit":
        new = _with_result(binding, (), decision)
    else:
        new = _with_annotations(binding, {REJECTED: _rejected(decision)})
    said = condition("Scheduled", False, failure.reason, failure.message, now)
    return _with_status(new, conditions=_conditions(binding, said))


def _with_result(binding: Obj, targets: Iterable[Target], decision: Decision) -> Obj:
    spec = binding["spec"]
    clusters = [_entry(target) for target in targets]
    if clusters != (spec.get("clusters") or []):
        binding = _with_clusters(binding, clusters)
    placement = encode(spec.get("placement") or {}).decode()
    return _with_annotations(binding, {APPLIED_PLACEMENT: placement, REJECTED: _rejected(decision)})


def _entry(target: Target) -> Obj:
    if target.components:
        return {"name": target.name, "components": [{"name": name, "replicas": n} for name, n in target.components]}
    return {"name": target.name} if target.replicas is None else {"name": target.name, "replicas": target.replicas}


def _without(binding: Obj, names: Container[str]) -> Obj:
    """A result that stands for want of a better one, but not where the workload must never be."""
    clusters = binding["spec"].get("clusters") or []
    kept = [cluster for cluster in clusters if cluster["name"] not in names]
    return binding if kept == clusters else _with_clusters(binding, kept)


def _with_clusters(binding: Obj, clusters: list[Obj]) -> Obj:
    metadata = {**meta_of(binding), "generation": int(meta_of(binding).get("generation") or 0) + 1}
    return {**binding, "metadata": metadata, "spec": {**binding["spec"], "clusters": clusters}}


def _rejected(decision: Decision) -> str:
    return encode(dict(islice(decision.rejected.items(), _TOLD))).decode() if decision.rejected else ""


def _with_annotations(binding: Obj, wanted: dict[str, str]) -> Obj:
    """Sets each annotation, or removes it where the text is empty."""
    old = annotations_of(binding)
    new = {key: text for key, text in {**old, **wanted}.items() if text or key not in wanted}
    return binding if new == old else {**binding, "metadata": {**meta_of(binding), "annotations": new}}


def _observed(binding: Obj) -> Obj:
    """The binding with its generation noted as seen."""
    generation = int(meta_of(binding).get("generation") or 0)
    if (binding.get("status") or {}).get("schedulerObservedGeneration") == generation:
        return binding
    return _with_status(binding, schedulerObservedGeneration=generation)


def _conditions(binding: Obj, new: dict[str, Any]) -> list[dict[str, Any]]:
    return with_condition((binding.get("status") or {}).get("conditions"), new)


def _with_status(binding: Obj, **fields: Any) -> Obj:
    return {**binding, "status": {**(binding.get("status") or {}), **fields}}
