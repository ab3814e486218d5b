"""From a binding and its template to one Work per cluster."""

from typing import Any

import pytest

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, copy_of, decode
from flotilla_hub.detector.bind import Demand, binding_for
from flotilla_hub.detector.claim import claimed
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.override.core import OverrideFailed
from flotilla_hub.work.build import Built, build
from tests.unit.hub.build import cluster, deployment, manifest, override_policy, plaintext, policy

MEMBERS = {name: cluster(name) for name in ("member1", "member2")}
ID = "resourcebinding.karmada.io/permanent-id"
POLICY_ID = "propagationpolicy.karmada.io/permanent-id"


def binding(template: Obj, replicas: int = 3, targets: dict[str, int] | None = None, **spec: Any) -> Obj:
    made = binding_for(template, policy("web"), None, Demand(replicas)) or {}
    names = {"member1": replicas, "member2": replicas} if targets is None else targets
    made["spec"] |= {"clusters": [{"name": n, "replicas": r} for n, r in names.items()], **spec}
    return made


def built(template: Obj, *overrides: OverridePolicy, **spec: Any) -> Built:
    return build(binding(template, **spec), template, MEMBERS, [], overrides)


def manifests(result: Built) -> dict[str, Obj]:
    return {work.cluster: decode(work.message.manifests[0]) for work in result.works}


def test_a_work_is_built_whole() -> None:
    template = deployment(labels={"app": "web"})
    work = built(template, targets={"member1": 2}).works[0]
    id_of_binding = binding(template)["metadata"]["labels"][ID]
    meta = decode(work.message.meta)
    permanent_id = meta["labels"]["work.karmada.io/permanent-id"]
    assert (work.cluster, work.name, work.binding) == ("member1", "nginx-687f7fb96f", "default/nginx-deployment")
    assert meta == {
        "name": "nginx-687f7fb96f",
        "namespace": "karmada-es-member1",
        "labels": {ID: id_of_binding, "work.karmada.io/permanent-id": permanent_id},
        "annotations": {
            "resourcebinding.karmada.io/namespace": "default",
            "resourcebinding.karmada.io/name": "nginx-deployment",
        },
        "finalizers": ["karmada.io/execution-controller"],
    }
    labels = {
        "app": "web",
        "karmada.io/managed": "true",
        POLICY_ID: binding(template)["metadata"]["labels"][POLICY_ID],
        ID: id_of_binding,
        "work.karmada.io/permanent-id": permanent_id,
    }
    annotations = {
        "propagationpolicy.karmada.io/name": "web",
        "propagationpolicy.karmada.io/namespace": "default",
        "resourcebinding.karmada.io/name": "nginx-deployment",
        "resourcebinding.karmada.io/namespace": "default",
        "resourcetemplate.karmada.io/generation": "2",
        "resourcetemplate.karmada.io/managed-annotations": "",
        "resourcetemplate.karmada.io/managed-labels": ",".join(sorted(labels)),
        "resourcetemplate.karmada.io/uid": "uid-nginx",
        "work.karmada.io/conflict-resolution": "abort",
        "work.karmada.io/name": "nginx-687f7fb96f",
        "work.karmada.io/namespace": "karmada-es-member1",
    }
    annotations["resourcetemplate.karmada.io/managed-annotations"] = ",".join(sorted(annotations))
    assert decode(work.message.manifests[0]) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "nginx", "namespace": "default", "labels": labels, "annotations": annotations},
        "spec": {**template["spec"], "replicas": 2},
    }


def test_a_cluster_scoped_template_names_its_cluster_binding() -> None:
    role = manifest("ClusterRole", "view", "", api_version="rbac.authorization.k8s.io/v1", metadata={"uid": "u"})
    bound = binding_for(role, policy("web", ""), None, Demand()) or {}
    bound["spec"]["clusters"] = [{"name": "member1"}]
    work = build(bound, role, MEMBERS, [], []).works[0]
    assert work.binding == "view-clusterrole"
    assert decode(work.message.meta)["annotations"] == {"clusterresourcebinding.karmada.io/name": "view-clusterrole"}


def test_each_cluster_gets_its_replicas() -> None:
    result = manifests(built(deployment(), targets={"member1": 1, "member2": 2}))
    assert {name: m["spec"]["replicas"] for name, m in result.items()} == {"member1": 1, "member2": 2}


def test_what_is_no_workload_keeps_its_content() -> None:
    config = manifest("ConfigMap", data={"replicas": "3"}, metadata={"uid": "u"})
    assert manifests(built(config, replicas=0))["member1"]["data"] == {"replicas": "3"}


