"""Bursts become one asking; what comes later is asked again."""

import asyncio

from flotilla_hub.controllers.gather import Gathered
from tests.eventually import eventually


async def test_a_burst_is_handed_on_once_in_the_order_of_arrival() -> None:
    handed = list[str]()
    gathered = Gathered[str](handed.append, lambda: 0.01)
    gathered.add("ba")
    gathered.add("ab")
    gathered.add("c")
    assert handed == []
    async with asyncio.timeout(5):
        await eventually(lambda: len(handed) > 0)
    assert handed == ["b", "a", "c"]


async def test_what_comes_afterwards_is_handed_on_again() -> None:
    handed = list[str]()
    gathered = Gathered[str](handed.append, lambda: 0)
    async with asyncio.timeout(5):
        for times in (1, 2):
            gathered.add("a")
            await eventually(lambda times=times: len(handed) == times)
    assert handed == ["a", "a"]


async def test_nothing_comes_of_nothing() -> None:
    asked = list[float]()
    Gathered[str](str, lambda: asked.append(0) or 0).add(())
    assert asked == []
