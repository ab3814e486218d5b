"""Admission of WorkloadRebalancer: every workload must say which it is."""

from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.rebalancer import RebalancerSpec
from .draft import draft_of
from .fields import read, required, unknown_sections

__all__ = ["default", "validate"]


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """The object without nulls; nothing in it depends on the time, an id or what was stored."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(RebalancerSpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: RebalancerSpec) -> Iterator[FieldError]:
    for i, workload in enumerate(spec.workloads):
        words = {"apiVersion": workload.api_version, "kind": workload.kind, "name": workload.name}
        for word in (word for word, value in words.items() if not value):
            yield required(f"spec.workloads[{i}].{word}")
