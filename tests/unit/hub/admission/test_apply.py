"""Server-side apply: who owns what after it, what it removes, and when it conflicts."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import GVK, Obj
from flotilla_hub.admission.apply import Applier, ApplyConflict, applied, tracked
from flotilla_hub.admission.field_sets import fields_v1, flat, paths_of
from flotilla_hub.labels import LAST_APPLIED
from flotilla_hub.resources.schemas import schema_of

NOW, LATER = "2030-01-31T12:00:00Z", "2030-01-31T13:00:00Z"
SCHEMA = schema_of(GVK("apps", "v1", "Deployment")) or {}
KUBECTL, BOB = Applier("kubectl", "apps/v1"), Applier("bob", "apps/v1")
EDITOR = Applier("editor", "apps/v1", "Update")


def config(*containers: Obj, **spec: Any) -> Obj:
    template = {"template": {"spec": {"containers": list(containers)}}} if containers else {}
    return {"kind": "Deployment", "metadata": {"name": "it"}, "spec": {**spec, **template}}


def container(name: str = "c", image: str = "i:1", **more: Any) -> Obj:
    return {"name": name, "image": image, **more}


def apply(live: Obj | None, wanted: Obj, applier: Applier = KUBECTL, force: bool = False) -> Obj:
    before = deepcopy((live, wanted))
    result = applied(live, wanted, applier, SCHEMA, NOW, force=force)
    assert (live, wanted) == before
    return result


def owned(obj: Obj) -> dict[str, list[str]]:
    """manager → the last steps of what it owns."""
    entries = obj["metadata"]["managedFields"]
    return {e["manager"]: sorted(p[-1] for p in paths_of(e["fieldsV1"])) for e in entries}


def containers_of(obj: Obj) -> list[Obj]:
    held: list[Obj] = obj["spec"]["template"]["spec"]["containers"]
    return held


def test_who_applies_owns_what_was_applied() -> None:
    first = apply(None, config(container(), replicas=1))
    assert owned(first) == {"kubectl": ["f:image", "f:name", "f:replicas", 'k:{"name":"c"}']}
    assert first["metadata"]["managedFields"][0]["operation"] == "Apply"


def test_applying_the_same_again_changes_nothing() -> None:
    first = apply(None, config(container(), replicas=1))
    assert applied(first, config(container(), replicas=1), KUBECTL, SCHEMA, LATER) == first


def test_what_is_left_out_next_time_is_removed() -> None:
    first = apply(None, config(container(args=["a"]), container("d"), replicas=1))
    second = apply(first, config(container()))
    assert second["spec"] == {"template": {"spec": {"containers": [container()]}}}


def test_what_another_owns_too_stays() -> None:
    first = apply(apply(None, config(container(), replicas=1)), config(replicas=1), BOB)
    second = apply(first, config(container()))
    assert (second["spec"]["replicas"], owned(second)["bob"]) == (1, ["f:replicas"])


def test_an_item_stays_for_the_field_another_owns_in_it() -> None:
    first = apply(None, config(container("c"), container("d")))
    shared = apply(first, config({"name": "d", "args": ["bob"]}), BOB)
    assert containers_of(apply(shared, config(container("c")))) == [container("c"), {"name": "d", "args": ["bob"]}]


def test_an_item_that_stays_keeps_its_key() -> None:
    first = apply(None, config(container("c"), container("d")))
    new = deepcopy(first)
    containers_of(new)[1]["args"] = ["edited"]
    edited = tracked(first, new, EDITOR, SCHEMA, LATER)
    assert containers_of(apply(edited, config(container("c"))))[1] == {"name": "d", "args": ["edited"]}


def test_items_merge_by_key_and_others_are_left_alone() -> None:
    first = apply(None, config(container("c"), container("d")))
    second = apply(first, config(container("e")), BOB)
    assert [c["name"] for c in containers_of(second)] == ["c", "d", "e"]


def test_a_field_of_anothers_conflicts_and_is_told() -> None:
    first = apply(None, config(container(), replicas=1))
    with pytest.raises(ApplyConflict) as conflict:
        apply(first, config(container(image="i:2"), replicas=2), BOB)
    assert [(e.path, e.why) for e in conflict.value.errors] == [
        (".spec.replicas", 'conflict with "kubectl" using apps/v1'),
        ('.spec.template.spec.containers[name="c"].image', 'conflict with "kubectl" using apps/v1'),
    ]


def test_the_same_value_does_not_conflict_but_is_shared() -> None:
    both = apply(apply(None, config(replicas=1)), config(replicas=1), BOB)
    assert owned(both) == {"kubectl": ["f:replicas"], "bob": ["f:replicas"]}


def test_force_takes_over() -> None:
    taken = apply(apply(None, config(container(), replicas=1)), config(replicas=2), BOB, force=True)
    assert (taken["spec"]["replicas"], owned(taken)["bob"]) == (2, ["f:replicas"])
    assert "f:replicas" not in owned(taken)["kubectl"]


def test_an_object_never_applied_belongs_to_whoever_made_it() -> None:
    live = config(container(), replicas=1)
    with pytest.raises(ApplyConflict, match='conflict with "before-first-apply"'):
        apply(live, config(replicas=2), BOB)


def test_kubectl_may_take_over_what_kubectl_applied_on_the_clients_side() -> None:
    live = config(container(), replicas=1)
    live["metadata"]["annotations"] = {LAST_APPLIED: '{"spec":{"replicas":1}}'}
    assert apply(live, config(replicas=2))["spec"]["replicas"] == 2
    with pytest.raises(ApplyConflict):
        apply(live, config(replicas=2), BOB)


def test_atomic_lists_are_owned_as_a_whole() -> None:
    first = apply(None, config(container(args=["a"])))
    with pytest.raises(ApplyConflict, match="args"):
        apply(first, config({"name": "c", "args": ["b"]}), BOB)


def test_nulls_are_not_applied() -> None:
    assert apply(apply(None, config(replicas=1)), config(replicas=None, paused=True))["spec"] == {"paused": True}


def test_an_ordinary_write_takes_what_it_changes() -> None:
    old = apply(None, config(container(), replicas=1))
    new = deepcopy(old)
    new["spec"]["replicas"] = 5
    after = tracked(old, new, EDITOR, SCHEMA, LATER)
    assert owned(after) == {"kubectl": ["f:image", "f:name", 'k:{"name":"c"}'], "editor": ["f:replicas"]}
    with pytest.raises(ApplyConflict, match="editor"):
        apply(after, config(container(), replicas=1))


def test_what_an_ordinary_write_removes_is_owned_by_nobody() -> None:
    old = apply(None, config(container(), replicas=1))
    new = deepcopy(old)
    del new["spec"]["replicas"]
    assert "f:replicas" not in str(tracked(old, new, EDITOR, SCHEMA, LATER)["metadata"]["managedFields"])


def test_an_ordinary_write_that_leaves_ownership_out_does_not_lose_it() -> None:
    old = apply(None, config(replicas=1))
    after = tracked(old, config(replicas=1), EDITOR, SCHEMA, LATER)
    assert after["metadata"]["managedFields"] == old["metadata"]["managedFields"]


def test_objects_that_were_never_applied_are_not_tracked() -> None:
    old, new = config(replicas=1), config(replicas=2)
    assert tracked(old, new, EDITOR, SCHEMA, LATER) is new


def test_a_client_may_set_ownership_itself() -> None:
    old = apply(None, config(replicas=1))
    new = {**old, "metadata": {**old["metadata"], "managedFields": []}}
    assert tracked(old, new, EDITOR, SCHEMA, LATER) is new


def test_fields_are_written_as_kubernetes_writes_them() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]
    paths = flat(config(container(ports=ports))["spec"], SCHEMA["properties"]["spec"])
    item = {".": {}, "f:containerPort": {}}
    assert fields_v1(paths)["f:template"]["f:spec"]["f:containers"]['k:{"name":"c"}']["f:ports"] == {
        'k:{"containerPort":80,"protocol":"TCP"}': item,
        'k:{"containerPort":53,"protocol":"UDP"}': {**item, "f:protocol": {}},
    }


_STEPS = st.sampled_from(["f:a", "f:b", 'k:{"n":"x"}', 'v:"y"'])
_PATHS = st.frozensets(st.lists(_STEPS, min_size=1, max_size=4).map(tuple), max_size=12)


@given(_PATHS)
def test_a_set_of_paths_survives_being_written_and_read(paths: frozenset[tuple[str, ...]]) -> None:
    assert frozenset(paths_of(fields_v1(paths))) == paths
