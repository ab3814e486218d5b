"""Rules of `placement.schedulerStrategy`: what each strategy takes, and what is said of a mistake."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.admission.strategy import default_strategy
from tests.unit.hub.policies import errors, placed

AT = "spec.placement.schedulerStrategy"


def failover(**settings: Any) -> Obj:
    return placed(schedulerStrategy={"type": "Failover", "failover": settings})


def rolling(**settings: Any) -> Obj:
    return placed(schedulerStrategy={"type": "RollingUpdate", "rollingUpdate": settings})


VALID = [
    pytest.param(failover(), id="failover-by-default"),
    pytest.param(
        failover(tolerationSeconds=0, unhealthySeconds=1, returnToPreferred=True, returnDelaySeconds=0),
        id="failover-with-everything",
    ),
    pytest.param(rolling(maxSurge="100%", maxUnavailable="0%"), id="all-at-once"),
    pytest.param(rolling(progressDeadlineSeconds=1, revisionHistoryLimit=1), id="rolling-with-everything"),
]


@pytest.mark.parametrize("spec", VALID)
def test_valid(spec: Any) -> None:
    assert errors(**spec) == []


INVALID = [
    pytest.param(
        failover(tolerationSecond=5),
        [f'{AT}.failover.tolerationSecond: unknown field; did you mean "tolerationSeconds"?'],
        id="a-field-misspelt",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "Failover", "failOver": {}}),
        [f'{AT}.failOver: unknown field; did you mean "failover"?'],
        id="a-section-misspelt",
    ),
    pytest.param(
        failover(tolerationSeconds=-1, unhealthySeconds=0, returnDelaySeconds=-1),
        [
            f"{AT}.failover.tolerationSeconds: Invalid value: -1: must be 0 or more",
            f"{AT}.failover.unhealthySeconds: Invalid value: 0: must be 1 or more",
            f"{AT}.failover.returnDelaySeconds: Invalid value: -1: must be 0 or more",
        ],
        id="times-that-are-none",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "RollingUpdate", "failover": {}}),
        [f"{AT}.failover: Forbidden: may only be set when `type` is 'Failover', and it is 'RollingUpdate'"],
        id="another-strategys-settings",
    ),
    pytest.param(
        placed(schedulerStrategy={"type": "Failover"}, spreadConstraints=[{"spreadByField": "cluster"}]),
        [
            "spec.placement.spreadConstraints: Forbidden: exclude schedulerStrategy Failover, with which one cluster "
            "serves at a time; remove one of the two"
        ],
        id="one-cluster-and-several",
    ),
    pytest.param(
        rolling(progressDeadlineSeconds=0, revisionHistoryLimit=-1),
        [
            f"{AT}.rollingUpdate.progressDeadlineSeconds: Invalid value: 0: must be greater than 0",
            f"{AT}.rollingUpdate.revisionHistoryLimit: Invalid value: -1: must be greater than 0",
        ],
        id="limits-that-are-none",
    ),
    pytest.param(
        rolling(maxSurge="101%", maxUnavailable=-1),
        [
            f"{AT}.rollingUpdate.maxUnavailable: Invalid value: -1: must be a number of clusters, 0 or more, or a "
            "percentage like '25%'",
            f'{AT}.rollingUpdate.maxSurge: Invalid value: "101%": must be a number of clusters, 0 or more, or a '
            "percentage like '25%'",
        ],
        id="more-than-all",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), INVALID)
def test_invalid(spec: Any, expected: list[str]) -> None:
    assert errors(**spec) == expected


DEFAULTS = [
    pytest.param({}, {"maxSurge": "25%", "maxUnavailable": "25%"}, id="none-given"),
    pytest.param({"rollingUpdate": {"maxSurge": 1}}, {"maxSurge": 1, "maxUnavailable": "25%"}, id="one-given"),
    pytest.param(
        {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, {"maxSurge": 1, "maxUnavailable": 0}, id="both-given"
    ),
]


@pytest.mark.parametrize(("given", "expected"), DEFAULTS)
def test_a_wave_is_half_of_the_clusters_by_default(given: Obj, expected: Obj) -> None:
    placement = {"schedulerStrategy": {"type": "RollingUpdate", **given}}
    default_strategy(placement)
    assert placement["schedulerStrategy"]["rollingUpdate"] == expected
