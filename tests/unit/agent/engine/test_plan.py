"""What is planned for each way a Work, a cluster and an inventory can meet."""

from typing import Any

import pytest

from flotilla_agent.engine.inventory import Entry, Inventory, identity, intent
from flotilla_agent.engine.plan import Wanted, entry_of, kinds_of, plan, read
from flotilla_common.errors import Invalid
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj, copy_of, ref_of
from tests.works import CONFIG_MAP, annotated, config_map, deployment, labelled, managed, namespace, work

UID = "uid-1"
OVERWRITE = {"work.karmada.io/conflict-resolution": "overwrite"}


def wanted(*manifests: Obj) -> tuple[Wanted, ...]:
    return read(work(*manifests))


def live(obj: Obj, uid: str = UID, owner: str = "w") -> Obj:
    """As the cluster holds what we applied."""
    marked = managed(annotated(obj, {"work.karmada.io/name": owner, "work.karmada.io/namespace": "karmada-es-m1"}))
    return {**marked, "metadata": {**marked["metadata"], "uid": uid}}


def by_hand(obj: Obj) -> Obj:
    return {**obj, "metadata": {**obj["metadata"], "uid": UID}}


def applied(obj: Obj, as_held: Obj | None = None) -> Entry:
    """The inventory after `obj` was applied."""
    (item,) = wanted(obj)
    return entry_of(item, as_held or live(obj))


def steps(want: list[Obj], found: list[Obj], entries: list[Entry], **more: Any) -> list[tuple[str, str]]:
    inventory: Inventory = {identity(entry.ref): entry for entry in entries}
    items = wanted(*want)
    there = {identity(ref_of(obj)): obj for obj in found}
    refs = [item.ref for item in items] + [entry.ref for entry in entries]
    planned = plan("w", items, {identity(ref): there.get(identity(ref)) for ref in refs}, inventory, **more)
    return [(str(step.verb), step.ref.name) for step in planned]


BLUE, RED = config_map(sky="blue"), config_map(sky="red")

APPLY = [
    pytest.param([BLUE], [], [], [("create", "colours")], id="absent-is-created"),
    pytest.param([BLUE], [live(BLUE)], [applied(BLUE)], [("keep", "colours")], id="unchanged-is-kept"),
    pytest.param([RED], [live(BLUE)], [applied(BLUE)], [("update", "colours")], id="changed-is-updated"),
    pytest.param([BLUE], [live(RED)], [applied(BLUE)], [("update", "colours")], id="touched-is-updated"),
    pytest.param([BLUE], [], [applied(BLUE)], [("create", "colours")], id="ours-and-gone-is-made-again"),
    pytest.param([BLUE], [by_hand(BLUE)], [], [("refuse", "colours")], id="by-hand-is-refused"),
    pytest.param(
        [annotated(BLUE, OVERWRITE)], [by_hand(RED)], [], [("update", "colours")], id="by-hand-is-taken-over-if-told-so"
    ),
    pytest.param([BLUE], [by_hand(BLUE)], [applied(BLUE)], [("update", "colours")], id="ours-unmarked-is-marked-again"),
    pytest.param(
        [BLUE],
        [by_hand(BLUE)],
        [applied(BLUE, live(BLUE, "uid-0"))],
        [("refuse", "colours")],
        id="made-by-hand-in-place-of-ours-is-refused",
    ),
    pytest.param([BLUE], [live(BLUE)], [], [("keep", "colours")], id="applied-before-a-crash-is-kept"),
    pytest.param([BLUE], [live(RED)], [], [("update", "colours")], id="another-version-before-a-crash-is-updated"),
    pytest.param(
        [BLUE], [live(BLUE)], [intent(ref_of(BLUE))], [("keep", "colours")], id="an-intent-that-came-true-is-kept"
    ),
    pytest.param(
        [namespace("shop")], [by_hand(namespace("shop"))], [], [("keep", "shop")], id="a-namespace-is-used-as-it-is"
    ),
]

