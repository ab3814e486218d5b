"""Seconds between times as Kubernetes writes them. Pure: nobody here reads a clock."""

from datetime import UTC, datetime

__all__ = ["seconds_since"]


def seconds_since(then: str, now: str) -> float:
    """What is no time lies infinitely far back: nonsense must hold nothing up."""
    try:
        return (_time(now) - _time(then)).total_seconds()
    except (TypeError, ValueError):
        return float("inf")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
