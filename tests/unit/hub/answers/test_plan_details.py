"""What a plan tells beside its rows: fields, troubles, mass removals; and that it tells no secret."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of, encode
from flotilla_common.subjects import WorkSubject
from flotilla_hub.answers.overlay import Submission
from flotilla_hub.answers.plan import plan
from flotilla_hub.answers.settle import settle, works_of
from flotilla_hub.answers.state import Identity, State
from flotilla_hub.work.namespace import SKIP
from tests.unit.hub.answers.samples import (
    FLEET,
    IMAGE,
    LATER,
    changes,
    hub,
    member,
    namespace,
    nginx,
    override,
    placement,
    planned,
    rows,
    tag,
    web_policy,
    written,
)
from tests.unit.hub.build import manifest, policy_object, selector

RUNNING = hub(nginx(), web_policy("eu-1", "eu-2"))
WEB = "deployment/nginx"


def test_every_changed_field_is_told() -> None:
    told = planned(RUNNING, nginx("nginx:1.15", replicas=5))
    each = [("spec.replicas", 3, 5), (IMAGE, "nginx:1.14.2", "nginx:1.15")]
    assert {cluster: sorted(said) for cluster, said in changes(told).items()} == {
        name: sorted(each) for name in ("eu-1", "eu-2")
    }
    assert [(s.verb, str(s.object)) for s in told.stored] == [("update", WEB)]
    assert told.summary == {"update": 2, "keep": 0}


def test_what_an_override_does_is_told_as_the_member_sees_it() -> None:
    told = planned(RUNNING, override(clusters=("eu-1",), imageOverrider=tag("1.16")))
    assert changes(told) == {"eu-1": [(IMAGE, "nginx:1.14.2", "nginx:1.16")]}
    assert told.summary == {"update": 1, "keep": 1}


def test_marks_are_told_in_one_word() -> None:
    told = planned(RUNNING, delete=(written(web_policy()),))
    assert {(row.note, row.changes) for row in told.rows} == {("only marks of the hub's own change", ())}


def test_suspended_clusters_are_told() -> None:
    held = {"dispatchingOnClusters": {"clusterNames": ["eu-2"]}}
    before = hub(nginx(), web_policy("eu-1", "eu-2", suspension=held))
    told = planned(before, nginx("nginx:1.15"))
    assert {row.cluster: row.note for row in told.rows} == {
        "eu-1": "",
        "eu-2": "suspended: the cluster gets it when dispatching resumes",
    }
    resumed = planned(before, web_policy("eu-1", "eu-2", suspension=None))
    assert changes(resumed) == {"eu-2": [("(work) suspendDispatching", True, False)]}
    assert [row.note for row in resumed.rows] == ["dispatching resumes: what was held back meanwhile arrives"]


TROUBLES = [
    pytest.param(hub(), [nginx()], [("", "no policy selects it: it goes nowhere")], id="no-policy"),
    pytest.param(
        hub(web_policy("eu-1", dependentOverrides=["absent"])),
        [nginx()],
        [("", "policy web waits for what is not there: OverridePolicy absent")],
        id="overrides-it-depends-on",
    ),
    pytest.param(
        hub(web_policy("nowhere")),
        [nginx()],
        [("", "0/3 clusters are available: 3 cluster(s) did not match the placement cluster affinity constraint.")],
        id="no-cluster-fits",
    ),
    pytest.param(
        hub(web_policy("eu-1", "eu-2", placement=placement("eu-1", "eu-2", replicaScheduling={}))),
        [nginx(replicas=3)],
        [("", "depends on the uid it will be given")],
        id="equal-clusters-and-an-odd-replica",
    ),
    pytest.param(
        hub(web_policy("eu-1", "eu-2", placement=placement("eu-1", "eu-2", replicaScheduling={}))),
        [nginx(replicas=4)],
        [],
        id="equal-clusters-and-no-odd-replica",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1")),
        [web_policy("eu-1", selectors=(selector("other"),))],
        [("", "no policy selects it: what it has stays as it is")],
        id="the-policy-lets-go",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", "eu-2")),
        [override(clusters=("eu-2",), plaintext=[{"path": "/spec/nothing/here", "operator": "remove"}])],
        [("eu-2", "cannot be applied to Deployment default/nginx for cluster eu-2")],
        id="an-override-that-does-not-fit",
    ),
]


@pytest.mark.parametrize(("before", "applied", "expected"), TROUBLES)
def test_what_would_not_come_true_is_told(before: State, applied: list[Obj], expected: list[tuple[str, str]]) -> None:
    told = planned(before, *applied)
    assert [t.cluster for t in told.troubles] == [cluster for cluster, _ in expected]
    assert all(why in t.message for t, (_, why) in zip(told.troubles, expected, strict=True))


def test_a_cluster_keeps_what_it_has_when_its_work_cannot_be_made() -> None:
    broken = override(clusters=("eu-2",), plaintext=[{"path": "/spec/nothing/here", "operator": "remove"}])
    assert rows(planned(RUNNING, broken, nginx("nginx:1.15"))) == [("UPDATE", "eu-1", WEB)]


def test_what_is_corrected_is_compared_with_what_the_cluster_has() -> None:
    """Not with what could not be made."""
    broken = override(clusters=("eu-2",), plaintext=[{"path": "/spec/nothing/here", "operator": "remove"}])
    settled = settle(RUNNING, RUNNING.objects[Identity.of(nginx())], LATER)
    held = works_of(RUNNING, settled).messages["eu-2"]
    stuck = hub(nginx("nginx:1.15"), web_policy("eu-1", "eu-2"), broken)
    stuck = State(stuck.objects, stuck.kinds, {WorkSubject("eu-2", held.name): held})
    told = planned(stuck, delete=(written(broken),))
    assert changes(told) == {"eu-2": [(IMAGE, "nginx:1.14.2", "nginx:1.15")]}


MANY = tuple(f"m-{n}" for n in range(12))
MASS = [
    pytest.param(RUNNING, {"delete": (written(nginx()),)}, [(2, 2)], id="from-all-of-several"),
    pytest.param(RUNNING, {"apply": [web_policy("eu-1")]}, [], id="not-from-one"),
    pytest.param(hub(nginx(), web_policy("eu-1")), {"delete": (written(nginx()),)}, [], id="not-from-the-only-one"),
    pytest.param(
        hub(nginx(), web_policy(*MANY), clusters=tuple(map(member, MANY))),
        {"apply": [web_policy("m-0", "m-1")]},
        [(10, 12)],
        id="from-many",
    ),
    pytest.param(
        hub(nginx(), web_policy(*MANY), clusters=tuple(map(member, MANY))),
        {"apply": [web_policy(*MANY[2:])]},
        [],
        id="not-from-few-of-many",
    ),
]


@pytest.mark.parametrize(("before", "submitted", "expected"), MASS)
def test_mass_removals_are_flagged(before: State, submitted: dict[str, Any], expected: list[tuple[int, int]]) -> None:
    told = planned(before, *submitted.get("apply", ()), delete=submitted.get("delete", ()))
    assert [(m.removed, m.present) for m in told.mass_removals] == expected


def test_secrets_are_not_told() -> None:
    secret = manifest("Secret", "s", data={"key": "b2xk"}, type="Opaque")
    before = hub(secret, web_policy("eu-1", selectors=({"apiVersion": "v1", "kind": "Secret"},)))
    told = planned(before, {**secret, "data": {"key": "bmV3"}})
    assert changes(told) == {"eu-1": [("data.key", "<hidden>", "<hidden>")]}
    text = encode(told.as_json())
    assert b"bmV3" not in text and b"b2xk" not in text


def test_neither_state_nor_submission_is_touched() -> None:
    state, submitted = hub(nginx(), web_policy("eu-1", "eu-2")), [written(nginx("nginx:1.15"))]
    objects = {identity: copy_of(obj) for identity, obj in state.objects.items()}
    given = [copy_of(obj) for obj in submitted]
    plan(state, Submission(submitted, [written(web_policy())]), LATER)
    assert (dict(state.objects), submitted) == (objects, given)


def test_a_work_written_by_hand_is_not_followed() -> None:
    work = manifest("Work", "w", "karmada-es-eu-1", api_version="work.karmada.io/v1alpha1", spec={})
    told = planned(RUNNING, work)
    assert (told.rows, told.stored, len(told.warnings)) == ((), (), 1)


def test_a_namespace_that_cannot_be_made_stays_and_is_told() -> None:
    rule = {"overriders": {"plaintext": [{"path": "/spec/nothing", "operator": "remove"}]}}
    broken = override(namespace="")
    broken["spec"] = {"resourceSelectors": [{"apiVersion": "v1", "kind": "Namespace"}], "overrideRules": [rule]}
    told = planned(hub(namespace("shop")), broken)
    assert (rows(told), [(str(t.object), t.cluster) for t in told.troubles]) == (
        [],
        [("namespace/shop", name) for name in FLEET],
    )


EVERYWHERE = {"apiVersion": "v1", "kind": "Namespace", "name": "shop"}
SHOP = policy_object("shop", "", EVERYWHERE, placement=placement("eu-1", "eu-2"))
NARROWER = {**SHOP, "spec": {**SHOP["spec"], "placement": placement("eu-1")}}
NAMESPACES = [
    pytest.param(hub(), [namespace("shop")], [("CREATE", name, "namespace/shop") for name in FLEET], id="a-new-one"),
    pytest.param(
        hub(namespace("shop"), SHOP),
        [NARROWER],
        [("UPDATE", "eu-2", "namespace/shop")],
        id="where-its-policy-no-longer-wants-it-it-stays-as-all-do",
    ),
    pytest.param(
        hub(namespace("shop")),
        [{**namespace("shop"), "metadata": {"name": "shop", "labels": {SKIP: "true"}}}],
        [],
        id="one-that-is-to-be-skipped-from-now-on-stays",
    ),
    pytest.param(
        hub(namespace("shop")), [member("asia")], [("CREATE", "asia", "namespace/shop")], id="a-new-cluster-gets-all"
    ),
]


@pytest.mark.parametrize(("before", "applied", "expected"), NAMESPACES)
def test_namespaces(before: State, applied: list[Obj], expected: list[tuple[str, str, str]]) -> None:
    told = planned(before, *applied)
    assert (rows(told), told.troubles) == (expected, ())
