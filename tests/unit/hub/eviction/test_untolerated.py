"""Which clusters a binding must leave for their NoExecute taints, and when."""

from typing import Any

import orjson
import pytest

from flotilla_common.objects import Obj
from flotilla_hub.eviction.untolerated import Deadline, deadlines

NOW, ADDED = "2026-05-01T10:00:00Z", "2026-05-01T09:59:00Z"
DOWN = {"key": "down", "effect": "NoExecute", "timeAdded": ADDED}
SLOW = {"key": "slow", "value": "very", "effect": "NoExecute", "timeAdded": ADDED}


def binding(*tolerations: dict[str, Any]) -> Obj:
    placement = orjson.dumps({"clusterTolerations": tolerations}).decode()
    annotations = {"policy.karmada.io/applied-placement": placement}
    return {"metadata": {"annotations": annotations}, "spec": {"clusters": [{"name": "m1"}, {"name": "m2"}]}}


def tolerate(key: str, seconds: int | None = None) -> dict[str, Any]:
    return {"key": key, "operator": "Exists", **({} if seconds is None else {"tolerationSeconds": seconds})}


@pytest.mark.parametrize(
    ("held", "taints", "expected"),
    [
        pytest.param(binding(), [], [], id="no-taint"),
        pytest.param(binding(), [DOWN], [Deadline("m1", 0.0)], id="what-is-not-tolerated-is-left-now"),
        pytest.param(binding(tolerate("down")), [DOWN], [], id="tolerated-for-ever"),
        pytest.param(binding(tolerate("down", 90)), [DOWN], [Deadline("m1", 30.0)], id="tolerated-for-a-while"),
        pytest.param(binding(tolerate("down", 30)), [DOWN], [Deadline("m1", -30.0)], id="tolerated-no-longer"),
        pytest.param(binding(tolerate("down")), [DOWN, SLOW], [Deadline("m1", 0.0)], id="all-must-be-tolerated"),
        pytest.param(
            binding(tolerate("down", 90), tolerate("slow", 70)), [DOWN, SLOW], [Deadline("m1", 10.0)], id="first-counts"
        ),
        pytest.param(
            binding({"key": "slow", "operator": "Equal", "value": "a-bit"}),
            [SLOW],
            [Deadline("m1", 0.0)],
            id="another-value-is-another-taint",
        ),
        pytest.param(
            binding(tolerate("down", 90)),
            [{"key": "down", "effect": "NoExecute"}],
            [Deadline("m1", 90.0)],
            id="a-taint-without-a-time-is-new",
        ),
    ],
)
def test_a_binding_leaves_what_it_does_not_tolerate(held, taints, expected):
    assert deadlines(held, {"m1": taints, "m3": [DOWN]}, NOW) == expected


def test_tolerations_that_cannot_be_read_tolerate_nothing():
    unreadable = {"metadata": {"annotations": {"policy.karmada.io/applied-placement": "{"}}, "spec": binding()["spec"]}
    assert deadlines(unreadable, {"m1": [DOWN]}, NOW) == [Deadline("m1", 0.0)]
