"""A binding's status is written soon, and not for every word."""

import pytest

from flotilla_hub.status.pace import patience

PACES = [
    pytest.param(1, 1, 0.0055, id="the-only-one-has-answered"),
    pytest.param(1, 2, 0.251, id="the-other-is-about-to"),
    pytest.param(2, 2, 0.006, id="both-have"),
    pytest.param(200, 200, 0.105, id="two-hundred-lines-cost-more"),
    pytest.param(9_999, 10_000, 1.25, id="but-never-wait-longer-than-a-second-or-so"),
]


@pytest.mark.parametrize(("answered", "works", "wanted"), PACES)
def test_how_long_to_wait_for_more(answered: int, works: int, wanted: float) -> None:
    assert patience(answered, works) == pytest.approx(wanted)
