"""How many clusters at a time, and which next."""

import pytest

from flotilla_hub.model.policy import RollingUpdate
from flotilla_hub.strategies.waves import Bounds, Member, next_wave

BOUNDS = [
    pytest.param(None, None, 8, (2, 2), id="a-quarter-each-by-default"),
    pytest.param(1, 0, 1, (1, 0), id="numbers-as-they-are"),
    pytest.param("30%", "30%", 9, (3, 2), id="surge-rounds-up-and-unavailable-down"),
    pytest.param(0, "10%", 5, (0, 1), id="never-none-at-all"),
    pytest.param("10%", 0, 5, (1, 0), id="ten-percent-of-five-are-one"),
]


@pytest.mark.parametrize(("surge", "unavailable", "total", "expected"), BOUNDS)
def test_bounds(surge: int | str | None, unavailable: int | str | None, total: int, expected: tuple[int, int]) -> None:
    assert Bounds.of(RollingUpdate(max_surge=surge, max_unavailable=unavailable), total) == expected


def member(name: str) -> Member:
    """`a` has not got it, `A` has and is healthy, `A!` has and is not; a `?` behind says that it cannot be reached."""
    trouble = "sick" if "!" in name or ("?" in name and name[0].isupper()) else ""
    return Member(name[0].lower(), name[0].isupper(), "?" not in name, trouble)


WAVES = [
    pytest.param("a b c d e", "ab", id="the-first-ones"),
    pytest.param("A B c d e", "cd", id="the-next-when-they-are-healthy"),
    pytest.param("A B! c d e", "", id="not-while-one-of-them-is-not"),
    pytest.param("A B C D e", "e", id="the-last"),
    pytest.param("A B C D E", "", id="none-is-left"),
    pytest.param("A! b c d e", "", id="one-that-fell-ill-after-its-wave-stops-the-next"),
    pytest.param("a? b c d e", "b", id="one-that-cannot-be-reached-is-unavailable-and-waits-for-the-end"),
    pytest.param("a? b? c? d e", "d", id="however-many-there-are-one-goes-on"),
    pytest.param("a? b? C D E", "ab", id="they-get-it-at-the-end-all-at-once"),
    pytest.param("A? b c d e", "", id="one-lost-in-its-wave-is-waited-for"),
    pytest.param("A? b? C D E", "b", id="but-not-by-those-that-cannot-be-reached-either"),
    pytest.param("a? b? c? d? e?", "abcde", id="when-none-can-be-reached-it-waits-in-NATS-for-all"),
]


@pytest.mark.parametrize(("names", "expected"), WAVES)
def test_who_is_next_of_two_at_a_time(names: str, expected: str) -> None:
    assert "".join(next_wave([*map(member, names.split())], Bounds(1, 1), is_late=False)) == expected


LATE = [
    pytest.param("A? b c d e", Bounds(1, 1), "b", id="one-that-is-lost-is-given-up-as-one-may-be-unavailable"),
    pytest.param("A? B? c d e", Bounds(1, 1), "", id="two-are-too-many"),
    pytest.param("A? b c d e", Bounds(2, 0), "", id="none-where-none-may-be"),
    pytest.param("A! b c d e", Bounds(1, 1), "", id="never-one-that-answers-and-is-ill"),
    pytest.param("A? B! c d e", Bounds(1, 1), "", id="nor-one-beside-it"),
]


@pytest.mark.parametrize(("names", "bounds", "expected"), LATE)
def test_who_is_next_past_the_deadline(names: str, bounds: Bounds, expected: str) -> None:
    assert "".join(next_wave([*map(member, names.split())], bounds, is_late=True)) == expected
