"""Every kind of cluster for the contract of the Target port; the real one is started once for each module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from tests.kube.cluster import KubeCluster
from tests.swarm.member_api.server import MemberApi, kubeconfig
from tests.works import namespace
from tests.worlds import Real, Simulated, Stub, World

_NUMBERS = count()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kube() -> AsyncIterator[KubeCluster]:
    async with KubeCluster("contract") as cluster:
        yield cluster


# Apart from `world`, since an asynchronous fixture cannot ask for another by name.
@pytest.fixture(params=["memory", "stub-api", pytest.param("kubernetes", marks=pytest.mark.kube)])
def cluster(request: pytest.FixtureRequest) -> KubeCluster | str:
    return request.getfixturevalue("kube") if request.param == "kubernetes" else str(request.param)


@pytest_asyncio.fixture(loop_scope="module")
async def world(cluster: KubeCluster | str, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        if cluster == "memory":
            simulated = Simulated()
            stack.push_async_callback(simulated.target.close)
            yield simulated
            return
        if isinstance(cluster, KubeCluster):
            target = await _client(stack, cluster.kubeconfig)
            world: Real | Stub = Real(cluster, target, f"test-{next(_NUMBERS)}")
        else:
            api = MemberApi(1)
            await api.open()
            stack.push_async_callback(api.close)
            kubeconfig(tmp_path / "kubeconfig", api.url(0))
            world = Stub(api, await _client(stack, tmp_path / "kubeconfig"))
        await world.target.apply(namespace(world.namespace), force=False)
        yield world


async def _client(stack: AsyncExitStack, kubeconfig: Path) -> KubernetesTarget:
    target = await KubernetesTarget.open(str(kubeconfig), KubernetesSettings(max_delay=0.5))
    stack.push_async_callback(target.close)
    return target
