"""Ages as Kubernetes prints them: `45s`, `7m30s`, `2d5h`."""

from datetime import datetime

__all__ = ["age", "between", "human"]

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 86400 * 365

# (below this many seconds, the unit shown, the smaller unit shown beside it or 0 for none)
_STEPS = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (48 * _HOUR, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
    (float("inf"), _YEAR, "y", 0, ""),
)


def human(seconds: float) -> str:
    """Two units where the first alone would be coarse, as `kubectl get` does."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    whole = max(whole, 0)
    _, unit, letter, minor, minor_letter = next(step for step in _STEPS if whole < step[0])
    count, rest = divmod(whole, unit)
    smaller = rest // minor if minor else 0
    return f"{count}{letter}{smaller}{minor_letter}" if smaller else f"{count}{letter}"


def between(start: str, end: str) -> str:
    """Both RFC 3339; `<unknown>` when either is missing or unreadable."""
    try:
        return human((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    except (ValueError, TypeError):
        return "<unknown>"


def age(value: object, now: str) -> str:
    return between(value, now) if isinstance(value, str) else "<unknown>"
