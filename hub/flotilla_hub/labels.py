"""Labels, annotations and finalizers of Karmada and kubectl that only the hub uses; others: flotilla_common.labels."""

from typing import NamedTuple

__all__ = [
    "APPLIED_CLUSTER_OVERRIDES",
    "APPLIED_OVERRIDES",
    "BINDING_FINALIZER",
    "BINDING_MARKS",
    "CLAIMED_BY",
    "CLUSTER_BINDING_FINALIZER",
    "CLUSTER_BINDING_MARKS",
    "CLUSTER_POLICY_FINALIZER",
    "CLUSTER_POLICY_MARKS",
    "DEPENDED_BY",
    "DEPENDENCIES",
    "EXECUTION_FINALIZER",
    "LAST_APPLIED",
    "POLICY_FINALIZER",
    "POLICY_MARKS",
    "SEEN",
    "Marks",
]


class Marks(NamedTuple):
    """How an object names another: a label with its permanent id, annotations with its name and namespace.

    `namespace` is empty where the other is cluster-scoped.
    """

    permanent_id: str
    name: str
    namespace: str = ""

    def annotations(self, namespace: str, name: str) -> dict[str, str]:
        return {self.namespace: namespace, self.name: name} if self.namespace else {self.name: name}

    @property
    def annotation_keys(self) -> tuple[str, ...]:
        return (self.namespace, self.name) if self.namespace else (self.name,)


def _marks(prefix: str, *, namespaced: bool) -> Marks:
    return Marks(f"{prefix}/permanent-id", f"{prefix}/name", f"{prefix}/namespace" if namespaced else "")


POLICY_MARKS = _marks("propagationpolicy.karmada.io", namespaced=True)
CLUSTER_POLICY_MARKS = _marks("clusterpropagationpolicy.karmada.io", namespaced=False)
BINDING_MARKS = _marks("resourcebinding.karmada.io", namespaced=True)
CLUSTER_BINDING_MARKS = _marks("clusterresourcebinding.karmada.io", namespaced=False)

CLAIMED_BY = "resourcetemplate.karmada.io/claimed-by"
"""Label on objects another controller looks after: never a template."""

DEPENDENCIES = "resourcebinding.karmada.io/dependencies"
"""Annotation on a binding: what its template refers to, as a JSON list of references."""

DEPENDED_BY = "resourcebinding.karmada.io/depended-by-"
"""Prefix of the labels of a binding that others depend on; see `names.dependency_key`."""

APPLIED_CLUSTER_OVERRIDES = "policy.karmada.io/applied-cluster-overrides"
APPLIED_OVERRIDES = "policy.karmada.io/applied-overrides"

SEEN = "detector.flotilla.io/seen"
"""Annotation on a template that a lazy policy claims: a digest of what the user wrote when it was last looked at."""

POLICY_FINALIZER = "karmada.io/propagation-policy-controller"
CLUSTER_POLICY_FINALIZER = "karmada.io/cluster-propagation-policy-controller"
BINDING_FINALIZER = "karmada.io/binding-controller"
CLUSTER_BINDING_FINALIZER = "karmada.io/cluster-resource-binding-controller"
EXECUTION_FINALIZER = "karmada.io/execution-controller"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""What `kubectl apply` and ours sent last, as JSON without this annotation."""
