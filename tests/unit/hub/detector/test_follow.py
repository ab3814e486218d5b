"""What becomes of one template, with everything its policy may refer to."""

from typing import Any

import pytest

from flotilla_common.errors import Refused
from flotilla_common.objects import Obj, annotations_of, copy_of
from flotilla_hub.detector.claim import claimed, template_after
from flotilla_hub.detector.follow import Following, Surroundings, follow
from flotilla_hub.detector.notes import applied, dependencies, not_applied, preempted
from flotilla_hub.features import Features
from flotilla_hub.model.policy import Policy
from tests.unit.hub.build import deployment, policy, selector

WEB = deployment("nginx", labels={"app": "web"})
PLACEMENT = {"clusterAffinity": {"clusterNames": ["member1"]}}
SEEN = "detector.flotilla.io/seen"


def near(*policies: Policy, overrides: tuple[str, ...] = (), **features: bool) -> Surroundings:
    classes = {"urgent": 100, "none": 0}
    return Surroundings(policies, lambda _: overrides, classes.get, Features(**features))


def followed(template: Obj, *policies: Policy, existing: Obj | None = None, prompted: bool = False) -> Following:
    return follow(template, existing, near(*policies), prompted=prompted)


def priority(name: str) -> dict[str, Any]:
    return {"schedulePriority": {"priorityClassSource": "KubePriorityClass", "priorityClassName": name}}


def test_a_claimed_template_is_marked_and_bound() -> None:
    following = followed(WEB, policy("p", placement=PLACEMENT))
    assert following.template == claimed(WEB, policy("p"))
    assert following.binding is not None
    assert following.binding["spec"]["placement"] == PLACEMENT


def test_what_nobody_selects_any_more_loses_its_marks_and_keeps_its_binding() -> None:
    held = claimed(WEB, policy("p")) or {}
    binding = followed(WEB, policy("p", placement=PLACEMENT)).binding or {}
    following = followed(held, existing=binding)
    assert following.template == {**WEB, "metadata": {**WEB["metadata"], "annotations": {}}}
    assert following.binding is not None
    assert following.binding["spec"] == binding["spec"]


WAITING = [
    pytest.param({"dependentOverrides": ["a", "b"]}, ("OverridePolicy a",), id="for-an-override-policy"),
    pytest.param(priority("missing"), ("PriorityClass missing",), id="for-a-priority-class"),
    pytest.param(priority("urgent"), (), id="not-for-what-is-there"),
    pytest.param(priority("none"), (), id="not-for-one-of-value-0"),
]


@pytest.mark.parametrize(("spec", "expected"), WAITING)
def test_it_waits(spec: dict[str, Any], expected: tuple[str, ...]) -> None:
    following = follow(WEB, None, near(policy("p", **spec), overrides=("b",)))
    assert following.waits_for == expected
    assert (following.binding is None) is (following.template is None) is bool(expected)


def test_a_cluster_wide_policy_waits_for_cluster_wide_overrides() -> None:
    assert followed(WEB, policy("p", "", dependentOverrides=["a"])).waits_for == ("ClusterOverridePolicy a",)


def test_a_priority_class_counts_only_with_its_gate() -> None:
    def spec(**features: bool) -> Obj:
        urgent, missing = policy("p", **priority("urgent")), policy("p", **priority("missing"))
        following = follow(WEB, None, near(urgent if not features else missing, **features))
        assert following.binding is not None
        return following.binding["spec"]

    assert spec()["schedulePriority"] == {"priority": 100}
    assert "schedulePriority" not in spec(PriorityBasedScheduling=False)


def test_dependencies_are_noted_only_with_their_gate() -> None:
    def noted(**features: bool) -> str | None:
        following = follow(WEB, None, near(policy("p", propagateDeps=True), **features))
        return annotations_of(following.binding or {}).get("resourcebinding.karmada.io/dependencies")

    assert (noted(), noted(PropagateDeps=False)) == ("[]", None)


UNREADABLE = [
    pytest.param({"newer": 1}, "spec.newer", id="with-a-field-of-a-newer-release"),
    pytest.param({"placement": {"newer": 1}}, "spec.placement.newer", id="also-deep-inside"),
    pytest.param({"priority": "high"}, "spec.priority", id="of-another-shape"),
]


@pytest.mark.parametrize(("spec", "path"), UNREADABLE)
def test_a_policy_that_cannot_be_read_keeps_what_it_claimed_and_claims_nothing(spec: dict[str, Any], path: str) -> None:
    held, unreadable = claimed(WEB, policy("p")) or {}, policy("p", **spec)
    with pytest.raises(Refused, match=path):
        followed(held, unreadable, policy("next"))
    chosen = followed(WEB, unreadable, policy("next")).choice.policy
    assert chosen is not None
    assert chosen.name == "next"


GROUPS = [
    pytest.param({"affinity": "app"}, {"affinityGroup": "app=web"}, id="with-those-of-its-label's-value"),
    pytest.param({"antiAffinity": "app"}, {"antiAffinityGroup": "app=web"}, id="or-away-from-them"),
    pytest.param({"affinity": "app", "antiAffinity": "tier"}, {"affinityGroup": "app=web"}, id="not-without-the-label"),
    pytest.param({"affinity": "tier"}, None, id="no-label-no-group"),
]


