"""Bursts become one asking; what comes later is asked again."""

import asyncio

import pytest
import uvloop

from flotilla_hub.controllers.gather import Gathered
from tests.eventually import eventually

LONG = 60.0
BURSTS = [
    pytest.param([("ba", 0), ("ab", 0), ("c", 0)], {"a", "b", "c"}, id="each-once"),
    pytest.param([("a", 0), ("b", LONG)], {"a"}, id="each-after-its-own-pause"),
    pytest.param([("a", LONG), ("a", 0)], {"a"}, id="a-shorter-pause-brings-it-forward"),
    pytest.param([("a", 0), ("a", LONG)], {"a"}, id="a-longer-one-puts-nothing-off"),
]


@pytest.mark.parametrize(("added", "wanted"), BURSTS)
async def test_a_burst_is_handed_on(added: list[tuple[str, float]], wanted: set[str]) -> None:
    handed = list[str]()
    gathered = Gathered[str](handed.append)
    for keys, pause in added:
        gathered.add(keys, pause)
    assert handed == []
    await eventually(lambda: len(handed) >= len(wanted))
    assert sorted(handed) == sorted(wanted)


def test_the_loop_the_hub_runs_on_is_understood() -> None:
    handed = list[str]()

    async def twice_at_once() -> None:
        gathered = Gathered[str](handed.append)
        gathered.add("a", 0)
        gathered.add("a", 0)
        await eventually(lambda: handed)

    uvloop.run(twice_at_once())
    assert handed == ["a"]


async def test_what_comes_afterwards_is_handed_on_again() -> None:
    handed = list[str]()
    gathered = Gathered[str](handed.append)
    for times in (1, 2):
        gathered.add("a", 0)
        await eventually(lambda times=times: len(handed) == times)
    assert handed == ["a", "a"]


async def test_what_is_forgotten_is_not_handed_on() -> None:
    handed = list[str]()
    gathered = Gathered[str](handed.append)
    gathered.add("ab", 0)
    gathered.forget("a")
    gathered.forget("c")
    async with asyncio.timeout(5):
        await eventually(lambda: handed)
    assert handed == ["b"]


def test_no_pause_at_all_is_no_trouble_for_the_loop_hubs_run_on() -> None:
    """uvloop makes another kind of timer for what is due at once."""

    async def add_twice() -> list[str]:
        handed = list[str]()
        gathered = Gathered[str](handed.append)
        gathered.add("a", 0)
        gathered.add("a", 0)
        await eventually(lambda: handed)
        return handed

    assert uvloop.run(add_twice()) == ["a"]
