"""Both kinds of cluster for the contract of the Target port; the real one is started once for each module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
import pytest_asyncio

from flotilla_agent.settings import KubernetesSettings
from flotilla_agent.targets.kubernetes import KubernetesTarget
from tests.kube.cluster import KubeCluster
from tests.works import namespace
from tests.worlds import Real, Simulated, World

_NUMBERS = count()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kube() -> AsyncIterator[KubeCluster]:
    async with KubeCluster("contract") as cluster:
        yield cluster


# Apart from `world`, since an asynchronous fixture cannot ask for another by name.
@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.kube)])
def cluster(request: pytest.FixtureRequest) -> KubeCluster | None:
    return None if request.param == "memory" else request.getfixturevalue("kube")


@pytest_asyncio.fixture(loop_scope="module")
async def world(cluster: KubeCluster | None) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        if cluster is None:
            simulated = Simulated()
            stack.push_async_callback(simulated.target.close)
            yield simulated
            return
        target = await KubernetesTarget.open(str(cluster.kubeconfig), KubernetesSettings(max_delay=0.5))
        stack.push_async_callback(target.close)
        real = Real(cluster, target, f"test-{next(_NUMBERS)}")
        await target.apply(namespace(real.namespace), force=False)
        yield real
