"""Generated names: byte for byte Karmada's, since users and other tools look objects up by them."""

import pytest

from flotilla_common.objects import GVK
from flotilla_hub import names

GENERATED = [
    pytest.param(
        names.execution_namespace("member1"), "karmada-es-member1", id="a-cluster-has-its-own-namespace-of-works"
    ),
    pytest.param(names.cluster_of("karmada-es-member1"), "member1", id="and-is-found-from-it"),
    pytest.param(names.binding_name("Deployment", "nginx"), "nginx-deployment", id="a-binding-is-name-and-kind"),
    pytest.param(
        names.binding_name("ClusterRole", "system:Node"),
        "system.node-clusterrole",
        id="a-binding-holds-no-colon-or-capital",
    ),
    pytest.param(names.work_name("Deployment", "nginx", "default"), "nginx-687f7fb96f", id="a-work-ends-in-a-hash"),
    pytest.param(names.work_name("Pod", "pods", "default"), "pods-7c96c5988c", id="of-namespace-name-and-kind"),
    pytest.param(
        names.work_name("ClusterRole", "a:b", ""),
        "a.b-" + names.safe_encode(str(names.fnv32a(b"a:b-clusterrole"))),
        id="or-without-a-namespace-of-name-and-kind-before-the-colon-goes",
    ),
    pytest.param(names.policy_name("ns-foo", "rand", "foo"), "foo-b4978784", id="a-generated-policy-name"),
    pytest.param(
        names.policy_name("default", GVK("apps", "v1", "Deployment"), "Web"),
        names.policy_name("default", "apps/v1, Kind=Deployment", "web"),
        id="hashes-the-kind-in-gos-form",
    ),
    pytest.param(
        names.dependency_key("default", "web"),
        names.safe_encode(str(names.fnv32a(b"default/web"))),
        id="a-dependency-is-keyed-by-namespace-and-name",
    ),
    pytest.param(names.dependency_key("", "web"), names.safe_encode(str(names.fnv32a(b"web"))), id="or-by-name-alone"),
    pytest.param(names.fnv32a(b""), 0x811C9DC5, id="fnv-starts-at-its-offset"),
    pytest.param(names.fnv32a(b"a"), 0xE40C292C, id="fnv-of-a"),
]

RESERVED = [
    pytest.param("karmada-system", True, id="the-system's"),
    pytest.param("karmada-cluster", True, id="the-credentials'"),
    pytest.param("karmada-es-member1", True, id="a-cluster's"),
    pytest.param("karmada", False, id="a-user's-that-looks-like-it"),
    pytest.param("default", False, id="default"),
]


@pytest.mark.parametrize(("name", "expected"), GENERATED)
def test_name(name: object, expected: object) -> None:
    assert name == expected


@pytest.mark.parametrize(("namespace", "expected"), RESERVED)
def test_reserved(namespace: str, expected: bool) -> None:
    assert names.is_reserved(namespace) is expected


@pytest.mark.parametrize("namespace", ["default", "karmada-es-", "karmada-system"])
def test_other_namespaces_belong_to_no_cluster(namespace: str) -> None:
    with pytest.raises(ValueError, match="holds no Works"):
        names.cluster_of(namespace)
