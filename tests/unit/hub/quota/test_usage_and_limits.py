"""What a binding uses of its namespace's quota, and when there is no room for more."""

from fractions import Fraction
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.quota.limits import outgrows, why_exceeded
from flotilla_hub.quota.usage import listed, usage_of
from tests.unit.hub.build import deployment

EACH = {"resourceRequest": {"cpu": "500m", "memory": "1Gi"}}
GI = 2**30


def binding(*clusters: int, **spec: Any) -> Obj:
    placed = [{"name": f"m{i}", "replicas": replicas} for i, replicas in enumerate(clusters)]
    return {"spec": {"replicaRequirements": EACH, "clusters": placed, **spec}}


def component(replicas: int, cpu: str) -> Obj:
    return {"name": "c", "replicas": replicas, "replicaRequirements": {"resourceRequest": {"cpu": cpu}}}


USED = [
    pytest.param(binding(2, 3), {}, {"cpu": Fraction(5, 2), "memory": Fraction(5 * GI)}, id="replicas-times-request"),
    pytest.param(binding(), {}, {}, id="nothing-without-a-place"),
    pytest.param(binding(2, replicaRequirements=None), {}, {}, id="nothing-without-a-request"),
    pytest.param(binding(2, replicaRequirements={"resourceRequest": {"cpu": "much"}}), {}, {}, id="nothing-unreadable"),
    pytest.param(
        binding(0, 0, components=[component(1, "1"), component(4, "250m")]),
        {"by_components": True},
        {"cpu": Fraction(4)},
        id="a-set-of-components-per-cluster",
    ),
    pytest.param(
        binding(1, components=[component(1, "1")]),
        {},
        {"cpu": Fraction(1, 2), "memory": Fraction(GI)},
        id="components-do-not-count-without-their-gate",
    ),
]


@pytest.mark.parametrize(("given", "how", "used"), USED)
def test_what_a_binding_uses(given: Obj, how: dict[str, bool], used: dict[str, Fraction]) -> None:
    assert usage_of(given, **how) == used


def quota(name: str = "q", **overall: Any) -> Obj:
    return {"metadata": {"name": name, "namespace": "team"}, "spec": {"overall": overall}}


def cores(amount: int | str) -> dict[str, Fraction]:
    return {"cpu": Fraction(amount)}


LIMITS = [
    pytest.param([quota(cpu="10")], cores(8), {}, cores(2), None, id="it-just-fits"),
    pytest.param(
        [quota(cpu="10")],
        cores(8),
        {},
        cores("5/2"),
        "FederatedResourceQuota(team/q) exceeded for resource cpu: requested sum 10500m, limit 10.",
        id="it-does-not",
    ),
    pytest.param([quota(cpu="10")], cores(8), cores(3), cores(5), None, id="what-it-used-before-is-taken-off"),
    pytest.param([quota(cpu="4")], cores(8), cores(3), cores(2), None, id="using-less-is-always-allowed"),
    pytest.param([quota(memory="4Gi")], cores(8), {}, cores(9), None, id="what-no-quota-names-is-free"),
    pytest.param(
        [quota("b", cpu="1"), quota("a", memory="1Gi")],
        {},
        {},
        {"cpu": Fraction(2), "memory": Fraction(3 * GI)},
        "FederatedResourceQuota(team/a) exceeded for resource memory: requested sum 3Gi, limit 1Gi.",
        id="every-quota-of-the-namespace-counts",
    ),
]


@pytest.mark.parametrize(("quotas", "used", "before", "after", "why"), LIMITS)
def test_a_limit_is_named_when_it_is_broken(
    quotas: list[Obj],
    used: dict[str, Fraction],
    before: dict[str, Fraction],
    after: dict[str, Fraction],
    why: str | None,
) -> None:
    assert why_exceeded(quotas, used, before, after) == why


CLAIMED = {"labels": {"propagationpolicy.karmada.io/permanent-id": "id"}}


def asking(cpu: str) -> Obj:
    template = deployment()
    template["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}} if cpu else {}
    return template


GROWN = [
    pytest.param(asking("500m"), {**binding(2), "metadata": CLAIMED}, False, id="as-it-is-charged"),
    pytest.param(asking("100m"), {**binding(2), "metadata": CLAIMED}, False, id="less"),
    pytest.param(asking("1"), {**binding(2), "metadata": CLAIMED}, True, id="more"),
    pytest.param(asking("1"), {"spec": {}, "metadata": CLAIMED}, True, id="something-for-the-first-time"),
    pytest.param(asking(""), {**binding(2), "metadata": CLAIMED}, False, id="nothing-any-more"),
    pytest.param(asking("1"), binding(2), False, id="more-but-nobody-charges-it"),
]


@pytest.mark.parametrize(("template", "held", "is_more"), GROWN)
def test_a_template_may_ask_for_more_than_its_binding_is_charged(template: Obj, held: Obj, is_more: bool) -> None:
    assert outgrows(template, held) is is_more


def test_what_is_used_is_spelled_as_the_limit_is() -> None:
    used = {"cpu": Fraction(3, 2), "memory": Fraction(3 * GI), "pods": Fraction(3)}
    assert listed(used, {"memory": "10Gi", "cpu": 4, "storage": "1"}) == {"memory": "3Gi", "cpu": "1500m"}
