"""Objects that lie still take little room, and nobody who reads them can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.objects import encode
from flotilla_hub.store.cooling import LARGEST_DICTIONARY
from flotilla_hub.store.objects import body_of
from flotilla_hub.store.port import Change, Key
from flotilla_hub.store.record import Record
from flotilla_hub.store.watch_cache import WatchCache

WEB, DB = Key("deployments.apps", "default", "web"), Key("deployments.apps", "default", "db")


def body(name: str = "web", data: str = "x" * 500) -> bytes:
    return body_of({"apiVersion": "v1", "kind": "Thing", "metadata": {"name": name}, "data": data})


def cache(*changes: Change) -> WatchCache:
    made = WatchCache()
    for change in changes:
        made.apply(change)
    return made


def rounds(held: WatchCache, count: int) -> int:
    """How many were compressed in so many rounds."""
    return sum(1 for _ in range(count) for _ in held.cool())


def held_bytes(record: Record | None) -> int:
    assert record is not None
    return len(record._body)


@given(st.text(), st.binary())
def test_a_cold_record_says_what_a_warm_one_does(text: str, like: bytes) -> None:
    warm, cold = (Record.of(WEB, 7, encode({"metadata": {"name": text}, "data": text})) for _ in range(2))
    for _ in range(2):
        cold.cool(like)
    assert (cold, cold.json, cold.obj(), cold.size) == (warm, warm.json, warm.obj(), len(warm.json))
    assert cold.deleted(9) == warm.deleted(9)


@pytest.mark.parametrize(
    ("count", "wanted"),
    [
        pytest.param(1, 0, id="not-at-once"),
        pytest.param(2, 2, id="in-the-second-round"),
        pytest.param(5, 2, id="once"),
    ],
)
def test_what_lies_still_is_compressed(count: int, wanted: int) -> None:
    held = cache(Change(WEB, 1, body()), Change(DB, 2, body("db")))
    assert rounds(held, count) == wanted


def test_what_changed_or_went_between_two_rounds_is_left_alone() -> None:
    held = cache(Change(WEB, 1, body()), Change(DB, 2, body("db")))
    assert rounds(held, 1) == 0
    held.apply(Change(WEB, 3, body(data="y")))
    held.apply(Change(DB, 4, None))
    assert (rounds(held, 1), rounds(held, 1)) == (0, 1)


def test_an_object_like_another_takes_a_fraction() -> None:
    text = "".join(chr(97 + n * n % 26) for n in range(2000))
    held = cache(Change(WEB, 1, body(data=text)), Change(DB, 2, body("db", data=text)))
    rounds(held, 2)
    assert held_bytes(held.get(DB)) < 100 < len(body("db", data=text))


def test_reads_lists_and_resumed_watches_show_cold_objects_as_they_are() -> None:
    warm, cold = (cache(Change(WEB, 1, body()), Change(DB, 2, body("db"))) for _ in range(2))
    rounds(cold, 2)
    assert cold.get(WEB) == warm.get(WEB)
    assert cold.list("deployments.apps") == warm.list("deployments.apps")
    assert list(cold._backlog("deployments.apps", 0)) == list(warm._backlog("deployments.apps", 0))


def test_a_change_of_a_cold_object_and_its_end_tell_what_it_was() -> None:
    events = []
    held = cache(Change(WEB, 1, body()))
    rounds(held, 2)
    held.subscribe(events.append)
    held.apply(Change(WEB, 2, body(data="y")))
    held.apply(Change(WEB, 3, None))
    first, second = Record.of(WEB, 1, body()), Record.of(WEB, 2, body(data="y"))
    assert [(e.type, e.record, e.old) for e in events] == [
        ("MODIFIED", second, first),
        ("DELETED", second.deleted(3), second),
    ]


def test_a_large_object_is_no_dictionary_and_a_larger_one_takes_its_place() -> None:
    held = cache(
        Change(DB, 1, body("db", data="")),
        Change(WEB, 2, body(data="z" * 3000)),
        Change(WEB._replace(name="huge"), 3, body("huge", data="q" * LARGEST_DICTIONARY)),
    )
    rounds(held, 2)
    assert [len(r.json) > 0 for r in held.list("deployments.apps")] == [True] * 3
    assert held._cooling._dictionaries["deployments.apps"] == held.list("deployments.apps")[2].json
