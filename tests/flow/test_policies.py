"""Who has a template, and when that acts: policies end to end; one fleet for all tests."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj, annotations_of
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map
from tests.placed import Placed, placed, policy_for, remove, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("east", "west")
PROTECTED = "resourcetemplate.karmada.io/deletion-protected"
SKIP = "namespace.karmada.io/skip-auto-propagation"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub with preemption and two Pull members. Each test has objects of its own name."""
    gates = ("--feature-gates", "PropagationPolicyPreemption=true")
    async with fleet(tmp_path_factory.mktemp("policies"), *gates) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


def named(policy: Obj, name: str, **spec: Any) -> Obj:
    return {**policy, "metadata": {**policy["metadata"], "name": name}, "spec": {**policy["spec"], **spec}}


async def holds(there: Placed, *clusters: str) -> None:
    async def is_there() -> bool:
        return [cluster for cluster in CLUSTERS if there.there(cluster)] == list(clusters)

    await until(f"{there.key} is in {clusters} and nowhere else", is_there)


async def claims(there: Placed) -> str:
    template = await there.fleet.get(f"{there.kind.lower()}s", there.name)
    return annotations_of(template).get("propagationpolicy.karmada.io/name", "")


# Whose it is


async def test_a_policy_that_preempts_takes_over_and_keeps_it(two: Fleet) -> None:
    web = await placed(two, config_map("contested", {"v": "1"}), "east")
    taker = named(policy_for(web.template, "west"), "taker", preemption="Always", priority=5)
    await two.client.create(taker)
    await holds(web, "west")
    assert await claims(web) == "taker"
    await told(two, "PreemptPolicySucceed", "contested")

    await two.client.create(named(policy_for(web.template, "east"), "better", priority=9))
    await web.change(v="2")
    await web.arrives("west", {"v": "2"})
    assert (await claims(web), web.there("east")) == ("taker", None)


async def test_a_lowered_priority_gives_a_template_away(two: Fleet) -> None:
    there = config_map("lowered", {"v": "1"})
    web = await placed(two, there, "east", priority=9)
    await two.client.create(named(policy_for(there, "west"), "waits-for-it", preemption="Always", priority=5))
    await two.client.apply(policy_for(there, "east", priority=7))
    assert await claims(web) == "lowered"
    await two.client.apply(policy_for(there, "east", priority=1))
    await holds(web, "west")


async def test_a_lazy_policy_acts_when_the_template_changes(two: Fleet) -> None:
    web = await placed(two, config_map("lazy", {"v": "1"}), "east")
    await two.client.apply(policy_for(web.template, "west", activationPreference="Lazy"))

    async def is_seen() -> bool:
        return "detector.flotilla.io/seen" in annotations_of(await two.get("configmaps", "lazy"))

    await until("the policy has looked at it", is_seen)
    await two.hub.stop()
    await two.hub.start()
    await two.ready()
    after = await placed(two, config_map("probe-lazy", {"v": "1"}), "east")
    assert (after.there("east") is not None, web.there("west")) == (True, None)

    await web.change(v="2")
    await holds(web, "west")
    assert not [key for key in annotations_of(web.there("west") or {}) if "flotilla.io" in key]


async def test_a_narrowed_policy_and_a_deleted_one_take_nothing_out_of_a_member(two: Fleet) -> None:
    web = await placed(two, config_map("narrowed", {"v": "1"}))
    elsewhere = config_map("narrowed-elsewhere", {"v": "1"})
    await two.client.apply(named(policy_for(elsewhere, "east"), "narrowed"))

    async def is_nobodys() -> bool:
        return not await claims(web)

    await until("it is nobody's", is_nobodys)
    await remove(two, policy_for(web.template))
    await placed(two, config_map("probe-narrowed", {"v": "1"}))
    await holds(web, *CLUSTERS)


async def test_a_binding_deleted_by_hand_comes_back(two: Fleet) -> None:
    web = await placed(two, config_map("unbound", {"v": "1"}))
    before = await web.binding()
    await remove(two, before)

    async def is_another() -> bool:
        return (await web.binding())["metadata"]["uid"] != before["metadata"]["uid"]

    await until("there is another binding", is_another)
    await web.settled()
    await holds(web, *CLUSTERS)


async def test_a_policy_waits_for_what_it_refers_to(two: Fleet) -> None:
    there = config_map("waits", {"v": "1"})
    urgent = {"priorityClassSource": "KubePriorityClass", "priorityClassName": "urgent"}
    await two.client.create(policy_for(there, "east", dependentOverrides=["needed"], schedulePriority=urgent))
    await two.client.create(there)
    await told(two, "ApplyPolicyFailed", "waits")

    override = {"kind": "OverridePolicy", "metadata": {"name": "needed", "namespace": "default"}}
    rule = {"overriders": {"plaintext": [{"path": "/data/v", "operator": "replace", "value": "overridden"}]}}
    selector = {"apiVersion": "v1", "kind": "ConfigMap", "name": "waits"}
    spec = {"resourceSelectors": [selector], "overrideRules": [rule]}
    await two.client.create({"apiVersion": "policy.karmada.io/v1alpha1", **override, "spec": spec})
    priority = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "urgent"},
        "value": 70,
    }
    await two.client.create(priority)

    web = Placed(two, there)
    await web.arrives("east", {"v": "overridden"})
    assert (await web.binding())["spec"]["schedulePriority"] == {"priority": 70}
    await told(two, "ApplyPolicySucceed", "waits")
