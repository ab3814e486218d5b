"""What the scheduler is measured with: clusters with labels and room, bindings of one shape, and ways to place them."""

from collections.abc import Callable, Mapping
from functools import cache

from flotilla_agent.targets.apis import BUILT_IN, enablements
from flotilla_common.conditions import condition
from flotilla_common.objects import Obj

__all__ = ["PLACEMENTS", "cluster", "pending", "replicas_of"]

THEN = "2026-01-01T00:00:00Z"
_REGIONS, _TIERS = ("north", "east", "south", "west"), ("gold", "silver", "bronze")
_NAMED = 10
"""Clusters that a policy of a binding's own names."""


def cluster(number: int) -> Obj:
    """One that reports a hundred nodes with half their room taken, in one of four regions and of one of three tiers."""
    room = {"cpu": "800", "memory": "3200Gi", "pods": "11000"}
    taken = {"cpu": str(300 + number % 200), "memory": "1600Gi", "pods": "5000"}
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {
            "name": cluster_name(number),
            "labels": {"tier": _TIERS[number % 3], "environment": "production" if number % 5 else "test"},
        },
        "spec": {"syncMode": "Pull", "region": _REGIONS[number % 4], "provider": "cloud", "zones": [f"z{number % 12}"]},
        "status": {
            "kubernetesVersion": "v1.34.0",
            "apiEnablements": _kinds(),
            "conditions": [
                condition("Ready", True, "ClusterReady", "", THEN),
                condition("CompleteAPIEnablements", True, "Complete", "", THEN),
            ],
            "nodeSummary": {"totalNum": 100, "readyNum": 100},
            "resourceSummary": {"allocatable": room, "allocating": {}, "allocated": taken},
        },
    }


def cluster_name(number: int) -> str:
    return f"cluster-{number:04d}"


def binding(number: int, placement: Obj, *, is_unlike: bool = False) -> Obj:
    """As the detector leaves it for a Deployment: claimed by a policy, not scheduled yet.

    Workloads come in a dozen sizes; with `is_unlike` no two ask for the same.
    """
    cpu = 100 + number if is_unlike else 50 * (1 + number % 6)
    needs = {"resourceRequest": {"cpu": f"{cpu}m", "memory": ("64Mi", "256Mi")[number % 2]}}
    resource = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": "default",
        "name": f"web-{number}",
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "resourceVersion": "1",
    }
    return {
        "apiVersion": "work.karmada.io/v1alpha2",
        "kind": "ResourceBinding",
        "metadata": {
            "name": f"web-{number}-deployment",
            "namespace": "default",
            "generation": 1,
            "labels": {"propagationpolicy.karmada.io/permanent-id": "id"},
        },
        "spec": {
            "resource": resource,
            "replicas": replicas_of(number),
            "replicaRequirements": needs,
            "placement": placement,
        },
    }


def replicas_of(number: int) -> int:
    return 1 + number % 20


def _divided(preference: str, **weights: object) -> Obj:
    scheduling = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": preference}
    return {"replicaScheduling": {**scheduling, **({"weightPreference": weights} if weights else {})}}


def _tier(tier: str, weight: int) -> Obj:
    return {"targetCluster": {"labelSelector": {"matchLabels": {"tier": tier}}}, "weight": weight}


_DYNAMIC = _divided("Weighted", dynamicWeight="AvailableReplicas")
_STATIC = _divided("Weighted", staticWeightList=[_tier("gold", 3), _tier("silver", 2), _tier("bronze", 1)])
_SPREAD = [
    {"spreadByField": "region", "minGroups": 2, "maxGroups": 3},
    {"spreadByField": "cluster", "minGroups": 3, "maxGroups": 6},
]
_AGGREGATED = {**_divided("Aggregated"), "spreadConstraints": _SPREAD}
_PRODUCTION = {"clusterAffinity": {"labelSelector": {"matchLabels": {"environment": "production"}}}}


def _named(number: int, count: int) -> Obj:
    names = [cluster_name((number * 7 + n * 13) % count) for n in range(_NAMED)]
    return {**_DYNAMIC, "clusterAffinity": {"clusterNames": names}}


_UNLIKE = "divided by free room, no two alike"
PLACEMENTS: Mapping[str, Callable[[int, int], Obj]] = {
    "a copy in every cluster": lambda number, count: {},
    "divided by static weights over four fifths": lambda number, count: {**_PRODUCTION, **_STATIC},
    "divided by free room": lambda number, count: _DYNAMIC,
    _UNLIKE: lambda number, count: _DYNAMIC,
    "as few as hold it, of 3 to 6 in 2 to 3 regions": lambda number, count: _AGGREGATED,
    "each by a policy of its own that names 10": _named,
}
"""The placement of binding `number` over `count` clusters. All but the last are shared by all bindings."""


def pending(how: str, number: int, count: int) -> Obj:
    """Binding `number` of those that are placed in this way over `count` clusters."""
    return binding(number, PLACEMENTS[how](number, count), is_unlike=how == _UNLIKE)


@cache
def _kinds() -> list[Obj]:
    return enablements(BUILT_IN)