REMOVE = [
    pytest.param([live(BLUE)], [applied(BLUE)], [("delete", "colours")], id="ours-is-deleted"),
    pytest.param([], [applied(BLUE)], [("forget", "colours")], id="gone-is-forgotten"),
    pytest.param([by_hand(BLUE)], [applied(BLUE)], [("forget", "colours")], id="without-our-mark-is-let-be"),
    pytest.param([live(BLUE, "uid-2")], [applied(BLUE)], [("forget", "colours")], id="another-of-its-name-is-let-be"),
    pytest.param([live(BLUE, owner="v")], [applied(BLUE)], [("forget", "colours")], id="another-works-is-let-be"),
    pytest.param([live(BLUE)], [intent(ref_of(BLUE))], [("delete", "colours")], id="made-before-a-crash-is-deleted"),
    pytest.param(
        [managed(by_hand(BLUE))], [intent(ref_of(BLUE))], [("forget", "colours")], id="an-intent-claims-only-its-own"
    ),
    pytest.param([by_hand(BLUE)], [], [], id="never-applied-is-never-deleted"),
]


@pytest.mark.parametrize(("want", "found", "entries", "expected"), APPLY)
def test_apply(want: list[Obj], found: list[Obj], entries: list[Entry], expected: list[tuple[str, str]]) -> None:
    assert steps(want, found, entries) == expected


@pytest.mark.parametrize(("found", "entries", "expected"), REMOVE)
def test_remove(found: list[Obj], entries: list[Entry], expected: list[tuple[str, str]]) -> None:
    assert steps([], found, entries) == expected


def test_preserve_releases_instead_of_deleting() -> None:
    assert steps([], [live(BLUE)], [applied(BLUE)], preserve=True) == [("release", "colours")]


def test_places_are_made_first_and_removed_last() -> None:
    parts = [deployment(), BLUE, namespace("shop")]

    assert steps(parts, [], []) == [("create", "shop"), ("create", "colours"), ("create", "web")]
    assert steps([], [live(p) for p in parts], [applied(p) for p in parts]) == [
        ("delete", "web"),
        ("delete", "colours"),
        ("delete", "shop"),
    ]


def test_an_update_names_the_very_object_it_looked_at() -> None:
    (item,) = wanted(RED)
    (step,) = plan("w", [item], {identity(item.ref): live(BLUE)}, {})

    assert step.obj is not None
    assert step.obj["metadata"]["uid"] == UID


def test_a_new_version_of_the_api_is_the_same_object() -> None:
    old = {**deployment(), "apiVersion": "apps/v1beta1"}

    assert steps([deployment()], [live(deployment())], [applied(old, live(deployment()))]) == [("update", "web")]


def test_the_members_own_replicas_stay_where_told_so() -> None:
    template = labelled(deployment(replicas=2), resourcetemplate_karmada_io__retain_replicas="true")
    template["metadata"]["labels"]["resourcetemplate.karmada.io/retain-replicas"] = "true"
    scaled = copy_of(live(template))
    scaled["spec"]["replicas"] = 7

    assert steps([template], [scaled], [applied(template)]) == [("keep", "web")]


def test_nothing_handed_in_is_changed() -> None:
    items, found = wanted(RED), live(BLUE)
    before = copy_of(items[0].obj), copy_of(found)

    plan("w", items, {identity(items[0].ref): found}, {})

    assert (items[0].obj, found) == before


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(b"{", id="no-json"),
        pytest.param(b"[]", id="no-object"),
        pytest.param(b'{"apiVersion":"v1","kind":"ConfigMap"}', id="no-name"),
        pytest.param(b'{"apiVersion":"v1","metadata":{"name":"a"}}', id="no-kind"),
    ],
)
def test_what_is_no_kubernetes_object_is_invalid(manifest: bytes) -> None:
    message = WorkMessage("m1", "w", [manifest])

    with pytest.raises(Invalid, match=r"Work w is invalid: spec\.workload\.manifests\[0\]"):
        read(message)
    assert kinds_of(message) == []


def test_the_kinds_of_a_work_are_known_beforehand() -> None:
    assert kinds_of(work(BLUE, RED)) == [CONFIG_MAP, CONFIG_MAP]
