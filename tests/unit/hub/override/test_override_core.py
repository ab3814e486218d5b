"""Which override policies apply, in which order, and what is recorded of it."""

import json
from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.override.core import Overridden, OverrideFailed, override
from tests.unit.hub.build import cluster, deployment, manifest, override_policy, plaintext, selector

MEMBER = cluster("member1", labels={"env": "prod"}, region="eu")


def labelling(name: str, namespace: str = "default", **more: Any) -> OverridePolicy:
    """A policy that writes its own name, so that the last to apply shows."""
    return override_policy(name, namespace, plaintext=[plaintext("/metadata/labels", {"by": name})], **more)


BY_NAME, BY_LABEL, BY_KIND = [selector("nginx")], [selector(labelSelector={})], [selector()]

LAST = [
    pytest.param([], None, id="no-policy-changes-nothing"),
    pytest.param([labelling("a")], "a", id="without-selectors-it-selects-everything-in-its-namespace"),
    pytest.param([labelling("a", "other")], None, id="but-nothing-in-another-namespace"),
    pytest.param([labelling("a", "")], "a", id="a-cluster-wide-one-selects-everywhere"),
    pytest.param([labelling("a", selectors=[selector("other")])], None, id="another-name-is-not-selected"),
    pytest.param([labelling("a"), labelling("b", "")], "a", id="namespaced-come-after-cluster-wide"),
    pytest.param([labelling("a"), labelling("b")], "b", id="the-greater-name-comes-last"),
    pytest.param(
        [labelling("a", selectors=BY_NAME), labelling("b", selectors=BY_LABEL)], "a", id="a-name-comes-after-labels"
    ),
    pytest.param(
        [labelling("a", selectors=BY_LABEL), labelling("b", selectors=BY_KIND)], "a", id="labels-come-after-a-kind"
    ),
    pytest.param([labelling("a", selectors=BY_KIND), labelling("b")], "a", id="a-kind-comes-after-no-selectors"),
    pytest.param(
        [labelling("a", "", selectors=BY_NAME), labelling("b")], "b", id="even-the-least-specific-namespaced-one"
    ),
    pytest.param([labelling("a", clusters=("member1",))], "a", id="for-this-cluster"),
    pytest.param([labelling("a", clusters=("member2",))], None, id="not-for-another"),
]


@pytest.mark.parametrize(("policies", "expected"), LAST)
def test_last_to_apply(policies: list[OverridePolicy], expected: str | None) -> None:
    for given in (policies, policies[::-1]):
        labels = override(deployment(), MEMBER, given).manifest["metadata"].get("labels", {})
        assert labels.get("by") == expected


def of_a_newer_release(**spec: Any) -> OverridePolicy:
    metadata = {"name": "newer", "namespace": "default"}
    return OverridePolicy.of(
        {"metadata": metadata, "spec": {"overrideRules": [{"overriders": {}, "newer": 1}], **spec}}
    )


def test_a_policy_that_cannot_be_read_fails_what_it_selects() -> None:
    with pytest.raises(
        OverrideFailed, match=r"OverridePolicy default/newer .*spec\.overrideRules\.0\.newer.*keeps what"
    ):
        override(deployment(), MEMBER, [of_a_newer_release()])
    others = [of_a_newer_release(resourceSelectors=[selector("other")]), labelling("a")]
    assert override(deployment(), MEMBER, others).manifest["metadata"]["labels"] == {"by": "a"}


TARGETS = [
    pytest.param(None, True, id="none-means-all"),
    pytest.param({}, True, id="an-empty-one-too"),
    pytest.param({"labelSelector": {"matchLabels": {"env": "prod"}}}, True, id="labels"),
    pytest.param({"labelSelector": {"matchLabels": {"env": "dev"}}}, False, id="other-labels"),
    pytest.param({"clusterNames": ["member1"], "exclude": ["member1"]}, False, id="exclude-outranks-names"),
    pytest.param(
        {"fieldSelector": {"matchExpressions": [{"key": "region", "operator": "In", "values": ["eu"]}]}},
        True,
        id="region",
    ),
]


@pytest.mark.parametrize(("target", "does_apply"), TARGETS)
def test_rule_applies(target: dict[str, Any] | None, does_apply: bool) -> None:
    rule = {
        "overriders": {"plaintext": [plaintext("/spec/x", 1)]},
        **({} if target is None else {"targetCluster": target}),
    }
    policy = OverridePolicy.of({"metadata": {"name": "p"}, "spec": {"overrideRules": [rule]}})
    assert ("x" in override(deployment(), MEMBER, [policy]).manifest["spec"]) is does_apply


def test_the_deprecated_pair_is_read_as_a_rule() -> None:
    spec = {"targetCluster": {"clusterNames": ["member1"]}, "overriders": {"plaintext": [plaintext("/spec/x", 1)]}}
    policy = OverridePolicy.of({"metadata": {"name": "p"}, "spec": spec})
    assert override(deployment(), MEMBER, [policy]).manifest["spec"]["x"] == 1


