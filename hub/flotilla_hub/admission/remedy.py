"""Admission of Remedy: what is to be done for clusters in a certain condition."""

from collections.abc import Iterator
from typing import Literal

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.base import Model
from .draft import draft_of
from .fields import read, required, unknown_sections

__all__ = ["RemedySpec", "default", "validate"]


class RemedyClusters(Model):
    cluster_names: tuple[str, ...] | None = None


class ClusterConditionMatch(Model):
    condition_type: Literal["ServiceDomainNameResolutionReady"]
    operator: Literal["Equal", "NotEqual"]
    condition_status: str


class DecisionMatch(Model):
    cluster_condition_match: ClusterConditionMatch | None = None


class RemedySpec(Model):
    """Without `clusterAffinity` for all clusters; any one of the matches is enough."""

    cluster_affinity: RemedyClusters | None = None
    decision_matches: tuple[DecisionMatch, ...] | None = None
    actions: tuple[Literal["TrafficControl"], ...] | None = None


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: nothing has a default."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(RemedySpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: RemedySpec) -> Iterator[FieldError]:
    for i, match in enumerate(spec.decision_matches or ()):
        if match.cluster_condition_match is None:
            yield required(f"spec.decisionMatches[{i}].clusterConditionMatch", "there is nothing else to match by")
