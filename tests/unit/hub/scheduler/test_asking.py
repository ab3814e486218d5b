"""Whether a decision looks at room, and then whose agents are asked what."""

from typing import Any

import pytest

from flotilla_common.messages import COMPONENTS, REPLICAS
from flotilla_common.objects import Obj, decode
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.asking import Estimating, question_of
from flotilla_hub.scheduler.profile import DEFAULT, Profile
from flotilla_hub.scheduler.snapshot import Snapshot
from tests.unit.hub.scheduler.samples import (
    AGGREGATED,
    DYNAMIC,
    EVEN,
    NAMED,
    TAINT,
    binding,
    changed,
    cluster,
    divided,
    scheduled,
)

FLEET = [
    cluster("m1", 9, ready="True", sync_mode="Pull"),
    cluster("m2", 9, ready="True"),
    cluster("m3", 9, ready="True"),
    cluster("lost", 9, ready="Unknown"),
    cluster("tainted", 9, ready="True", taints=(TAINT,)),
]
SPREAD = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1}]}
GROUPS = [
    {"affinityName": "first", "clusterNames": ["m1"]},
    {"affinityName": "second", "clusterNames": ["m2", "lost"]},
]
ALL = ("m1", "m2", "m3")

WHOM = [
    pytest.param(binding(DYNAMIC), ALL, id="a-division-by-room"),
    pytest.param(binding(AGGREGATED), ALL, id="into-as-few-as-possible"),
    pytest.param(binding(SPREAD), ALL, id="a-choice-of-clusters"),
    pytest.param(binding({**DYNAMIC, **NAMED}), ("m1", "m2"), id="only-those-that-may-be-chosen"),
    pytest.param(binding({**DYNAMIC, "clusterAffinities": GROUPS}), ("m1", "m2"), id="of-every-group-it-may-come-to"),
    pytest.param(binding(EVEN), None, id="not-for-static-weights"),
    pytest.param(binding(divided()), None, id="not-for-equal-ones"),
    pytest.param(binding(NAMED), None, id="not-for-copies-everywhere"),
    pytest.param(binding(DYNAMIC, replicas=0), None, id="not-for-nothing"),
    pytest.param(binding({**DYNAMIC, "clusterAffinity": {"clusterNames": ["lost"]}}), None, id="not-of-nobody"),
    pytest.param(binding(DYNAMIC, schedulerName="another"), None, id="not-for-another-scheduler"),
    pytest.param(scheduled(DYNAMIC, FLEET), None, id="not-when-the-result-stands"),
    pytest.param(changed(scheduled(DYNAMIC, FLEET), replicas=5), ALL, id="but-when-it-grows"),
]


def asked(given: Obj, fleet: list[Cluster] = FLEET, profile: Profile = DEFAULT, **settled: Any) -> Any:
    return question_of(given, Snapshot(fleet), profile, Estimating(**settled))


@pytest.mark.parametrize(("given", "whom"), WHOM)
def test_whom_is_asked(given: Obj, whom: tuple[str, ...] | None) -> None:
    question = asked(given)
    assert (question and question.clusters) == whom


def test_clusters_in_pull_mode_can_be_left_out() -> None:
    assert asked(binding(DYNAMIC), pull=False).clusters == ("m2", "m3")


REQUIREMENTS = {"resourceRequest": {"cpu": "1"}, "priorityClassName": "high"}
COMPONENT = {"name": "main", "replicas": 2, "replicaRequirements": {"resourceRequest": {"cpu": "1"}}}
OTHER = {**COMPONENT, "name": "other"}
BY_COMPONENTS = Profile(has_components=True)

WHAT = [
    pytest.param(binding(DYNAMIC), {}, DEFAULT, (REPLICAS, {"replicaRequirements": {}}, False), id="nothing-special"),
    pytest.param(
        binding(DYNAMIC, replicaRequirements=REQUIREMENTS),
        {},
        DEFAULT,
        (REPLICAS, {"replicaRequirements": REQUIREMENTS}, False),
        id="what-a-replica-needs",
    ),
    pytest.param(
        binding(DYNAMIC, replicaRequirements=REQUIREMENTS),
        {"quotas": True},
        DEFAULT,
        (REPLICAS, {"replicaRequirements": REQUIREMENTS}, True),
        id="where-quotas-count",
    ),
    pytest.param(
        binding(SPREAD, components=[COMPONENT, OTHER]),
        {},
        BY_COMPONENTS,
        (COMPONENTS, {"components": [COMPONENT, OTHER]}, False),
        id="sets-of-components",
    ),
]


@pytest.mark.parametrize(("given", "settled", "profile", "what"), WHAT)
def test_what_is_asked(given: Obj, settled: dict[str, bool], profile: Profile, what: tuple[str, Obj, bool]) -> None:
    question = asked(given, profile=profile, **settled)
    assert (question.what, decode(question.body), question.quotas) == what