def test_rules_apply_in_list_order_and_plaintext_after_the_rest() -> None:
    first = {
        "overriders": {
            "plaintext": [plaintext("/metadata/labels", {"x": "1"})],
            "labelsOverrider": [{"operator": "add", "value": {"y": "1"}}],
        }
    }
    second = {"overriders": {"labelsOverrider": [{"operator": "add", "value": {"z": "1"}}]}}
    policy = OverridePolicy.of({"metadata": {"name": "p"}, "spec": {"overrideRules": [first, second]}})
    assert override(deployment(), MEMBER, [policy]).manifest["metadata"]["labels"] == {"x": "1", "z": "1"}


def test_every_applied_rule_is_recorded_sorted_by_policy() -> None:
    steps = [plaintext("/spec/a", 1)], [plaintext("/spec/replicas", operator="remove")]
    policies = [
        override_policy("b", plaintext=steps[0]),
        override_policy("a", plaintext=steps[1], selectors=BY_NAME),
        override_policy("wide", "", plaintext=steps[0]),
        override_policy("not-here", clusters=("member2",), plaintext=steps[0]),
    ]
    result = override(deployment(), MEMBER, policies)
    shadows = [
        {"policyName": "default/a", "overriders": {"plaintext": [{"path": "/spec/replicas", "operator": "remove"}]}},
        {"policyName": "default/b", "overriders": {"plaintext": [{"path": "/spec/a", "operator": "add", "value": 1}]}},
    ]
    assert json.loads(result.applied or "") == shadows
    assert json.loads(result.applied_cluster or "") == [{**shadows[1], "policyName": "wide"}]


def test_nothing_is_copied_when_no_rule_applies() -> None:
    template = deployment()
    result = override(template, MEMBER, [labelling("a", clusters=("member2",))])
    assert result == Overridden(template) and result.manifest is template


def test_inputs_stay_unchanged() -> None:
    steps = [plaintext("/spec/values", {"a": {}}), plaintext("/spec/values/a/b", 1)]
    template, policy = deployment(), override_policy("p", plaintext=steps)
    result = override(template, MEMBER, [policy])
    assert result.manifest["spec"]["values"] == {"a": {"b": 1}}
    assert (template, policy) == (
        deployment(),
        override_policy("p", plaintext=[plaintext("/spec/values", {"a": {}}), steps[1]]),
    )


FAILURES = [
    pytest.param(
        override_policy("p", plaintext=[plaintext("/spec/x/y", 1)]),
        "OverridePolicy default/p cannot be applied to Deployment default/nginx for cluster member1: add '/spec/x/y': "
        "'/spec' is as far as the path exists; add what is missing above it first; "
        "until this is corrected the cluster keeps what it has",
        id="it-names-policy-object-cluster-path-and-what-to-do",
    ),
    pytest.param(
        override_policy(
            "p", "", plaintext=[plaintext("/spec", operator="remove"), plaintext("/spec", operator="remove")]
        ),
        "ClusterOverridePolicy p",
        id="a-cluster-wide-policy-too",
    ),
    pytest.param(
        override_policy("p", plaintext=[plaintext("/metadata/namespace", "kube-system")]),
        "only a Cluster",
        id="a-tenant-stays-in-the-namespace",
    ),
    pytest.param(
        override_policy("p", plaintext=[plaintext("/kind", "ClusterRole")]), "only a Cluster", id="and-with-the-kind"
    ),
    pytest.param(
        override_policy("p", plaintext=[plaintext("/apiVersion", "x.org/v1")]),
        "only a Cluster",
        id="and-with-its-group",
    ),
    pytest.param(
        override_policy("p", "", plaintext=[plaintext("/metadata", operator="remove")]),
        "no apiVersion, kind or name",
        id="an-object-must-be-left",
    ),
    pytest.param(
        override_policy("p", "", plaintext=[plaintext("/metadata/labels", "x")]),
        "labels that are no map",
        id="with-labels-that-are-labels",
    ),
]


@pytest.mark.parametrize(("policy", "why"), FAILURES)
def test_failure(policy: OverridePolicy, why: str) -> None:
    with pytest.raises(OverrideFailed) as caught:
        override(deployment(), MEMBER, [policy])
    assert why in str(caught.value)


ALLOWED = [
    pytest.param(
        override_policy("p", plaintext=[plaintext("/apiVersion", "apps/v2")]),
        "apiVersion",
        "apps/v2",
        id="another-version-of-the-group",
    ),
    pytest.param(
        override_policy("p", "", plaintext=[plaintext("/kind", "Rollout")]),
        "kind",
        "Rollout",
        id="an-operator-may-change-the-kind",
    ),
]


@pytest.mark.parametrize(("policy", "field", "expected"), ALLOWED)
def test_allowed(policy: OverridePolicy, field: str, expected: str) -> None:
    assert override(deployment(), MEMBER, [policy]).manifest[field] == expected


def test_cluster_scoped_objects_meet_cluster_wide_policies_only() -> None:
    role: Obj = manifest("ClusterRole", namespace="", metadata={"labels": {}})
    before = copy_of(role)
    assert override(role, MEMBER, [labelling("a"), labelling("b", "")]).manifest["metadata"]["labels"] == {"by": "b"}
    assert role == before
