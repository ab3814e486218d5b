"""Defaults and rules of `placement.schedulerStrategy`, a field of our own: see docs/strategies.md."""

from collections.abc import Iterator
from typing import Any

from flotilla_common.errors import FieldError

from ..model.policy import Placement, RollingUpdate, SchedulerStrategy, Takeover
from .draft import fill, section
from .fields import forbidden, invalid

__all__ = ["default_strategy", "strategy_errors"]

_SECTION_OF = {"Failover": "failover", "RollingUpdate": "rollingUpdate"}


def default_strategy(placement: dict[str, Any]) -> None:
    if isinstance(strategy := placement.get("schedulerStrategy"), dict) and strategy.get("type") == "RollingUpdate":
        # Kubernetes' own defaults for a Deployment; either may be given alone.
        fill(strategy, {"rollingUpdate": {}})
        fill(section(strategy, "rollingUpdate"), {"maxUnavailable": "25%", "maxSurge": "25%"})


def strategy_errors(placement: Placement, path: str) -> Iterator[FieldError]:
    """`path`: of the placement."""
    strategy, at = placement.scheduler_strategy, f"{path}.schedulerStrategy"
    if strategy is None:
        return
    given = {"failover": strategy.failover, "rollingUpdate": strategy.rolling_update}
    for word, settings in given.items():
        if settings is not None and word != _SECTION_OF[strategy.type]:
            needed = next(type_ for type_, section in _SECTION_OF.items() if section == word)
            why = f"may only be set when `type` is {needed!r}, and it is {strategy.type!r}"
            yield forbidden(f"{at}.{word}", why)
    if strategy.type == "Failover" and placement.spread_constraints:
        why = "exclude schedulerStrategy Failover, with which one cluster serves at a time; remove one of the two"
        yield forbidden(f"{path}.spreadConstraints", why)
    yield from _settings_errors(strategy, at)


def _settings_errors(strategy: SchedulerStrategy, at: str) -> Iterator[FieldError]:
    if strategy.rolling_update is not None:
        yield from _rolling_errors(strategy.rolling_update, f"{at}.rollingUpdate")
    if strategy.failover is not None:
        yield from _takeover_errors(strategy.failover, f"{at}.failover")


def _takeover_errors(takeover: Takeover, path: str) -> Iterator[FieldError]:
    least = {"tolerationSeconds": 0, "unhealthySeconds": 1, "returnDelaySeconds": 0}
    given = (takeover.toleration_seconds, takeover.unhealthy_seconds, takeover.return_delay_seconds)
    for (word, low), seconds in zip(least.items(), given, strict=True):
        if seconds is not None and seconds < low:
            yield invalid(f"{path}.{word}", seconds, f"must be {low} or more")


def _rolling_errors(rolling: RollingUpdate, path: str) -> Iterator[FieldError]:
    bounds = {"maxUnavailable": rolling.max_unavailable, "maxSurge": rolling.max_surge}
    for word, bound in bounds.items():
        if bound is not None and not _is_share(bound):
            yield invalid(
                f"{path}.{word}", bound, "must be a number of clusters, 0 or more, or a percentage like '25%'"
            )
    if all(bound in (0, "0", "0%") for bound in bounds.values()):
        yield invalid(
            f"{path}.maxUnavailable",
            rolling.max_unavailable,
            "may not be 0 when `maxSurge` is 0: nothing could ever roll",
        )
    for word, number in (
        ("progressDeadlineSeconds", rolling.progress_deadline_seconds),
        ("revisionHistoryLimit", rolling.revision_history_limit),
    ):
        if number is not None and number <= 0:
            yield invalid(f"{path}.{word}", number, "must be greater than 0")


def _is_share(bound: int | str) -> bool:
    if isinstance(bound, int):
        return bound >= 0
    digits = bound.removesuffix("%")
    return bound.endswith("%") and digits.isdecimal() and int(digits) <= 100
