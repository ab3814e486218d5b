"""Whatever fails and whenever the hub dies: the last healthy copy stays, and in the end one cluster serves alone."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj
from flotilla_hub.dispatch.entry import WorkEntry
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.strategies import stage_of
from flotilla_hub.strategies.stage import Facts
from flotilla_hub.work.build import build
from flotilla_hub.work.targets import clusters_to_keep
from tests.unit.hub.scheduler.samples import NOW, binding
from tests.unit.hub.strategies.failing import LONG_AGO, ORDER, lost, ready, strategy
from tests.unit.hub.strategies.sending import sent, template

NAMES = ("primary", "secondary", "third")
WEB = template()

STEPS = st.one_of(
    st.tuples(st.just("look"), st.integers(0, 3)),
    st.tuples(st.sampled_from(("answer", "lose", "find")), st.sampled_from(NAMES)),
)


def bound(returns: bool) -> Obj:
    """Of the Deployment `web` in `default`, to be served by one of three."""
    wanted = binding({**ORDER, **strategy(returnToPreferred=returns, returnDelaySeconds=0)}, replicas=2)
    resource = {**wanted["spec"]["resource"], "namespace": "default"}
    metadata = {**wanted["metadata"], "name": "web-deployment", "namespace": "default"}
    return {**wanted, "metadata": metadata, "spec": {**wanted["spec"], "resource": resource}}


@dataclass
class World:
    binding: Obj
    held: dict[str, WorkEntry] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    """Clusters in which a healthy copy runs, heard of or not."""

    def clusters(self) -> dict[str, Cluster]:
        return {name: lost(name, LONG_AGO) if name in self.lost else ready(name) for name in NAMES}

    def look(self, writes: int = 99) -> None:
        """Both controllers look, and the hub dies after so many writes."""
        self.binding = schedule(self.binding, list(self.clusters().values()), NOW) or self.binding
        works = build(self.binding, WEB, self.clusters(), (), ()).works
        stage = stage_of(Facts(self.binding, WEB, works, self.held, self.clusters(), NOW))
        kept = clusters_to_keep(self.binding) | stage.staying
        publish = [w for w in stage.works if self._differs(w.cluster, w.message.digest())]
        bury = [name for name, entry in self.held.items() if name not in kept and not entry.deleted]
        for work in publish[:writes]:
            self.held[work.cluster] = sent(work, answered=False)
        for name in bury[: max(0, writes - len(publish))]:
            self.held[name].deleted = True

    def answer(self, name: str) -> None:
        entry = self.held.get(name)
        if entry is None or name in self.lost:
            return
        if entry.deleted:
            del self.held[name]
            self.running.discard(name)
            return
        told = ObjectReport("apps/v1", "Deployment", "default", "web", True, health="Healthy")
        entry.take(WorkReport(name, entry.work, entry.digest, True, objects=[told]), None)
        self.running.add(name)

    def is_safe(self) -> bool:
        """Some copy that runs is not on its way out."""
        return any(name in self.held and not self.held[name].deleted for name in self.running)

    def do(self, step: tuple[str, object]) -> None:
        what, which = step
        if what == "look":
            assert isinstance(which, int)
            self.look(which)
        elif what == "answer":
            self.answer(str(which))
        elif what == "lose":
            self.lost.add(str(which))
        else:
            self.lost.discard(str(which))

    def _differs(self, name: str, digest: str) -> bool:
        entry = self.held.get(name)
        return entry is None or entry.deleted or entry.digest != digest


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=30), st.booleans())
def test_the_last_healthy_copy_stays_and_one_serves_alone(steps: list[tuple[str, object]], returns: bool) -> None:
    world = World(bound(returns))
    world.look()
    world.answer("primary")
    for step in steps:
        world.do(step)
        assert world.is_safe()
    world.lost.clear()
    for _ in range(4):
        world.look()
        for name in NAMES:
            world.answer(name)
    assert len(world.held) == len(world.running) == 1
    (serving,) = world.running
    assert [c["name"] for c in world.binding["spec"]["clusters"]] == [serving]
    assert serving == "primary" or not returns
