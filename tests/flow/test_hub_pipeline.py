"""From a template to its members and back, with everything that may go another way; one fleet for all tests."""

import signal
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.objects import Obj, name_of
from flotilla_common.subjects import STATUS, WORKS, StatusSubject, stream_call
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import Placed, is_absent, placed, policy_for, remove, told
from tests.works import custom_resource_definition

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("east", "west")
BIG = 900 * 1024
"""Bytes: five of them are more than NATS takes in one message."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    """A hub and two Pull members. Each test has objects of its own name."""
    async with fleet(tmp_path_factory.mktemp("pipeline")) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def bus(two: Fleet) -> AsyncIterator[Bus]:
    """The hub's own view of its NATS."""
    port = (two.data / "nats" / "port").read_text().strip()
    settings = BusSettings(f"nats://127.0.0.1:{port}", credentials=str(two.data / "nats" / "hub.creds"))
    async with connect(settings, name="test") as bus:
        yield bus


def override_for(template: Obj, cluster: str, *steps: Obj, name: str = "") -> Obj:
    selector = {"apiVersion": template["apiVersion"], "kind": template["kind"], "name": name_of(template)}
    rule = {"targetCluster": {"clusterNames": [cluster]}, "overriders": {"plaintext": list(steps)}}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "OverridePolicy",
        "metadata": {"name": name or name_of(template), "namespace": "default"},
        "spec": {"resourceSelectors": [selector], "overrideRules": [rule]},
    }


def step(operator: str, path: str, value: Any = None) -> Obj:
    return {"operator": operator, "path": path, **({} if value is None else {"value": value})}


# Policies and templates


async def test_a_deleted_policy_lets_go_and_leaves_everything_where_it_is(two: Fleet) -> None:
    web = await placed(two, deployment("kept"))
    await remove(two, policy_for(web.template))

    async def is_released() -> bool:
        labels = (await two.get("deployments", "kept"))["metadata"].get("labels") or {}
        return labels == {"suite": "flotilla"}

    await until("the template carries no mark any more", is_released)
    await web.settled()
    assert all(web.there(cluster) for cluster in CLUSTERS)
    await until("the policy is gone", lambda: is_absent(two, "propagationpolicies", "kept"))


async def test_a_template_deleted_while_an_agent_is_away_goes_there_when_it_is_back(two: Fleet) -> None:
    web = await placed(two, deployment("late"))
    agent = two.members["east"].agent
    assert agent is not None
    await agent.stop()

    await web.delete()
    await web.leaves("west")
    assert (await web.binding())["metadata"]["deletionTimestamp"], "it waits for the tombstone to be answered"
    assert web.there("east")

    await agent.start()
    await web.leaves("east")
    await web.is_gone()


async def test_a_template_that_is_replaced_at_once_is_there_in_the_end(two: Fleet) -> None:
    web = await placed(
        two,
        config_map("again", {"life": "1"}),
    )
    for life in "234":
        await web.delete()
        await until("the name is free", partial(created, two, config_map("again", {"life": life})))
    for cluster in CLUSTERS:
        await web.arrives(cluster, {"life": "4"})
    await web.settled()


async def created(running: Fleet, manifest: Obj) -> bool:
    return bool(await running.client.create(manifest))


async def test_a_suspended_policy_holds_changes_back_until_it_is_resumed(two: Fleet) -> None:
    held = await placed(two, config_map("held", {"v": "1"}))
    suspended = policy_for(held.template, *CLUSTERS, suspension={"dispatching": True})
    await two.client.apply(suspended)

    async def is_suspended() -> bool:
        return bool(((await held.binding())["spec"].get("suspension") or {}).get("dispatching"))

    await until("the binding is suspended", is_suspended)
    await held.change(v="2")
    other = await placed(two, config_map("not-held", {"v": "1"}))
    assert [held.data(c) for c in CLUSTERS] == [{"v": "1"}] * 2
    assert [other.data(c) for c in CLUSTERS] == [{"v": "1"}] * 2

    resumed = await two.get("propagationpolicies", "held")
    del resumed["spec"]["suspension"]
    await two.client.replace(resumed)
    for cluster in CLUSTERS:
        await held.arrives(cluster, {"v": "2"})


# Overrides


async def test_an_override_added_changed_and_deleted_rewrites_only_the_cluster_it_is_for(two: Fleet) -> None:
    there = await placed(two, config_map("tuned", {"v": "1"}))
    before = there.writes()
    override = override_for(there.template, "east", step("add", "/data/extra", "a"))
    await two.client.create(override)
    await there.arrives("east", {"v": "1", "extra": "a"})

    await two.client.apply(override_for(there.template, "east", step("add", "/data/extra", "b")))
    await there.arrives("east", {"v": "1", "extra": "b"})

    await remove(two, override)
    await there.arrives("east", {"v": "1"})
    assert [now - then for now, then in zip(there.writes(), before, strict=True)] == [3, 0]
    assert there.data("west") == {"v": "1"}


