"""What is told of one template beside the reasons: the clusters used, the overrides, what it waits for."""

from dataclasses import replace

import pytest

from flotilla_common.objects import Obj, copy_of, encode
from flotilla_hub.answers.delivery import Sent
from flotilla_hub.answers.explain import Observed
from flotilla_hub.answers.explanation import Explanation
from flotilla_hub.answers.state import Identity, binding_identity
from flotilla_hub.features import Features
from flotilla_hub.rules import Rules
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.answers.samples import (
    IMAGE,
    hub,
    member,
    nginx,
    override,
    placement,
    tag,
    told,
    verdicts,
    web_policy,
)
from tests.unit.hub.build import manifest, plaintext, policy_object, selector

RUNNING = hub(nginx(), web_policy("eu-1"))
TAINTED = member("eu-1", taints=[{"key": "old", "effect": "NoExecute"}])


def test_chosen_clusters_come_first_with_their_replicas() -> None:
    found = told(hub(nginx(), web_policy("us-1", "eu-2"))).clusters
    assert [(v.cluster, v.fit, v.chosen, v.replicas, v.score) for v in found] == [
        ("eu-2", True, True, 3, 100),
        ("us-1", True, True, 3, 100),
        ("eu-1", False, False, None, 0),
    ]


def test_what_is_no_workload_has_no_replicas() -> None:
    flags = manifest("ConfigMap", "flags", data={})
    state = hub(flags, web_policy("eu-1", selectors=({"apiVersion": "v1", "kind": "ConfigMap"},)))
    assert verdicts(told(state, what=Identity.of(flags)))["eu-1"].replicas is None


def test_a_present_target_is_excused_and_says_so() -> None:
    state = hub(nginx(), web_policy("eu-1"))
    verdict = verdicts(told(state.with_objects({**state.objects, Identity.of(TAINTED): TAINTED})))["eu-1"]
    assert (verdict.fit, verdict.reasons) == (True, ())
    assert [(r.plugin, r.detail) for r in verdict.excused] == [("TaintToleration", "old:NoExecute")]


SPREAD = placement("eu-1", "eu-2", spreadConstraints=[{"spreadByField": "cluster", "maxGroups": 1}])
WEIGHTS = {"staticWeightList": [{"targetCluster": {"clusterNames": ["eu-1"]}, "weight": 1}]}
DIVIDED = {
    "replicaSchedulingType": "Divided",
    "replicaDivisionPreference": "Weighted",
    "weightPreference": WEIGHTS,
}
PASSED_OVER = [
    pytest.param(policy_object("web", placement=SPREAD), "the spread constraints took others", id="spread"),
    pytest.param(
        policy_object("web", placement=placement("eu-1", "eu-2", replicaScheduling=DIVIDED)),
        "no replica was left for it",
        id="divided",
    ),
]


@pytest.mark.parametrize(("policy", "why"), PASSED_OVER)
def test_why_a_cluster_that_fits_is_not_used(policy: Obj, why: str) -> None:
    verdict = verdicts(told(hub(nginx(), policy)))["eu-2"]
    assert (verdict.fit, verdict.chosen, verdict.note) == (True, False, why)


def test_each_override_is_told_with_what_it_changes() -> None:
    everywhere = override("base", namespace="", imageOverrider=tag("1.15"))
    here = override(
        "late",
        clusters=("eu-2",),
        imageOverrider=tag("1.16"),
        labelsOverrider=[{"operator": "add", "value": {"x": "y"}}],
    )
    found = verdicts(told(hub(nginx(), web_policy("eu-1", "eu-2"), here, everywhere)))
    assert {
        name: [(r.policy.name, [(c.path, c.before, c.after) for c in r.changes]) for r in v.overrides]
        for name, v in found.items()
        if v.chosen
    } == {
        "eu-1": [("base", [(IMAGE, "nginx:1.14.2", "nginx:1.15")])],
        "eu-2": [
            ("base", [(IMAGE, "nginx:1.14.2", "nginx:1.15")]),
            ("late", [("metadata.labels.x", None, "y"), (IMAGE, "nginx:1.15", "nginx:1.16")]),
        ],
    }


def test_an_override_that_fails_is_told_where() -> None:
    broken = override("broken", clusters=("eu-2",), plaintext=[plaintext("/spec/nothing/here", operator="remove")])
    verdict = verdicts(told(hub(nginx(), web_policy("eu-1", "eu-2"), broken)))["eu-2"]
    assert "OverridePolicy default/broken cannot be applied" in verdict.overrides[0].error
    assert verdict.delivery is not None
    assert (verdict.delivery.state, verdict.delivery.is_current) == ("impossible", False)


