"""The law of the queue: repeats merge, a key never runs twice at once, no change is lost, failures back off."""

import asyncio

import pytest
import uvloop

from flotilla_common.runtime.queue import KeyQueue
from tests.eventually import eventually


async def taken(queue: KeyQueue[str]) -> list[str]:
    """All that can be had now, each finished before the next."""
    found: list[str] = []
    while len(queue):
        async with asyncio.timeout(5):
            found.append(await queue.get())
        queue.done(found[-1])
    return found


ORDERS = [
    pytest.param([("a", 0), ("b", 0), ("c", 0)], ["a", "b", "c"], id="in-order-of-arrival"),
    pytest.param([("a", 10), ("b", 0), ("c", -1)], ["c", "b", "a"], id="lower-numbers-first"),
    pytest.param([("a", 0), ("b", 0), ("a", 0)], ["a", "b"], id="repeats-merge"),
    pytest.param([("a", 10), ("b", 5), ("a", 0)], ["a", "b"], id="a-repeat-may-improve-its-place"),
    pytest.param([("a", 0), ("b", 5), ("a", 10)], ["a", "b"], id="and-never-worsens-it"),
]


@pytest.mark.parametrize(("added", "order"), ORDERS)
async def test_the_order_in_which_keys_are_handed_out(added: list[tuple[str, int]], order: list[str]) -> None:
    queue = KeyQueue[str]()
    for key, priority in added:
        queue.add(key, priority)
    assert await taken(queue) == order


IMPORTANT = [
    pytest.param([("a", 0), ("b", 0)], {"b": 1}, ["b", "a"], id="more-important-goes-first"),
    pytest.param([("a", 0), ("b", 10)], {"b": 1}, ["b", "a"], id="whatever-its-priority"),
    pytest.param([("a", 0), ("b", 0)], {"b": -1}, ["a", "b"], id="less-important-goes-last"),
    pytest.param([("a", 10), ("b", 0)], {"a": 5, "b": 5}, ["b", "a"], id="of-equals-the-lower-number"),
    pytest.param([("a", 0), ("b", 0)], {"a": 5, "b": 5}, ["a", "b"], id="then-in-order-of-arrival"),
]


@pytest.mark.parametrize(("added", "importance", "order"), IMPORTANT)
async def test_what_matters_more_goes_before_the_rest(
    added: list[tuple[str, int]], importance: dict[str, int], order: list[str]
) -> None:
    queue = KeyQueue[str](importance=lambda key: importance.get(key, 0))
    for key, priority in added:
        queue.add(key, priority)
    assert await taken(queue) == order


async def test_a_key_keeps_its_importance_through_a_retry() -> None:
    queue = KeyQueue[str](importance=lambda key: int(key == "b"))
    queue.add("b")
    queue.retry(await queue.get(), delay=0)
    queue.add("a")
    async with asyncio.timeout(5):
        await eventually(lambda: len(queue) == 2)
    assert await taken(queue) == ["b", "a"]


async def test_a_sleeping_key_can_be_hastened_and_is_never_put_off() -> None:
    queue = KeyQueue[str]()
    queue.later("a", 60)
    queue.hasten("a", 0.01)
    queue.hasten("a", 60)
    async with asyncio.timeout(5):
        assert await queue.get() == "a"


async def test_a_running_key_that_is_hastened_runs_once_more() -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    await queue.get()
    queue.hasten("a", 60)
    queue.done("a")
    assert await taken(queue) == ["a"]


async def test_a_key_added_while_it_runs_is_handed_out_once_more_and_not_before() -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    await queue.get()
    queue.add("a", 5)
    queue.add("a", 1)
    queue.add("b", 3)
    assert await queue.get() == "b", "a still runs"
    queue.done("a")
    queue.done("b")
    assert await taken(queue) == ["a"]


async def test_a_change_in_mid_run_outruns_the_back_off() -> None:
    queue = KeyQueue[str](first_delay=60)
    queue.add("a")
    await queue.get()
    queue.add("a")
    queue.retry("a")
    assert await taken(queue) == ["a"]


