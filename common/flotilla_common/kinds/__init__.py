"""All that is known about single kinds, one file each; this is the table, and the eight questions anyone may ask.

A kind is found by group and kind, whatever its version: a new version of an API seldom changes what its fields mean.
To add one: a file with a `Kind`, a row here, a table of samples in `tests/unit/common/kinds/`.
"""

from collections.abc import Sequence

from ..errors import Invalid
from ..objects import Obj, gvk_of, name_of
from . import (
    autoscaler,
    cronjob,
    daemonset,
    deployment,
    flink,
    flux,
    generic,
    identity,
    ingress,
    job,
    kubeflow,
    pdb,
    pod,
    ray,
    replicaset,
    service,
    service_import,
    spark,
    statefulset,
    volcano,
    volumes,
)
from .base import HEALTHY, UNHEALTHY, UNKNOWN, Item, Kind

__all__ = [
    "HEALTHY",
    "KINDS",
    "UNHEALTHY",
    "UNKNOWN",
    "Item",
    "Kind",
    "aggregate",
    "components_of",
    "dependencies_of",
    "health_of",
    "kind_of",
    "reflect",
    "replicas_of",
    "retain",
    "revise",
]

KINDS: dict[tuple[str, str], Kind] = {
    ("", "PersistentVolume"): volumes.VOLUME,
    ("", "PersistentVolumeClaim"): volumes.CLAIM,
    ("", "Pod"): pod.KIND,
    ("", "Secret"): identity.SECRET,
    ("", "Service"): service.KIND,
    ("", "ServiceAccount"): identity.SERVICE_ACCOUNT,
    ("apps", "DaemonSet"): daemonset.KIND,
    ("apps", "Deployment"): deployment.KIND,
    ("apps", "ReplicaSet"): replicaset.KIND,
    ("apps", "StatefulSet"): statefulset.KIND,
    ("autoscaling", "HorizontalPodAutoscaler"): autoscaler.KIND,
    ("batch", "CronJob"): cronjob.KIND,
    ("batch", "Job"): job.KIND,
    ("multicluster.x-k8s.io", "ServiceImport"): service_import.KIND,
    ("networking.k8s.io", "Ingress"): ingress.KIND,
    ("policy", "PodDisruptionBudget"): pdb.KIND,
    ("batch.volcano.sh", "Job"): volcano.KIND,
    ("flink.apache.org", "FlinkDeployment"): flink.KIND,
    ("kubeflow.org", "MPIJob"): kubeflow.MPI,
    ("kubeflow.org", "PyTorchJob"): kubeflow.PYTORCH,
    ("kubeflow.org", "TFJob"): kubeflow.TENSORFLOW,
    ("ray.io", "RayCluster"): ray.CLUSTER,
    ("ray.io", "RayJob"): ray.JOB,
    ("sparkoperator.k8s.io", "SparkApplication"): spark.KIND,
    **flux.KINDS,
}

_NOTHING = Kind()


def kind_of(obj: Obj) -> Kind:
    """What is known about the kind; a Kind without any function when nothing is."""
    gvk = gvk_of(obj)
    return KINDS.get((gvk.group, gvk.kind), _NOTHING)


def replicas_of(obj: Obj) -> tuple[int, Obj | None]:
    """How many pods the template asks for, and what each needs; `(0, None)` for what is no workload.

    Raises Invalid when a resource request is no quantity.
    """
    return (kind_of(obj).replicas or generic.replicas)(obj)


def components_of(obj: Obj) -> list[Obj]:
    """The pod templates of a kind that has several, each as `{name, replicas, replicaRequirements}`; none of others.

    Raises Invalid when a resource request is no quantity, or the object is not shaped as its kind should be.
    """
    components = kind_of(obj).components
    try:
        return components(obj) if components else []
    except (TypeError, ValueError, AttributeError, KeyError) as err:
        raise Invalid(f"the components of {obj.get('kind')} {name_of(obj)} cannot be read: {err!r}") from err


def revise(obj: Obj, count: int) -> Obj:
    """The manifest with that many replicas; the same object for kinds that have none."""
    return (kind_of(obj).revise or generic.revise)(obj, count)


def retain(desired: Obj, live: Obj) -> Obj:
    """The desired manifest with what the member's own controllers decided in the live object."""
    return (kind_of(desired).retain or generic.retain)(desired, live)


def health_of(obj: Obj) -> str:
    """Healthy, Unhealthy or Unknown; Unknown also when the object is not shaped as its kind should be."""
    try:
        return (kind_of(obj).health or generic.health)(obj)
    except (TypeError, ValueError, AttributeError, KeyError):
        return UNKNOWN


def reflect(obj: Obj) -> Obj | None:
    """What of a live object's status travels to the hub; None when it has none worth telling."""
    return (kind_of(obj).reflect or generic.reflect)(obj)


def aggregate(template: Obj, items: Sequence[Item]) -> Obj | None:
    """The template's new status from one item per cluster, sorted by cluster; None to leave the one it has."""
    return (kind_of(template).aggregate or generic.aggregate)(template, items)


def dependencies_of(template: Obj) -> list[Obj]:
    """What has to travel with it, in a fixed order; nothing for kinds nobody described, and for what has another shape.

    Each as `{apiVersion, kind, namespace, name}`, or with a `labelSelector` instead of the name.
    """
    dependencies = kind_of(template).dependencies
    try:
        return dependencies(template) if dependencies else []
    except (TypeError, ValueError, AttributeError, KeyError):
        return []
