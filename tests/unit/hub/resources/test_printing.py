"""What `kubectl get` shows: ages, JSONPaths, and the cells of the kinds people look at most."""

import pytest

from flotilla_common.errors import Invalid
from flotilla_common.objects import GVK, Obj
from flotilla_hub.resources.builtin import BUILTIN
from flotilla_hub.resources.crd import version_order
from flotilla_hub.resources.durations import age, human
from flotilla_hub.resources.jsonpath import compile_path
from flotilla_hub.resources.resource import Resource

NOW = "2030-01-31T12:00:00Z"
DAY = 86400

AGES = [
    pytest.param(-5, "<invalid>", id="from-the-future"),
    pytest.param(-1, "0s", id="clocks-a-little-apart"),
    pytest.param(0, "0s", id="just-now"),
    pytest.param(119, "119s", id="below-two-minutes"),
    pytest.param(120, "2m", id="two-minutes"),
    pytest.param(125, "2m5s", id="minutes-and-seconds"),
    pytest.param(605, "10m", id="ten-minutes-and-more"),
    pytest.param(3 * 3600 + 60, "3h1m", id="hours-and-minutes"),
    pytest.param(9 * 3600 + 60, "9h", id="nine-hours-and-more"),
    pytest.param(2 * DAY + 3600, "2d1h", id="days-and-hours"),
    pytest.param(9 * DAY + 3600, "9d", id="nine-days-and-more"),
    pytest.param(800 * DAY, "2y70d", id="years-and-days"),
    pytest.param(9 * 365 * DAY, "9y", id="nine-years"),
]


@pytest.mark.parametrize(("seconds", "expected"), AGES)
def test_ages_have_two_units_where_one_would_be_coarse(seconds: int, expected: str) -> None:
    assert human(seconds) == expected


@pytest.mark.parametrize("value", [None, "", "yesterday", 5])
def test_an_unreadable_time_has_no_age(value: object) -> None:
    assert age(value, NOW) == "<unknown>"


OBJ: Obj = {
    "metadata": {"labels": {"a.b/c": "x"}},
    "spec": {"hosts": ["one", "two"], "on": True, "none": None},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "False"}]},
}
JSON_PATHS = [
    pytest.param(".spec.on", [True], id="a-key"),
    pytest.param("{.spec.on}", [True], id="in-braces"),
    pytest.param("$.spec.on", [True], id="from-the-root"),
    pytest.param(".spec.missing.deeper", [], id="nothing-there"),
    pytest.param(".spec.none", [], id="null-is-nothing"),
    pytest.param(".spec.hosts[0]", ["one"], id="an-item"),
    pytest.param(".spec.hosts[-1]", ["two"], id="the-last-item"),
    pytest.param(".spec.hosts[9]", [], id="beyond-the-end"),
    pytest.param(".spec.hosts[*]", ["one", "two"], id="all-items"),
    pytest.param(".metadata.labels['a.b/c']", ["x"], id="a-quoted-key"),
    pytest.param(r".metadata.labels.a\.b/c", ["x"], id="an-escaped-key"),
    pytest.param('.status.conditions[?(@.type=="Ready")].status', ["True"], id="a-filter"),
    pytest.param(".status.conditions[?(@.type=='Ready')].status", ["True"], id="a-filter-in-single-quotes"),
    pytest.param('.status.conditions[?(@.type!="Ready")].type', ["Synced"], id="a-negative-filter"),
]


@pytest.mark.parametrize(("path", "expected"), JSON_PATHS)
def test_a_json_path_selects(path: str, expected: list[object]) -> None:
    assert compile_path(path)(OBJ) == expected


def test_a_json_path_beyond_us_is_refused() -> None:
    with pytest.raises(Invalid, match="cannot read it from"):
        compile_path(".spec[?(@.a>1)]")


def test_versions_are_preferred_as_kubernetes_does() -> None:
    versions = ["v1alpha1", "foo10", "v11beta2", "v3beta1", "v12alpha1", "v2", "v10", "v1", "foo1"]
    expected = ["v10", "v2", "v1", "v11beta2", "v3beta1", "v12alpha1", "v1alpha1", "foo1", "foo10"]
    assert sorted(versions, key=version_order) == expected


