"""What a plan says of every kind of change, cluster by cluster."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import State
from tests.unit.hub.answers.samples import (
    FLEET,
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
EUROPE = {"clusterAffinity": {"labelSelector": {"matchLabels": {"region": "eu"}}}}
ELSEWHERE = {"resourceSelectors": [selector("other")], "overrideRules": []}


def divided(*clusters: str) -> Obj:
    weights = [{"targetCluster": {"clusterNames": [name]}, "weight": 1} for name in clusters]
    return placement(
        *clusters,
        replicaScheduling={
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted",
            "weightPreference": {"staticWeightList": weights},
        },
    )


def config_map(name: str = "flags", **data: str) -> Obj:
    return manifest("ConfigMap", name, data=data)


CHANGES = [
    pytest.param(RUNNING, [nginx()], [], id="the-same-again-changes-nothing"),
    pytest.param(
        hub(web_policy("eu-1", "eu-2")),
        [nginx()],
        [("CREATE", "eu-1", WEB), ("CREATE", "eu-2", WEB)],
        id="a-new-template-is-created-where-its-policy-says",
    ),
    pytest.param(
        hub(), [nginx(), web_policy("us-1")], [("CREATE", "us-1", WEB)], id="a-template-may-come-with-its-policy"
    ),
    pytest.param(hub(), [nginx()], [], id="a-template-without-policy-goes-nowhere"),
    pytest.param(
        RUNNING,
        [nginx("nginx:1.15")],
        [("UPDATE", "eu-1", WEB), ("UPDATE", "eu-2", WEB)],
        id="a-changed-image-is-updated-everywhere",
    ),
    pytest.param(RUNNING, [web_policy("eu-1")], [("DELETE", "eu-2", WEB)], id="a-narrowed-policy-deletes"),
    pytest.param(RUNNING, [web_policy(*FLEET)], [("CREATE", "us-1", WEB)], id="a-widened-policy-creates"),
    pytest.param(RUNNING, [web_policy("eu-1", "us-1")], [("MOVE", "us-1", WEB)], id="one-place-for-another-is-a-move"),
    pytest.param(
        RUNNING, [web_policy("us-1")], [("DELETE", "eu-2", WEB), ("MOVE", "us-1", WEB)], id="removals-come-first"
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", "eu-2", preserveResourcesOnDeletion=True)),
        [web_policy("eu-1", preserveResourcesOnDeletion=True)],
        [("RELEASE", "eu-2", WEB)],
        id="what-is-preserved-is-let-go-of",
    ),
    pytest.param(
        RUNNING,
        [override(clusters=("eu-2",), imageOverrider=tag("1.16"))],
        [("UPDATE", "eu-2", WEB)],
        id="an-override-changes-only-its-clusters",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", "eu-2"), override(imageOverrider=tag("1.14.2"))),
        [override(clusters=("eu-2",), imageOverrider=tag("1.14.2"))],
        [],
        id="an-override-that-comes-to-the-same-changes-nothing",
    ),
    pytest.param(
        hub(
            nginx(),
            policy_object("web", placement=EUROPE),
        ),
        [member("eu-2", labels={"region": "us"})],
        [("DELETE", "eu-2", WEB)],
        id="a-cluster-that-is-no-longer-meant-loses-it",
    ),
    pytest.param(
        hub(
            nginx(),
            policy_object("web", placement=EUROPE),
        ),
        [member("us-1", labels={"region": "eu"})],
        [("CREATE", "us-1", WEB)],
        id="a-cluster-that-is-meant-now-gets-it",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1"), override(clusters=(), imageOverrider=tag("1.16"))),
        [{**override(), "spec": ELSEWHERE}],
        [("UPDATE", "eu-1", WEB)],
        id="an-override-that-lets-go-is-undone",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", placement=divided("eu-1"))),
        [web_policy("eu-1", "eu-2", placement=divided("eu-1", "eu-2"))],
        [("UPDATE", "eu-1", WEB), ("CREATE", "eu-2", WEB)],
        id="replicas-are-divided-anew",
    ),
    pytest.param(
        RUNNING,
        [policy_object("better", "default", selector("nginx"), priority=9, placement=placement("us-1"))],
        [],
        id="a-better-policy-does-not-take-what-is-claimed",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", selectors=(selector("nginx"),))),
        [web_policy("eu-1", selectors=(selector("other"),))],
        [("UPDATE", "eu-1", WEB)],
        id="a-policy-that-no-longer-selects-removes-nothing",
    ),
    pytest.param(
        RUNNING,
        [namespace("shop")],
        [("CREATE", name, "namespace/shop") for name in FLEET],
        id="a-namespace-goes-everywhere",
    ),
    pytest.param(
        hub(web_policy("eu-1", selectors=({"apiVersion": "v1", "kind": "ConfigMap"},)), config_map(a="1")),
        [config_map(a="2")],
        [("UPDATE", "eu-1", "configmap/flags")],
        id="what-is-no-workload",
    ),
]


@pytest.mark.parametrize(("before", "applied", "expected"), CHANGES)
def test_applying(before: State, applied: list[Obj], expected: list[tuple[str, str, str]]) -> None:
    assert rows(planned(before, *applied)) == expected


DELETIONS = [
    pytest.param(
        RUNNING, nginx(), [("DELETE", "eu-1", WEB), ("DELETE", "eu-2", WEB)], id="a-template-goes-from-its-clusters"
    ),
    pytest.param(
        RUNNING,
        web_policy("eu-1"),
        [("UPDATE", "eu-1", WEB), ("UPDATE", "eu-2", WEB)],
        id="a-policy-leaves-what-runs-and-only-its-marks-go",
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", "eu-2"), override(imageOverrider=tag("1.16"), clusters=("eu-1",))),
        override(),
        [("UPDATE", "eu-1", WEB)],
        id="an-override-is-undone",
    ),
    pytest.param(RUNNING, member("eu-2"), [("DELETE", "eu-2", WEB)], id="a-cluster-gives-it-back"),
    pytest.param(
        hub(nginx(), web_policy("eu-1"), clusters=(member("eu-1", ready="Unknown"),)),
        nginx(),
        [("DELETE", "eu-1", WEB)],
        id="a-silent-cluster-has-to-come-back-for-it",
    ),
    pytest.param(
        hub(nginx(), namespace("shop"), web_policy("eu-1")),
        namespace("shop"),
        [("DELETE", name, "namespace/shop") for name in FLEET],
        id="a-namespace-goes-from-everywhere",
    ),
]


@pytest.mark.parametrize(("before", "deleted", "expected"), DELETIONS)
def test_deleting(before: State, deleted: Obj, expected: list[tuple[str, str, str]]) -> None:
    assert rows(planned(before, delete=(written(deleted),))) == expected


def test_a_namespace_takes_what_is_in_it_along() -> None:
    template = nginx()
    template["metadata"]["namespace"] = "shop"
    before = hub(namespace("shop"), template, policy_object("web", "shop", placement=placement("eu-1")))
    told = planned(before, delete=(written(namespace("shop")),))
    assert ("DELETE", "eu-1", WEB) in rows(told)


def test_a_silent_cluster_that_is_removed_keeps_what_it_has() -> None:
    silent = (member("eu-1"), member("eu-2", ready="Unknown"))
    told = planned(hub(nginx(), web_policy("eu-1", "eu-2"), clusters=silent), delete=(written(member("eu-2")),))
    assert (rows(told), told.offline) == ([("RELEASE", "eu-2", WEB)], ("eu-2",))
