"""Builders for the tests of Failover: clusters that are well and not, and a binding one of them has served for long."""

from typing import Any

from flotilla_common.objects import Obj
from flotilla_hub.model.cluster import Cluster, Taint
from tests.unit.hub.scheduler.samples import binding, cluster

LONG_AGO, LATER = "2025-12-31T00:00:00Z", "2026-01-01T00:10:00Z"
AGO_60, AGO_20 = "2025-12-31T23:59:00Z", "2025-12-31T23:59:40Z"
UNREACHABLE = Taint("cluster.karmada.io/unreachable", "", "NoSchedule")
DRAINED = Taint("maintenance", "", "NoExecute")
ORDER = {"clusterAffinity": {"clusterNames": ["primary", "secondary", "third"]}}


def ready(name: str, since: str = LONG_AGO, **fields: Any) -> Cluster:
    return cluster(name, **{"ready": "True", "ready_since": since, **fields})


def lost(name: str, since: str = AGO_60) -> Cluster:
    """One whose agent is not heard any more."""
    return cluster(name, ready="Unknown", ready_since=since, taints=(UNREACHABLE,))


def unready(name: str, since: str) -> Cluster:
    """One whose agent says that it does not answer."""
    taint = Taint("cluster.karmada.io/not-ready", "", "NoSchedule")
    return cluster(name, ready="False", ready_since=since, taints=(taint,))


FLEET = [ready("third"), ready("secondary"), ready("primary")]


def of_fleet(*others: Cluster) -> list[Cluster]:
    """The fleet with these in the place of their namesakes."""
    return [*others, *(one for one in FLEET if one.name not in {other.name for other in others})]


def strategy(**failover: Any) -> Obj:
    return {"schedulerStrategy": {"type": "Failover", **({"failover": failover} if failover else {})}}


def serving(name: str, placement: Obj | None = None, health: str = "", **failover: Any) -> Obj:
    """A binding that one cluster has served for long."""
    done = binding({**ORDER, **strategy(**failover), **(placement or {})}, clusters=[{"name": name, "replicas": 3}])
    items = [{"clusterName": name, "applied": True, "health": health}] if health else []
    record = {"serving": name, "since": LONG_AGO}
    return {**done, "status": {"failover": record, **({"aggregatedStatus": items} if items else {})}}


def told(done: Obj | None) -> tuple[str, str, str]:
    assert done is not None
    (found,) = (c for c in done["status"]["conditions"] if c["type"] == "Serving")
    return found["status"], found["reason"], found["message"]