async def test_a_worker_that_waits_is_woken() -> None:
    queue = KeyQueue[str]()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        workers = [group.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(0)
        for key in "abc":
            queue.add(key)
    assert {worker.result() for worker in workers} == {"a", "b", "c"}


async def test_one_key_is_never_run_twice_at_once_and_its_last_change_is_seen() -> None:
    queue, running, state, seen = KeyQueue[str](), set[str](), 0, -1

    async def work() -> None:
        nonlocal seen
        while True:
            key = await queue.get()
            assert key not in running
            running.add(key)
            now = state
            await asyncio.sleep(0)
            running.discard(key)
            seen = now
            queue.done(key)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        workers = [group.create_task(work()) for _ in range(4)]
        for state in range(200):  # noqa: B007  # the workers read it
            queue.add("a")
            await asyncio.sleep(0)
        await eventually(lambda: not len(queue))
        for worker in workers:
            worker.cancel()
    assert seen == 199


async def test_failures_back_off_within_bounds_and_start_over_when_done() -> None:
    queue, delays = KeyQueue[str](first_delay=0.001, max_delay=0.004), list[float]()
    for _ in range(4):
        queue.add("a")
        delays.append(queue.retry(await queue.get()))
    for delay, ceiling in zip(delays, (0.001, 0.002, 0.004, 0.004), strict=True):
        assert ceiling / 2 <= delay <= ceiling
    queue.add("a")
    queue.done(await queue.get())
    queue.add("a")
    assert queue.retry(await queue.get()) <= 0.001


async def test_a_key_that_failed_comes_back_by_itself() -> None:
    queue = KeyQueue[str](first_delay=0.001)
    queue.add("a")
    queue.retry(await queue.get())
    async with asyncio.timeout(5):
        assert await queue.get() == "a"


async def test_a_new_change_brings_a_sleeping_key_forward_and_it_does_not_come_twice() -> None:
    queue = KeyQueue[str]()
    queue.later("a", 0.01)
    queue.later("b", 0.02)
    queue.add("a")
    assert await taken(queue) == ["a"]
    async with asyncio.timeout(5):
        assert await queue.get() == "b"


def test_the_loop_the_hub_runs_on_is_understood() -> None:
    async def hastened() -> str:
        queue = KeyQueue[str]()
        queue.later("a", 0)
        queue.hasten("a", 60)
        async with asyncio.timeout(5):
            return await queue.get()

    assert uvloop.run(hastened()) == "a"


async def test_of_two_delays_the_last_counts() -> None:
    queue = KeyQueue[str]()
    queue.later("a", 60)
    queue.later("a", 0.001)
    async with asyncio.timeout(5):
        assert await queue.get() == "a"


@pytest.mark.parametrize("busy", ["waits", "runs"])
async def test_a_delay_for_a_key_that_is_at_work_changes_nothing(busy: str) -> None:
    queue = KeyQueue[str]()
    queue.add("a")
    if busy == "runs":
        await queue.get()
    queue.later("a", 0)
    assert len(queue) == 1


async def test_what_is_forgotten_does_not_come_back() -> None:
    queue = KeyQueue[str](first_delay=0.01)
    queue.add("a")
    queue.retry(await queue.get())
    queue.forget("a")
    queue.later("b", 0.03)
    async with asyncio.timeout(5):
        assert await queue.get() == "b"
    queue.add("a")
    await queue.get()
    assert queue.retry("a") <= 0.01, "its failures are forgotten too"


def test_what_is_due_at_once_can_be_hastened_on_the_loop_hubs_run_on() -> None:
    """uvloop makes another kind of timer for that."""

    async def hasten() -> str:
        queue = KeyQueue[str]()
        queue.later("a", 0)
        queue.hasten("a", 1)
        async with asyncio.timeout(5):
            return await queue.get()

    assert uvloop.run(hasten()) == "a"
