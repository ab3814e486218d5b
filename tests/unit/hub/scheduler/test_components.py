"""Workloads of several components: where the whole set goes, what is noted of it, and when it is placed again."""

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.scheduler.samples import LATER, NOW, binding, changed, cluster, divided, said

GATE = Profile(has_components=True)
ONE = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]}


def parts(workers: int = 3) -> list[Obj]:
    needs = {"resourceRequest": {"cpu": "1"}}
    return [{"name": "leader", "replicas": 1}, {"name": "worker", "replicas": workers, "replicaRequirements": needs}]


def job(placement: Obj, components: list[Obj]) -> Obj:
    return binding(placement, replicas=0, components=components)


def members(**cores: int) -> list[Cluster]:
    return [cluster(name, free={"pods": 100, "cpu": 1000 * count}) for name, count in cores.items()]


def entries(done: Obj | None) -> list[Obj]:
    assert done is not None
    return done["spec"]["clusters"]


SHARE = [{"name": "leader", "replicas": 1}, {"name": "worker", "replicas": 3}]


def test_every_cluster_gets_the_whole_set() -> None:
    done = schedule(job({}, parts()), members(m1=1, m2=1), NOW, profile=GATE)
    assert entries(done) == [{"name": "m1", "components": SHARE}, {"name": "m2", "components": SHARE}]


def test_what_must_be_in_one_cluster_goes_where_most_sets_fit() -> None:
    done = schedule(job({**ONE, **divided("Aggregated")}, parts()), members(m1=3, m2=9, m3=6), NOW, profile=GATE)
    assert entries(done) == [{"name": "m2", "components": SHARE}]


def test_it_stays_where_it_is_when_another_has_more_room() -> None:
    placed = schedule(job({**ONE, **divided("Aggregated")}, parts()), members(m1=9, m2=3), NOW, profile=GATE)
    assert placed is not None
    assert schedule(placed, members(m1=0, m2=90), LATER, profile=GATE) is None


def test_another_size_of_a_component_is_placed_and_noted() -> None:
    placement = {**ONE, **divided("Aggregated")}
    placed = schedule(job(placement, parts()), members(m1=9), NOW, profile=GATE)
    assert placed is not None
    grown = schedule(changed(placed, components=parts(5)), members(m1=9), LATER, profile=GATE)
    assert entries(grown) == [{"name": "m1", "components": [SHARE[0], {"name": "worker", "replicas": 5}]}]
    assert said(grown)[1] == "Success"
    assert schedule(grown or {}, members(m1=9), LATER, profile=GATE) is None


def test_one_component_is_noted_as_none() -> None:
    done = schedule(job({}, parts()[:1]), members(m1=1), NOW, profile=GATE)
    assert entries(done) == [{"name": "m1"}]
