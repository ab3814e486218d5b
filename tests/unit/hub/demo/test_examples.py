"""The example manifests: found, and what the hub's own admission takes."""

import pytest

from flotilla_common.objects import Obj, name_of
from flotilla_hub.admission.crd import validate as validate_crd
from flotilla_hub.demo import examples

CRDS = examples.load("flux-helm/crds.yaml")


def test_the_folder_has_both_scenarios() -> None:
    assert {path.name for path in examples.folder().iterdir()} >= {"flux-helm", "nginx"}


SERVED = [
    pytest.param("helmrepositories.source.toolkit.fluxcd.io", {"v1", "v1beta2", "v1beta1"}, id="HelmRepository"),
    pytest.param("gitrepositories.source.toolkit.fluxcd.io", {"v1", "v1beta2", "v1beta1"}, id="GitRepository"),
    pytest.param("helmreleases.helm.toolkit.fluxcd.io", {"v2", "v2beta1"}, id="HelmRelease"),
    pytest.param("kustomizations.kustomize.toolkit.fluxcd.io", {"v1", "v1beta2"}, id="Kustomization"),
]


@pytest.mark.parametrize(("name", "versions"), SERVED)
def test_a_definition_serves(name: str, versions: set[str]) -> None:
    [crd] = [crd for crd in CRDS if name_of(crd) == name]
    assert {v["name"] for v in crd["spec"]["versions"] if v["served"]} == versions


@pytest.mark.parametrize("crd", CRDS, ids=name_of)
def test_a_definition_is_valid(crd: Obj) -> None:
    assert not validate_crd(crd, None)


@pytest.mark.parametrize("crd", CRDS, ids=name_of)
def test_a_definition_is_placed_by_the_policy_beside_it(crd: Obj) -> None:
    [policy] = examples.load("flux-helm/crd-policy.yaml")
    assert name_of(crd) in {selector["name"] for selector in policy["spec"]["resourceSelectors"]}
