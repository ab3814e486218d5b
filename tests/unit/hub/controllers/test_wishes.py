"""Whom a change of one cluster may move: only those that are known not to be moved are left alone."""

from dataclasses import replace
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.controllers.changes import ClusterChange
from flotilla_hub.controllers.wishes import Wishes
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.store.port import Key
from tests.unit.hub.scheduler.samples import DYNAMIC, EVEN, FLEET, NAMED, NOW, binding, cluster, scheduled

JOINS, LEAVES = ClusterChange(None, cluster("m4")), ClusterChange(FLEET[0], None)
NEWS = ClusterChange(FLEET[0], replace(FLEET[0], ready="False"))
ROOM = ClusterChange(FLEET[0], replace(FLEET[0], free={"pods": 9}))
UNKNOWN = ClusterChange(None, None)


def failed(placement: Obj) -> Obj:
    done = schedule(binding(placement), [], NOW)
    assert done is not None
    return done


ORDERED = {**NAMED, "schedulerStrategy": {"type": "Failover"}}
ASKED = [
    pytest.param(scheduled(), JOINS, True, id="goes-everywhere-and-one-joins"),
    pytest.param(scheduled(), NEWS, False, id="nothing-it-asks-about"),
    pytest.param(scheduled(NAMED), JOINS, False, id="was-never-meant"),
    pytest.param(scheduled(NAMED), LEAVES, True, id="its-cluster-leaves"),
    pytest.param(scheduled(EVEN), JOINS, False, id="divided-and-one-joins"),
    pytest.param(failed(NAMED), JOINS, True, id="has-no-place-and-one-joins"),
    pytest.param(failed(NAMED), NEWS, False, id="has-no-place-and-nothing-it-asks-about"),
    pytest.param(failed({"spreadConstraints": 5}), JOINS, False, id="nobody-can-read-what-it-asks"),
    pytest.param(scheduled(ORDERED), NEWS, True, id="asks-what-is-judged-elsewhere"),
    pytest.param({**scheduled(), "spec": {}}, LEAVES, False, id="another-scheduler-has-it"),
]


@pytest.mark.parametrize(("done", "change", "wanted"), ASKED)
def test_a_binding_is_looked_at_again(done: Obj, change: ClusterChange, wanted: bool) -> None:
    wishes = Wishes()
    wishes.note(key("a"), done)
    assert list(wishes.moved_by(change)) == ([key("a")] if wanted else [])


def key(name: str) -> Key:
    return Key("resourcebindings.work.karmada.io", "default", name)


def test_only_those_in_the_cluster_are_looked_at_when_it_leaves() -> None:
    wishes = Wishes()
    for name, at in (("a", ["m1", "m2"]), ("b", ["m2"]), ("c", ["m1"])):
        wishes.note(key(name), spread_over(*at))
    assert list(wishes.moved_by(LEAVES)) == [key("a"), key("c")]


def spread_over(*names: str) -> Obj:
    return {**scheduled(EVEN), **with_clusters(*names)}


def with_clusters(*names: str) -> dict[str, Any]:
    done = scheduled(EVEN)
    return {"spec": {**done["spec"], "clusters": [{"name": name, "replicas": 1} for name in names]}}


def test_what_is_noted_again_or_forgotten_leaves_nothing_behind() -> None:
    wishes = Wishes()
    wishes.note(key("a"), failed(NAMED))
    wishes.note(key("a"), scheduled())
    wishes.note(key("a"), scheduled(NAMED))
    assert list(wishes.moved_by(JOINS)) == []
    wishes.forget(key("a"))
    wishes.forget(key("b"))
    assert list(wishes.moved_by(LEAVES)) == []
    assert not (wishes._wishes or wishes._wish_of or wishes._restless)


def test_a_cluster_nobody_can_read_moves_only_those_who_ask_what_is_judged_elsewhere() -> None:
    wishes = Wishes()
    wishes.note(key("a"), scheduled())
    wishes.note(key("b"), scheduled(ORDERED))
    assert list(wishes.moved_by(UNKNOWN)) == [key("b")]


CRAMPED, HOMELESS = scheduled(DYNAMIC, replicas=3), failed(DYNAMIC)


def test_room_helps_those_who_lack_it_and_them_only() -> None:
    wishes = Wishes()
    for name, done in (("a", scheduled()), ("b", HOMELESS), ("c", CRAMPED), ("d", scheduled(ORDERED))):
        wishes.note(key(name), done)
    assert (wishes.lack_room, list(wishes.helped_by(ROOM))) == (True, [key("c")])
    wishes.forget(key("c"))
    assert (wishes.lack_room, list(wishes.helped_by(ROOM))) == (False, [])
