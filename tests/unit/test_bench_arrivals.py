"""When what arrived where: the first time counts, and who waits is told exactly what did not come."""

import asyncio

import pytest

from tests.bench.arrivals import Arrivals, Arrived

WEB, DB = Arrived("pull", "web", "1.0"), Arrived("pull", "db", "1.0")


async def test_the_first_time_counts() -> None:
    arrivals = Arrivals()
    arrivals.note(WEB, 1.0)
    arrivals.note(WEB, 2.0)
    assert await arrivals.wait([WEB], within=0) == [1.0]


async def test_times_come_in_the_order_that_was_asked_for() -> None:
    arrivals = Arrivals()
    waiting = asyncio.ensure_future(arrivals.wait([WEB, DB], within=60))
    arrivals.note(DB, 1.0)
    asyncio.get_running_loop().call_soon(arrivals.note, WEB, 2.0)
    assert await waiting == [2.0, 1.0]


async def test_another_version_of_an_object_is_another_arrival() -> None:
    arrivals = Arrivals()
    arrivals.note(WEB._replace(image="2.0"), 1.0)
    with pytest.raises(TimeoutError, match=r"1 of 1 did not arrive in 0 s: Arrived\(member='pull', name='web'"):
        await arrivals.wait([WEB], within=0)
