"""Whatever happens and whenever the hub dies, no more clusters are in change than asked for, and all get there."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.strategies import stage_of
from flotilla_hub.strategies.rolling_update import revision_of
from tests.unit.hub.strategies.sending import NAMES, facts, members, rolling, sent, stored, template

SETTINGS = {"maxSurge": 1, "maxUnavailable": 1}
AT_ONCE = 2

STEPS = st.one_of(
    st.tuples(st.just("look"), st.integers(0, len(NAMES)), st.booleans()),
    st.tuples(st.sampled_from(("answer", "fail", "lose", "find")), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("change"), st.none(), st.none()),
)


@dataclass
class World:
    """What is stored in NATS and in the members; there is nothing else."""

    binding: Obj = field(default_factory=lambda: rolling(settings=SETTINGS))
    version: int = 1
    held: dict[str, WorkEntry] = field(default_factory=dict)
    healthy: dict[str, str] = field(default_factory=dict)
    """By cluster, the digest with which it was last healthy."""
    lost: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    """Those that were sent it while they could not be reached, or had nothing before."""

    def look(self, sends: int = 99, tells: bool = True) -> str:
        """The hub looks, and dies after so many publishes, or before it writes the status."""
        wanted = template(f"web:{self.version}", generation=self.version)
        given = facts(self.binding, wanted, self.held, members(*self.lost))
        stage = stage_of(given)
        fresh = [
            w for w in stage.works if w.cluster not in self.held or self.held[w.cluster].digest != w.message.digest()
        ]
        for work in fresh[:sends]:
            if work.cluster in self.lost or work.cluster not in self.held:
                self.excused.add(work.cluster)
            before = self.held.get(work.cluster)
            self.held[work.cluster] = entry = sent(work, answered=False)
            if before is not None:
                entry.inherit(before)
        if sends >= len(fresh) and tells:
            self.binding = stored(self.binding, stage)
        assert stage.status is not None
        return str(stage.status.condition["reason"])

    def answer(self, name: str, health: str) -> None:
        """Its agent has applied what it holds."""
        entry = self.held.get(name)
        if entry is None or name in self.lost:
            return
        entry.take(report(entry, health), None)
        if health == "Healthy":
            self.healthy[name] = entry.digest
            self.excused.discard(name)

    def in_change(self) -> set[str]:
        """Clusters that were given the newest version in a wave, and are not healthy with it."""
        newest = template(f"web:{self.version}", generation=self.version)
        wanted = {w.cluster: revision_of(w.message, sized=True) for w in facts(self.binding, newest, {}).wanted}
        given = {name for name, entry in self.held.items() if entry.rollout == wanted[name]}
        return {name for name in given - self.excused if self.healthy.get(name) != self.held[name].digest}

    def do(self, step: tuple[str, object, object]) -> None:
        what, which, more = step
        if what == "look":
            assert isinstance(which, int)
            self.look(which, bool(more))
        elif what in ("answer", "fail"):
            self.answer(str(which), "Healthy" if what == "answer" else "Unhealthy")
        elif what == "change":
            self.version += 1
        elif what == "lose":
            self.lost.add(str(which))
        else:
            self.lost.discard(str(which))


def report(entry: WorkEntry, health: str) -> WorkReport:
    told = ObjectReport("apps/v1", "Deployment", "default", "web", True, health=health)
    return WorkReport(entry.cluster, entry.work, entry.digest, True, objects=[told])


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_no_more_than_asked_for_are_in_change_and_all_get_there(steps: list[tuple[str, object, object]]) -> None:
    world = World()
    world.look()
    for name in NAMES:
        world.answer(name, "Healthy")
    for step in steps:
        world.do(step)
        assert len(world.in_change()) <= AT_ONCE
    world.lost.clear()
    reason = ""
    for _ in range(2 * len(NAMES) + 2):
        reason = world.look()
        for name in NAMES:
            world.answer(name, "Healthy")
    assert reason == "RolloutComplete"
    assert len({entry.rollout for entry in world.held.values()}) == 1


@pytest.mark.parametrize("sends", range(3))
def test_a_hub_that_dies_amid_a_wave_finishes_it(sends: int) -> None:
    world = World()
    world.look()
    for name in NAMES:
        world.answer(name, "Healthy")
    world.version = 2
    world.look(sends, tells=False)
    for _ in range(len(NAMES) + 1):
        world.look()
        for name in NAMES:
            world.answer(name, "Healthy")
    assert world.look() == "RolloutComplete"
