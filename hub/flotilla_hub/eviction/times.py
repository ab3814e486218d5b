"""Seconds between two RFC 3339 times. Pure."""

from datetime import datetime

__all__ = ["seconds_between"]


def seconds_between(earlier: str, later: str) -> float:
    """What is no time lies just now: nonsense in a task or a taint must not make a deletion come sooner."""
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
