"""Plans on a real hub with real agents: nothing is stored, and what is then applied is what was planned."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from flotilla_common.bus import BusSettings, connect
from flotilla_common.errors import Invalid
from flotilla_common.objects import Obj
from flotilla_common.subjects import WORKS, stream_call
from flotilla_hub.answers.compare import Row
from flotilla_hub.answers.diff import difference
from flotilla_hub.answers.explanation import Explanation
from flotilla_hub.answers.plan import Plan
from flotilla_hub.answers.values import Change
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment, policy

Holdings = dict[str, dict[str, Obj]]
"""Member → `Kind namespace/name` → the object."""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Fleet]:
    """Two Pull members with a Deployment and a ConfigMap in both."""
    async with fleet(tmp_path) as started:
        for name in ("east", "west"):
            await started.join_pull(name)
        await started.settled("east", "west")
        for obj in (policy("web", "east", "west"), maps("east", "west"), deployment("web"), flags("1")):
            await started.client.apply(obj)
        await holds(started, {"ConfigMap default/flags", "Deployment default/web"})
        yield started


def maps(*clusters: str) -> Obj:
    return policy("maps", *clusters, kind="ConfigMap", api_version="v1")


def flags(value: str) -> Obj:
    return config_map("flags", {"key": value})


def override(*clusters: str, tag: str) -> Obj:
    rule = {
        "targetCluster": {"clusterNames": list(clusters)},
        "overriders": {"imageOverrider": [{"component": "Tag", "operator": "replace", "value": tag}]},
    }
    selector = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "OverridePolicy",
        "metadata": {"name": "patch", "namespace": "default"},
        "spec": {"resourceSelectors": [selector], "overrideRules": [rule]},
    }


def held(running: Fleet) -> Holdings:
    wanted = ("ConfigMap default/", "Deployment default/")
    return {
        member.name: {key: obj for key, obj in member.objects().items() if key.startswith(wanted)}
        for member in running.members.values()
    }


async def holds(running: Fleet, keys: set[str]) -> None:
    async def have() -> bool:
        return all(set(objects) == keys for objects in held(running).values())

    await until(f"both members hold {keys}", have)


async def planned(running: Fleet, *apply: Obj, delete: tuple[Obj, ...] = ()) -> Plan:
    question = {"apply": list(apply), "delete": list(delete), "namespace": "default"}
    return Plan.model_validate(await running.client.call("POST", "/flotilla/v1/plan", question))


async def stored_in(running: Fleet) -> dict[str, int]:
    """The generation of all that a user, or a decision, may change, and the last sequence of the Works.

    Statuses and Events come in whenever they like.
    """
    nats = running.data / "nats"
    url = f"nats://127.0.0.1:{(nats / 'port').read_text().strip()}"
    async with connect(BusSettings(url, credentials=str(nats / "hub.creds")), name="test") as bus:
        found = {"works": int((await bus.request(stream_call("INFO", WORKS)))["state"]["last_seq"])}
    for resource in ("deployments", "configmaps", "propagationpolicies", "overridepolicies", "resourcebindings"):
        (served,) = await running.client.find(resource)
        for item in (await running.client.list(served))["items"]:
            found[f"{resource}/{item['metadata']['name']}"] = item["metadata"].get("generation", 0)
    return found


async def at_rest(running: Fleet) -> dict[str, int]:
    """What is stored once it stays the same for a while: some of what an edit leads to shows in no member."""
    looks: list[dict[str, int]] = []

    async def is_still() -> bool:
        looks.append(await stored_in(running))
        return len(looks) > 4 and all(look == looks[-1] for look in looks[-5:])

    await until("the hub is at rest", is_still)
    return looks[-1]


def key_of(row: Row) -> str:
    return f"{row.object.kind} {row.object.namespace}/{row.object.name}"


def foreseen(before: Holdings, plan: Plan) -> dict[str, set[str]]:
    """Which objects each member would hold."""
    after = {member: set(objects) for member, objects in before.items()}
    for row in plan.rows:
        if row.verb in ("CREATE", "MOVE"):
            after[row.cluster].add(key_of(row))
        if row.verb in ("DELETE", "MOVE"):
            after[row.source or row.cluster].discard(key_of(row))
    return after


def in_content(changes: Iterable[Change]) -> list[str]:
    return sorted(str(change) for change in changes if change.path.startswith(("spec", "data")))


def content(before: Holdings, after: Holdings) -> dict[tuple[str, str], list[str]]:
    """What differs in spec and data of what is in a member before and after, as the plan writes it."""
    return {
        (member, key): told
        for member, objects in after.items()
        for key, obj in objects.items()
        if key in before[member]
        and (
            told := sorted(str(c) for c in difference(before[member][key], obj) if c.path.startswith(("spec", "data")))
        )
    }


def updates(plan: Plan) -> dict[tuple[str, str], list[str]]:
    """The same, of the plan."""
    return {
        (row.cluster, key_of(row)): told
        for row in plan.rows
        if row.verb == "UPDATE" and (told := sorted(str(c) for c in row.changes if c.path.startswith(("spec", "data"))))
    }


class Edit(NamedTuple):
    what: str
    apply: tuple[Obj, ...] = ()
    delete: tuple[Obj, ...] = ()


STORY = [
    Edit("a new template", (deployment("api"),)),
    Edit("a changed image and a changed map", (deployment("web", image="nginx:1.26"), flags("2"))),
    Edit("an override for one", (override("west", tag="1.27"),)),
    Edit("an override for the other", (override("east", tag="1.27"),)),
    Edit("a narrowed policy", (policy("web", "east"),)),
    Edit("two that change places", (maps("west"), policy("web", "west"))),
    Edit("a deleted policy", delete=(policy("web"),)),
    Edit("one comes and one goes", (config_map("more", {"a": "b"}),), (flags("1"),)),
    Edit("a deleted template", delete=(deployment("web"),)),
]


async def test_what_was_planned_is_what_happens(running: Fleet) -> None:
    for edit in STORY:
        stored, before = await at_rest(running), held(running)
        plan = await planned(running, *edit.apply, delete=edit.delete)
        assert (await stored_in(running), plan.changes_anything) == (stored, True), edit.what
        await do(running, edit)
        await until(f"{edit.what}: {plan.rows}", partial(is_so, running, before, plan))
        again = await planned(running, *edit.apply)
        assert (again.rows, again.changes_anything) == ((), False), edit.what


async def do(running: Fleet, edit: Edit) -> None:
    for obj in edit.apply:
        await running.client.apply(obj)
    for obj in edit.delete:
        (served,) = await running.client.find(obj["kind"].lower())
        await running.client.delete(served, obj["metadata"]["name"], "default")


async def is_so(running: Fleet, before: Holdings, plan: Plan) -> bool:
    after = held(running)
    names = {member: set(objects) for member, objects in after.items()}
    return names == foreseen(before, plan) and content(before, after) == updates(plan)


async def test_a_bad_manifest_is_refused_and_nothing_is_stored(running: Fleet) -> None:
    stored = await stored_in(running)
    bad = {**deployment("bad"), "spec": {"replicas": "three"}}
    with pytest.raises(Invalid, match=r"what was submitted is invalid: Deployment default/bad spec"):
        await planned(running, deployment("good"), bad)
    assert await stored_in(running) == stored


async def test_explain_tells_what_runs_where_and_since_when_not(running: Fleet) -> None:
    await running.client.apply(override("west", tag="1.27"))

    async def told() -> Explanation | None:
        params = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": "web"}
        answer = await running.client.call("GET", "/flotilla/v1/explain", params=params)
        explained = Explanation.model_validate(answer)
        is_done = all(
            v.delivery and v.delivery.is_current and v.delivery.health == "Healthy" for v in explained.clusters
        )
        return explained if is_done and explained.clusters[1].overrides else None

    explained: Explanation = await until("all is applied", told)
    assert [(v.cluster, v.fit, v.chosen, v.replicas) for v in explained.clusters] == [
        ("east", True, True, 2),
        ("west", True, True, 2),
    ]
    (rule,) = explained.clusters[1].overrides
    assert [(c.path, c.before, c.after) for c in rule.changes] == [
        ("spec.template.spec.containers[main].image", "nginx:1.25", "nginx:1.27")
    ]
