"""One call is tried again while the other side is away, and for a bounded time."""

import pytest

from flotilla_common.errors import Conflict, Unavailable
from flotilla_hub.patience import patiently


class Door:
    """Opens at the n-th knock."""

    def __init__(self, opens_at: int, error: Exception) -> None:
        self.knocks = 0
        self._opens_at, self._error = opens_at, error

    async def knock(self) -> str:
        self.knocks += 1
        if self.knocks < self._opens_at:
            raise self._error
        return "open"


async def test_an_outage_is_waited_out() -> None:
    door = Door(3, Unavailable("away"))

    assert (await patiently(lambda: door.knock()), door.knocks) == ("open", 3)


async def test_patience_ends_with_the_last_error() -> None:
    door = Door(1_000, Unavailable("still away"))

    with pytest.raises(Unavailable, match="still away"):
        await patiently(door.knock, within=0.0)

    assert door.knocks == 1


async def test_any_other_error_is_final() -> None:
    door = Door(2, Conflict("taken"))

    with pytest.raises(Conflict):
        await patiently(door.knock)

    assert door.knocks == 1
