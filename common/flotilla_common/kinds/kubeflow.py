"""The training jobs of kubeflow.org: PyTorchJob, TFJob and MPIJob, a component per type of replica."""

from collections.abc import Callable

from ..conditions import is_true
from ..objects import Obj, namespace_of
from .base import Kind, at, conditions_of, health, spec_of, status_of
from .components import replica_specs
from .references import references_of

__all__ = ["MPI", "PYTORCH", "TENSORFLOW"]


def _pytorch(obj: Obj) -> list[Obj]:
    return list(replica_specs(spec_of(obj).get("pytorchReplicaSpecs") or {}, ("Master", "Worker"), {}))


def _tensorflow(obj: Obj) -> list[Obj]:
    order = ("PS", "Worker", "Chief", "Master", "Evaluator")
    return list(replica_specs(spec_of(obj).get("tfReplicaSpecs") or {}, order, {}))


def _mpi(obj: Obj) -> list[Obj]:
    return list(replica_specs(spec_of(obj).get("mpiReplicaSpecs") or {}, ("Launcher", "Worker"), {"Worker": 0}))


def _references(field: str) -> Callable[[Obj], list[Obj]]:
    """Of the pods of each type of replica."""

    def dependencies(obj: Obj) -> list[Obj]:
        replicas = (spec_of(obj).get(field) or {}).values()
        return references_of(namespace_of(obj), *(at(each, "template", "spec") or {} for each in replicas))

    return dependencies


def _health(obj: Obj) -> str:
    conditions = conditions_of(status_of(obj))
    return health(bool(conditions) and not is_true(conditions, "Failed"))


PYTORCH = Kind(components=_pytorch, health=_health, dependencies=_references("pytorchReplicaSpecs"))
TENSORFLOW = Kind(components=_tensorflow, health=_health, dependencies=_references("tfReplicaSpecs"))
MPI = Kind(components=_mpi, health=_health)
