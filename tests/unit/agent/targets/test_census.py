"""Nodes and pods of a stub API server, as the agent's facts count them: by watches, never by listing twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flotilla_agent.estimate.room import max_replicas
from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from flotilla_common.objects import Obj, encode
from tests.eventually import eventually
from tests.swarm.member_api.cluster import Cluster
from tests.swarm.member_api.populace import populace
from tests.swarm.member_api.requests import Answer, Request
from tests.swarm.member_api.server import MemberApi, kubeconfig

QUICK = KubernetesSettings(summary_every=0, census_page=7, census_patience=5, census_breath=0.02, max_delay=0.2)
PODS = "/api/v1/namespaces/default/pods"


class Counted(Cluster):
    """Remembers what was asked for; `hidden` kinds nobody may see."""

    asked: list[str]
    hidden: tuple[str, ...] = ()

    def answer(self, request: Request) -> Any:
        if not hasattr(self, "asked"):
            self.asked = []
        kind = request.path.rpartition("/")[2]
        self.asked.append(f"{'watch' if 'watch' in request.query else 'list'} {kind}")
        if kind in self.hidden:
            return Answer(403, encode({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "hidden"}))
        return super().answer(request)

    def write(self, method: str, path: str, body: Obj | None = None) -> None:
        headers = {"content-type": "application/merge-patch+json"}
        answer = super().answer(Request(method, path, {}, headers, encode(body) if body else b""))
        assert answer.code < 300, answer


@pytest.fixture
async def api() -> AsyncIterator[MemberApi]:
    api = MemberApi(1, lambda: Counted(populace(10, 30)))
    await api.open()
    yield api
    await api.close()


@pytest.fixture
async def target(api: MemberApi, tmp_path: Path) -> AsyncIterator[KubernetesTarget]:
    kubeconfig(tmp_path / "kubeconfig", api.url(0))
    target = await KubernetesTarget.open(str(tmp_path / "kubeconfig"), QUICK)
    yield target
    await target.close()


def cluster(api: MemberApi) -> Counted:
    found = api.cluster(0)
    assert isinstance(found, Counted)
    return found


async def counted(target: KubernetesTarget) -> tuple[int, int, str]:
    """Nodes, nodes that are ready, and pods."""
    status = (await target.facts()).status
    nodes = status["nodeSummary"]
    return nodes["totalNum"], nodes["readyNum"], status["resourceSummary"]["allocated"].get("pods", "0")


async def test_the_first_look_has_everything(api: MemberApi, target: KubernetesTarget) -> None:
    assert await counted(target) == (10, 10, "30")


async def test_a_pod_that_has_finished_and_a_node_that_has_gone_no_longer_count(
    api: MemberApi, target: KubernetesTarget
) -> None:
    await counted(target)
    pod = next(cluster(api).shelves.all("pods")).key.name
    cluster(api).write("PATCH", f"{PODS}/{pod}/status", {"status": {"phase": "Succeeded"}})
    cluster(api).write("DELETE", "/api/v1/nodes/node-00003")
    down = [{"type": "Ready", "status": "Unknown"}]
    cluster(api).write("PATCH", "/api/v1/nodes/node-00001/status", {"status": {"conditions": down}})

    async with asyncio.timeout(10):
        while await counted(target) != (9, 8, "29"):  # noqa: ASYNC110 - it comes by a watch, which rings no bell
            await asyncio.sleep(0.01)


async def test_looking_again_lists_nothing(api: MemberApi, target: KubernetesTarget) -> None:
    await counted(target)
    await eventually(lambda: "watch pods" in cluster(api).asked and "watch nodes" in cluster(api).asked)
    listed = [asked for asked in cluster(api).asked if asked in ("list pods", "list nodes")]
    for _ in range(5):
        await counted(target)

    assert len(listed) == 5 + 2  # thirty pods and ten nodes, seven to a page
    assert [asked for asked in cluster(api).asked if asked in ("list pods", "list nodes")] == listed


async def fitting(target: KubernetesTarget) -> int | None:
    """How many pods of one core fit, as an estimate counts them."""
    book = await target.rooms(5)
    return book and max_replicas(book.nodes(), {"resourceRequest": {"cpu": "1"}})


async def test_what_is_free_on_each_node_is_told_when_asked_and_kept_up_to_date(
    api: MemberApi, target: KubernetesTarget
) -> None:
    await counted(target)
    # Three pods of a quarter of a core on each of ten nodes of 32.
    assert await fitting(target) == 310
    assert await counted(target) == (10, 10, "30")
    for pod in list(cluster(api).shelves.all("pods")):
        cluster(api).write("DELETE", f"{PODS}/{pod.key.name}")

    async with asyncio.timeout(10):
        while await fitting(target) != 320:  # noqa: ASYNC110 - it comes by a watch, which rings no bell
            await asyncio.sleep(0.01)


async def test_nothing_is_listed_because_somebody_asks(api: MemberApi, target: KubernetesTarget) -> None:
    await counted(target)
    await eventually(lambda: "watch pods" in cluster(api).asked and "watch nodes" in cluster(api).asked)
    listed = list(cluster(api).asked)
    assert await fitting(target) == 310
    assert cluster(api).asked == listed


async def test_quotas_are_followed_once_somebody_asks_for_them(api: MemberApi, target: KubernetesTarget) -> None:
    await fitting(target)
    assert not [asked for asked in cluster(api).asked if "resourcequotas" in asked]
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"cpu": "1"}}}
    cluster(api).write("POST", "/api/v1/namespaces/default/resourcequotas", quota)
    book = await target.rooms(5, quotas=True)
    assert book is not None
    assert [held["spec"] for held in book.quotas("default")] == [{"hard": {"cpu": "1"}}]


@pytest.mark.parametrize("hidden", ["nodes", "pods"])
async def test_a_cluster_that_hides_them_has_no_estimate(api: MemberApi, target: KubernetesTarget, hidden: str) -> None:
    cluster(api).hidden = (hidden,)
    assert await fitting(target) is None


@pytest.mark.parametrize("hidden", ["nodes", "pods"])
async def test_a_cluster_that_hides_them_goes_without(api: MemberApi, target: KubernetesTarget, hidden: str) -> None:
    cluster(api).hidden = (hidden,)

    status = (await target.facts()).status

    assert "nodeSummary" not in status
    assert [c["reason"] for c in status["conditions"]] == ["ClusterReady", "Complete"]


async def test_what_gathers_between_two_looks_is_all_counted_also_after_an_outage(
    api: MemberApi, target: KubernetesTarget
) -> None:
    await counted(target)
    pods = [stored.key.name for stored in cluster(api).shelves.all("pods")]
    for pod in pods[:20]:
        cluster(api).write("DELETE", f"{PODS}/{pod}")
    async with asyncio.timeout(10):
        while await counted(target) != (10, 10, "10"):  # noqa: ASYNC110 - it comes by a watch, which rings no bell
            await asyncio.sleep(0.01)
    await api.close()
    for pod in pods[20:25]:
        cluster(api).write("DELETE", f"{PODS}/{pod}")
    await api.open()
    async with asyncio.timeout(10):
        while await counted(target) != (10, 10, "5"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
