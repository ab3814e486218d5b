"""What the schedule rate is measured with: every way of placing finds a place, at any size."""

import pytest

from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from tests.bench.placements import PLACEMENTS, THEN, cluster, pending, replicas_of


@pytest.mark.parametrize("size", [20, 100])
@pytest.mark.parametrize("how", PLACEMENTS)
def test_a_binding_is_placed(how: str, size: int) -> None:
    done = schedule(pending(how, 9, size), [Cluster.of(cluster(n)) for n in range(size)], THEN)

    assert done is not None
    placed = [target["replicas"] for target in done["spec"]["clusters"]]
    copies = size if "copy" in how else 1
    assert sum(placed) == copies * replicas_of(9)
