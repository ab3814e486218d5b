"""Times as Kubernetes writes them (RFC 3339), compared. Nothing here reads a clock."""

from datetime import UTC, datetime
from typing import Any

__all__ = ["FIRST", "LAST", "seconds_since", "time_of"]

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def time_of(text: Any, unreadable: datetime = FIRST) -> datetime:
    """In UTC. `unreadable`: where what is no time lies; by default before all others."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        return unreadable


def seconds_since(then: Any, now: str, *, unreadable: float) -> float:
    """`unreadable`: the answer where `then` is no time; the caller says which one does no harm."""
    try:
        return (datetime.fromisoformat(now) - datetime.fromisoformat(then)).total_seconds()
    except (TypeError, ValueError):
        return unreadable
