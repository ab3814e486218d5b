"""Whom a change of one cluster may move: only those that are known not to be moved are left alone."""

from dataclasses import replace
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.controllers.changes import ClusterChange
from flotilla_hub.controllers.settled import Settled
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.store.port import Key
from tests.unit.hub.scheduler.samples import EVEN, FLEET, NAMED, NOW, binding, cluster, scheduled

JOINS, LEAVES = ClusterChange(None, cluster("m4")), ClusterChange(FLEET[0], None)
NEWS = ClusterChange(FLEET[0], replace(FLEET[0], ready="False"))
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
    pytest.param(failed(NAMED), JOINS, True, id="has-no-place-yet"),
    pytest.param(scheduled(ORDERED), NEWS, True, id="asks-what-is-judged-elsewhere"),
    pytest.param({**scheduled(), "spec": {}}, LEAVES, False, id="another-scheduler-has-it"),
]


@pytest.mark.parametrize(("done", "change", "wanted"), ASKED)
def test_a_binding_is_looked_at_again(done: Obj, change: ClusterChange, wanted: bool) -> None:
    settled = Settled()
    settled.note(key("a"), done)
    assert list(settled.moved_by(change)) == ([key("a")] if wanted else [])


def key(name: str) -> Key:
    return Key("resourcebindings.work.karmada.io", "default", name)


def test_only_those_in_the_cluster_are_looked_at_when_it_leaves() -> None:
    settled = Settled()
    for name, at in (("a", ["m1", "m2"]), ("b", ["m2"]), ("c", ["m1"])):
        settled.note(key(name), spread_over(*at))
    assert list(settled.moved_by(LEAVES)) == [key("a"), key("c")]


def spread_over(*names: str) -> Obj:
    return {**scheduled(EVEN), **with_clusters(*names)}


def with_clusters(*names: str) -> dict[str, Any]:
    done = scheduled(EVEN)
    return {"spec": {**done["spec"], "clusters": [{"name": name, "replicas": 1} for name in names]}}


def test_what_is_noted_again_or_forgotten_leaves_nothing_behind() -> None:
    settled = Settled()
    settled.note(key("a"), failed(NAMED))
    settled.note(key("a"), scheduled())
    settled.note(key("a"), scheduled(NAMED))
    assert list(settled.moved_by(JOINS)) == []
    settled.forget(key("a"))
    settled.forget(key("b"))
    assert list(settled.moved_by(LEAVES)) == []
    assert not (settled._wishes or settled._wish_of or settled._restless)


def test_a_cluster_nobody_can_read_moves_only_what_has_no_place() -> None:
    settled = Settled()
    settled.note(key("a"), scheduled())
    settled.note(key("b"), failed({}))
    assert list(settled.moved_by(UNKNOWN)) == [key("b")]
