"""Defaults and rules of `Cluster.spec.resourceModels`: the sizes of node the capacity estimate tells apart."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from flotilla_common.errors import FieldError, Invalid
from flotilla_common.node_grades import UNBOUNDED, default_grades
from flotilla_common.quantity import amount_of

from ..model.cluster_spec import ModelRange, ResourceModel
from .draft import maps_in
from .fields import invalid

__all__ = ["default_models", "model_errors"]


def default_models(spec: dict[str, Any]) -> None:
    """Nine grades when none are given; what is given is sorted and made to begin at 0 and to end without bound."""
    if spec.get("resourceModels") is None:
        spec["resourceModels"] = default_grades()
        return
    models = maps_in(spec, "resourceModels")
    if models != spec["resourceModels"] or not all(isinstance(m.get("grade"), int) for m in models):
        return
    models.sort(key=lambda m: int(m["grade"]))
    spec["resourceModels"] = models
    for edge, word, value in ((models[:1], "min", "0"), (models[-1:], "max", UNBOUNDED)):
        for bounds in (r for model in edge for r in maps_in(model, "ranges")):
            bounds[word] = value


def model_errors(models: Sequence[ResourceModel], path: str) -> Iterator[FieldError]:
    for i, model in enumerate(models):
        at = f"{path}[{i}]"
        if i and model.grade == models[i - 1].grade:
            yield invalid(f"{at}.grade", model.grade, "must differ from the grade before it")
        if i and [r.name for r in model.ranges] != [r.name for r in models[i - 1].ranges]:
            yield invalid(
                f"{at}.ranges",
                [r.name for r in model.ranges],
                "must name the same resources, in the same order, in every grade",
            )
            continue
        before = models[i - 1].ranges if i else (None,) * len(model.ranges)
        for j, (bounds, lower) in enumerate(zip(model.ranges, before, strict=True)):
            yield from _range_errors(bounds, lower, f"{at}.ranges[{j}]")
    for j, bounds in enumerate(models[-1].ranges if models else ()):
        if _amount(bounds.max) != int(UNBOUNDED):
            yield invalid(
                f"{path}[{len(models) - 1}].ranges[{j}].max", bounds.max, f"must be {UNBOUNDED} in the last grade"
            )


def _range_errors(bounds: ModelRange, lower: ModelRange | None, at: str) -> Iterator[FieldError]:
    low, high = _amount(bounds.min), _amount(bounds.max)
    for word, value, amount in (("min", bounds.min, low), ("max", bounds.max, high)):
        if amount is None:
            yield invalid(f"{at}.{word}", value, "must be a quantity, like 250m, 2 or 512Mi")
    if low is None or high is None:
        return
    if high <= low:
        yield invalid(f"{at}.max", bounds.max, f"must be greater than min, which is {bounds.min}")
    if lower is None and low != 0:
        yield invalid(f"{at}.min", bounds.min, "must be 0 in the first grade")
    if lower is not None and low != _amount(lower.max):
        yield invalid(f"{at}.min", bounds.min, f"must be {lower.max}, where the grade before it ends")


def _amount(quantity: str | int | float) -> Fraction | None:
    try:
        return amount_of(quantity)
    except Invalid:
        return None
