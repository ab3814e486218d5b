"""How long to wait for more reports before a binding's status is written: each write carries all clusters. Pure."""

__all__ = ["FIRST_WORD", "patience"]

FIRST_WORD = 5.0
"""Seconds in which a binding that has just got its place may say nothing: so soon it is seldom applied."""

_TOGETHER, _OTHERS = 0.005, 0.25
"""Seconds: for what arrives at the same moment, and for the clusters that have yet to answer."""
_RATE, _MOST = 2_000, 1.0
"""Clusters a second whose lines may be written again, and the longest such pause in seconds."""


def patience(answered: int, works: int) -> float:
    """Seconds, after a report, of so many Works of which so many were answered in their present form."""
    return min(_MOST, works / _RATE) + (_TOGETHER if answered >= works else _OTHERS)
