"""What a namespace's quotas still allow, and which pods count as waiting for a node."""

from typing import Any

import pytest

from flotilla_agent.estimate.answers import ANSWERS, Question
from flotilla_agent.estimate.nodes import NodeBook
from flotilla_agent.estimate.quotas import max_allowed
from flotilla_agent.estimate.room import UNBOUNDED
from flotilla_common.conditions import condition
from flotilla_common.messages import REPLICAS, UNSCHEDULABLE
from flotilla_common.objects import Obj
from tests.unit.agent.estimate.samples import book, node, pod, wanted

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
HIGH = {**wanted(cpu="1", memory="1Gi"), "priorityClassName": "high", "namespace": "default"}


def quota(hard: Obj, used: Obj, *values: str, operator: str = "In", scope: str = "PriorityClass") -> Obj:
    rule = {"scopeName": scope, "operator": operator, "values": list(values)}
    return {"spec": {"scopeSelector": {"matchExpressions": [rule]}}, "status": {"hard": hard, "used": used}}


FIVE, TWO = {"cpu": "5"}, {"cpu": "2"}
ALLOWED = [
    pytest.param([], UNBOUNDED, id="no-quota"),
    pytest.param([quota(FIVE, TWO, "high")], 3, id="of-the-class"),
    pytest.param([quota(FIVE, TWO, "low")], UNBOUNDED, id="of-another-class"),
    pytest.param([quota(FIVE, TWO, "low", operator="NotIn")], 3, id="of-all-other-classes"),
    pytest.param([quota(FIVE, TWO, operator="Exists")], 3, id="of-any-class"),
    pytest.param([quota(FIVE, TWO, operator="DoesNotExist")], UNBOUNDED, id="of-none"),
    pytest.param([quota(FIVE, TWO, operator="Exists", scope="BestEffort")], UNBOUNDED, id="of-another-scope"),
    pytest.param([{"spec": {"scopes": ["PriorityClass"]}, "status": {"hard": FIVE, "used": TWO}}], 3, id="in-short"),
    pytest.param([{"spec": {}, "status": {"hard": FIVE, "used": TWO}}], UNBOUNDED, id="without-a-scope"),
    pytest.param([quota({"requests.cpu": "5"}, {"requests.cpu": "2"}, "high")], 3, id="requests-are-the-same"),
    pytest.param([quota({"limits.cpu": "5"}, {"limits.cpu": "2"}, "high")], UNBOUNDED, id="limits-do-not-count"),
    pytest.param([quota({"pods": "5"}, {"pods": "2"}, "high")], UNBOUNDED, id="nor-does-the-number-of-pods"),
    pytest.param([quota(TWO, FIVE, "high")], 0, id="never-below-zero"),
    pytest.param([quota({**FIVE, "memory": "4Gi"}, {**TWO, "memory": "2Gi"}, "high")], 2, id="the-scarcest-counts"),
    pytest.param([quota(FIVE, TWO, "high"), quota({"cpu": "6"}, FIVE, "high")], 1, id="the-lowest-counts"),
]


@pytest.mark.parametrize(("quotas", "fits"), ALLOWED)
def test_what_quotas_allow(quotas: list[Obj], fits: int) -> None:
    assert max_allowed(quotas, HIGH) == fits


@pytest.mark.parametrize(("asked", "fits"), [pytest.param(True, 3, id="asked"), pytest.param(False, 4, id="not-asked")])
def test_quotas_count_when_the_hub_asks_for_it(asked: bool, fits: int) -> None:
    there = book([node()])
    there.put_quota(("default", "q"), quota(FIVE, TWO, "high"))
    there.put_quota(("other", "q"), quota(TWO, TWO, "high"))
    assert ANSWERS[REPLICAS](there, Question({"replicaRequirements": HIGH}, asked, NOW)) == fits


def waiting(since: str = THEN, *, kind: str = "ReplicaSet", reason: str = "Unschedulable", app: str = "web") -> Obj:
    owner = {"kind": kind, "name": "web-1", "controller": True}
    made = pod(f"{app}-{since[-9:-1]}", labels={"app": app}, ownerReferences=[owner])
    return {**made, "status": {"conditions": [condition("PodScheduled", False, reason, "", since)]}}


WAITING = [
    pytest.param([waiting(), waiting("2026-01-01T00:01:00Z")], 60, 2, id="those-that-waited-long-enough"),
    pytest.param([waiting("2026-01-01T00:04:30Z")], 60, 0, id="not-yet"),
    pytest.param([waiting(app="other")], 60, 0, id="of-another-workload"),
    pytest.param([waiting(kind="Job")], 60, 0, id="of-another-kind"),
    pytest.param([waiting(reason="SchedulingGated")], 60, 0, id="held-back-on-purpose"),
    pytest.param([pod("a", "n1", labels={"app": "web"})], 60, 0, id="those-that-run"),
    pytest.param([waiting()], -1, 1, id="a-threshold-below-zero-is-none"),
]
LIVE = {"spec": {"selector": {"matchLabels": {"app": "web"}}}}


@pytest.mark.parametrize(("pods", "threshold", "count"), WAITING)
def test_pods_without_a_node(pods: list[Obj], threshold: float, count: int) -> None:
    assert ANSWERS[UNSCHEDULABLE](book([], pods), _about("Deployment", threshold)) == count


def test_one_that_found_a_node_waits_no_more() -> None:
    one = waiting()
    there = book([], [one])
    there.put_pod(("default", one["metadata"]["name"]), pod(one["metadata"]["name"], "n1"))
    assert ANSWERS[UNSCHEDULABLE](there, _about("Deployment", 0)) == 0


UNKNOWN: list[Any] = [
    pytest.param("StatefulSet", LIVE, id="of-a-kind-whose-pods-are-not-known"),
    pytest.param("Deployment", None, id="of-one-that-is-not-there"),
]


@pytest.mark.parametrize(("kind", "live"), UNKNOWN)
def test_what_cannot_be_told_is_minus_one(kind: str, live: Obj | None) -> None:
    assert ANSWERS[UNSCHEDULABLE](NodeBook(), _about(kind, 0, live)) == -1


def _about(kind: str, threshold: float, live: Obj | None = LIVE) -> Question:
    return Question({"kind": kind, "namespace": "default", "name": "web", "threshold": threshold}, False, NOW, live)
