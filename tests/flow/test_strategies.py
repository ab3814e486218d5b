"""Failover and RollingUpdate from the template to the members, also over the death of the hub; one fleet for all."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.conditions import find
from flotilla_common.objects import Obj
from tests.fleet import FLOTILLA, Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import Placed, placed, remove

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("west", "east", "north")
"""In the order of their names the first would be `east`."""
ONE_BY_ONE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path_factory.mktemp("strategies")) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


@contextmanager
def frozen(running: Fleet, name: str) -> Iterator[None]:
    """Its agent does nothing meanwhile, as one behind a cut cable."""
    agent = running.members[name].agent
    assert agent is not None
    os.kill(agent.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(agent.pid, signal.SIGCONT)


def strategy(settings: Obj) -> Any:
    return {"clusterAffinity": {"clusterNames": list(CLUSTERS)}, "schedulerStrategy": settings}


async def says(there: Placed, type_: str, reason: str) -> Obj:
    async def found() -> Obj | None:
        condition = find(((await there.binding()).get("status") or {}).get("conditions"), type_)
        return condition if condition and condition["reason"] == reason else None

    condition: Obj = await until(f"{there.key} says {type_} {reason}", found)
    return condition


async def test_the_next_cluster_takes_over_and_the_old_copy_goes_when_its_cluster_is_back(three: Fleet) -> None:
    web = await placed(three, deployment("served"), placement=strategy({"type": "Failover"}))
    assert [bool(web.there(name)) for name in CLUSTERS] == [True, False, False]
    with frozen(three, "west"):
        await says(web, "Serving", "FailedOver")
        await until("the next has it", lambda: arrived(web, "east"))
        await web.settled()
        assert web.there("west"), "nobody could take it away yet"
    await web.leaves("west")
    assert [bool(web.there(name)) for name in CLUSTERS] == [False, True, False]
    assert (await says(web, "Serving", "FailedOver"))["message"].startswith("east serves instead of west")


async def arrived(there: Placed, cluster: str) -> bool:
    return bool(there.there(cluster))


async def test_it_returns_where_the_user_asks_for_it(three: Fleet) -> None:
    back = {"type": "Failover", "failover": {"returnToPreferred": True, "returnDelaySeconds": 1}}
    web = await placed(three, config_map("returns", {"a": "b"}), placement=strategy(back))
    with frozen(three, "west"):
        await until("the next has it", lambda: arrived(web, "east"))
    await says(web, "Serving", "Preferred")
    await web.leaves("east")
    assert [bool(web.there(name)) for name in CLUSTERS] == [True, False, False]


async def test_where_the_policy_says_so_the_old_copy_goes_first(three: Fleet) -> None:
    """A cluster that can be reached gives its copy up before the next begins, and both never have it."""
    directly = {"failover": {"cluster": {"purgeMode": "Directly"}}}
    there = await placed(three, config_map("one", {"a": "b"}), placement=strategy({"type": "Failover"}), **directly)
    seen: set[tuple[bool, ...]] = set()

    async def moved() -> bool:
        seen.add(tuple(bool(there.there(name)) for name in CLUSTERS))
        return (False, True, False) in seen

    cluster = await three.get("clusters", "west")
    drained = [*(cluster["spec"].get("taints") or ()), {"key": "drain", "effect": "NoExecute"}]
    await three.client.replace({**cluster, "spec": {**cluster["spec"], "taints": drained}})
    await until("the next has it", moved)
    assert (True, True, False) not in seen
    cluster = await three.get("clusters", "west")
    left = [taint for taint in cluster["spec"]["taints"] if taint["key"] != "drain"]
    await three.client.replace({**cluster, "spec": {**cluster["spec"], "taints": left}})
    await three.settled("west")


async def test_a_changed_override_is_rolled_out_too(three: Fleet) -> None:
    there = await placed(three, config_map("tuned", {"v": "1"}), placement=strategy(ONE_BY_ONE))
    rule = {"overriders": {"plaintext": [{"path": "/data/v", "operator": "replace", "value": "9"}]}}
    selector = {"apiVersion": "v1", "kind": "ConfigMap", "name": "tuned"}
    override = {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "OverridePolicy",
        "metadata": {"name": "tuned", "namespace": "default"},
        "spec": {"resourceSelectors": [selector], "overrideRules": [rule]},
    }
    with frozen(three, "west"):
        await three.client.create(override)
        await says(there, "Progressing", "RollingOut")
        assert [there.data(name) for name in CLUSTERS] == [{"v": "1"}] * 3
    for name in CLUSTERS:
        await there.arrives(name, {"v": "9"})
    await remove(three, override)
    for name in CLUSTERS:
        await there.arrives(name, {"v": "1"})


async def test_a_change_goes_from_cluster_to_cluster_and_waits_for_each(three: Fleet) -> None:
    there = await placed(three, config_map("rolled", {"v": "1"}), placement=strategy(ONE_BY_ONE))
    await says(there, "Progressing", "RolloutComplete")
    with frozen(three, "west"):
        await there.change(v="2")
        told = await says(there, "Progressing", "RollingOut")
        assert told["message"].startswith("0 of 3 clusters updated, waiting for west")
        await three.hub.kill()
        await three.hub.start()
        await three.ready()
        assert [there.data(name) for name in CLUSTERS] == [{"v": "1"}] * 3
    for name in CLUSTERS:
        await there.arrives(name, {"v": "2"})
    assert (await says(there, "Progressing", "RolloutComplete"))["message"] == "3 of 3 clusters updated"
    assert there.writes() == [2, 2, 2]


async def flotilla(running: Fleet, *words: str) -> tuple[int, str, str]:
    command = (*FLOTILLA, *words, "--kubeconfig", str(running.kubeconfig))
    process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_verbs_of_rollout(three: Fleet) -> None:
    """Paused before a change, resumed, undone, and its history."""
    there = await placed(three, config_map("verbs", {"v": "1"}), placement=strategy(ONE_BY_ONE))
    done = (0, "configmap/verbs: RolloutComplete: 3 of 3 clusters updated\n", "")
    assert await flotilla(three, "rollout", "status", "configmap/verbs") == done

    assert await flotilla(three, "rollout", "pause", "configmap/verbs") == (0, "configmap/verbs paused\n", "")
    await there.change(v="2")
    await says(there, "Progressing", "RolloutPaused")
    code, out, _ = await flotilla(three, "rollout", "status", "cm/verbs", "--once")
    assert (code, out) == (0, "configmap/verbs: RolloutPaused: 0 of 3 clusters updated; paused\n")
    assert await flotilla(three, "rollout", "resume", "configmap/verbs") == (0, "configmap/verbs resumed\n", "")
    code, out, _ = await flotilla(three, "rollout", "status", "configmap/verbs", "--timeout", "60")
    assert (code, out.splitlines()[-1]) == (0, done[1].strip())
    assert [there.data(name) for name in CLUSTERS] == [{"v": "2"}] * 3

    code, out, _ = await flotilla(three, "rollout", "history", "configmap/verbs")
    assert [line.split()[0] for line in out.splitlines()] == ["REVISION", "1", "2"]
    assert await flotilla(three, "rollout", "undo", "configmap/verbs") == (0, "configmap/verbs rolled back\n", "")
    for name in CLUSTERS:
        await there.arrives(name, {"v": "1"})
    await there.delete()
    await there.is_gone()
    kept = (await three.client.call("GET", "/apis/apps/v1/namespaces/default/controllerrevisions"))["items"]
    assert [r["metadata"]["name"] for r in kept if "verbs" in r["metadata"]["name"]] == []


async def test_replicas_reach_a_cluster_that_waits_for_its_turn(three: Fleet) -> None:
    web = await placed(three, deployment("scaled", image="web:1"), placement=strategy(ONE_BY_ONE))
    await says(web, "Progressing", "RolloutComplete")
    await flotilla(three, "rollout", "pause", "deploy/scaled")
    held = await three.get("deployments", "scaled")
    await three.client.replace({**held, "spec": deployment("scaled", image="web:2", replicas=5)["spec"]})
    await until("all have five replicas", lambda: have(web, 5, "web:1"))
    await flotilla(three, "rollout", "resume", "deploy/scaled")
    await until("and then the new version", lambda: have(web, 5, "web:2"))


async def have(there: Placed, replicas: int, image: str) -> bool:
    specs = [(there.there(name) or {}).get("spec") or {} for name in CLUSTERS]
    images = [spec["template"]["spec"]["containers"][0]["image"] for spec in specs]
    return [spec["replicas"] for spec in specs] == [replicas] * 3 and images == [image] * 3


async def test_what_is_not_rolled_out_has_no_rollout(three: Fleet) -> None:
    await placed(three, config_map("plain", {"v": "1"}))
    code, out, err = await flotilla(three, "rollout", "status", "configmap/plain")
    assert (code, out) == (1, "")
    assert err.startswith("error: configmap/plain is not rolled out in waves")
