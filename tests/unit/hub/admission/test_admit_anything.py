"""Whatever a user submits is answered: defaulting copes with any shape, and what passes can be read by the hub."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission import ADMIT
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.model.policy import Policy

WORDS = [
    *("apiVersion", "kind", "name", "namespace", "labels", "annotations", "spec", "metadata", "value"),
    *("placement", "resourceSelectors", "clusterAffinity", "clusterNames", "labelSelector", "matchExpressions", "key"),
    *("replicaScheduling", "spreadConstraints", "failover", "application", "decisionConditions", "schedulerStrategy"),
    *(
        "taints",
        "effect",
        "resourceModels",
        "grade",
        "ranges",
        "min",
        "max",
        "zone",
        "zones",
        "apiEndpoint",
        "secretRef",
    ),
    *("workload", "manifests", "overrideRules", "overriders", "plaintext", "fieldOverrider", "clusters", "resource"),
]
LEAVES = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "v1", "NoExecute", "Divided", "[::1"])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
)
OBJECTS = st.fixed_dictionaries({"metadata": JSON, "spec": JSON}, optional={"kind": JSON})


@pytest.mark.parametrize("resource", ADMIT)
@given(obj=OBJECTS)
def test_any_shape_gets_an_answer(resource: str, obj: Obj) -> None:
    before = copy_of(obj)
    stored = ADMIT[resource].default(obj, "2026-01-01T00:00:00Z", "id")
    assert isinstance(ADMIT[resource].validate(stored, None), tuple)
    assert obj == before


@pytest.mark.parametrize("resource", ADMIT)
@given(obj=OBJECTS)
def test_defaulting_twice_is_defaulting_once(resource: str, obj: Obj) -> None:
    once = ADMIT[resource].default(obj, "2026-01-01T00:00:00Z", "id")
    assert ADMIT[resource].default(once, "later", "other", once) == once


POLICY = """
metadata: {name: p, namespace: default}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}]
  placement:
"""

SCENARIOS = [
    pytest.param("propagationpolicies", Policy, POLICY + "    clusterAffinity: {clusterNames: [a, b]}", id="names"),
    pytest.param(
        "propagationpolicies",
        Policy,
        POLICY + "    clusterAffinity: {clusterNames: [a]}\n"
        "    schedulerStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}",
        id="a-canary",
    ),
    pytest.param(
        "propagationpolicies",
        Policy,
        POLICY + "    clusterAntiAffinity: {clusterNames: [prod]}",
        id="never-in-production",
    ),
    pytest.param(
        "clusterpropagationpolicies",
        Policy,
        POLICY.replace(", namespace: default", "") + "    schedulerStrategy: {type: Failover}",
        id="failover",
    ),
    pytest.param(
        "overridepolicies",
        OverridePolicy,
        """
metadata: {name: o, namespace: default}
spec:
  resourceSelectors: [{apiVersion: helm.toolkit.fluxcd.io/v2beta1, kind: HelmRelease, name: podinfo}]
  overrideRules:
    - targetCluster: {clusterNames: [member1]}
      overriders: {plaintext: [{path: /spec/values, operator: add, value: {replicaCount: 2}}]}
""",
        id="helm-values",
    ),
]


@pytest.mark.parametrize(("plural", "model", "text"), SCENARIOS)
def test_users_scenarios_are_admitted_and_read(plural: str, model: Any, text: str) -> None:
    admission = ADMIT[f"{plural}.policy.karmada.io"]
    stored = admission.default(yaml.safe_load(text), "2026-01-01T00:00:00Z", "id")
    assert admission.validate(stored, None) == ()
    assert model.of(stored).name == stored["metadata"]["name"]


def test_an_admitted_cluster_can_be_read() -> None:
    obj = {"metadata": {"name": "m"}, "spec": {"taints": [{"key": "a", "effect": "NoExecute"}], "zone": "z"}}
    read = Cluster.of(ADMIT["clusters.cluster.karmada.io"].default(obj, "2026-01-01T00:00:00Z", "id"))
    assert (read.name, read.zones, [str(t) for t in read.taints]) == ("m", ("z",), ["a:NoExecute"])
