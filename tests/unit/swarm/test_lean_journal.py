"""The swarm's journal and the agent's on disk: the link, which sees either, must not be able to tell them apart."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flotilla_agent.journal import Journal
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage
from tests.swarm.journal import LeanJournal
from tests.works import config_map, row, tombstone, work

Twin = Journal | LeanJournal


@pytest.fixture(params=["on-disk", "lean"])
def journal(request: pytest.FixtureRequest) -> Iterator[Twin]:
    if request.param == "lean":
        yield LeanJournal()
        return
    with Journal() as real:
        yield real


def a(colour: str = "blue", name: str = "a") -> WorkMessage:
    return work(config_map(sky=colour), name=name)


def state(journal: Twin, *names: str) -> tuple[int, int, list[int]]:
    return journal.held, journal.last_revision, [journal.revision(name) for name in names]


def test_at_first_nothing_is_held(journal: Twin) -> None:
    assert (state(journal, "a"), journal.fold()) == ((0, 0, [0]), 0)


PUTS = [
    pytest.param([[row(a(), 5)]], [["a"]], (1, 5, [5]), id="a-new-work-is-news"),
    pytest.param([[row(a(), 5)], [row(a(), 5)]], [["a"], []], (1, 5, [5]), id="the-same-revision-is-none"),
    pytest.param([[row(a(), 5)], [row(a(), 9)]], [["a"], []], (1, 9, [9]), id="another-revision-of-the-same-is-none"),
    pytest.param([[row(a(), 5)], [row(a("red"), 9)]], [["a"], ["a"]], (1, 9, [9]), id="another-content-is"),
    pytest.param([[row(a(), 9)], [row(a("red"), 5)]], [["a"], ["a"]], (1, 9, [5]), id="what-the-server-lost-counts"),
    pytest.param([[row(a(), 5), row(a("red"), 6)]], [["a"]], (1, 6, [6]), id="the-last-of-a-batch-counts"),
    pytest.param([[row(a(), 5)], [row(tombstone("a"), 6)]], [["a"], ["a"]], (1, 6, [6]), id="a-tombstone-is-held"),
    pytest.param([[]], [[]], (0, 0, [0]), id="nothing-is-nothing"),
]


@pytest.mark.parametrize(("batches", "news", "after"), PUTS)
def test_what_is_put_is_held(
    journal: Twin, batches: list[list[tuple[str, int, bytes]]], news: list[list[str]], after: tuple[int, int, list[int]]
) -> None:
    assert [journal.put_works(batch) for batch in batches] == news
    assert state(journal, "a") == after


def test_what_is_forgotten_is_not_in_the_fold(journal: Twin) -> None:
    journal.put_works([row(a(), 1)])
    before = journal.fold()
    journal.put_works([row(a(name="b"), 2)])

    journal.forget("b")
    journal.forget("nobody")

    assert (journal.fold(), state(journal, "a", "b")) == (before, (1, 2, [1, 0]))


def test_what_is_no_work_changes_nothing(journal: Twin) -> None:
    with pytest.raises(Terminal):
        journal.put_works([row(a(), 1), ("b", 2, b"junk")])

    assert state(journal, "a", "b") == (0, 0, [0, 0])


_NAMES = st.sampled_from("abc")
_PUT = st.lists(st.tuples(_NAMES, st.integers(1, 20), st.sampled_from(["blue", "red", ""])), max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_PUT, _NAMES), max_size=8))
def test_whatever_happens_both_say_the_same(story: list[list[tuple[str, int, str]] | str]) -> None:
    lean = LeanJournal()
    with Journal() as real:
        for step in story:
            if isinstance(step, str):
                real.forget(step)
                lean.forget(step)
                continue
            rows = [row(a(colour, name) if colour else tombstone(name), revision) for name, revision, colour in step]
            assert lean.put_works(rows) == real.put_works(rows)
            assert (state(lean, *"abc"), lean.fold()) == (state(real, *"abc"), real.fold())
