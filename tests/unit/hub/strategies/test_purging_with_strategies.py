"""An eviction with purge mode Directly holds beside a strategy as it does without one: never two copies."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.strategies import stage_of
from tests.unit.hub.strategies.sending import bound, drafts, facts, members, sent, template

WEB = template()
TASK = {"fromCluster": "a", "purgeMode": "Directly", "reason": "ApplicationFailure", "producer": "P"}


def evicted(strategy: str, *targets: str) -> Obj:
    return bound(strategy, *targets, gracefulEvictionTasks=[TASK])


def held(strategy: str, cluster: str) -> WorkEntry:
    (draft,) = drafts(evicted(strategy, cluster), WEB, members())
    return sent(draft)


@pytest.mark.parametrize("strategy", ["Failover", "RollingUpdate"])
def test_nothing_starts_before_the_old_copy_is_gone(strategy: str) -> None:
    binding = evicted(strategy, "b")
    before = stage_of(facts(binding, WEB, {"a": held(strategy, "a")}, members()))
    after = stage_of(facts(binding, WEB, {}, members()))
    assert ([w.cluster for w in before.works], [w.cluster for w in after.works]) == ([], ["b"])
    assert "a" not in before.staying
