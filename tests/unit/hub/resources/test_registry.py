"""The table of kinds that are served, and how definitions change it."""

from typing import Any

from flotilla_common.objects import GVK, Obj
from flotilla_hub.resources.builtin import BUILTIN
from flotilla_hub.resources.registry import Registry


def crd(name: str, *versions: str, **names: Any) -> Obj:
    plural, _, group = name.partition(".")
    served = [{"name": v, "served": True, "storage": i == 0, "schema": {}} for i, v in enumerate(versions)]
    spec = {
        "group": group,
        "scope": "Cluster",
        "names": {"plural": plural, "kind": "Thing", **names},
        "versions": served,
    }
    return {"metadata": {"name": name}, "spec": spec}


def test_a_kind_is_found_by_path_by_kind_and_by_key() -> None:
    registry = Registry()
    deployments = registry.find("apps", "v1", "deployments")
    assert deployments is not None
    assert registry.of_kind(GVK("apps", "v1", "Deployment")) is deployments
    assert registry.of_key("deployments.apps") is deployments
    assert registry.find("apps", "v1beta1", "deployments") is None


def test_no_two_kinds_share_a_key() -> None:
    keys = [r.key for r in BUILTIN]
    assert len(set(keys)) == len(keys)


def test_every_kind_of_kubernetes_has_a_schema() -> None:
    assert [r.key for r in BUILTIN if r.upstream and not r.schema] == []


def test_a_definition_adds_a_kind_and_its_end_removes_it() -> None:
    registry = Registry()
    before = registry.generation
    added = registry.add(crd("things.example.com", "v1beta1", "v1"))
    assert added is not None
    assert (added.key, added.versions, added.singular) == ("things.example.com", ("v1", "v1beta1"), "thing")
    assert registry.find("example.com", "v1beta1", "things") is added
    registry.remove("things.example.com")
    assert registry.find("example.com", "v1", "things") is None
    assert registry.generation == before + 2


def test_a_definition_cannot_take_the_name_of_a_built_in_kind() -> None:
    registry = Registry()
    works = registry.of_key("works.work.karmada.io")
    assert registry.add(crd("works.work.karmada.io", "v1alpha1")) is None
    registry.remove("works.work.karmada.io")
    assert registry.of_key("works.work.karmada.io") is works
