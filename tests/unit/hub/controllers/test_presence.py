"""Who is heard, who is lost, and who has to be asked to read everything again."""

import pytest

from flotilla_hub.controllers.presence import Holding, Presence

GRACE = 30.0
MINE: Holding = (2, 7)
PUBLISHED: Holding = (3, 9)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    return Presence(clock, GRACE)


def test_a_hub_that_starts_gives_everyone_the_grace_period(clock: Clock, presence: Presence) -> None:
    clock.now += GRACE - 1
    assert (presence.is_silent("m1"), presence.patience("m1"), presence.was_heard("m1")) == (False, 1, False)
    clock.now += 1
    assert (presence.is_silent("m1"), presence.patience("m1")) == (True, 0)


def test_so_does_a_cluster_that_joins_later(clock: Clock, presence: Presence) -> None:
    clock.now += 1000
    presence.expect("m1")
    assert (presence.is_silent("m1"), presence.is_silent("m2")) == (False, True)


def test_to_be_heard_is_news_at_first_and_after_a_silence(clock: Clock, presence: Presence) -> None:
    news = [presence.hear("m1"), presence.hear("m1")]
    clock.now += GRACE
    news += [presence.hear("m1"), presence.hear("m1")]
    assert news == [True, False, True, False]


def test_what_is_forgotten_is_as_never_heard(clock: Clock, presence: Presence) -> None:
    presence.hear("m1")
    presence.forget("m1")
    presence.forget("m2")
    assert (presence.was_heard("m1"), presence.hear("m1")) == (False, True)


COMPARISONS = [
    pytest.param([(MINE, MINE)] * 4, [False] * 4, id="all-is-well"),
    pytest.param([(MINE, PUBLISHED), (PUBLISHED, PUBLISHED)], [False, False], id="it-was-on-its-way"),
    pytest.param([(MINE, (3, n)) for n in range(4)], [False] * 4, id="each-time-something-new-was"),
    pytest.param([(MINE, PUBLISHED)] * 2, [False, True], id="twice-the-same-gap-is-a-loss"),
    pytest.param(
        [(MINE, PUBLISHED)] * 9,
        [False, True, False, True, False, False, False, True, False],
        id="what-does-not-help-is-asked-for-more-and-more-rarely",
    ),
    pytest.param(
        [(MINE, PUBLISHED), (MINE, PUBLISHED), (PUBLISHED, PUBLISHED), (MINE, PUBLISHED), (MINE, PUBLISHED)],
        [False, True, False, False, True],
        id="a-new-loss-counts-anew",
    ),
]


@pytest.mark.parametrize(("beats", "asked"), COMPARISONS)
def test_when_an_agent_is_asked_to_read_again(
    presence: Presence, beats: list[tuple[Holding, Holding]], asked: list[bool]
) -> None:
    assert [presence.compare("m1", held, published) for held, published in beats] == asked
