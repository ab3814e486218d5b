"""A controller: what each way a reconcile may end leads to, and that no key's trouble is another's."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from flotilla_common.errors import NotFound, Retryable, Terminal, Unavailable
from flotilla_common.runtime.loop import run_controller, together
from flotilla_common.runtime.queue import KeyQueue
from tests.eventually import eventually

K = TypeVar("K", bound=Hashable)


@asynccontextmanager
async def running(
    queue: KeyQueue[K], reconcile: Callable[[K], Awaitable[float | None]], workers: int = 2
) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        loop = group.create_task(run_controller("test", queue, reconcile, workers=workers))
        yield
        loop.cancel()


class Runs:
    """Fails as often as `failures` has errors, then is content."""

    def __init__(self, *failures: Exception) -> None:
        self.left = list(failures)
        self.count = Counter[str]()

    async def __call__(self, key: str) -> None:
        self.count[key] += 1
        if key == "a" and self.left:
            raise self.left.pop(0)


TRIED_AGAIN = [
    pytest.param(Retryable("not yet"), "DEBUG", id="retryable"),
    pytest.param(Unavailable("away"), "DEBUG", id="one-of-its-kind"),
    pytest.param(KeyError("a defect"), "ERROR", id="a-defect"),
    pytest.param(ExceptionGroup("several", [ValueError()]), "ERROR", id="a-group"),
]


@pytest.mark.parametrize(("failure", "level"), TRIED_AGAIN)
async def test_what_may_pass_is_tried_again(failure: Exception, level: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    queue, runs = KeyQueue[str](first_delay=0.001), Runs(failure, failure)
    queue.add("a")
    async with running(queue, runs):
        await eventually(lambda: runs.count["a"] == 3 and not len(queue))
    assert {r.levelname for r in caplog.records if r.name.endswith("loop")} == {level}


async def test_what_will_not_pass_waits_for_the_next_change(caplog: pytest.LogCaptureFixture) -> None:
    queue, runs = KeyQueue[str](first_delay=0.001), Runs(NotFound("gone"))
    queue.add("a")
    queue.add("b")
    async with running(queue, runs):
        await eventually(lambda: runs.count == {"a": 1, "b": 1} and not len(queue))
        queue.add("a")
        await eventually(lambda: runs.count["a"] == 2 and not len(queue))
    assert [r.getMessage() for r in caplog.records] == ["reconcile gave up until the next change"]


async def test_a_look_later_is_had() -> None:
    queue, count = KeyQueue[str](), 0

    async def reconcile(key: str) -> float | None:
        nonlocal count
        count += 1
        return 0.001 if count < 3 else None

    queue.add("a")
    async with running(queue, reconcile):
        await eventually(lambda: count == 3 and not len(queue))


async def test_a_key_that_hangs_holds_up_nobody_else() -> None:
    queue, runs, hangs = KeyQueue[str](), Runs(), asyncio.Event()

    async def reconcile(key: str) -> None:
        if key == "slow":
            await hangs.wait()
        await runs(key)

    for key in ("slow", "b", "c"):
        queue.add(key)
    async with running(queue, reconcile):
        await eventually(lambda: runs.count == {"b": 1, "c": 1})
        hangs.set()
        await eventually(lambda: runs.count["slow"] == 1)


async def test_stopping_stops_in_the_middle_of_a_run() -> None:
    queue, begun, ended = KeyQueue[str](), asyncio.Event(), asyncio.Event()

    async def reconcile(key: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    queue.add("a")
    async with asyncio.timeout(5), running(queue, reconcile):
        await begun.wait()
    assert ended.is_set()


async def ends(done: list[str], name: str, failure: Exception | None = None) -> None:
    await asyncio.sleep(0)
    done.append(name)
    if failure:
        raise failure


FAILURES = [
    pytest.param([None, None], None, id="none"),
    pytest.param([Terminal("t"), None], "t", id="one"),
    pytest.param([Terminal("t"), Retryable("r")], "r", id="what-may-pass-outranks-what-will-not"),
    pytest.param([Retryable("r"), Terminal("t")], "r", id="wherever-it-stands"),
    pytest.param([Terminal("t"), ValueError("v")], "v", id="so-does-a-defect"),
]


@pytest.mark.parametrize(("failures", "raised"), FAILURES)
async def test_calls_made_together_all_end_before_one_failure_is_told(
    failures: list[Exception | None], raised: str | None
) -> None:
    done: list[str] = []
    told: str | None = None
    try:
        await together(ends(done, str(n), failure) for n, failure in enumerate(failures))
    except Exception as err:
        told = str(err)
    assert (sorted(done), told) == (["0", "1"], raised)


async def test_no_more_run_at_once_than_are_allowed_and_none_waits_for_work() -> None:
    queue, gate, running_now = KeyQueue[int](), asyncio.Event(), list[int]()

    async def reconcile(key: int) -> None:
        running_now.append(key)
        await gate.wait()

    async with running(queue, reconcile, workers=3):
        idle = len(asyncio.all_tasks())
        for key in range(5):
            queue.add(key)
        await eventually(lambda: len(running_now) == 3)
        assert (running_now, len(asyncio.all_tasks()) - idle) == ([0, 1, 2], 3)
        gate.set()
        await eventually(lambda: not len(queue))
        assert (running_now, len(asyncio.all_tasks())) == ([0, 1, 2, 3, 4], idle)
