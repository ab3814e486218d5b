"""Dividing whole replicas by weights: the Webster (Sainte-Laguë) method, to the replica as upstream does it."""

from collections.abc import Mapping
from heapq import heapify, heapreplace

from ..names import fnv32a

__all__ = ["webster"]


def webster(seats: int, votes: Mapping[str, int], uid: str = "") -> dict[str, int]:
    """`seats` given one at a time to the party with the highest votes / (2 · its seats + 1), as a 64-bit float.

    Ties go to the party with fewer seats, then by name: ascending, or descending when the hash of `uid` is odd, so that
    not every workload's odd replica lands in the same cluster. Every party is in the answer, sorted by name; without
    any votes nobody gets a seat.
    """
    names = sorted(votes, reverse=bool(uid) and fnv32a(uid.encode()) % 2 == 1)
    won = dict.fromkeys(sorted(votes), 0)
    total = sum(votes.values())
    if total <= 0 or seats <= 0:
        return won
    won.update(_sure(seats, votes, total))
    left = seats - sum(won.values())
    least = _least_to_win(seats, votes)
    queue = [
        (-votes[name] / (2 * won[name] + 1), won[name], rank, name)
        for rank, name in enumerate(names)
        if votes[name] >= least
    ]
    heapify(queue)
    for _ in range(left):
        _, held, rank, name = queue[0]
        won[name] = held + 1
        heapreplace(queue, (-votes[name] / (2 * held + 3), held + 1, rank, name))
    return won


def _least_to_win(seats: int, votes: Mapping[str, int]) -> int:
    """Fewer votes win nothing: as many parties as there are seats have more, and each gets a first one before."""
    return max(1, sorted(votes.values(), reverse=True)[seats - 1]) if seats < len(votes) else 1


def _sure(seats: int, votes: Mapping[str, int], total: int) -> dict[str, int]:
    """Seats everyone wins in any case, so that ten thousand replicas need not be dealt out one by one.

    At most `seats` seats have a quotient above T = total / (2·seats - parties), so all of those are won: a party has
    ⌈(votes / T + 1) / 2⌉ - 1 of them. One fewer each is clear of rounding, whatever floats make of a near tie.
    """
    spread = 2 * seats - len(votes)
    if spread <= 2 * len(votes):
        return {}
    return {name: max(0, -(-(v * spread + total) // (2 * total)) - 2) for name, v in votes.items()}
