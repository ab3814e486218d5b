"""Which objects of the hub are never templates."""

import pytest

from flotilla_common.objects import GVK, Obj
from flotilla_hub.detector.skip import Skips, why_not_kind, why_not_template
from tests.unit.hub.build import deployment, manifest

TEMPLATES = [
    pytest.param(deployment(), None, id="a-deployment-is-one"),
    pytest.param(
        manifest("ClusterRole", namespace="", api_version="rbac.authorization.k8s.io/v1"), None, id="a-cluster-role-too"
    ),
    pytest.param(manifest("Namespace", "web", ""), None, id="a-namespace-too"),
    pytest.param(
        manifest("ServiceImport", api_version="multicluster.x-k8s.io/v1alpha1"), None, id="a-service-import-too"
    ),
    pytest.param(manifest("Work", api_version="work.karmada.io/v1alpha1"), "the hub's own kinds", id="a-work-is-not"),
    pytest.param(
        manifest("Cluster", namespace="", api_version="cluster.karmada.io/v1alpha1"), "own kinds", id="nor-a-cluster"
    ),
    pytest.param(manifest("Event"), "records", id="nor-an-event"),
    pytest.param(manifest("Event", api_version="events.k8s.io/v1"), "records", id="nor-a-new-event"),
    pytest.param(manifest("Lease", api_version="coordination.k8s.io/v1"), "records", id="nor-a-lease"),
    pytest.param(
        manifest("Secret", namespace="karmada-system"), "the hub's own", id="nor-what-is-in-the-system's-namespace"
    ),
    pytest.param(manifest("Secret", namespace="karmada-cluster"), "the hub's own", id="nor-credentials"),
    pytest.param(manifest("Secret", namespace="karmada-es-m1"), "the hub's own", id="nor-what-is-beside-works"),
    pytest.param(manifest("ConfigMap", namespace="kube-system"), "setting", id="nor-what-is-in-kube-system"),
    pytest.param(manifest("ConfigMap", namespace="my-kube-system"), None, id="but-the-pattern-must-match-in-full"),
    pytest.param(manifest("Namespace", "karmada-es-m1", ""), "the hub's own", id="nor-such-a-namespace-itself"),
    pytest.param(
        deployment(labels={"resourcetemplate.karmada.io/claimed-by": "mcs"}),
        "mcs looks after it",
        id="nor-a-claimed-one",
    ),
]

APIS = [
    pytest.param("apps", True, id="a-group"),
    pytest.param("apps/v1", True, id="a-group-and-version"),
    pytest.param("apps/v1beta1", False, id="another-version"),
    pytest.param("apps/v1/StatefulSet,Deployment", True, id="kinds-of-a-version"),
    pytest.param("apps/v1/StatefulSet", False, id="another-kind"),
    pytest.param("v1/Pod; batch; apps/v1", True, id="several-entries"),
    pytest.param("v1/Deployment", False, id="the-core-group's-kind-of-that-name"),
    pytest.param("", False, id="nothing"),
]


@pytest.mark.parametrize(("obj", "expected"), TEMPLATES)
def test_template(obj: Obj, expected: str | None) -> None:
    why = why_not_template(obj)
    assert expected in why if expected and why else why is expected


@pytest.mark.parametrize(("apis", "is_skipped"), APIS)
def test_skipped_apis(apis: str, is_skipped: bool) -> None:
    assert bool(why_not_kind(GVK("apps", "v1", "Deployment"), Skips.parse(apis))) is is_skipped


def test_a_setting_nobody_can_read_is_refused() -> None:
    with pytest.raises(ValueError, match="separated by ';'"):
        Skips.parse("a/b/c/d")


def test_operators_choose_the_namespaces() -> None:
    skips = Skips.parse(namespaces="team-.*, sandbox")
    found = [
        why_not_template(deployment(namespace=n), skips) is None
        for n in ("team-a", "sandbox", "sandbox2", "kube-system")
    ]
    assert found == [False, False, True, True]


def test_what_authenticates_a_cluster_stays_whatever_the_operator_says() -> None:
    own = manifest("ConfigMap", "extension-apiserver-authentication", "kube-system")
    assert "authenticates" in (why_not_template(own, Skips.parse(namespaces="")) or "")
    assert why_not_template(manifest("ConfigMap", namespace="kube-system"), Skips.parse(namespaces="")) is None