async def test_an_override_that_cannot_be_carried_out_is_told_and_stops_its_cluster_only(two: Fleet) -> None:
    there = await placed(two, config_map("broken", {"v": "1"}))
    override = override_for(there.template, "east", step("replace", "/data/missing", "x"))
    await two.client.create(override)

    async def is_told() -> bool:
        applied, why = (await there.told()).get("east", (True, ""))
        return not applied and "/data/missing" in why

    await until("the binding says why", is_told)
    assert not await there.is_settled()
    await told(two, "ApplyOverridePolicyFailed", "broken")
    await told(two, "SyncWorkFailed", "broken-configmap")

    await there.change(v="2")
    await there.arrives("west", {"v": "2"})
    assert there.data("east") == {"v": "1"}, "what it has stays"

    await remove(two, override)
    await there.arrives("east", {"v": "2"})
    await there.settled()
    await told(two, "SyncWorkSucceed", "broken-configmap")


async def test_what_is_too_large_to_send_is_told_and_the_rest_keeps_flowing(two: Fleet) -> None:
    there = await placed(two, config_map("large", {"v": "1" * BIG}))
    steps = [step("add", f"/data/more-{n}", "2" * BIG) for n in range(4)]
    overrides = [override_for(there.template, "east", s, name=f"large-{n}") for n, s in enumerate(steps)]
    for override in overrides:
        await two.client.create(override)

    async def is_told() -> bool:
        applied, why = (await there.told()).get("east", (True, ""))
        return not applied and "make the object smaller" in why

    await until("the binding says why", is_told)
    await there.change(v="2" * BIG)
    await there.arrives("west", {"v": "2" * BIG})
    await placed(two, config_map("small", {"v": "1"}))

    for override in overrides:
        await remove(two, override)
    await there.arrives("east", {"v": "2" * BIG})
    await there.settled()


async def test_a_policy_that_waits_for_its_override_goes_on_as_soon_as_that_is_there(two: Fleet) -> None:
    there = Placed(two, config_map("patient", {"v": "1"}))
    override = override_for(there.template, "east", step("add", "/data/extra", "a"))
    await two.client.create(policy_for(there.template, *CLUSTERS, dependentOverrides=["patient"]))
    await two.client.create(there.template)
    await placed(two, config_map("impatient", {"v": "1"}))
    assert await is_absent(two, "resourcebindings", "patient-configmap")

    await two.client.create(override)
    await there.arrives("east", {"v": "1", "extra": "a"})
    await there.arrives("west", {"v": "1"})


# Kinds of the users' own


async def test_a_definition_that_goes_takes_its_objects_out_of_the_members(two: Fleet) -> None:
    definition = custom_resource_definition()
    await placed_everywhere(two, definition)
    widget = {
        "apiVersion": "example.test/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "spec": {"size": 1},
    }
    there = await placed(two, widget)
    await until("it is in both, as each has said that it knows the kind", lambda: is_everywhere(there))
    await remove(two, definition)
    await there.leaves(*CLUSTERS)
    await there.is_gone()


async def is_everywhere(placed: Placed) -> bool:
    return all(placed.there(cluster) for cluster in CLUSTERS)


async def placed_everywhere(running: Fleet, manifest: Obj) -> None:
    """A cluster-scoped object in all members."""
    await running.client.create(cluster_policy_for(manifest, *CLUSTERS))
    await running.client.create(manifest)
    key = f"{manifest['kind']} /{name_of(manifest)}"

    async def is_there() -> bool:
        return all(key in member.objects() for member in running.members.values())

    await until(f"{key} is everywhere", is_there)


def cluster_policy_for(manifest: Obj, *clusters: str) -> Obj:
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "ClusterPropagationPolicy",
        "metadata": {"name": name_of(manifest)},
        "spec": policy_for(manifest, *clusters)["spec"],
    }


# Namespaces


async def test_a_namespace_goes_everywhere_unless_it_says_no_and_leaves_with_the_hubs(two: Fleet) -> None:
    skipped = namespace("stays-here", {"namespace.karmada.io/skip-auto-propagation": "true"})
    for manifest in (skipped, namespace("shop")):
        await two.client.create(manifest)

    async def has(name: str, where: bool) -> bool:
        return all((f"Namespace /{name}" in two.members[c].objects()) == where for c in CLUSTERS)

    await until("the namespace is in both members", lambda: has("shop", True))
    assert await has("stays-here", False)

    inside = {**config_map("inside", {"v": "1"}), "metadata": {"name": "inside", "namespace": "shop"}}
    selected = {**policy_for(inside, *CLUSTERS), "metadata": {"name": "inside", "namespace": "shop"}}
    await two.client.create(selected)
    await two.client.create(inside)

    async def has_inside() -> bool:
        return all("ConfigMap shop/inside" in two.members[c].objects() for c in CLUSTERS)

    await until("what lives in it arrives", has_inside)
    await remove(two, namespace("shop"))
    await until("the namespace leaves", lambda: has("shop", False))
    assert not await has_inside()


