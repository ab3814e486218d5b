"""Builders for the scheduler's tests: a cluster that would take anything, a request for a Deployment, its binding."""

from typing import Any

from flotilla_common.objects import GVK, Obj
from flotilla_hub.model.cluster import Cluster, Taint
from flotilla_hub.model.policy import Placement
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.request import Request

DEPLOYMENT = GVK("apps", "v1", "Deployment")
CONFIG_MAP = GVK("", "v1", "ConfigMap")
NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
TAINT = Taint("gpu", "yes", "NoSchedule")


def cluster(name: str, pods: int = 0, **fields: Any) -> Cluster:
    """One with room for that many pods more."""
    return Cluster(**{"name": name, "apis": frozenset({DEPLOYMENT, CONFIG_MAP}), "free": {"pods": pods}, **fields})


def clusters(*names: str, **fields: Any) -> list[Cluster]:
    return [cluster(name, **fields) for name in names]


def rooms(**pods: int) -> list[Cluster]:
    return [cluster(name, room) for name, room in pods.items()]


def request(placement: Obj | None = None, **fields: Any) -> Request:
    return Request(**{"gvk": DEPLOYMENT, "placement": Placement.model_validate(placement or {}), **fields})


def divided(preference: str = "Weighted", **weights: Any) -> Obj:
    """A placement that divides: `staticWeightList=[...]` or `dynamicWeight="AvailableReplicas"`."""
    scheduling = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": preference}
    return {"replicaScheduling": {**scheduling, **({"weightPreference": weights} if weights else {})}}


def weight(value: int, *names: str) -> Obj:
    return {"targetCluster": {"clusterNames": list(names)}, "weight": value}


DYNAMIC = divided(dynamicWeight="AvailableReplicas")
AGGREGATED = divided("Aggregated")


def binding(placement: Obj | None = None, *, kind: str = "Deployment", replicas: int = 3, **spec: Any) -> Obj:
    """As the detector leaves it for a Deployment that a PropagationPolicy claimed."""
    resource = {"apiVersion": "apps/v1" if kind == "Deployment" else "v1", "kind": kind, "name": "web", "uid": ""}
    return {
        "metadata": {"name": "web", "generation": 1, "labels": {"propagationpolicy.karmada.io/permanent-id": "id"}},
        "spec": {"resource": resource, "replicas": replicas, "placement": placement or {}, **spec},
    }


NAMED = {"clusterAffinity": {"clusterNames": ["m1", "m2"]}}
OTHER = {"clusterAffinity": {"clusterNames": ["m2"]}}
EVEN = {**NAMED, **divided()}
FLEET = clusters("m1", "m2", "m3")
NOT_MEANT = "cluster(s) did not match the placement cluster affinity constraint"


def scheduled(placement: Obj | None = None, members: list[Cluster] = FLEET, **fields: Any) -> Obj:
    done = schedule(binding(placement, **fields), members, NOW)
    assert done is not None
    return done


def changed(done: Obj, **spec: Any) -> Obj:
    """The binding after someone else changed its spec through the API."""
    metadata = {**done["metadata"], "generation": done["metadata"]["generation"] + 1}
    return {**done, "metadata": metadata, "spec": {**done["spec"], **spec}}


def result(done: Obj | None) -> dict[str, int | None]:
    assert done is not None
    return {c["name"]: c.get("replicas") for c in done["spec"].get("clusters", ())}


def said(done: Obj | None) -> tuple[str, str, str]:
    assert done is not None
    (found,) = done["status"]["conditions"]
    return found["status"], found["reason"], found["message"]
