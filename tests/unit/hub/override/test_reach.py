"""Which change of a cluster changes its manifests."""

import pytest

from flotilla_hub.model.cluster import Cluster, Taint
from flotilla_hub.model.override import OverridePolicy
from flotilla_hub.override.reach import is_reached_anew
from tests.unit.hub.build import cluster


def for_clusters(**selector: object) -> OverridePolicy:
    rule = {"targetCluster": selector, "overriders": {}}
    return OverridePolicy.of({"metadata": {"name": "o"}, "spec": {"overrideRules": [{"overriders": {}}, rule]}})


BLUE = for_clusters(labelSelector={"matchLabels": {"color": "blue"}})
NORTH = for_clusters(fieldSelector={"matchExpressions": [{"key": "region", "operator": "In", "values": ["north"]}]})
NAMED = for_clusters(clusterNames=["m"])
ALL = OverridePolicy.of({"metadata": {"name": "o"}, "spec": {"overrideRules": [{"overriders": {}}]}})

PLAIN, PAINTED = cluster("m"), cluster("m", labels={"color": "blue"})
CHANGES = [
    pytest.param([BLUE], PLAIN, PAINTED, True, id="a-rule-begins-to-mean-it"),
    pytest.param([BLUE], PAINTED, PLAIN, True, id="a-rule-means-it-no-more"),
    pytest.param([ALL, NAMED, BLUE], PLAIN, PAINTED, True, id="one-of-several"),
    pytest.param([NORTH], PLAIN, cluster("m", region="north"), True, id="by-a-field"),
    pytest.param([], PLAIN, PAINTED, False, id="nobody-overrides"),
    pytest.param([ALL], PLAIN, PAINTED, False, id="a-rule-for-all-means-it-all-the-time"),
    pytest.param([NAMED], PLAIN, PAINTED, False, id="so-does-one-that-names-it"),
    pytest.param([BLUE], PLAIN, cluster("m", labels={"color": "red"}), False, id="another-label"),
    pytest.param([BLUE, NORTH], PLAIN, cluster("m", taints=(Taint("k", "", "NoSchedule"),)), False, id="a-taint"),
]


@pytest.mark.parametrize(("policies", "before", "after", "wanted"), CHANGES)
def test_a_cluster_gets_other_manifests(
    policies: list[OverridePolicy], before: Cluster, after: Cluster, wanted: bool
) -> None:
    assert is_reached_anew(policies, before, after) == wanted
