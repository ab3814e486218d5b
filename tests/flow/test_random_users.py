"""Whatever users do with policies and templates, and whoever dies meanwhile: members come to hold what bindings say."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
import pytest_asyncio

from flotilla_common.errors import FlotillaError, NotFound
from flotilla_common.objects import Obj
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map, deployment
from tests.placed import remove

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLUSTERS = ("a", "b", "c")
WEBS, CONFS, POLICIES = ("w0", "w1", "w2", "w3"), ("c0", "c1", "c2", "c3"), ("p0", "p1", "p2", "p3")
STEPS = 60


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    gates = ("--feature-gates", "PropagationPolicyPreemption=true")
    async with fleet(tmp_path_factory.mktemp("random"), *gates) as running:
        for name in CLUSTERS:
            await running.join_pull(name)
        await running.settled(*CLUSTERS)
        yield running


class Users:
    """Some users, all of one mind; each does one thing."""

    def __init__(self, running: Fleet, seed: int) -> None:
        self.fleet, self.chance = running, random.Random(seed)

    async def act(self) -> None:
        deeds: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (30, lambda: self.apply(self.web())),
            (15, lambda: self.apply(self.conf())),
            (30, lambda: self.apply(self.policy())),
            (7, lambda: self.delete(deployment(self.one_of(WEBS)))),
            (5, lambda: self.delete(config_map(self.one_of(CONFS), {}))),
            (8, lambda: self.delete(self.policy())),
            (3, self.kill_hub),
            (2, self.kill_nats),
        ]
        (deed,) = self.chance.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])
        with suppress(FlotillaError):  # refused, or nobody there at the moment: as it happens to users
            await deed()

    def one_of(self, names: tuple[str, ...]) -> str:
        return self.chance.choice(names)

    def happens(self, share: float) -> bool:
        return self.chance.random() < share

    def labelled(self, manifest: Obj) -> Obj:
        return {**manifest, "metadata": {**manifest["metadata"], "labels": {"app": self.one_of(("x", "y"))}}}

    def web(self) -> Obj:
        manifest = self.labelled(deployment(self.one_of(WEBS), image=f"nginx:{self.chance.randint(1, 9)}"))
        (container,) = manifest["spec"]["template"]["spec"]["containers"]
        read = self.chance.sample(CONFS, self.chance.randint(0, 2))
        container["envFrom"] = [{"configMapRef": {"name": name}} for name in read]
        return manifest

    def conf(self) -> Obj:
        return self.labelled(config_map(self.one_of(CONFS), {"v": str(self.chance.randint(1, 9))}))

    def policy(self) -> Obj:
        (version, kind), names = self.chance.choice([(("apps/v1", "Deployment"), WEBS), (("v1", "ConfigMap"), CONFS)])
        selector: Obj = {"apiVersion": version, "kind": kind}
        takes = self.happens(0.4)
        if takes or self.happens(0.5):
            selector["name"] = self.one_of(names)
        elif self.happens(0.5):
            selector["labelSelector"] = {"matchLabels": {"app": self.one_of(("x", "y"))}}
        clusters = self.chance.sample(CLUSTERS, self.chance.randint(1, 3))
        spec = {
            "resourceSelectors": [selector],
            "placement": {"clusterAffinity": {"clusterNames": clusters}},
            "priority": self.chance.randint(0, 3),
            "preemption": "Always" if takes else "Never",
            "propagateDeps": self.happens(0.6),
            "activationPreference": "Lazy" if self.happens(0.25) else "",
        }
        wide = {"kind": "ClusterPropagationPolicy", "metadata": {"name": self.one_of(POLICIES)}}
        own = {"kind": "PropagationPolicy", "metadata": {"name": self.one_of(POLICIES), "namespace": "default"}}
        return {"apiVersion": "policy.karmada.io/v1alpha1", **(wide if self.happens(0.4) else own), "spec": spec}

    async def apply(self, manifest: Obj) -> None:
        await self.fleet.client.apply(manifest)

    async def delete(self, manifest: Obj) -> None:
        with suppress(NotFound):
            await remove(self.fleet, manifest)

    async def kill_hub(self) -> None:
        await self.fleet.hub.kill()
        await self.fleet.hub.start()
        await self.fleet.ready()

    async def kill_nats(self) -> None:
        with suppress(ProcessLookupError):  # killed a moment ago, and not up again
            self.fleet.kill_nats()


async def wanted(running: Fleet) -> dict[str, dict[str, str]]:
    """Cluster → what is to be there → its content, from the bindings and the templates."""
    found: dict[str, dict[str, str]] = {cluster: {} for cluster in CLUSTERS}
    bindings = await running.client.call("GET", "/apis/work.karmada.io/v1alpha2/namespaces/default/resourcebindings")
    for spec in (binding["spec"] for binding in bindings["items"]):
        kind, name = spec["resource"]["kind"], spec["resource"]["name"]
        content = content_of(await running.get(f"{kind.lower()}s", name))
        for owner in (spec, *(spec.get("requiredBy") or ())):
            for target in owner.get("clusters") or ():
                found[target["name"]][f"{kind} {name}"] = content
    return found


def content_of(obj: Obj) -> str:
    return str(obj["data"] if obj["kind"] == "ConfigMap" else obj["spec"]["template"]["spec"]["containers"][0]["image"])


def held(running: Fleet) -> dict[str, dict[str, str]]:
    members = {cluster: running.members[cluster].objects().values() for cluster in CLUSTERS}
    return {
        cluster: {f"{o['kind']} {o['metadata']['name']}": content_of(o) for o in objects if o["kind"] != "Namespace"}
        for cluster, objects in members.items()
    }


async def planned(running: Fleet) -> list[Obj]:
    """What a plan that touches everything would do: a cluster's label that nobody reads."""
    cluster = {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "spec": {"syncMode": "Pull"}}
    relabelled = {**cluster, "metadata": {"name": "a", "labels": {"read-by": "nobody"}}}
    plan = await running.client.call("POST", "/flotilla/v1/plan", {"apply": [relabelled]})
    rows: list[Obj] = plan["rows"]
    return rows


@pytest.mark.parametrize("seed", [3, 5])
async def test_it_comes_to_rest(three: Fleet, seed: int) -> None:
    users = Users(three, seed)
    for _ in range(STEPS):
        await users.act()

    async def rests() -> bool:
        return held(three) == await wanted(three) and not await planned(three)

    await until("the members hold what the bindings say, and nothing is left to do", rests)
