"""What the controllers of a real cluster make of an object: the status it settles into. One function per kind; pure."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flotilla_common.conditions import condition
from flotilla_common.messages import digest_of
from flotilla_common.objects import Obj, gvk_of, meta_of, name_of

__all__ = ["Place", "is_same", "settled"]


class Place(NamedTuple):
    """Where it settles: number of nodes, and the time (RFC 3339)."""

    nodes: int
    now: str


def settled(obj: Obj, place: Place) -> Obj | None:
    """The status once all controllers are done; None for kinds without any."""
    gvk = gvk_of(obj)
    simulate = _KINDS.get((gvk.group, gvk.kind))
    return simulate(obj, place) if simulate else None


def is_same(status: Obj, other: Obj | None) -> bool:
    """Whether two statuses say the same, whenever they say it happened."""
    return bool(_timeless(status) == _timeless(other))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(v) for key, v in value.items() if not key.endswith("Time")}
    return [_timeless(v) for v in value] if isinstance(value, list) else value


def _replicas(obj: Obj) -> int:
    count = obj.get("spec", {}).get("replicas")
    return 1 if count is None else int(count)


def _observed(obj: Obj) -> Obj:
    return {"observedGeneration": meta_of(obj).get("generation", 1)}


def _deployment(obj: Obj, place: Place) -> Obj:
    count = _replicas(obj)
    counters = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    conditions = [
        condition("Available", True, "MinimumReplicasAvailable", "Deployment has minimum availability.", place.now),
        condition("Progressing", True, "NewReplicaSetAvailable", "The new replica set is available.", place.now),
    ]
    return {**_observed(obj), **dict.fromkeys(counters, count), "conditions": conditions}


def _stateful_set(obj: Obj, place: Place) -> Obj:
    count = _replicas(obj)
    counters = ("replicas", "currentReplicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return {**_observed(obj), **dict.fromkeys(counters, count)}


def _replica_set(obj: Obj, place: Place) -> Obj:
    counters = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return {**_observed(obj), **dict.fromkeys(counters, _replicas(obj))}


def _daemon_set(obj: Obj, place: Place) -> Obj:
    counters = ("currentNumberScheduled", "desiredNumberScheduled", "updatedNumberScheduled", "numberReady")
    ready = dict.fromkeys((*counters, "numberAvailable"), place.nodes)
    return {**_observed(obj), **ready, "numberMisscheduled": 0}


def _job(obj: Obj, place: Place) -> Obj:
    done = obj.get("spec", {}).get("completions") or 1
    conditions = [
        condition("SuccessCriteriaMet", True, "CompletionsReached", "Reached expected number of pods", place.now),
        condition("Complete", True, "CompletionsReached", "Reached expected number of pods", place.now),
    ]
    return {"succeeded": done, "startTime": place.now, "completionTime": place.now, "conditions": conditions}


def _pod(obj: Obj, place: Place) -> Obj:
    names = [c["name"] for c in obj.get("spec", {}).get("containers", ())]
    states = [{"name": n, "ready": True, "started": True, "restartCount": 0, "state": {"running": {}}} for n in names]
    conditions = [condition("Ready", True, "", "", place.now)]
    return {"phase": "Running", "conditions": conditions, "containerStatuses": states, "startTime": place.now}


def _service(obj: Obj, place: Place) -> Obj:
    if obj.get("spec", {}).get("type") != "LoadBalancer":
        return {"loadBalancer": {}}
    return {"loadBalancer": {"ingress": [{"ip": _address(obj), "ipMode": "VIP"}]}}


def _ingress(obj: Obj, place: Place) -> Obj:
    return {"loadBalancer": {"ingress": [{"ip": _address(obj)}]}}


def _claim(obj: Obj, place: Place) -> Obj:
    spec = obj.get("spec", {})
    return {
        "phase": "Bound",
        "accessModes": spec.get("accessModes", []),
        "capacity": spec.get("resources", {}).get("requests", {}),
    }


def _namespace(obj: Obj, place: Place) -> Obj:
    return {"phase": "Active"}


def _definition(obj: Obj, place: Place) -> Obj:
    conditions = [
        condition("NamesAccepted", True, "NoConflicts", "no conflicts found", place.now),
        condition("Established", True, "InitialNamesAccepted", "the initial names have been accepted", place.now),
    ]
    return {"conditions": conditions, "acceptedNames": obj["spec"]["names"]}


def _helm_release(obj: Obj, place: Place) -> Obj:
    version = str(obj.get("spec", {}).get("chart", {}).get("spec", {}).get("version") or "0.1.0")
    upgraded = meta_of(obj).get("generation", 1) > 1
    reason, verb = ("UpgradeSucceeded", "upgrade") if upgraded else ("InstallSucceeded", "install")
    message = f"Helm {verb} succeeded for release {name_of(obj)} with chart version {version}"
    return {
        **_observed(obj),
        "conditions": [condition(kind, True, reason, message, place.now) for kind in ("Ready", "Released")],
        "lastAppliedRevision": version,
        "lastAttemptedRevision": version,
    }


def _kustomization(obj: Obj, place: Place) -> Obj:
    revision = f"main@sha1:{_digest(obj)}"
    message = f"Applied revision: {revision}"
    return {
        **_observed(obj),
        "conditions": [condition("Ready", True, "ReconciliationSucceeded", message, place.now)],
        "lastAppliedRevision": revision,
        "lastAttemptedRevision": revision,
    }


def _source(obj: Obj, place: Place) -> Obj:
    revision = f"sha256:{_digest(obj)}"
    message = f"stored artifact for revision '{revision}'"
    conditions = [
        condition("Ready", True, "Succeeded", message, place.now),
        condition("ArtifactInStorage", True, "Succeeded", message, place.now),
    ]
    artifact = {"revision": revision, "digest": revision, "lastUpdateTime": place.now}
    return {**_observed(obj), "conditions": conditions, "artifact": artifact}


def _digest(obj: Obj) -> str:
    """Stable for one spec, so that a source that did not change keeps its revision."""
    return digest_of(repr(obj.get("spec")).encode())


def _address(obj: Obj) -> str:
    """An address of the documentation block (RFC 5737) that stays with the object."""
    uid = str(meta_of(obj).get("uid"))
    return f"203.0.113.{int(digest_of(uid.encode())[:4], 16) % 253 + 1}"


_KINDS: dict[tuple[str, str], Callable[[Obj, Place], Obj]] = {
    ("", "Namespace"): _namespace,
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _helm_release,
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): _kustomization,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("source.toolkit.fluxcd.io", "Bucket"): _source,
    ("source.toolkit.fluxcd.io", "GitRepository"): _source,
    ("source.toolkit.fluxcd.io", "HelmRepository"): _source,
    ("source.toolkit.fluxcd.io", "OCIRepository"): _source,
}
