"""The Work that holds one cluster to its share of a quota: a ResourceQuota of the same name, in the same namespace."""

from uuid import UUID

import orjson

from flotilla_common.labels import WORK_PERMANENT_ID
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of

from ..labels import EXECUTION_FINALIZER
from ..names import execution_namespace, work_name
from ..stable_ids import stable_id
from ..work.manifest import Origin, for_work

__all__ = ["assignments", "quota_work"]

NAMESPACE_LABEL = "federatedresourcequota.karmada.io/namespace"
NAME_LABEL = "federatedresourcequota.karmada.io/name"
_IDS = UUID("5d0f6d9c-52c6-5f0a-9d9a-2a4f1f1f6f0e")


def assignments(quota: Obj) -> dict[str, dict[str, str]]:
    """Cluster → what it may give. Of two shares of one cluster the first counts, as upstream."""
    found: dict[str, dict[str, str]] = {}
    for entry in (quota.get("spec") or {}).get("staticAssignments") or ():
        hard = {name: str(quantity) for name, quantity in (entry.get("hard") or {}).items()}
        found.setdefault(entry["clusterName"], hard)
    return found


def quota_work(quota: Obj, cluster: str) -> WorkMessage:
    """Raises KeyError for a cluster without a share. It depends on nothing of the quota but that share."""
    name, namespace = name_of(quota), namespace_of(quota)
    work, where = work_name("ResourceQuota", name, namespace), execution_namespace(cluster)
    permanent_id = stable_id(_IDS, f"{cluster}/{namespace}/{name}")
    manifest: Obj = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"hard": assignments(quota)[cluster]},
    }
    marked = for_work(manifest, Origin.of({}, {}, {}, "Abort"), where, work, permanent_id)
    meta = {
        "annotations": {},
        "creationTimestamp": meta_of(quota).get("creationTimestamp"),
        "finalizers": [EXECUTION_FINALIZER],
        "labels": {NAMESPACE_LABEL: namespace, NAME_LABEL: name, WORK_PERMANENT_ID: permanent_id},
        "name": work,
        "namespace": where,
    }
    sort = orjson.OPT_SORT_KEYS
    return WorkMessage(cluster, work, [orjson.dumps(marked, option=sort)], orjson.dumps(meta, option=sort))