@pytest.mark.parametrize(("keys", "expected"), GROUPS)
def test_a_template_belongs_to_groups(keys: dict[str, str], expected: dict[str, str] | None) -> None:
    terms = {name: {"groupByLabelKey": key} for name, key in keys.items()}
    by = policy("p", placement={"workloadAffinity": terms})
    with_gate, without = (follow(WEB, None, near(by, WorkloadAffinity=on)).binding or {} for on in (True, False))
    assert (with_gate["spec"].get("workloadAffinityGroups"), "workloadAffinityGroups" in without["spec"]) == (
        expected,
        False,
    )


# Lazy policies

EAGER, LAZY = policy("p", placement=PLACEMENT), policy("p", placement=PLACEMENT, activationPreference="Lazy")
LOOKED_AT = template_after(WEB, LAZY) or {}


def with_meta(obj: Obj, field: str, key: str, value: str) -> Obj:
    changed = copy_of(obj)
    changed["metadata"].setdefault(field, {})[key] = value
    return changed


ACTIVATION = [
    pytest.param(WEB, LAZY, False, True, id="a-template-made-under-it-goes-at-once"),
    pytest.param(WEB, LAZY, True, False, id="one-it-finds-waits"),
    pytest.param(WEB, EAGER, True, True, id="an-eager-policy-never-waits"),
    pytest.param(LOOKED_AT, LAZY, True, False, id="one-it-has-seen-waits"),
    pytest.param(LOOKED_AT, LAZY, False, False, id="also-when-the-hub-was-restarted"),
    pytest.param({**LOOKED_AT, "spec": {}}, LAZY, True, True, id="until-its-spec-changes"),
    pytest.param(with_meta(LOOKED_AT, "labels", "team", "a"), LAZY, True, True, id="or-a-label-of-the-user's"),
    pytest.param(with_meta(LOOKED_AT, "annotations", "note", "a"), LAZY, True, True, id="or-an-annotation"),
    pytest.param(
        with_meta(LOOKED_AT, "labels", "x.karmada.io/y", "a"), LAZY, True, False, id="but-not-a-label-of-Karmada's"
    ),
    pytest.param(with_meta(LOOKED_AT, "annotations", "x.flotilla.io/y", "a"), LAZY, True, False, id="or-of-ours"),
    pytest.param({**LOOKED_AT, "status": {"replicas": 3}}, LAZY, True, False, id="or-its-status"),
    pytest.param(LOOKED_AT, EAGER, True, True, id="or-the-policy-is-lazy-no-more"),
]


@pytest.mark.parametrize(("template", "by", "prompted", "expected"), ACTIVATION)
def test_activation(template: Obj, by: Policy, prompted: bool, expected: bool) -> None:
    before = copy_of(template)
    following = followed(template, by, prompted=prompted)
    assert (following.binding is not None, following.held) == (expected, not expected)
    assert template == before


def test_a_lazy_policy_claims_at_once() -> None:
    marked = followed(WEB, LAZY, prompted=True).template
    assert marked is not None
    assert marked["metadata"]["labels"]["propagationpolicy.karmada.io/permanent-id"] == "id-p"


def test_what_a_lazy_policy_has_seen_is_noted_once() -> None:
    activated = {**LOOKED_AT, "spec": {}}
    noted = followed(activated, LAZY).template or {}
    assert annotations_of(noted)[SEEN] != annotations_of(activated)[SEEN]
    assert followed(noted, LAZY).template is None


def test_the_note_goes_with_the_laziness() -> None:
    assert SEEN not in annotations_of(followed(LOOKED_AT, EAGER).template or {})
    assert SEEN not in annotations_of(followed(LOOKED_AT).template or {})


def test_nothing_is_held_where_nothing_would_change() -> None:
    binding = followed(WEB, LAZY).binding
    assert followed(LOOKED_AT, LAZY, existing=binding).held is False


# Events


def reading() -> Obj:
    template = deployment()
    (container,) = template["spec"]["template"]["spec"]["containers"]
    container["envFrom"] = [{"configMapRef": {"name": "conf"}}]
    return template


def test_the_words_of_events_are_upstreams() -> None:
    mine, wide = policy("p", "default", selector("nginx")), policy("q", "")
    assert applied(mine) == "Apply policy(default/p) succeed"
    assert applied(wide) == "Apply cluster policy(q) succeed"
    assert not_applied(mine, "why") == "Apply policy(default/p) failed: why"
    assert preempted(mine, wide) == "Propagation policy(default/p) preempted cluster propagation policy(q) successfully"
    noted = follow(reading(), None, near(policy("p", propagateDeps=True))).binding or {}
    assert dependencies(None, noted).startswith('Get dependencies([{"apiVersion":"v1","kind":"ConfigMap"')
    assert dependencies(noted, noted) == ""
    assert preempted(wide, wide) == "Cluster propagation policy(q) preempted cluster propagation policy(q) successfully"


RAY = {
    "apiVersion": "ray.io/v1",
    "kind": "RayCluster",
    "metadata": {"name": "ray", "namespace": "default", "uid": "u"},
    "spec": {"workerGroupSpecs": [{"groupName": "small", "replicas": 3}]},
}
PARTS = [{"name": "ray-head", "replicas": 1}, {"name": "small", "replicas": 3}]


@pytest.mark.parametrize(
    ("gate", "components"),
    [pytest.param(True, PARTS, id="on"), pytest.param(False, None, id="off")],
)
def test_components_are_bound_where_the_gate_is_on(gate: bool, components: list[Obj] | None) -> None:
    all_rays = policy("p", "default", {"apiVersion": "ray.io/v1", "kind": "RayCluster"})
    following = follow(RAY, None, near(all_rays, MultiplePodTemplatesScheduling=gate), prompted=False)
    assert following.binding is not None
    assert following.binding["spec"].get("components") == components
