"""Records decisions for `test_replay`: `python -m tests.unit.hub.scheduler.recording` writes `recorded.json` anew.

Do so only when decisions are meant to change, and read the difference: it is what users would see moving.
"""

import json
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self

from flotilla_common.objects import Obj
from flotilla_hub.features import Features
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.scheduler.samples import AGGREGATED, DYNAMIC, binding, divided

__all__ = ["FILE", "Recorded", "recorded"]

FILE = Path(__file__).with_name("recorded.json")
NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
SIZE, COUNT = 12, 60


class Recorded(NamedTuple):
    """One decision: all that went in, and what came out; None for nothing to change."""

    gates: str
    now: str
    binding: Obj
    after: Obj | None

    def again(self, fleet: list[Obj]) -> Obj | None:
        profile = Profile.of(Features.parse(self.gates))
        return schedule(self.binding, [Cluster.of(obj) for obj in fleet], self.now, profile=profile)

    @classmethod
    def of(cls, gates: str, now: str, before: Obj, fleet: list[Obj]) -> Self:
        fresh = cls(gates, now, before, None)
        return fresh._replace(after=fresh.again(fleet))


def recorded() -> tuple[list[Obj], list[Recorded]]:
    """The fleet and the records in the file."""
    held = json.loads(FILE.read_text())
    return held["fleet"], [Recorded(**record) for record in held["records"]]


def _cluster(number: int, dice: Random) -> Obj:
    kinds = [{"name": "deployments", "kind": "Deployment"}] if dice.random() < 0.9 else []
    grades = [{"name": "cpu", "min": str(least), "max": str(least * 2 or 1)} for least in (0, 1, 2, 4)]
    taints = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}] if dice.random() < 0.2 else []
    room = {"pods": str(dice.randrange(70)), "cpu": str(dice.randrange(80)), "memory": f"{dice.randrange(300)}Gi"}
    counts = [{"grade": grade, "count": dice.randrange(5)} for grade in range(4)]
    return {
        "metadata": {"name": f"c{number:02}", "labels": {"tier": dice.choice(["gold", "silver"])}},
        "spec": {
            "region": dice.choice(["north", "south", "west", ""]),
            "zones": dice.choice([[], ["z1"], ["z1", "z2"]]),
            "taints": taints,
            "resourceModels": [{"grade": i, "ranges": [bounds]} for i, bounds in enumerate(grades)],
        },
        "status": {
            "apiEnablements": [{"groupVersion": "apps/v1", "resources": kinds}],
            "resourceSummary": {"allocatable": room, "allocated": {"pods": "5"}, "allocatableModelings": counts},
        },
    }


def _placement(dice: Random) -> Obj:
    weights = [{"targetCluster": {"labelSelector": {"matchLabels": {"tier": "gold"}}}, "weight": 3}]
    silver = [{"targetCluster": {"labelSelector": {"matchLabels": {"tier": "silver"}}}, "weight": 1}]
    named = {"clusterNames": [f"c{n:02}" for n in sorted(dice.sample(range(SIZE), 6))]}
    gold = {"labelSelector": {"matchLabels": {"tier": "gold"}}, "exclude": ["c01"]}
    by_cluster = [{"spreadByField": "cluster", "minGroups": 2, "maxGroups": 4}]
    by_zone = [{"spreadByField": "zone", "minGroups": 1}]
    nowhere = {"clusterNames": ["c99"]}
    by_region = [{"spreadByField": "region", "minGroups": 2, "maxGroups": 3}, *by_cluster]
    overflow = [{"affinityName": "rest", "affinity": gold}]
    groups = [{"affinityName": "own", **named, "overflowAffinities": overflow}, {"affinityName": "gold", **gold}]
    how: list[Obj] = [{}, divided(), divided(staticWeightList=weights + silver), DYNAMIC, AGGREGATED]
    where: list[Obj] = [{}, {"clusterAffinity": gold}, {"clusterAffinity": named}, {"clusterAffinities": groups}]
    where.append({"clusterAffinity": nowhere})
    spread: list[Obj] = [{}, {"spreadConstraints": by_cluster}, {"spreadConstraints": by_region}]
    spread.append({"spreadConstraints": by_zone})
    tolerant: list[Obj] = [{}, {"clusterTolerations": [{"key": "gpu", "operator": "Exists"}]}]
    return {k: v for part in (how, where, spread, tolerant) for k, v in dice.choice(part).items()}


def _records(fleet: list[Obj], dice: Random) -> list[Recorded]:
    """Each placement once from nowhere, then after a change of its size, then asked to forget the past."""
    found: list[Recorded] = []
    while len(found) < COUNT:
        gates = dice.choice(["", "CustomizedClusterResourceModeling=false"])
        needs = dice.choice([None, {"resourceRequest": {"cpu": "1500m", "memory": "1Gi"}}])
        uid = dice.choice(["", "a", "b"])
        plain = binding(_placement(dice), replicas=dice.randrange(1, 300), replicaRequirements=needs)
        plain["spec"]["resource"]["uid"] = uid
        found.append(Recorded.of(gates, NOW, plain, fleet))
        changes: tuple[Obj, ...] = ({"replicas": dice.randrange(1, 300)}, {"rescheduleTriggeredAt": LATER})
        for change in changes:
            last = found[-1].after or found[-1].binding
            metadata: dict[str, Any] = {**last["metadata"], "generation": last["metadata"]["generation"] + 1}
            moved = {**last, "metadata": metadata, "spec": {**last["spec"], **change}}
            found.append(Recorded.of(gates, LATER, moved, fleet))
    return found


def main() -> None:
    dice = Random(20260101)
    fleet = [_cluster(number, dice) for number in range(SIZE)]
    lines = ",\n".join(json.dumps(record._asdict()) for record in _records(fleet, dice))
    clusters = ",\n".join(map(json.dumps, fleet))
    FILE.write_text(f'{{"fleet": [\n{clusters}\n],\n"records": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
