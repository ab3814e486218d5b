"""The Work that makes a namespace of the hub exist in one cluster, independent of any policy. Pure."""

import re
from collections.abc import Sequence
from uuid import UUID

import orjson

from flotilla_common.labels import WORK_PERMANENT_ID
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, labels_of, meta_of, name_of

from ..labels import EXECUTION_FINALIZER
from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..names import execution_namespace, is_reserved, work_name
from ..override.core import applied_to, selected
from ..stable_ids import stable_id
from .manifest import Origin, for_work
from .prune import pruned

__all__ = ["is_propagated", "namespace_work"]

SKIP = "namespace.karmada.io/skip-auto-propagation"
_IDS = UUID("35b9c9a3-7f0c-5d1b-8e57-9f3a0c1d2e4b")


def is_propagated(namespace: Obj, skipped: Sequence[re.Pattern[str]]) -> bool:
    """Every namespace goes to every cluster but the hub's own, `default`, the skipped ones, and those that say no."""
    name = name_of(namespace)
    if name == "default" or is_reserved(name) or any(pattern.fullmatch(name) for pattern in skipped):
        return False
    return labels_of(namespace).get(SKIP, "").lower() != "true" and not meta_of(namespace).get("deletionTimestamp")


def namespace_work(namespace: Obj, cluster: Cluster, overrides: Sequence[OverridePolicy]) -> WorkMessage:
    """`overrides`: the ClusterOverridePolicies. A namespace that is already there is taken as it is, never refused."""
    name, where = work_name("Namespace", name_of(namespace), ""), execution_namespace(cluster.name)
    permanent_id = stable_id(_IDS, f"{cluster.name}/{name_of(namespace)}/{meta_of(namespace).get('uid')}")
    manifest = pruned({key: value for key, value in namespace.items() if key != "spec"})
    overridden = applied_to(manifest, cluster, selected(manifest, overrides)).manifest
    marked = for_work(overridden, Origin.of(namespace, {}, {}, "Abort"), where, name, permanent_id)
    meta = {
        "annotations": {},
        "creationTimestamp": meta_of(namespace).get("creationTimestamp"),
        "finalizers": [EXECUTION_FINALIZER],
        "labels": {WORK_PERMANENT_ID: permanent_id},
        "name": name,
        "namespace": where,
    }
    sort = orjson.OPT_SORT_KEYS
    return WorkMessage(cluster.name, name, [orjson.dumps(marked, option=sort)], orjson.dumps(meta, option=sort))
