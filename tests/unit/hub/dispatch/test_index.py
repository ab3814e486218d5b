"""The index of Works: what is put in is found by every way in, and what is dropped by none."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.messages import digest_of, fold
from flotilla_common.subjects import WorkSubject
from flotilla_hub.dispatch.entry import Told, WorkEntry, new_entry
from flotilla_hub.dispatch.index import WorkIndex

CLUSTERS, NAMES, ORIGINS = ("eu", "us", "asia"), ("web", "db"), ("one", "two", "")


def entry(cluster: str = "eu", work: str = "web", origin: str = "one", body: bytes = b"1") -> WorkEntry:
    return new_entry(WorkSubject(cluster, work), digest_of(body), 1, origin, deleted=False, preserve=False)


def index(*entries: WorkEntry) -> WorkIndex:
    made = WorkIndex()
    for each in entries:
        made.put(each)
    return made


PUTS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(CLUSTERS), st.sampled_from(NAMES), st.sampled_from(ORIGINS), st.binary())
)


@given(PUTS)
def test_every_way_in_finds_the_same_whatever_came_and_went(steps: list[tuple[bool, str, str, str, bytes]]) -> None:
    made, model = WorkIndex(), dict[WorkSubject, WorkEntry]()
    for is_put, cluster, work, origin, body in steps:
        subject = WorkSubject(cluster, work)
        if is_put:
            model[subject] = entry(cluster, work, origin, body)
            made.put(model[subject])
        elif subject in model:
            made.drop(model.pop(subject))
    by_origin = {
        o: [model[s] for s in sorted(model) if model[s].origin == o] for o in {e.origin for e in model.values()}
    }
    assert {origin: made.of_origin(origin) for origin in made.origins()} == by_origin
    assert {e.subject: e for e in made.all()} == model
    for cluster in CLUSTERS:
        mine = {s.work: e for s, e in model.items() if s.cluster == cluster}
        folded = reduce(int.__xor__, (fold(work, e.digest) for work, e in mine.items()), 0)
        assert ({e.work: e for e in made.of_cluster(cluster)}, made.held(cluster)) == (mine, (len(mine), folded))


@pytest.mark.parametrize(
    ("before", "is_new"),
    [
        pytest.param((), True, id="new-under-its-name"),
        pytest.param((entry(body=b"0"),), False, id="known-in-another-version"),
        pytest.param((entry("us"),), True, id="known-in-another-cluster-only"),
    ],
)
def test_a_work_is_new_once(before: tuple[WorkEntry, ...], is_new: bool) -> None:
    put = entry()
    index(*before).put(put)
    assert put.is_new is is_new


def test_a_sibling_is_one_that_was_told_something() -> None:
    mine, silent, told, other = entry("eu"), entry("us"), entry("asia"), entry("africa", origin="two")
    made = index(mine, silent, told, other)
    assert made.sibling(mine) is None
    for each in (told, other):
        each.told = Told(True, "", "", False, [])
    assert made.sibling(mine) is told
