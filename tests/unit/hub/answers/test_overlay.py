"""What the API would refuse is refused, all of it by name; what it would take may build on each other."""

from typing import Any

import pytest

from flotilla_common.errors import Invalid
from flotilla_hub.answers.overlay import Submission
from flotilla_hub.answers.plan import plan
from tests.unit.hub.answers.samples import (
    LATER,
    hub,
    member,
    namespace,
    nginx,
    planned,
    web_policy,
    written,
)
from tests.unit.hub.build import manifest

RUNNING = hub(nginx(), web_policy("eu-1", "eu-2"))
REFUSED = [
    pytest.param(
        {"apply": [{**written(nginx()), "spec": {"replicas": "three"}}]}, "Deployment default/nginx spec", id="a-field"
    ),
    pytest.param({"apply": [{**nginx(), "kind": "Deploymnt"}]}, "serves no apps/v1 Deploymnt", id="an-unknown-kind"),
    pytest.param(
        {"apply": [{**written(nginx()), "metadata": {"name": "nginx", "namespace": "nope"}}]},
        'namespaces "nope" not found',
        id="a-namespace-that-is-not-there",
    ),
    pytest.param(
        {"apply": [{**written(web_policy()), "spec": {"placment": {}}}]}, "PropagationPolicy default/web", id="a-policy"
    ),
    pytest.param(
        {"apply": [{**written(nginx()), "metadata": {"name": "nginx", "annotations": "none"}}]},
        "metadata.annotations",
        id="metadata-of-no-shape",
    ),
    pytest.param({"delete": [written(nginx(name="nobody"))]}, "is not there", id="nothing-to-delete"),
    pytest.param({"delete": [written(nginx(name="safe"))]}, "protects Deployment default/safe", id="a-protected-one"),
    pytest.param(
        {"delete": [namespace()]}, "protects Deployment default/safe", id="a-namespace-that-holds-a-protected-one"
    ),
]
SAFE = hub(nginx(name="safe", labels={"resourcetemplate.karmada.io/deletion-protected": "Always"}))


@pytest.mark.parametrize(("submitted", "why"), REFUSED)
def test_what_the_api_would_refuse_is_refused_by_name(submitted: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match="what was submitted is invalid: ") as refused:
        plan(SAFE, Submission(**submitted), LATER)
    assert why in str(refused.value)


def test_all_that_is_refused_is_told_at_once() -> None:
    bad = [{**written(nginx(name=name)), "spec": {"replicas": "three"}} for name in ("a", "b")]
    with pytest.raises(Invalid) as refused:
        plan(RUNNING, Submission(bad), LATER)
    assert {error.path.split()[1] for error in refused.value.errors} == {"default/a", "default/b"}


def test_a_definition_and_its_objects_may_come_together() -> None:
    names = {"kind": "Ship", "listKind": "ShipList", "plural": "ships", "singular": "ship"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "ships.fleet.example"},
        "spec": {"group": "fleet.example", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    ship = manifest("Ship", "argo", api_version="fleet.example/v1")
    told = planned(RUNNING, crd, ship)
    assert [(s.verb, str(s.object)) for s in told.stored] == [
        ("create", "customresourcedefinition/ships.fleet.example"),
        ("create", "ship/argo"),
    ]


def test_a_name_that_is_made_up_is_made_up() -> None:
    template = {**written(nginx()), "metadata": {"generateName": "web-", "namespace": "default"}}
    assert [str(s.object) for s in plan(RUNNING, Submission([template]), LATER).stored] == ["deployment/web-xxxxx"]


def test_a_namespace_is_filled_in_only_where_there_is_one() -> None:
    bare = {**written(nginx()), "metadata": {"name": "nginx"}}
    cluster = {**written(member("eu-1")), "metadata": {"name": "eu-1", "namespace": "default"}}
    told = plan(RUNNING, Submission([bare, cluster], namespace="default"), LATER)
    assert [(s.object.name, s.object.namespace) for s in told.stored] == [("nginx", "default"), ("eu-1", "")]
