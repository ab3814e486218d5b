"""Label, field and cluster selectors as values, and whether something matches them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from .base import Model
from .cluster import Cluster

__all__ = ["ClusterAffinity", "FieldSelector", "LabelSelector", "Requirement"]


class Requirement(Model):
    """`key operator values`; the operators of Kubernetes label selectors."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()

    def matches(self, present: Sequence[str]) -> bool:
        """`present`: the values found under the key; none when it is absent, several for a cluster's zones."""
        if self.operator == "In":
            return any(v in self.values for v in present)
        if self.operator == "NotIn":
            return not any(v in self.values for v in present)
        return bool(present) == (self.operator == "Exists")


class LabelSelector(Model):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[Requirement, ...] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        if any(labels.get(k) != v for k, v in (self.match_labels or {}).items()):
            return False
        return all(r.matches([labels[r.key]] if r.key in labels else []) for r in self.match_expressions or ())


class FieldSelector(Model):
    """Over `provider`, `region` and `zone` of a cluster."""

    match_expressions: tuple[Requirement, ...] | None = None

    def matches(self, cluster: Cluster) -> bool:
        present = {"provider": [cluster.provider], "region": [cluster.region], "zone": list(cluster.zones)}
        return all(self._one(r, [v for v in present.get(r.key, []) if v]) for r in self.match_expressions or ())

    @staticmethod
    def _one(requirement: Requirement, present: list[str]) -> bool:
        # A zone list that lies only partly outside still counts as "not in": upstream asks for no overlap.
        return requirement.matches(present)


class ClusterAffinity(Model):
    """Which clusters are meant; everything that is set must hold, and `exclude` outranks all."""

    label_selector: LabelSelector | None = None
    field_selector: FieldSelector | None = None
    cluster_names: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None

    def matches(self, cluster: Cluster) -> bool:
        if cluster.name in (self.exclude or ()):
            return False
        if self.label_selector is not None and not self.label_selector.matches(cluster.labels):
            return False
        if self.field_selector is not None and not self.field_selector.matches(cluster):
            return False
        return not self.cluster_names or cluster.name in self.cluster_names
