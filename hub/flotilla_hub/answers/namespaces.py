"""The Works of a namespace: the hub sends it to every cluster, and where a policy wants it too, that Work it is."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import Obj

from ..model.cluster import Cluster
from ..work.namespace import is_propagated, namespace_work
from .settle import Works
from .state import NAMESPACE, Identity, State

__all__ = ["everywhere"]


def everywhere(state: State, template: Obj, bound: Works, only: Collection[str] | None = None) -> Works:
    """`bound`, of the template's binding, with what a Namespace has beside it; `only` in these clusters when given."""
    if Identity.of(template).kind_of != NAMESPACE or not is_propagated(template, state.rules.skips.namespaces):
        return bound
    clusters = [c for c in state.clusters.values() if not c.terminating and (only is None or c.name in only)]
    made = dict(_made(state, template, [c for c in clusters if c.name not in bound.messages]))
    failures = {name: str(result) for name, result in made.items() if isinstance(result, Terminal)}
    messages = {name: result for name, result in made.items() if isinstance(result, WorkMessage)}
    return replace(
        bound,
        messages={**messages, **bound.messages},
        failures={**failures, **bound.failures},
        lasting=frozenset(messages),
    )


def _made(state: State, namespace: Obj, clusters: list[Cluster]) -> Iterator[tuple[str, WorkMessage | Terminal]]:
    for cluster in clusters:
        try:
            yield cluster.name, namespace_work(namespace, cluster, state.overrides(""))
        except Terminal as err:
            yield cluster.name, err
