"""Which clusters an application must leave because it is not well there, and what it takes along."""

from typing import Any

import pytest

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj
from flotilla_hub.eviction.tasks import Departure
from flotilla_hub.eviction.unhealthy import departure, tolerated, unhealthy_in

STEP = {"aliasLabelName": "step", "jsonPath": "{.counter.step}"}


def binding(health: str = "Unhealthy", kind: str = "ResourceBinding", **application: Any) -> Obj:
    item = {"clusterName": "m1", "health": health, "status": {"counter": {"step": 7}}}
    behaviour = {"decisionConditions": {"tolerationSeconds": 20}, "purgeMode": "Directly", **application}
    return {
        "kind": kind,
        "spec": {"clusters": [{"name": "m1"}], "failover": {"application": behaviour}},
        "status": {"aggregatedStatus": [item, {"clusterName": "gone", "health": "Unhealthy"}]},
    }


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(binding(), {"m1"}, id="unhealthy-where-it-is-placed"),
        pytest.param(binding("Healthy"), set(), id="healthy"),
        pytest.param(binding("Unknown"), set(), id="nobody-knows"),
        pytest.param({**binding(), "spec": {"clusters": [{"name": "m1"}]}}, set(), id="its-policy-does-not-say"),
        pytest.param({**binding(), "status": {}}, set(), id="no-status-yet"),
    ],
)
def test_where_it_is_unhealthy(held, expected):
    assert unhealthy_in(held) == expected


@pytest.mark.parametrize(
    ("held", "seconds"),
    [
        pytest.param(binding(), 20, id="as-the-policy-says"),
        pytest.param(binding(decisionConditions={"tolerationSeconds": 0}), 0, id="not-at-all"),
        pytest.param(binding(decisionConditions={}), 300, id="five-minutes-otherwise"),
    ],
)
def test_how_long_that_is_tolerated(held, seconds):
    assert tolerated(held) == seconds


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(
            binding(gracePeriodSeconds=9),
            Departure("m1", "ApplicationFailure", "RBApplicationFailoverController", "Directly"),
            id="directly",
        ),
        pytest.param(
            binding(purgeMode="Gracefully", gracePeriodSeconds=9),
            Departure("m1", "ApplicationFailure", "RBApplicationFailoverController", "Gracefully", grace_period=9),
            id="gracefully-with-its-time",
        ),
        pytest.param(
            binding(kind="ClusterResourceBinding", statePreservation={"rules": [STEP]}),
            Departure(
                "m1", "ApplicationFailure", "CRBApplicationFailoverController", "Directly", preserved={"step": "7"}
            ),
            id="with-what-it-knew",
        ),
    ],
)
def test_how_it_leaves(held, expected):
    keep = "statePreservation" in held["spec"]["failover"]["application"]
    assert departure(held, "m1", keep_state=keep) == expected


def test_what_is_no_text_is_written_as_json():
    held = binding(statePreservation={"rules": [{**STEP, "jsonPath": "{.counter}"}]})
    assert departure(held, "m1", keep_state=True).preserved == {"step": '{"step":7}'}


def test_state_that_is_not_there_stops_the_failover():
    lost = binding(statePreservation={"rules": [{**STEP, "jsonPath": "{.nowhere}"}]})
    with pytest.raises(Terminal, match=r"cannot preserve .* in cluster m1: \{.nowhere\} is not in its status"):
        departure(lost, "m1", keep_state=True)
