"""What the schedule rate is measured with: every way of placing finds a place, at any size."""

import pytest

from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from tests.bench.placements import PLACEMENTS, REPLICAS, THEN, binding, cluster


@pytest.mark.parametrize("size", [20, 100])
@pytest.mark.parametrize("how", PLACEMENTS)
def test_a_binding_is_placed(how: str, size: int) -> None:
    done = schedule(binding(3, PLACEMENTS[how](3, size)), [Cluster.of(cluster(n)) for n in range(size)], THEN)

    assert done is not None
    placed = [target["replicas"] for target in done["spec"]["clusters"]]
    assert (len(placed), sum(placed)) == ((size, size * REPLICAS) if "copy" in how else (len(placed), REPLICAS))
