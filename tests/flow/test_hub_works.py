"""Works and bindings as clients of the API see them: written by hand, listed by many, watched, and resumed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import pytest_asyncio

from flotilla_common.errors import Expired
from flotilla_common.objects import Obj, meta_of, name_of
from tests.fleet import Fleet, fleet, until
from tests.manifests import config_map
from tests.placed import Placed, placed

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPACE = "karmada-es-east"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path_factory.mktemp("works")) as running:
        await running.join_pull("east")
        await running.settled("east")
        yield running


class Watch:
    """What a client sees of one kind, read beside the test."""

    def __init__(self, running: Fleet, kind: str, namespace: str, of: str) -> None:
        self._fleet, self._kind, self._namespace, self._of = running, kind, namespace, of
        self.seen: list[tuple[str, Obj]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def types(self) -> list[str]:
        return [type_ for type_, _ in self.seen]

    @property
    def is_a_life(self) -> bool:
        """It began, perhaps changed, and ended."""
        first, *between, last = self.types
        return (first, {*between, "MODIFIED"}, last) == ("ADDED", {"MODIFIED"}, "DELETED")

    @property
    def version(self) -> str:
        return str(meta_of(self.seen[-1][1])["resourceVersion"])

    async def __aenter__(self) -> "Watch":
        (served,) = await self._fleet.client.find(self._kind)
        listing = await self._fleet.client.list(served, self._namespace)
        self._task = asyncio.create_task(self.follow(listing["metadata"]["resourceVersion"]))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def follow(self, since: str) -> None:
        (served,) = await self._fleet.client.find(self._kind)
        async with aclosing(self._fleet.client.watch(served, self._namespace, since)) as events:
            async for type_, obj in events:
                if name_of(obj).startswith(self._of):
                    self.seen.append((type_, obj))

    async def shows(self, condition: str) -> None:
        """The last that came has it; an agent may have answered before the first event is out."""

        async def has_come() -> bool:
            held = (self.seen[-1][1].get("status") or {}).get("conditions") or () if self.seen else ()
            return any(c["type"] == condition and c["status"] == "True" for c in held)

        await until(f"{condition} of {self._of} in {self._kind}", has_come)

    async def ends(self) -> None:
        async def has_ended() -> bool:
            return self.types[-1:] == ["DELETED"]

        await until(f"{self._of} is deleted in {self._kind}", has_ended)


def work(name: str, *manifests: Obj, **spec: object) -> Obj:
    return {
        "apiVersion": "work.karmada.io/v1alpha1",
        "kind": "Work",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {"workload": {"manifests": list(manifests)}, **spec},
    }


async def works(one: Fleet) -> dict[str, Obj]:
    (served,) = await one.client.find("works")
    return {name_of(item): item for item in (await one.client.list(served, SPACE))["items"]}


async def test_a_work_written_by_hand_is_applied_changed_and_removed(one: Fleet) -> None:
    there = Placed(one, config_map("by-hand", {"v": "1"}))
    await one.client.create(work("mine", there.template))
    await there.arrives("east", {"v": "1"})

    async def is_applied() -> bool:
        return await one.condition("works", "mine", "Applied", SPACE) == "True"

    await until("its status says so", is_applied)
    held = await one.get("works", "mine", SPACE)
    held["spec"]["workload"]["manifests"][0]["data"] = {"v": "2"}
    await one.client.replace(held)
    await there.arrives("east", {"v": "2"})

    (served,) = await one.client.find("works")
    await one.client.delete(served, "mine", SPACE)
    await there.leaves("east")

    async def is_gone() -> bool:
        return "mine" not in await works(one)

    await until("the Work is gone", is_gone)


async def test_a_work_deleted_under_a_binding_is_made_again(one: Fleet) -> None:
    there = await placed(one, config_map("wanted", {"v": "1"}))
    (name,) = [name for name in await works(one) if name.startswith("wanted")]
    before = there.writes()
    (served,) = await one.client.find("works")
    await one.client.delete(served, name, SPACE)

    async def is_made_again() -> bool:
        return there.data("east") == {"v": "1"} and there.writes() > before

    await until("it is in the member again", is_made_again)
    await there.settled()


async def test_a_watch_on_works_sees_each_step_of_a_life(one: Fleet) -> None:
    async with Watch(one, "works", SPACE, "seen") as watch:
        there = await placed(one, config_map("seen", {"v": "1"}))
        await watch.shows("Applied")
        await there.delete()
        await watch.ends()
    assert watch.is_a_life
    versions = [int(meta_of(obj)["resourceVersion"]) for _, obj in watch.seen]
    assert versions == sorted(versions)


async def test_a_watch_on_works_resumes_where_it_was_and_misses_no_deletion(one: Fleet) -> None:
    async with Watch(one, "works", SPACE, "paused") as watch:
        there = await placed(one, config_map("paused", {"v": "1"}))
        await watch.shows("Applied")
    since = watch.version
    await there.delete()
    await there.is_gone()
    resumed = Watch(one, "works", SPACE, "paused")
    task = asyncio.create_task(resumed.follow(since))
    await resumed.ends()
    task.cancel()
    await asyncio.wait([task])
    assert "ADDED" not in resumed.types


async def test_a_watch_on_bindings_sees_them_come_change_and_go(one: Fleet) -> None:
    async with Watch(one, "resourcebindings", "default", "bound") as watch:
        there = await placed(one, config_map("bound", {"v": "1"}))
        await watch.shows("FullyApplied")
        await there.delete()
        await watch.ends()
    assert watch.is_a_life


async def test_a_restarted_hub_shows_what_agents_had_said_and_sends_old_watches_away(one: Fleet) -> None:
    """It does not know what happened between then and now, and must not pass over it in silence."""
    versions = {
        kind: (await listed(one, kind))["metadata"]["resourceVersion"] for kind in ("works", "resourcebindings")
    }
    await placed(one, config_map("said", {"v": "1"}))
    before = {name: item["status"] for name, item in (await works(one)).items()}
    await one.hub.kill()
    await one.hub.start()
    await one.ready()
    assert {name: item["status"] for name, item in (await works(one)).items()} == before
    for kind, version in versions.items():
        with pytest.raises(Expired):
            await Watch(one, kind, "", "nothing").follow(version)


async def listed(one: Fleet, kind: str) -> Obj:
    (served,) = await one.client.find(kind)
    return await one.client.list(served)


async def test_many_who_list_at_once_all_see_everything(one: Fleet) -> None:
    for n in range(10):
        await placed(one, config_map(f"many-{n}", {"v": "1"}))
    expected = set(await works(one))
    answers = await asyncio.gather(*(works(one) for _ in range(20)))
    assert [set(answer) for answer in answers] == [expected] * 20
