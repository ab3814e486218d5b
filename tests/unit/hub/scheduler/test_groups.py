"""Workloads that attract or avoid one another: who belongs together, where they are, and which clusters that leaves."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.scheduler.groups import NOBODY, Company, Groups
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.plugins import workload_affinity, workload_anti_affinity
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.scheduler.samples import FLEET, NOW, binding, cluster, request, result

ELSEWHERE = "ResourceBinding with the same affinity group does not target this cluster"
OCCUPIED = "cluster already has workload with the same anti-affinity group"


def member(*clusters: str, namespace: str = "shop", affinity: str = "", anti: str = "") -> Obj:
    groups = {"affinityGroup": affinity, "antiAffinityGroup": anti}
    spec: dict[str, Any] = {"workloadAffinityGroups": groups, "clusters": [{"name": name} for name in clusters]}
    return {"metadata": {"namespace": namespace}, "spec": spec}


COMPANY = [
    pytest.param([], member(affinity="a"), NOBODY, id="alone"),
    pytest.param([member(affinity="a")], member(affinity="a"), NOBODY, id="while-the-others-are-not-placed"),
    pytest.param([member("m1", affinity="a")], member(affinity="a"), Company(frozenset({"m1"})), id="where-another-is"),
    pytest.param(
        [member("m1", "m2", affinity="a"), member("m2", "m3", affinity="a")],
        member(affinity="a"),
        Company(frozenset({"m2"})),
        id="where-all-others-are",
    ),
    pytest.param(
        [member("m1", affinity="a"), member("m2", affinity="a")],
        member(affinity="a"),
        Company(frozenset()),
        id="others-that-share-no-cluster",
    ),
    pytest.param([member("m1", affinity="b")], member(affinity="a"), NOBODY, id="another-group"),
    pytest.param(
        [member("m1", namespace="bank", affinity="a")], member(affinity="a"), NOBODY, id="the-same-in-another-namespace"
    ),
    pytest.param([member("m1", anti="a")], member(affinity="a"), NOBODY, id="another-kind-of-group"),
    pytest.param(
        [member("m1", anti="a"), member("m2", "m3", anti="a")],
        member(anti="a"),
        Company(None, frozenset({"m1", "m2", "m3"})),
        id="wherever-one-to-avoid-is",
    ),
    pytest.param([member("m1", namespace="")], member(namespace="", affinity="a"), NOBODY, id="no-namespace-no-group"),
]


@pytest.mark.parametrize(("others", "own", "company"), COMPANY)
def test_company(others: list[Obj], own: Obj, company: Company) -> None:
    groups = Groups[int]()
    for number, other in enumerate(others, 1):
        groups.note(number, other)
    groups.note(0, own)
    assert groups.company_of(0, own) == company


def test_who_moves_or_leaves_is_told_of_by_those_it_concerns() -> None:
    groups = Groups[str]()
    told = [groups.note(key, member(affinity="a")) for key in ("x", "y")]
    told.append(groups.note("x", member("m1", affinity="a")))
    told.append(groups.note("x", member("m1", affinity="a")))
    told.append(groups.note("x", member("m1", affinity="b")))
    told.append(groups.forget("y"))
    assert told == [(), ("x",), ("y",), (), ("y",), ()]


def test_a_group_without_members_is_forgotten() -> None:
    groups = Groups[str]()
    groups.note("x", member("m1", affinity="a", anti="b"))
    groups.forget("x")
    assert (groups.company_of("y", member(affinity="a")), dict(groups._members)) == (NOBODY, {})


FILTERED = [
    pytest.param({}, None, None, id="without-company"),
    pytest.param({"together": frozenset({"m1"})}, None, None, id="where-the-others-are"),
    pytest.param({"together": frozenset({"m2"})}, ELSEWHERE, None, id="where-the-others-are-not"),
    pytest.param({"together": frozenset()}, ELSEWHERE, None, id="others-with-nothing-in-common"),
    pytest.param({"apart": frozenset({"m1"})}, None, OCCUPIED, id="where-one-to-avoid-is"),
    pytest.param({"apart": frozenset({"m2"})}, None, None, id="where-none-to-avoid-is"),
    pytest.param(
        {"together": frozenset({"m2"}), "apart": frozenset({"m1"}), "previous": {"m1": 1}},
        None,
        None,
        id="a-present-target-stays",
    ),
]


@pytest.mark.parametrize(("fields", "affinity", "anti_affinity"), FILTERED)
def test_filters(fields: dict[str, Any], affinity: str | None, anti_affinity: str | None) -> None:
    asked, member = request(**fields), cluster("m1")
    verdicts = (workload_affinity.filter(asked, member), workload_anti_affinity.filter(asked, member))
    assert verdicts == (affinity, anti_affinity)


GATES = [pytest.param(True, {"m2": 3}, id="on"), pytest.param(False, {"m1": 3, "m2": 3, "m3": 3}, id="off")]


@pytest.mark.parametrize(("gate", "wanted"), GATES)
def test_groups_count_only_where_the_gate_is_on(gate: bool, wanted: dict[str, int]) -> None:
    company = Company(frozenset({"m2"}))
    assert result(schedule(binding(), FLEET, NOW, profile=Profile(has_groups=gate), company=company)) == wanted
