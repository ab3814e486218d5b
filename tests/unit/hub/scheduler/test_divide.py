"""Dividing by votes: upstream's vectors to the replica, and what holds for all of them."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flotilla_hub.names import fnv32a
from flotilla_hub.scheduler.divide import webster

ODD = next(uid for uid in ("a", "b", "c", "d") if fnv32a(uid.encode()) % 2)
EVEN = next(uid for uid in ("a", "b", "c", "d") if not fnv32a(uid.encode()) % 2)

VECTORS = [
    pytest.param(9, [1, 3], [2, 7], id="nine-over-1:3"),
    pytest.param(9, [1, 2], [3, 6], id="nine-over-1:2"),
    pytest.param(12, [3, 2, 1], [6, 4, 2], id="twelve-over-3:2:1"),
    pytest.param(13, [3, 2, 1], [7, 4, 2], id="thirteen-over-3:2:1"),
    pytest.param(14, [3, 2, 1], [7, 5, 2], id="fourteen-over-3:2:1"),
    pytest.param(7, [2, 1, 1, 1], [3, 2, 1, 1], id="seven-over-2:1:1:1"),
    pytest.param(8, [2, 1, 1, 1], [3, 2, 2, 1], id="eight-over-2:1:1:1"),
    pytest.param(9, [2, 1, 1, 1], [3, 2, 2, 2], id="nine-over-2:1:1:1"),
    pytest.param(3, [1, 1], [2, 1], id="three-over-1:1"),
    pytest.param(0, [1, 1], [0, 0], id="nothing-to-divide"),
    pytest.param(5, [0, 0], [0, 0], id="nobody-voted"),
    pytest.param(5, [1, 0], [5, 0], id="no-votes-no-seats"),
    pytest.param(5, [], [], id="nobody-at-all"),
]


def parties(votes: list[int]) -> dict[str, int]:
    return {f"m{i}": v for i, v in enumerate(votes, 1)}


@pytest.mark.parametrize(("seats", "votes", "won"), VECTORS)
def test_vectors(seats: int, votes: list[int], won: list[int]) -> None:
    assert webster(seats, parties(votes)) == parties(won)


TIES = [
    pytest.param("", [2, 1], id="no-uid-goes-by-name"),
    pytest.param(EVEN, [2, 1], id="an-even-hash-goes-by-name"),
    pytest.param(ODD, [1, 2], id="an-odd-hash-goes-by-name-backwards"),
]


@pytest.mark.parametrize(("uid", "won"), TIES)
def test_ties(uid: str, won: list[int]) -> None:
    assert webster(3, parties([1, 1]), uid) == parties(won)


def test_the_answer_is_sorted_by_name() -> None:
    assert list(webster(3, {"b": 1, "a": 2, "c": 3})) == ["a", "b", "c"]


def dealt(seats: int, votes: Mapping[str, int], uid: str) -> dict[str, int]:
    """The definition, one seat at a time, without any of the shortcuts."""
    won = dict.fromkeys(sorted(votes), 0)
    names = sorted(votes, reverse=bool(uid) and fnv32a(uid.encode()) % 2 == 1)
    for _ in range(seats if sum(votes.values()) else 0):
        # max() keeps the first of equals, and `names` is in the order in which ties are broken.
        won[max(names, key=lambda n: (votes[n] / (2 * won[n] + 1), -won[n]))] += 1
    return won


votes = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 2**31 - 1), max_size=6)
few_votes = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 4), max_size=6)
uids = st.sampled_from(["", ODD, EVEN])


@settings(deadline=None)
@given(st.integers(0, 300), votes | few_votes, uids)
def test_is_what_dealing_one_by_one_gives(seats: int, votes: dict[str, int], uid: str) -> None:
    assert webster(seats, votes, uid) == dealt(seats, votes, uid)


@given(st.integers(0, 10**9), votes, uids)
def test_gives_all_seats_and_none_below_zero(seats: int, votes: dict[str, int], uid: str) -> None:
    won = webster(seats, votes, uid)
    assert sum(won.values()) == (seats if sum(votes.values()) else 0)
    assert min(won.values(), default=0) >= 0


@given(st.integers(0, 300), few_votes, uids)
def test_one_more_seat_takes_none_away(seats: int, votes: dict[str, int], uid: str) -> None:
    before, after = webster(seats, votes, uid), webster(seats + 1, votes, uid)
    assert all(after[name] >= before[name] for name in votes)


@given(st.integers(0, 300), few_votes, uids)
def test_more_votes_are_never_fewer_seats(seats: int, votes: dict[str, int], uid: str) -> None:
    won = webster(seats, votes, uid)
    assert all(won[a] >= won[b] for a in votes for b in votes if votes[a] > votes[b])


@given(st.integers(0, 300), few_votes, uids)
def test_nobody_is_starved(seats: int, votes: dict[str, int], uid: str) -> None:
    """Whoever has a claim to a whole seat gets one, when there are seats for all who have votes."""
    won, total = webster(seats, votes, uid), sum(votes.values())
    if seats >= len(votes):
        assert all(won[name] for name, count in votes.items() if total and seats * count >= total)


@given(st.integers(0, 300), st.integers(1, 9), st.integers(1, 9), uids)
def test_equals_differ_by_one_at_most(seats: int, parties: int, votes: int, uid: str) -> None:
    won = webster(seats, {str(i): votes for i in range(parties)}, uid).values()
    assert max(won) - min(won) <= 1
