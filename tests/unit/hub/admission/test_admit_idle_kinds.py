"""Karmada's kinds the hub stores without acting on them yet: their defaults, their rules, and the warning."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.admission.admit import Admitted, Rejected, admit
from flotilla_hub.resources.builtin import BUILTIN

RESOURCES = {resource.kind: resource for resource in BUILTIN if resource.group.endswith(".karmada.io")}
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
OURS = {"apiVersion": "autoscaling.karmada.io/v1alpha1", "kind": "FederatedHPA", "name": "web"}
NIGHT = {"name": "night", "schedule": "30 8 * * 1-5", "targetReplicas": 2}
FULL = {"suspend": False, "successfulHistoryLimit": 3, "failedHistoryLimit": 3}
PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
BY_PERCENT = {"type": "Percent", "value": 100, "periodSeconds": 15}


def submitted(kind: str, old: Obj | None = None, name: str = "web", **spec: Any) -> Admitted:
    resource = RESOURCES[kind]
    metadata = {"name": name, **({"namespace": "default"} if resource.namespaced else {})}
    obj = {"apiVersion": resource.gvk().api_version, "kind": kind, "metadata": metadata, "spec": spec}
    return admit(resource, resource.versions[0], obj, old, "2026-05-01T10:00:00Z", "some-id")


def refused(kind: str, old: Obj | None = None, name: str = "web", **spec: Any) -> list[str]:
    with pytest.raises(Rejected) as rejected:
        submitted(kind, old, name, **spec)
    return [str(error) for error in rejected.value.errors]


def hpa(**more: Any) -> dict[str, Any]:
    return {"scaleTargetRef": TARGET, "maxReplicas": 5, **more}


def cron(target: dict[str, Any] = TARGET, **rule: Any) -> dict[str, Any]:
    return {"scaleTargetRef": target, "rules": [{**NIGHT, **rule}]}


def mcs(**more: Any) -> dict[str, Any]:
    return {"types": ["CrossCluster"], **more}


REGISTRY = {"targetCluster": {}, "resourceSelectors": [{"apiVersion": "v1", "kind": "Pod"}]}
SCRIPT = {"healthInterpretation": {"luaScript": "function InterpretHealth(o) return true end"}}
RIC = {"target": {"apiVersion": "x.io/v1", "kind": "X"}, "customizations": SCRIPT}
MATCH = {"conditionType": "ServiceDomainNameResolutionReady", "operator": "Equal", "conditionStatus": "False"}


@pytest.mark.parametrize(
    ("kind", "spec", "filled"),
    [
        pytest.param("FederatedHPA", hpa(), {"minReplicas": 1, "metrics": [CPU]}, id="an-autoscaler-looks-at-the-cpu"),
        pytest.param(
            "FederatedHPA",
            hpa(metrics=[CPU], minReplicas=2, behavior={"scaleDown": {"stabilizationWindowSeconds": 60}}),
            {
                "behavior": {
                    "scaleDown": {
                        "stabilizationWindowSeconds": 60,
                        "selectPolicy": "Max",
                        "policies": [BY_PERCENT],
                    },
                    "scaleUp": {
                        "stabilizationWindowSeconds": 0,
                        "selectPolicy": "Max",
                        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, BY_PERCENT],
                    },
                }
            },
            id="a-behaviour-is-completed",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(),
            {"rules": [{**NIGHT, **FULL}]},
            id="a-rule-is-completed",
        ),
        pytest.param(
            "CronFederatedHPA", cron(schedule="@hourly", timeZone="Europe/Berlin", **FULL), {}, id="a-shorthand"
        ),
        pytest.param("CronFederatedHPA", cron(OURS, targetMaxReplicas=9, **FULL), {}, id="an-autoscalers-bounds"),
        pytest.param("MultiClusterService", mcs(ports=[{"port": 80}]), {}, id="a-service"),
        pytest.param("MultiClusterIngress", {"rules": [{"http": {"paths": [PATH]}}]}, {}, id="an-ingress"),
        pytest.param("Remedy", {"decisionMatches": [{"clusterConditionMatch": MATCH}]}, {}, id="a-remedy"),
        pytest.param("ResourceRegistry", REGISTRY, {}, id="a-registry"),
        pytest.param("ResourceInterpreterCustomization", RIC, {}, id="a-customization"),
    ],
)
def test_what_is_well_formed_is_stored_with_a_warning(kind, spec, filled):
    stored = submitted(kind, **spec)
    assert stored.obj["spec"] == {**spec, **filled}
    assert stored.warnings == (f"{kind}: this hub stores the object and does not act on it yet",)


def test_a_service_gets_an_id_that_stays():
    first = submitted("MultiClusterService", **mcs()).obj
    label = {"multiclusterservice.karmada.io/permanent-id": "some-id"}
    assert first["metadata"]["labels"] == label
    assert refused("MultiClusterService", first, types=["LoadBalancer"]) == [
        'spec.types: Invalid value: ["LoadBalancer"]: field is immutable'
    ]


NAME = "must start with a lower case letter, end with one or a digit, and hold at most 63 of them and '-'"
SCHEDULE = "must have the five fields of a cron schedule, such as '30 8 * * 1-5', or be one like @hourly"


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        pytest.param(
            "FederatedHPA",
            hpa(minReplicas=9),
            ["spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"],
            id="more-at-least-than-at-most",
        ),
        pytest.param(
            "FederatedHPA",
            hpa(minReplicas=0),
            ["spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"],
            id="an-autoscaler-that-may-scale-to-nothing",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(schedule="at night"),
            [f'spec.rules[0].schedule: Invalid value: "at night": {SCHEDULE}'],
            id="no-schedule",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(timeZone="Berlin"),
            ['spec.rules[0].timeZone: Invalid value: "Berlin": must be a time zone\'s name such as Europe/Berlin'],
            id="no-time-zone",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(OURS),
            [
                "spec.rules[0].targetMinReplicas: Required value: a FederatedHPA gets a new minimum, a new maximum, "
                "or both"
            ],
            id="an-autoscaler-without-bounds",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(OURS, targetMinReplicas=5, targetMaxReplicas=4),
            ["spec.rules[0].targetMaxReplicas: Invalid value: 4: must be greater than or equal to `targetMinReplicas`"],
            id="bounds-the-wrong-way-round",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron({**OURS, "kind": "CronFederatedHPA"}, targetMinReplicas=1),
            ['spec.scaleTargetRef.kind: Unsupported value: "CronFederatedHPA": supported values: "FederatedHPA"'],
            id="a-schedule-for-a-schedule",
        ),
        pytest.param(
            "CronFederatedHPA",
            {"scaleTargetRef": TARGET, "rules": [{"name": "night", "schedule": "@daily"}]},
            ["spec.rules[0].targetReplicas: Required value: what is no FederatedHPA is scaled to a number of replicas"],
            id="nothing-to-scale-to",
        ),
        pytest.param(
            "CronFederatedHPA",
            cron(failedHistoryLimit=33),
            ["spec.rules[0].failedHistoryLimit: Invalid value: 33: must be between 0 and 32"],
            id="a-long-memory",
        ),
        pytest.param(
            "MultiClusterService",
            {"types": ["CrossCluster", "LoadBalancer"]},
            [
                'spec.types: Invalid value: ["CrossCluster","LoadBalancer"]: exactly one of CrossCluster and '
                "LoadBalancer must be given"
            ],
            id="both-types",
        ),
        pytest.param(
            "MultiClusterService",
            mcs(ports=[{"port": 80}, {"port": 70000, "name": "b"}]),
            [
                "spec.ports[0].name: Required value: of several ports each needs a name",
                "spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535",
            ],
            id="ports",
        ),
        pytest.param(
            "MultiClusterService",
            mcs(consumerClusters=[{"name": "a"}, {"name": "a"}]),
            ['spec.consumerClusters[1].name: Duplicate value: "a"'],
            id="twice-the-same-cluster",
        ),
        pytest.param(
            "MultiClusterIngress",
            {},
            ["spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified"],
            id="an-ingress-without-rules",
        ),
        pytest.param(
            "MultiClusterIngress",
            {"rules": [{"http": {"paths": [{**PATH, "path": "web"}]}}]},
            ['spec.rules[0].http.paths[0].path: Invalid value: "web": must be an absolute path'],
            id="a-relative-path",
        ),
        pytest.param(
            "Remedy",
            {"decisionMatches": [{}]},
            ["spec.decisionMatches[0].clusterConditionMatch: Required value: there is nothing else to match by"],
            id="a-match-of-nothing",
        ),
        pytest.param(
            "Remedy",
            {"actions": ["Reboot"]},
            ['spec.actions[0]: Unsupported value: "Reboot": supported values: "TrafficControl"'],
            id="no-such-action",
        ),
        pytest.param(
            "ResourceRegistry",
            {"resourceSelectors": [{"apiVersion": "", "kind": "Pod"}]},
            ["spec.resourceSelectors[0].apiVersion: Required value"],
            id="no-version",
        ),
        pytest.param(
            "ResourceInterpreterCustomization",
            {**RIC, "customizations": {"retention": {"luaScript": " "}}},
            ["spec.customizations.retention.luaScript: Required value: an operation without a script is nothing"],
            id="no-script",
        ),
        pytest.param(
            "ResourceInterpreterCustomization",
            {**RIC, "customizations": {"retentio": {"luaScript": "x"}}},
            ['spec.customizations.retentio: unknown field; did you mean "retention"?'],
            id="no-such-operation",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(kind, spec, said):
    assert refused(kind, **spec) == said


def test_the_name_of_a_service_is_one_of_dns():
    assert refused("MultiClusterService", name="1web", **mcs()) == [f'metadata.name: Invalid value: "1web": {NAME}']
