"""Work and ResourceBinding, when a user writes one through the API."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission import ADMIT
from tests.unit.hub.build import manifest

WORKS, BINDINGS = ADMIT["works.work.karmada.io"], ADMIT["resourcebindings.work.karmada.io"]
WIDE = ADMIT["clusterresourcebindings.work.karmada.io"]
RESOURCE = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "nginx"}


def work(*manifests: Any, **spec: Any) -> Obj:
    return manifest("Work", "w", "karmada-es-m", spec={"workload": {"manifests": list(manifests)}, **spec})


def binding(kind: str = "ResourceBinding", **spec: Any) -> Obj:
    return manifest(kind, "nginx-deployment", "default", spec={"resource": RESOURCE, **spec})


def test_a_works_manifests_lose_what_never_travels_and_say_what_we_manage() -> None:
    given = work(manifest("ConfigMap", metadata={"uid": "u", "labels": {"b": "1", "a": "1"}}))
    before = copy_of(given)
    stored = WORKS.default(given, "now", "id")
    assert stored["metadata"]["labels"] == {"work.karmada.io/permanent-id": "id"}
    assert stored["spec"]["workload"]["manifests"][0]["metadata"] == {
        "name": "it",
        "namespace": "default",
        "labels": {"b": "1", "a": "1"},
        "annotations": {
            "resourcetemplate.karmada.io/managed-labels": "a,b",
            "resourcetemplate.karmada.io/managed-annotations": "resourcetemplate.karmada.io/managed-annotations,"
            "resourcetemplate.karmada.io/managed-labels",
        },
    }
    assert given == before


WORK_ERRORS = [
    pytest.param(work(manifest("ConfigMap")), [], id="a-config-map"),
    pytest.param(work(), [], id="an-empty-work"),
    pytest.param(
        work({}),
        [
            "spec.workload.manifests[0].apiVersion: Required value",
            "spec.workload.manifests[0].kind: Required value",
            "spec.workload.manifests[0].metadata.name: Required value",
        ],
        id="an-empty-manifest",
    ),
    pytest.param(work("x"), ['spec.workload.manifests[0]: Invalid value: "x": must be an object'], id="no-manifest"),
    pytest.param(
        work(manifest("ConfigMap", metadata={"labels": [1]})),
        ["spec.workload.manifests[0].metadata.labels: Invalid value: [1]: must be a map of strings"],
        id="no-labels",
    ),
    pytest.param(
        work(suspendDispatch=True),
        ['spec.suspendDispatch: unknown field; did you mean "suspendDispatching"?'],
        id="a-misspelt-field",
    ),
]

BINDING_ERRORS = [
    pytest.param(binding(), [], id="the-smallest"),
    pytest.param(
        binding(
            clusters=[{"name": "m", "replicas": 1}],
            gracefulEvictionTasks=[{"fromCluster": "m", "reason": "TaintUntolerated", "producer": "p"}],
        ),
        [],
        id="a-scheduled-one",
    ),
    pytest.param(
        binding(resource={}),
        [
            "spec.resource.apiVersion: Required value",
            "spec.resource.kind: Required value",
            "spec.resource.name: Required value",
        ],
        id="no-template",
    ),
    pytest.param(
        binding(clusters=[{"name": "m"}, {"name": "m", "replicas": -1}]),
        [
            'spec.clusters[1].name: Duplicate value: "m"',
            "spec.clusters[1].replicas: Invalid value: -1: must not be negative",
        ],
        id="a-cluster-twice",
    ),
    pytest.param(
        binding(components=[{"name": "a"}, {"name": "a"}, {"name": ""}]),
        ['spec.components[1].name: Duplicate value: "a"', "spec.components[2].name: Required value"],
        id="components-are-named",
    ),
    pytest.param(
        binding(
            gracefulEvictionTasks=[
                {
                    "fromCluster": "m",
                    "reason": "1st",
                    "producer": "p",
                    "gracePeriodSeconds": 1,
                    "suppressDeletion": True,
                }
            ]
        ),
        [
            'spec.gracefulEvictionTasks[0].reason: Invalid value: "1st": must be at most 32 characters and '
            "match [A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?",
            "spec.gracefulEvictionTasks[0].suppressDeletion: Forbidden: gracePeriodSeconds and suppressDeletion "
            "exclude each other",
        ],
        id="an-eviction-for-no-reason",
    ),
]


@pytest.mark.parametrize(("given", "expected"), WORK_ERRORS)
def test_work(given: Obj, expected: list[str]) -> None:
    assert [str(e) for e in WORKS.validate(WORKS.default(given, "now", "id"), None)] == expected


@pytest.mark.parametrize(("given", "expected"), BINDING_ERRORS)
def test_binding(given: Obj, expected: list[str]) -> None:
    assert [str(e) for e in BINDINGS.validate(BINDINGS.default(given, "now", "id"), None)] == expected


def test_a_binding_gets_its_scopes_id_and_keeps_it() -> None:
    stored = WIDE.default(binding("ClusterResourceBinding"), "now", "id")
    assert stored["metadata"]["labels"] == {"clusterresourcebinding.karmada.io/permanent-id": "id"}
    changed = WIDE.default(binding("ClusterResourceBinding"), "now", "other")
    assert [e.path for e in WIDE.validate(changed, stored)] == [
        "metadata.labels[clusterresourcebinding.karmada.io/permanent-id]"
    ]


def test_dependencies_must_be_json() -> None:
    given = manifest(
        "ResourceBinding",
        metadata={"annotations": {"resourcebinding.karmada.io/dependencies": "{"}},
        spec={"resource": RESOURCE},
    )
    assert [e.path for e in BINDINGS.validate(given, None)] == [
        "metadata.annotations[resourcebinding.karmada.io/dependencies]"
    ]