CELLS = [
    pytest.param(
        GVK("apps", "v1", "Deployment"),
        {"spec": {"replicas": 3}, "status": {"readyReplicas": 2, "updatedReplicas": 3, "availableReplicas": 2}},
        {"Ready": "2/3", "Up-to-date": 3, "Available": 2},
        id="a-deployment",
    ),
    pytest.param(
        GVK("", "v1", "Service"),
        {
            "spec": {
                "type": "LoadBalancer",
                "ports": [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}],
            },
            "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
        },
        {"Type": "LoadBalancer", "External-IP": "1.2.3.4", "Port(s)": "80:30080/TCP,53/UDP"},
        id="a-service",
    ),
    pytest.param(
        GVK("batch", "v1", "Job"),
        {"spec": {"completions": 3}, "status": {"succeeded": 1, "startTime": "2030-01-31T11:59:00Z"}},
        {"Status": "Running", "Completions": "1/3", "Duration": "60s"},
        id="a-job",
    ),
    pytest.param(
        GVK("cluster.karmada.io", "v1alpha1", "Cluster"),
        {"spec": {"syncMode": "Push"}},
        {"Version": "<none>", "Mode": "Push", "Ready": "Unknown", "Zones": "<none>", "API-Endpoint": "<none>"},
        id="a-cluster-never-heard-of",
    ),
    pytest.param(
        GVK("cluster.karmada.io", "v1alpha1", "Cluster"),
        {
            "spec": {"syncMode": "Pull", "zones": ["a", "b"]},
            "status": {"kubernetesVersion": "v1.36.3", "conditions": [{"type": "Ready", "status": "True"}]},
        },
        {"Version": "v1.36.3", "Mode": "Pull", "Ready": "True", "Zones": "a,b"},
        id="a-ready-cluster",
    ),
    pytest.param(
        GVK("work.karmada.io", "v1alpha2", "ResourceBinding"),
        {
            "status": {
                "conditions": [{"type": "Scheduled", "status": "True"}, {"type": "FullyApplied", "status": "False"}]
            }
        },
        {"Scheduled": "True", "FullyApplied": "False", "Strategy": ""},
        id="a-binding",
    ),
    pytest.param(
        GVK("work.karmada.io", "v1alpha2", "ResourceBinding"),
        {"status": {"conditions": [{"type": "Serving", "reason": "FailedOver"}], "failover": {"serving": "m2"}}},
        {"Strategy": "m2 FailedOver"},
        id="a-binding-that-is-served-by-one-cluster",
    ),
    pytest.param(
        GVK("work.karmada.io", "v1alpha2", "ResourceBinding"),
        {
            "status": {
                "conditions": [{"type": "Progressing", "reason": "RollingOut"}],
                "rollout": {"healthy": 3, "total": 8},
            }
        },
        {"Strategy": "RollingOut 3/8"},
        id="a-binding-that-is-rolled-out",
    ),
    pytest.param(
        GVK("policy.karmada.io", "v1alpha1", "FederatedResourceQuota"),
        {"status": {"overall": {"memory": "8Gi", "cpu": "10"}}},
        {"Overall": '{"cpu":"10","memory":"8Gi"}', "Overall_Used": ""},
        id="a-quota-of-which-nothing-is-used",
    ),
    pytest.param(
        GVK("work.karmada.io", "v1alpha1", "Work"),
        {"spec": {"workload": {"manifests": [{"kind": "Deployment"}]}}},
        {"Workload-Kind": "Deployment", "Applied": ""},
        id="a-work",
    ),
    pytest.param(
        GVK("policy.karmada.io", "v1alpha1", "PropagationPolicy"),
        {"spec": {"conflictResolution": "Abort", "priority": 5}},
        {"Conflict-Resolution": "Abort", "Priority": 5},
        id="a-policy",
    ),
]


@pytest.mark.parametrize(("gvk", "body", "expected"), CELLS)
def test_cells_show(gvk: GVK, body: Obj, expected: Obj) -> None:
    resource = next(r for r in BUILTIN if r.gvk() == gvk)
    cells = {c.name: c.cell({"metadata": {"name": "it"}, **body}, NOW) for c in resource.columns}
    assert {name: cells[name] for name in expected} == expected


@pytest.mark.parametrize("resource", [pytest.param(r, id=r.key) for r in BUILTIN])
def test_an_empty_object_can_be_printed(resource: Resource) -> None:
    obj = {"apiVersion": "v1", "kind": resource.kind, "metadata": {"name": "it", "creationTimestamp": NOW}}
    cells = {c.name: c.cell(obj, NOW) for c in resource.columns}
    assert cells["Name"] == "it"
