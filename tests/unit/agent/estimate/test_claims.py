"""Which nodes a pod may run on, by Kubernetes' rules."""

from typing import Any

import pytest

from flotilla_agent.estimate.claims import Claim
from flotilla_common.objects import Obj
from tests.unit.agent.estimate.samples import book, node

GPU = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


def affinity(*terms: Obj) -> Obj:
    return {"hardNodeAffinity": {"nodeSelectorTerms": list(terms)}}


def on(key: str, operator: str, *values: str) -> Obj:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def named(*names: str) -> Obj:
    return {"matchFields": [{"key": "metadata.name", "operator": "In", "values": list(names)}]}


def tolerating(**toleration: str) -> Obj:
    return {"tolerations": [toleration]}


ZONE_A: dict[str, Any] = {"labels": {"zone": "a", "cores": "8"}}
TAINTED: dict[str, Any] = {"taints": [GPU]}

CASES = [
    pytest.param(None, {}, True, id="no-claim-takes-any-node"),
    pytest.param(None, TAINTED, False, id="but-no-tainted-one"),
    pytest.param(None, {"taints": [{**GPU, "effect": "PreferNoSchedule"}]}, True, id="a-preference-keeps-nobody-out"),
    pytest.param({"nodeSelector": {"zone": "a"}}, ZONE_A, True, id="the-selector-holds"),
    pytest.param({"nodeSelector": {"zone": "b"}}, ZONE_A, False, id="the-selector-does-not"),
    pytest.param(tolerating(key="gpu", operator="Exists"), TAINTED, True, id="a-key-is-tolerated"),
    pytest.param(tolerating(key="gpu", value="yes"), TAINTED, True, id="a-value-is-tolerated"),
    pytest.param(tolerating(key="gpu", value="no"), TAINTED, False, id="another-value-is-not"),
    pytest.param(tolerating(operator="Exists"), TAINTED, True, id="everything-is-tolerated"),
    pytest.param(tolerating(operator="Exists", effect="NoExecute"), TAINTED, False, id="of-one-effect-only"),
    pytest.param(affinity(on("zone", "In", "a", "b")), ZONE_A, True, id="in"),
    pytest.param(affinity(on("zone", "NotIn", "a")), ZONE_A, False, id="not-in"),
    pytest.param(affinity(on("rack", "NotIn", "a")), ZONE_A, True, id="not-in-holds-without-the-label"),
    pytest.param(affinity(on("zone", "Exists")), ZONE_A, True, id="exists"),
    pytest.param(affinity(on("zone", "DoesNotExist")), ZONE_A, False, id="does-not-exist"),
    pytest.param(affinity(on("cores", "Gt", "4")), ZONE_A, True, id="greater"),
    pytest.param(affinity(on("cores", "Lt", "8")), ZONE_A, False, id="less"),
    pytest.param(affinity(on("zone", "Gt", "4")), ZONE_A, False, id="no-number-is-greater-than-nothing"),
    pytest.param(affinity(on("zone", "Near", "a")), ZONE_A, False, id="an-unknown-operator-holds-never"),
    pytest.param(affinity(on("zone", "In", "b"), on("zone", "In", "a")), ZONE_A, True, id="one-term-is-enough"),
    pytest.param(affinity({}), ZONE_A, False, id="an-empty-term-matches-nothing"),
    pytest.param(affinity(), ZONE_A, False, id="no-term-at-all-matches-nothing"),
    pytest.param(affinity(named("n1")), {}, True, id="a-node-by-its-name"),
    pytest.param(affinity({**named("n2"), **on("zone", "Exists")}), ZONE_A, False, id="fields-and-labels-must-hold"),
]


@pytest.mark.parametrize(("claim", "given", "takes"), CASES)
def test_a_claim_takes_a_node_or_not(claim: Obj | None, given: dict[str, Any], takes: bool) -> None:
    (there,) = book([node(**given)]).nodes()
    assert Claim.of(claim).takes(there) is takes
