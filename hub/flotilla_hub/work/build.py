"""Build the Works of one binding: the template, pruned, sized, overridden and marked for each target cluster. Pure.

Runs once per Work, so what is the same in every cluster is made once, and copies are made only where a policy changes
something. Equal input gives equal bytes: an unchanged Work has an unchanged digest, and nothing is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from flotilla_common import kinds
from flotilla_common.errors import NotFound, Terminal
from flotilla_common.labels import WORK_PERMANENT_ID
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, labels_of, meta_of, name_of, namespace_of

from ..detector.claim import claim_marks, released
from ..labels import (
    APPLIED_CLUSTER_OVERRIDES,
    APPLIED_OVERRIDES,
    BINDING_MARKS,
    CLUSTER_BINDING_MARKS,
    EXECUTION_FINALIZER,
)
from ..model.cluster import Cluster
from ..model.override import OverridePolicy
from ..names import execution_namespace, work_name
from ..override.core import Overridden, applied_to, selected
from ..stable_ids import stable_id
from .manifest import Origin, for_work
from .prune import pruned
from .targets import completions_of, is_suspended_on, is_workload, preserved_labels, targets_of

__all__ = ["Built", "WorkDraft", "build"]

_IDS = UUID("0c4fbd3e-3d0f-5a3c-9a3a-6a5f9b1a3c55")


@dataclass(frozen=True, slots=True)
class WorkDraft:
    """One Work, ready to be published; `binding` is `namespace/name`, or the name of a cluster-scoped one."""

    cluster: str
    name: str
    message: WorkMessage
    binding: str


class Built(NamedTuple):
    """`failures`: why a target cluster has no Work here. It keeps the one it has: absence is never deletion."""

    works: tuple[WorkDraft, ...]
    failures: Mapping[str, Terminal]


@dataclass(frozen=True, slots=True)
class Common:
    """What the Works of one binding share."""

    binding: Obj
    name: str
    manifest: Obj
    origin: Origin
    labels: dict[str, str]
    annotations: dict[str, str]
    policies: tuple[OverridePolicy, ...]
    completions: Mapping[str, int]
    created: str | None
    """When the binding was: the age people see, and the same however often the Work is built."""


def build(
    binding: Obj,
    template: Obj,
    clusters: Mapping[str, Cluster],
    cluster_overrides: Sequence[OverridePolicy],
    overrides: Sequence[OverridePolicy],
) -> Built:
    """`overrides` may hold policies of other namespaces; only the template's own are looked at.

    Which Works are to go is not said here: compare with `targets.clusters_to_keep`.
    """
    common = _common(binding, template, (*cluster_overrides, *overrides))
    works: list[WorkDraft] = []
    failures: dict[str, Terminal] = {}
    for name, replicas in targets_of(binding).items():
        try:
            works.append(_work(common, _found(clusters, name), replicas))
        except Terminal as err:
            failures[name] = err
    return Built(tuple(works), failures)


def _common(binding: Obj, template: Obj, policies: Sequence[OverridePolicy]) -> Common:
    namespace, name = namespace_of(binding), name_of(binding)
    marks = BINDING_MARKS if namespace else CLUSTER_BINDING_MARKS
    labels = {marks.permanent_id: labels_of(binding).get(marks.permanent_id, "")}
    annotations = marks.annotations(namespace, name)
    # The policy's marks come from the binding, which has them from its first moment; the template gets them a little
    # later, and a Work built before must not differ from one built after.
    claim_labels, claim_annotations = claim_marks(binding)
    manifest = pruned(released(template) or template)
    return Common(
        binding=binding,
        name=work_name(template["kind"], name_of(template), namespace_of(template)),
        manifest=manifest,
        origin=Origin.of(
            template,
            {**labels, **claim_labels},
            {**annotations, **claim_annotations},
            (binding.get("spec") or {}).get("conflictResolution", ""),
        ),
        labels=labels,
        annotations=annotations,
        policies=selected(manifest, policies),
        completions=completions_of(binding, template),
        created=meta_of(binding).get("creationTimestamp"),
    )


def _work(common: Common, cluster: Cluster, replicas: int) -> WorkDraft:
    spec = common.binding.get("spec") or {}
    namespace, permanent_id = execution_namespace(cluster.name), _permanent_id(common, cluster.name)
    overridden = applied_to(_sized(common, cluster.name, replicas), cluster, common.policies)
    carried = _labelled(overridden.manifest, preserved_labels(common.binding, cluster.name))
    manifest = for_work(carried, common.origin, namespace, common.name, permanent_id)
    meta = {
        "annotations": {**common.annotations, **_applied(overridden)},
        **({"creationTimestamp": common.created} if common.created else {}),
        "finalizers": [EXECUTION_FINALIZER],
        "labels": {**common.labels, WORK_PERMANENT_ID: permanent_id},
        "name": common.name,
        "namespace": namespace,
    }
    message = WorkMessage(
        cluster=cluster.name,
        name=common.name,
        manifests=[_encoded(manifest)],
        meta=_encoded(meta),
        suspended=is_suspended_on(common.binding, cluster.name),
        preserve=bool(spec.get("preserveResourcesOnDeletion")),
    )
    binding = "/".join(filter(None, (namespace_of(common.binding), name_of(common.binding))))
    return WorkDraft(cluster.name, common.name, message, binding)


def _labelled(manifest: Obj, labels: Mapping[str, str]) -> Obj:
    if not labels:
        return manifest
    return {**manifest, "metadata": {**meta_of(manifest), "labels": {**labels_of(manifest), **labels}}}


def _sized(common: Common, cluster: str, replicas: int) -> Obj:
    manifest = kinds.revise(common.manifest, replicas) if is_workload(common.binding) else common.manifest
    if cluster in common.completions:
        manifest = {**manifest, "spec": {**manifest["spec"], "completions": common.completions[cluster]}}
    return manifest


def _applied(overridden: Overridden) -> dict[str, str]:
    records = {APPLIED_CLUSTER_OVERRIDES: overridden.applied_cluster, APPLIED_OVERRIDES: overridden.applied}
    return {key: record for key, record in records.items() if record}


def _permanent_id(common: Common, cluster: str) -> str:
    # Derived, not random: whoever builds this Work again gets the same bytes.
    return stable_id(_IDS, "/".join((*common.labels.values(), cluster, common.name)))


def _found(clusters: Mapping[str, Cluster], name: str) -> Cluster:
    if name not in clusters:
        raise NotFound(
            f"cluster {name} is a target of the binding but not registered; join it, or let the scheduler choose again"
        )
    if clusters[name].terminating:
        raise NotFound(f"cluster {name} is a target of the binding but leaves the hub; let the scheduler choose again")
    return clusters[name]


def _encoded(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
