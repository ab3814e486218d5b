"""An eviction with purge mode Directly: nothing starts elsewhere before the old copy is gone."""

from collections.abc import Mapping

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.strategies import stage_of
from tests.unit.hub.strategies.sending import bound, drafts, facts, members, sent, template

WEB = template()


def evicted(mode: str, *targets: str) -> Obj:
    """From cluster `a`, and now placed in the targets."""
    binding = bound("Failover", *targets)
    placement = {key: value for key, value in binding["spec"]["placement"].items() if key != "schedulerStrategy"}
    task = {"fromCluster": "a", "purgeMode": mode, "reason": "TaintUntolerated", "producer": "TaintManager"}
    return {**binding, "spec": {**binding["spec"], "placement": placement, "gracefulEvictionTasks": [task]}}


def held(cluster: str, *, gone: bool = False) -> WorkEntry:
    (draft,) = drafts(evicted("Directly", cluster), WEB, members())
    entry = sent(draft)
    entry.deleted = gone
    return entry


@pytest.mark.parametrize(
    ("binding", "works", "clusters", "starts"),
    [
        pytest.param(evicted("Directly", "b"), {"a": held("a")}, members(), "", id="it-waits-for-the-old"),
        pytest.param(evicted("Directly", "b"), {"a": held("a", gone=True)}, members(), "", id="until-it-is-confirmed"),
        pytest.param(evicted("Directly", "b"), {}, members(), "b", id="then-it-starts"),
        pytest.param(
            evicted("Directly", "b"), {"a": held("a", gone=True)}, members("a"), "b", id="unless-nobody-can-confirm-it"
        ),
        pytest.param(
            evicted("Directly", "b", "c"), {"a": held("a"), "c": held("c")}, members(), "c", id="what-runs-goes-on"
        ),
        pytest.param(evicted("Directly", "a", "b"), {"a": held("a")}, members(), "ab", id="a-cluster-placed-again"),
        pytest.param(evicted("Gracefully", "b"), {"a": held("a")}, members(), "b", id="Gracefully-both-run"),
    ],
)
def test_what_starts(binding: Obj, works: Mapping[str, WorkEntry], clusters: dict[str, Cluster], starts: str) -> None:
    stage = stage_of(facts(binding, WEB, works, clusters))
    assert "".join(draft.cluster for draft in stage.works) == starts
