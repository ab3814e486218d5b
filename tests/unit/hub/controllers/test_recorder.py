"""Notes wait in order, equal ones are counted, and too many are dropped with a word."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flotilla_hub.controllers.events import EVENTS, Recorder, forget_old, write_events
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key
from flotilla_hub.store.record import Record
from tests.eventually import eventually

A, B, C = ({"kind": "Deployment", "metadata": {"name": name}} for name in "abc")


async def taken(recorder: Recorder, count: int) -> list[tuple[str, int]]:
    return [(note.name, times) for note, times in [await recorder.take() for _ in range(count)]]


async def test_the_oldest_comes_first_and_equal_ones_are_one():
    recorder = Recorder()
    for obj in (A, B, A):
        recorder.note(obj, "Normal", "R", "m")
    assert await taken(recorder, 2) == [("a", 2), ("b", 1)]


async def test_too_many_are_dropped_and_that_is_said(caplog: pytest.LogCaptureFixture):
    recorder = Recorder(most=2)
    for obj in (A, B, C, C, A):
        recorder.note(obj, "Normal", "R", "m")
    assert await taken(recorder, 2) == [("a", 2), ("b", 1)]
    assert [(r.levelno, r.__dict__["count"]) for r in caplog.records] == [(logging.WARNING, 2)]


@pytest.fixture
async def objects() -> AsyncIterator[Objects]:
    held = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await held.load()
    feed = asyncio.create_task(held.run())
    await held.create(Key("namespaces", "", "default"), {"kind": "Namespace", "metadata": {"name": "default"}})
    yield held
    feed.cancel()
    await asyncio.wait([feed])


@asynccontextmanager
async def writing(recorder: Recorder, objects: Objects, now: str) -> AsyncIterator[None]:
    task = asyncio.create_task(write_events(recorder, objects, lambda: now, pause=0))
    yield
    task.cancel()
    await asyncio.wait([task])


def counts(objects: Objects) -> list[tuple[str, int]]:
    return [(event["involvedObject"]["name"], event["count"]) for event in map(Record.obj, objects.list(EVENTS).items)]


async def test_what_was_noted_is_written_and_what_is_old_is_forgotten(objects: Objects):
    recorder = Recorder()
    recorder.note(A, "Normal", "R", "m")
    async with writing(recorder, objects, "2026-05-01T10:00:00Z"):
        await eventually(lambda: counts(objects) == [("a", 1)])
        recorder.note(A, "Normal", "R", "m")
        await eventually(lambda: counts(objects) == [("a", 2)])
    await forget_old(objects, "2026-05-01T10:59:59Z")
    assert counts(objects) == [("a", 2)]
    await forget_old(objects, "2026-05-01T11:00:01Z")
    assert counts(objects) == []


async def test_nothing_is_written_into_a_namespace_that_is_not_there(objects: Objects):
    recorder = Recorder()
    recorder.note({"kind": "Deployment", "metadata": {"name": "lost", "namespace": "gone"}}, "Normal", "R", "m")
    recorder.note(B, "Normal", "R", "m")
    async with writing(recorder, objects, "2026-05-01T10:00:00Z"):
        await eventually(lambda: counts(objects) == [("b", 1)])
