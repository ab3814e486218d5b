"""Which nodes a pod may run on: node selector, required affinity and tolerations, read as a scheduler does."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

__all__ = ["Claim", "Place", "Taint"]


class Taint(NamedTuple):
    key: str
    value: str
    effect: str

    @classmethod
    def of(cls, taint: Mapping[str, Any]) -> "Taint":
        return cls(str(taint.get("key") or ""), str(taint.get("value") or ""), str(taint.get("effect") or ""))


class Place(Protocol):
    """What of a node a claim looks at."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]


class Claim(NamedTuple):
    """`terms`: one of them must hold; None without an affinity. A pod without any claim goes to untainted nodes."""

    selector: Mapping[str, str]
    terms: Sequence[Mapping[str, Any]] | None
    tolerations: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, claim: Mapping[str, Any] | None) -> "Claim":
        """From `nodeClaim` of a binding's requirements."""
        claim = claim or {}
        affinity = claim.get("hardNodeAffinity")
        terms = None if affinity is None else affinity.get("nodeSelectorTerms") or ()
        return cls(claim.get("nodeSelector") or {}, terms, claim.get("tolerations") or ())

    def takes(self, node: Place) -> bool:
        if any(node.labels.get(key) != value for key, value in self.selector.items()):
            return False
        if any(not self._tolerates(t) for t in node.taints if t.effect in ("NoSchedule", "NoExecute")):
            return False
        return self.terms is None or any(_holds(term, node) for term in self.terms)

    def _tolerates(self, taint: Taint) -> bool:
        return any(_tolerates(toleration, taint) for toleration in self.tolerations)


def _tolerates(toleration: Mapping[str, Any], taint: Taint) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint.effect:
        return False
    if toleration.get("key") and toleration["key"] != taint.key:
        return False
    if toleration.get("operator") == "Exists":
        return True
    return bool(toleration.get("key")) and (toleration.get("value") or "") == taint.value


def _holds(term: Mapping[str, Any], node: Place) -> bool:
    """An empty term matches no node."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    named = {"metadata.name": node.name}
    return all(_matches(e, node.labels) for e in expressions) and all(_matches(f, named) for f in fields)


def _matches(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    rule = _RULES.get(str(expression.get("operator")))
    return rule is not None and rule(labels.get(str(expression.get("key"))), expression.get("values") or ())


def _compares(label: str | None, values: Sequence[str], sign: int) -> bool:
    try:
        return label is not None and len(values) == 1 and (int(label) - int(values[0])) * sign > 0
    except ValueError:
        return False


_RULES: Mapping[str, Callable[[str | None, Sequence[str]], bool]] = {
    "In": lambda label, values: label in values,
    "NotIn": lambda label, values: label not in values,
    "Exists": lambda label, values: label is not None,
    "DoesNotExist": lambda label, values: label is None,
    "Gt": lambda label, values: _compares(label, values, 1),
    "Lt": lambda label, values: _compares(label, values, -1),
}