def namespace(name: str, labels: dict[str, str] | None = None) -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}}


# Restarts, and agents that are not as they should be


async def test_a_hub_that_restarts_publishes_nothing_and_nobody_writes_anything(two: Fleet, bus: Bus) -> None:
    names = [f"still-{n}" for n in range(20)]
    for name in names:
        await placed(two, config_map(name, {"v": "1"}))
    await idle(two)
    before = await last_sequence(bus), [member.writes() for member in two.members.values()]

    await two.hub.stop()
    await two.hub.start()
    await two.ready()
    probe = await placed(two, config_map("probe", {"v": "1"}), "east")
    await idle(two)

    after = await last_sequence(bus)
    for member in before[1]:
        member.pop(probe.key, None)
    assert after - before[0] == 1, "the probe's own Work, and no other"
    now = [{k: v for k, v in member.writes().items() if k != probe.key} for member in two.members.values()]
    assert now == before[1]


async def last_sequence(bus: Bus) -> int:
    return int((await bus.request(stream_call("INFO", WORKS)))["state"]["last_seq"])


async def idle(running: Fleet) -> None:
    """All bindings are applied everywhere, so nothing is under way."""
    (served,) = await running.client.find("resourcebindings")

    async def all_applied() -> bool:
        items = (await running.client.list(served))["items"]
        return all(is_applied(item) for item in items)

    await until("every binding is settled", all_applied)


def is_applied(binding: Obj) -> bool:
    conditions = (binding.get("status") or {}).get("conditions") or ()
    return any(c["type"] == "FullyApplied" and c["status"] == "True" for c in conditions)


async def test_a_hub_stops_at_once_when_it_is_asked_to(two: Fleet) -> None:
    process = two.hub._process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    await two.hub.start()
    await two.ready()
    await two.settled(*CLUSTERS)


async def test_what_an_agent_lost_from_its_journal_it_is_given_again(two: Fleet) -> None:
    """As after a power cut: it has read further than it remembers."""
    there = await placed(two, config_map("forgotten", {"v": "1"}))
    agent = two.members["east"].agent
    assert agent is not None
    await agent.stop()
    journal = two.directory / "east" / "journal.db"
    rows = execute(journal, "SELECT name FROM works WHERE instr(body, 'forgotten') > 0")
    execute(journal, "DELETE FROM works WHERE name = ?", *rows[0])
    execute(two.members["east"].state, "DELETE FROM objects WHERE name = 'forgotten'")
    assert there.there("east") is None

    await agent.start()
    await there.arrives("east", {"v": "1"})


def execute(path: Any, statement: str, *values: Any) -> list[Any]:
    with sqlite3.connect(path) as db:
        rows = db.execute(statement, values).fetchall()
    db.close()
    return rows


POISON = [
    pytest.param("flotilla.v1.status.east.too.many.words", b"x", id="a-subject-of-another-form"),
    pytest.param("flotilla.v1.status.east.=FF", b"x", id="a-name-that-is-no-text"),
    pytest.param(str(StatusSubject("east", "w")), b"\xc1", id="no-message"),
    pytest.param(str(StatusSubject("east", "w")), b"\x82\xa1v\x01\xa4kind\xa6report", id="an-empty-report"),
    pytest.param("flotilla.v1.heartbeat.east", b"nonsense", id="a-heartbeat-of-nonsense"),
]


@pytest.mark.parametrize(("subject", "data"), POISON)
async def test_nothing_an_agent_says_brings_the_hub_down(two: Fleet, bus: Bus, subject: str, data: bytes) -> None:
    await bus.say(subject, data)
    await bus.flush()
    there = await placed(two, config_map(f"after-{abs(hash((subject, data)))}", {"v": "1"}))
    await there.delete()
    await there.is_gone()


async def test_a_hub_starts_with_such_words_in_its_stream(two: Fleet, bus: Bus) -> None:
    await bus.publish("flotilla.v1.status.east.too.many.words", b"x")
    await bus.publish(str(StatusSubject("east", "w")), b"\xc1")
    await two.hub.kill()
    await two.hub.start()
    await two.ready()
    await placed(two, config_map("after-the-start", {"v": "1"}))
    await bus.request(stream_call("PURGE", STATUS), b'{"filter":"flotilla.v1.status.east.too.>"}')


async def test_a_hub_outlives_a_nats_that_dies_again_as_soon_as_it_is_back(two: Fleet) -> None:
    pid = two.hub.pid
    for _ in range(3):
        dead = two.nats_pid
        two.kill_nats()

        async def is_back(dead: int = dead) -> bool:
            return two.nats_pid != dead

        await until("NATS is started again", is_back)
    await placed(two, config_map("after-all-that", {"v": "1"}))
    assert two.hub.pid == pid and two.hub._process is not None and two.hub._process.returncode is None