def test_an_override_outranks_the_scheduler_in_its_cluster_only() -> None:
    patch = override_policy("p", clusters=("member1",), plaintext=[plaintext("/spec/replicas", 9, "replace")])
    result = built(deployment(), patch)
    assert {name: m["spec"]["replicas"] for name, m in manifests(result).items()} == {"member1": 9, "member2": 3}
    records = [
        decode(w.message.meta)["annotations"].get("policy.karmada.io/applied-overrides", "none") for w in result.works
    ]
    assert records[0].startswith('[{"policyName":"default/p","overriders":') and records[1] == "none"


def test_an_override_cannot_take_our_marks_away() -> None:
    patch = override_policy("p", plaintext=[plaintext("/metadata/labels", {"karmada.io/managed": "no", "mine": "x"})])
    labels = manifests(built(deployment(), patch))["member1"]["metadata"]["labels"]
    assert (labels["karmada.io/managed"], labels["mine"]) == ("true", "x")


def test_cluster_wide_overrides_are_recorded_apart() -> None:
    template = deployment()
    wide = override_policy("p", "", plaintext=[plaintext("/spec/x", 1)])
    result = build(binding(template), template, MEMBERS, [wide], [])
    annotations = decode(result.works[0].message.meta)["annotations"]
    assert "policy.karmada.io/applied-cluster-overrides" in annotations
    assert "policy.karmada.io/applied-overrides" not in annotations


def test_a_patch_that_does_not_fit_stops_its_cluster_only() -> None:
    patch = override_policy("p", clusters=("member1",), plaintext=[plaintext("/spec/none", operator="remove")])
    result = built(deployment(), patch)
    assert [w.cluster for w in result.works] == ["member2"]
    assert {name: type(err) for name, err in result.failures.items()} == {"member1": OverrideFailed}


def test_a_target_that_is_not_registered_fails_alone() -> None:
    result = built(deployment(), targets={"gone": 1, "member1": 1})
    assert [w.cluster for w in result.works] == ["member1"]
    assert isinstance(result.failures["gone"], NotFound)


RESOLUTIONS = [
    pytest.param({}, {}, "abort", id="abort-by-default"),
    pytest.param({}, {"conflictResolution": "Overwrite"}, "overwrite", id="as-the-binding-says"),
    pytest.param({"work.karmada.io/conflict-resolution": "overwrite"}, {}, "overwrite", id="the-template-outranks-it"),
    pytest.param(
        {"work.karmada.io/conflict-resolution": "abort"}, {"conflictResolution": "Overwrite"}, "abort", id="both-ways"
    ),
    pytest.param({"work.karmada.io/conflict-resolution": "maybe"}, {}, "abort", id="unless-it-says-neither"),
]


@pytest.mark.parametrize(("annotations", "spec", "expected"), RESOLUTIONS)
def test_conflict_resolution(annotations: Obj, spec: Obj, expected: str) -> None:
    result = manifests(built(deployment(annotations=annotations), **spec))["member1"]
    assert result["metadata"]["annotations"]["work.karmada.io/conflict-resolution"] == expected


def test_flags_travel_with_the_work() -> None:
    flags = {
        "suspension": {"dispatchingOnClusters": {"clusterNames": ["member2"]}},
        "preserveResourcesOnDeletion": True,
    }
    result = built(deployment(), **flags)
    assert [(w.message.suspended, w.message.preserve) for w in result.works] == [(False, True), (True, True)]


def test_building_again_gives_the_same_bytes() -> None:
    reordered = dict(reversed(deployment().items()))
    assert [w.message.digest() for w in built(deployment()).works] == [
        w.message.digest() for w in built(reordered).works
    ]


def test_a_status_write_changes_nothing() -> None:
    later = {**deployment(resourceVersion="99", managedFields=[{}]), "status": {"replicas": 3}}
    assert built(later) == built(deployment())


def test_another_generation_is_another_work() -> None:
    assert built(deployment(generation=3)).works[0].message.digest() != built(deployment()).works[0].message.digest()


def test_inputs_stay_unchanged() -> None:
    template, patch = deployment(labels={"a": "b"}), override_policy("p", plaintext=[plaintext("/spec/template/x", {})])
    bound, before = binding(template), (copy_of(template), copy_of(binding(template)))
    build(bound, template, MEMBERS, [], [patch])
    assert (template, bound) == before


def test_a_template_that_has_its_policys_marks_already_makes_the_same_work() -> None:
    template = deployment(labels={"app": "web"})
    marked = claimed(template, policy("web")) or {}

    assert built(marked, targets={"member1": 2}).works == built(template, targets={"member1": 2}).works
