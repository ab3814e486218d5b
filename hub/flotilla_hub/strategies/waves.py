"""The arithmetic of a rolling update: how many clusters at a time, and which next. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from ..model.policy import RollingUpdate

__all__ = ["Bounds", "Member", "next_wave"]

_DEFAULT = "25%"


class Member(NamedTuple):
    """A target cluster. `given`: it was sent what is wanted now; `trouble`: why it is not healthy with that yet."""

    name: str
    given: bool
    reachable: bool
    trouble: str = ""


class Bounds(NamedTuple):
    """Numbers of clusters. As with a Deployment: surge rounds up, unavailable down, and both are never 0."""

    surge: int
    unavailable: int

    @classmethod
    def of(cls, settings: RollingUpdate, total: int) -> "Bounds":
        surge = _share(settings.max_surge, total, up=True)
        unavailable = _share(settings.max_unavailable, total, up=False)
        return cls(surge, unavailable if surge or unavailable else 1)

    def wave(self, lost: int) -> int:
        """Clusters at once. Each that cannot be reached is unavailable and counts; yet there is always one."""
        return max(1, self.surge + self.unavailable - lost)


def next_wave(members: Sequence[Member], bounds: Bounds, *, is_late: bool) -> tuple[str, ...]:
    """Who is sent the new version now; `members` in the order of the rollout. None while a given one has trouble.

    Clusters that cannot be reached come last, all at once: NATS keeps it for them. One that was lost in its own wave is
    waited for, as what was sent may be why; past the deadline (`is_late`) as many are given up as may be unavailable.
    """
    waited = [member for member in members if member.given and member.trouble]
    lost = [member for member in waited if not member.reachable]
    given_up = len(lost) if is_late and len(lost) <= bounds.unavailable else 0
    left = [member for member in members if not member.given]
    reachable = [member.name for member in left if member.reachable]
    if not reachable and len(lost) == len(waited):
        return tuple(member.name for member in left)
    if len(waited) > given_up:
        return ()
    unreachable = sum(not member.reachable for member in members)
    return tuple(reachable[: bounds.wave(unreachable)])


def _share(bound: int | str | None, total: int, *, up: bool) -> int:
    bound = _DEFAULT if bound is None else bound
    if isinstance(bound, int):
        return bound
    percent = int(bound.removesuffix("%")) * total
    return -(-percent // 100) if up else percent // 100
