"""The world of the scenario tests, started once for each of their modules."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.kube.world import World, world_in


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with world_in(tmp_path_factory.mktemp("world")) as running:
        yield running
