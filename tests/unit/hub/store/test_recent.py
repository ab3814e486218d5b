"""What was looked at last is held decoded, up to so many bytes; and whoever looked has changed nothing."""

import asyncio

import pytest

from flotilla_common.objects import decode, encode
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key
from flotilla_hub.store.recent import Recent
from flotilla_hub.store.record import Record

KEY = Key("configmaps", "default", "it")


class Sized:
    """Stands for a record of so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.is_kept = True

    def forget(self) -> None:
        self.is_kept = False


SIZES = [
    pytest.param([4, 4, 2], [True, True, True], id="all-that-fit"),
    pytest.param([4, 4, 4], [False, True, True], id="the-oldest-goes"),
    pytest.param([2, 2, 2, 2, 9], [False, False, False, True, True], id="as-many-as-it-takes"),
    pytest.param([90, 90], [True, True], id="before-and-after-stay-whatever-they-weigh"),
]


@pytest.mark.parametrize(("sizes", "kept"), SIZES)
def test_what_is_kept_of_ten_bytes(sizes: list[int], kept: list[bool]) -> None:
    recent, records = Recent(10), [Sized(size) for size in sizes]
    for record in records:
        recent.keep(record)
    assert [record.is_kept for record in records] == kept


def test_a_record_is_decoded_once_for_all_who_look_and_anew_for_who_takes() -> None:
    record = Record.of(KEY, 7, b'{"metadata":{"name":"it"}}')
    assert record.seen() is record.seen()
    assert record.obj() is not record.seen()
    assert record.obj() == record.seen() == {"metadata": {"resourceVersion": "7", "name": "it"}}
    before = record.seen()
    record.forget()
    assert record.seen() == before
    held = record.seen()
    record.cool(b"")
    assert record.seen() is not held, "what lies still is let go of"
    assert record.seen() == before


async def test_what_a_write_returns_is_what_a_reader_then_gets() -> None:
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await objects.load()
    feed = asyncio.create_task(objects.run())
    given = {"kind": "ConfigMap", "data": {"a": "b"}, "apiVersion": "v1", "metadata": {"name": "it", "labels": {}}}
    made = await objects.create(KEY, given)
    assert encode(made) == objects.raw(KEY)
    made["data"] = {"a": "c"}
    assert encode(await objects.update(KEY, made)) == objects.raw(KEY)
    assert objects.look(KEY) == objects.get(KEY) == decode(objects.raw(KEY) or b"")
    feed.cancel()
    await asyncio.wait([feed])