def test_what_is_no_template_says_why() -> None:
    cluster = Identity.of(member("eu-1"))
    assert told(RUNNING, what=cluster).skipped == "cluster.karmada.io holds the hub's own kinds"


def test_a_template_nobody_selects_has_no_clusters() -> None:
    explained = told(hub(nginx()))
    assert (explained.policy, explained.why, explained.binding, explained.clusters) == (
        None,
        "no policy selects it",
        None,
        (),
    )


def test_a_policy_that_waits_is_told() -> None:
    explained = told(hub(nginx(), web_policy("eu-1", dependentOverrides=["absent"])))
    assert (explained.waiting_for, explained.binding) == (("OverridePolicy absent",), None)


def test_a_target_that_was_never_registered_is_told() -> None:
    state = hub(nginx(), web_policy("eu-1"))
    without = {i: obj for i, obj in state.objects.items() if i.name != "eu-1"}
    verdict = verdicts(told(state.with_objects(without)))["eu-1"]
    assert [(r.plugin, r.message) for r in verdict.reasons] == [("Registration", "there is no such cluster on the hub")]


def test_the_conditions_are_those_of_the_binding() -> None:
    binding = RUNNING.objects[binding_identity(nginx())]
    assert list(told(RUNNING).conditions) == binding["status"]["conditions"]


def test_the_ordered_affinity_in_use_is_the_one_that_is_judged() -> None:
    groups = [{"affinityName": "first", "clusterNames": ["gone"]}, {"affinityName": "second", "clusterNames": ["eu-2"]}]
    explained = told(hub(nginx(), policy_object("web", placement={"clusterAffinities": groups})))
    assert (explained.affinity, [v.cluster for v in explained.clusters if v.fit]) == ("second", ["eu-2"])


def test_secrets_are_not_told() -> None:
    secret = manifest("Secret", "s", data={"key": "b2xk"}, type="Opaque")
    rule = override(plaintext=[plaintext("/data/key", "bmV3", "replace")])
    patch = {**rule, "spec": {**rule["spec"], "resourceSelectors": [{"apiVersion": "v1", "kind": "Secret"}]}}
    state = hub(secret, patch, web_policy("eu-1", selectors=({"apiVersion": "v1", "kind": "Secret"},)))
    explained = told(state, what=Identity.of(secret))
    text = encode(explained.as_json())
    assert b"data.key" in text and b"bmV3" not in text and b"b2xk" not in text


def test_the_state_is_not_touched() -> None:
    before = {identity: copy_of(obj) for identity, obj in RUNNING.objects.items()}
    told(RUNNING)
    assert dict(RUNNING.objects) == before


def test_the_answer_survives_its_own_json() -> None:
    explained = told(RUNNING, Observed({"eu-1": Sent("old")}))
    assert Explanation.model_validate(explained.as_json()) == explained


GROUPED = replace(Profile(), has_groups=True)
TOGETHER = {"workloadAffinityGroups": {"affinityGroup": "team=a"}}


def test_a_plugin_that_is_off_turns_nobody_down_and_is_not_told_of() -> None:
    profile = Profile.of(Features(), "*,-ClusterAffinity")
    state = replace(hub(nginx(), web_policy("eu-1")), rules=Rules(scheduling=profile))
    assert {v.cluster: v.reasons for v in told(state).clusters} == {"eu-1": (), "eu-2": (), "us-1": ()}


def test_where_the_others_of_its_group_are_is_told() -> None:
    state = hub(
        nginx(),
        nginx(name="mate"),
        web_policy("eu-1", "eu-2"),
        web_policy("eu-1", name="mate", selectors=(selector("mate"),)),
    )
    bound = {**state.objects}
    for identity, obj in state.objects.items():
        if identity.kind == "ResourceBinding":
            bound[identity] = {**obj, "spec": {**obj["spec"], **TOGETHER}}
    mate = next(i for i in bound if i.name == "mate-deployment")
    bound[mate] = {**bound[mate], "spec": {**bound[mate]["spec"], "clusters": [{"name": "us-1"}]}}
    found = verdicts(told(replace(state.with_objects(bound), rules=Rules(scheduling=GROUPED))))
    assert [(reason.plugin, reason.detail) for reason in found["us-1"].reasons] == [
        ("ClusterAffinity", "it is not in clusterNames (eu-1, eu-2)")
    ]
    assert [(reason.plugin, reason.detail) for reason in found["eu-1"].excused] == [
        ("WorkloadAffinity", "the others of its affinity group are in us-1")
    ]
