"""Kinds of several pod templates: what each template is called, how many pods it makes and what one of them needs."""

from typing import Any

import pytest

from flotilla_common.errors import Invalid
from flotilla_common.kinds import components_of, replicas_of
from flotilla_common.objects import Obj
from tests.unit.common.kinds import samples


def pods(cpu: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"resources": {"requests": {"cpu": cpu}}}]}}


def part(name: str, replicas: int, **request: str) -> Obj:
    needs = {"replicaRequirements": {"resourceRequest": request}} if request else {}
    return {"name": name, "replicas": replicas, **needs}


def made(kind: str, spec: Any) -> Obj:
    return samples.made(*kind.split(" "), spec=spec)


FLINK = "flink.apache.org/v1beta1 FlinkDeployment"
ROLE = {"resource": {"cpu": 1, "memory": "2048m"}}
TWO_GIB = str(2 * 2**30)
SPARK = "sparkoperator.k8s.io/v1beta2 SparkApplication"
RAY = {"headGroupSpec": {"template": pods("1")}, "workerGroupSpecs": [{"groupName": "small", "replicas": 3}, {}]}
KINDS = [
    pytest.param(
        "batch.volcano.sh/v1alpha1 Job",
        {"tasks": [{"name": "ps", "minAvailable": 2, "template": pods("1")}, {}]},
        [part("ps", 2, cpu="1"), part("task-1", 1)],
        id="volcano-by-what-must-start-together",
    ),
    pytest.param(
        FLINK,
        {"jobManager": ROLE, "taskManager": {**ROLE, "replicas": 4}},
        [part("jobmanager", 1, cpu="1", memory=TWO_GIB), part("taskmanager", 4, cpu="1", memory=TWO_GIB)],
        id="flink-with-its-own-mebibytes",
    ),
    pytest.param(
        FLINK,
        {"job": {"parallelism": 5}, "flinkConfiguration": {"taskmanager.numberOfTaskSlots": "2"}},
        [part("jobmanager", 1), part("taskmanager", 3)],
        id="flink-by-its-parallelism",
    ),
    pytest.param(FLINK, {}, [part("jobmanager", 1), part("taskmanager", 1)], id="flink-that-says-nothing"),
    pytest.param(
        SPARK,
        {"type": "Scala", "driver": {"cores": 1, "memory": "512m"}, "executor": {"instances": 2, "memory": "8g"}},
        [
            part("driver", 1, cpu="1", memory=str((512 + 384) * 2**20)),
            part("executor", 2, memory=str(8 * 2**30 + 8 * 2**30 // 10)),
        ],
        id="spark-with-what-the-jvm-needs-beside-its-heap",
    ),
    pytest.param(
        SPARK,
        {"type": "Python", "executor": {"memory": "1g"}, "dynamicAllocation": {"enabled": True, "initialExecutors": 3}},
        [part("driver", 1), part("executor", 3, memory=str(2**30 + 2**30 * 40 // 100))],
        id="spark-off-the-jvm-that-grows",
    ),
    pytest.param(
        SPARK,
        {
            "dynamicAllocation": {"enabled": True, "initialExecutors": 2, "minExecutors": 4},
            "executor": {"instances": 9},
        },
        [part("driver", 1), part("executor", 4)],
        id="spark-with-at-least-so-many",
    ),
    pytest.param(
        "kubeflow.org/v1 PyTorchJob",
        {"pytorchReplicaSpecs": {"Worker": {"replicas": 3, "template": pods("2")}, "Master": {}}},
        [part("master", 1), part("worker", 3, cpu="2")],
        id="pytorch",
    ),
    pytest.param(
        "kubeflow.org/v1 TFJob",
        {"tfReplicaSpecs": {"Worker": {}, "PS": {"replicas": 0}, "Odd": {}}},
        [part("ps", 0), part("worker", 1), part("odd", 1)],
        id="tensorflow",
    ),
    pytest.param(
        "kubeflow.org/v2beta1 MPIJob",
        {"mpiReplicaSpecs": {"Launcher": {}, "Worker": {}}},
        [part("launcher", 1), part("worker", 0)],
        id="mpi-without-a-worker-by-default",
    ),
    pytest.param(
        "ray.io/v1 RayCluster",
        RAY,
        [part("ray-head", 1, cpu="1"), part("small", 3), part("worker-1", 0)],
        id="ray-cluster",
    ),
    pytest.param(
        "ray.io/v1 RayJob",
        {"rayClusterSpec": RAY},
        [part("ray-head", 1, cpu="1"), part("small", 3), part("worker-1", 0)],
        id="ray-job",
    ),
    pytest.param("apps/v1 Deployment", {"replicas": 3}, [], id="a-deployment-has-none"),
    pytest.param("example.test/v1 Widget", {"tasks": [{}]}, [], id="nor-has-what-nobody-described"),
]


@pytest.mark.parametrize(("kind", "spec", "components"), KINDS)
def test_components(kind: str, spec: dict[str, Any], components: list[Obj]) -> None:
    assert components_of(made(kind, spec)) == components


@pytest.mark.parametrize("spec", [{"tasks": 5}, {"tasks": ["x"]}, {"tasks": [{"minAvailable": "many"}]}])
def test_another_shape_is_refused_by_name(spec: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="the components of Job"):
        components_of(made("batch.volcano.sh/v1alpha1 Job", spec))


def test_no_amount_of_memory_is_said_to_be_none() -> None:
    with pytest.raises(Invalid, match="'much' is no amount of memory"):
        components_of(made(FLINK, {"jobManager": {"resource": {"memory": "much"}}}))


def test_where_components_are_not_counted_flink_has_replicas() -> None:
    larger = {"resource": {"cpu": 2, "memory": "1g"}}
    flink = made(FLINK, {"jobManager": ROLE, "taskManager": {**larger, "replicas": 3}})
    assert replicas_of(flink) == (4, {"resourceRequest": {"cpu": "2", "memory": TWO_GIB}})
