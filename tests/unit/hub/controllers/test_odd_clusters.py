"""What a cluster says of itself may be nonsense: it stays a cluster, and the hub stays up."""

from typing import Any

import pytest

from flotilla_common.objects import encode
from flotilla_hub.controllers.lenses import CLUSTERS, Lenses
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key


@pytest.mark.parametrize(
    "status",
    [
        pytest.param({"conditions": ["x"]}, id="conditions-of-text"),
        pytest.param({"resourceSummary": "x"}, id="a-summary-of-text"),
        pytest.param({"resourceSummary": {"allocatable": ["cpu"]}}, id="a-list-of-room"),
        pytest.param({"apiEnablements": [{"groupVersion": "v1", "resources": ["x"]}]}, id="apis-of-text"),
    ],
)
async def test_a_status_nobody_can_read_is_no_status(status: Any) -> None:
    store = MemoryStore()
    objects = Objects({"objects": store, "derived": MemoryStore()})
    cluster = {"kind": "Cluster", "metadata": {"name": "m1"}, "spec": {"syncMode": "Pull"}, "status": status}
    await store.write(Key(CLUSTERS, "", "m1"), encode(cluster), 0)
    await objects.load()
    lenses = Lenses(objects)
    assert {name: held.ready for name, held in lenses.clusters().items()} == {"m1": "Unknown"}
