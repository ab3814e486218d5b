"""Builders for the answers' tests: a hub with three clusters at rest, and the same hub with other objects in it."""

from typing import Any

from flotilla_common.objects import GVK, Obj, meta_of
from flotilla_hub.answers.dependents import Dependents
from flotilla_hub.answers.explain import Observed, explain
from flotilla_hub.answers.explanation import Explanation, Verdict
from flotilla_hub.answers.overlay import Submission
from flotilla_hub.answers.plan import Plan, plan
from flotilla_hub.answers.settle import is_template, settle
from flotilla_hub.answers.state import Identity, State
from flotilla_hub.detector.claim import claimed
from flotilla_hub.resources.builtin import BUILTIN, REVIEWS
from flotilla_hub.resources.resource import Resource
from tests.unit.hub.build import deployment, policy_object, selector

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
FLEET = ("eu-1", "eu-2", "us-1")
IMAGE = "spec.template.spec.containers[app].image"
"""Where a difference of `nginx` shows."""

_KINDS = {resource.gvk(version): resource for resource in (*BUILTIN, *REVIEWS) for version in resource.versions}


def kinds(gvk: GVK) -> Resource | None:
    return _KINDS.get(gvk)


def namespace(name: str = "default") -> Obj:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": f"uid-{name}"}, "spec": {}}


def member(name: str, *, ready: str = "True", kinds: tuple[str, ...] = ("Deployment",), **spec: Any) -> Obj:
    """A Cluster as stored; its region is the first part of its name."""
    labels = spec.pop("labels", {"region": name.partition("-")[0]})
    apis = [{"groupVersion": "apps/v1", "resources": [{"kind": kind} for kind in kinds]}]
    core = [{"kind": kind} for kind in ("ConfigMap", "Secret", "Namespace")]
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": "1", "generation": 1, "labels": labels},
        "spec": {"syncMode": "Pull", **spec},
        "status": {
            "apiEnablements": [*apis, {"groupVersion": "v1", "resources": core}],
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def placement(*clusters: str, **more: Any) -> Obj:
    return {"clusterAffinity": {"clusterNames": list(clusters)}, **more}


def web_policy(*clusters: str, name: str = "web", selectors: tuple[Obj, ...] = (), **spec: Any) -> Obj:
    return policy_object(name, "default", *selectors, **{"placement": placement(*clusters), **spec})


def override(
    name: str = "patch", *, clusters: tuple[str, ...] = (), namespace: str = "default", **overriders: Any
) -> Obj:
    """For the Deployment nginx; a ClusterOverridePolicy with an empty namespace."""
    rule: Obj = {"overriders": overriders, **({"targetCluster": {"clusterNames": list(clusters)}} if clusters else {})}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": "OverridePolicy" if namespace else "ClusterOverridePolicy",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "spec": {"resourceSelectors": [selector("nginx")], "overrideRules": [rule]},
    }


def tag(value: str) -> list[Obj]:
    return [{"component": "Tag", "operator": "replace", "value": value}]


def hub(*objects: Obj, clusters: tuple[Obj, ...] = tuple(map(member, FLEET))) -> State:
    """At rest: what policies claim is claimed and scheduled."""
    state = State.of([namespace(), *clusters, *objects], kinds)
    settled = dict(state.objects)
    for identity, obj in state.objects.items():
        if is_template(state, obj):
            result = settle(state, obj, NOW)
            if result.choice.policy is not None:
                settled[identity] = claimed(obj, result.choice.policy) or obj
            if result.binding is not None:
                settled[Identity.of(result.binding)] = _stored(result.binding)
    bound = state.with_objects(settled)
    dependents = Dependents(bound, (), NOW)
    required = [found.binding for identity in settled if (found := dependents.settled(identity)) and found.binding]
    return bound.with_objects(settled | {Identity.of(binding): _stored(binding) for binding in required})


def _stored(binding: Obj) -> Obj:
    return {**binding, "metadata": {**meta_of(binding), "uid": f"uid-{meta_of(binding)['name']}"}}


def nginx(image: str = "nginx:1.14.2", *, replicas: int = 3, name: str = "nginx", **metadata: Any) -> Obj:
    template = deployment(name, replicas=replicas, **metadata)
    container = {"name": "app", "image": image}
    spec = {"selector": {"matchLabels": {"app": name}}, "replicas": replicas}
    pod = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {**template, "spec": {**spec, "template": pod}}


def written(obj: Obj) -> Obj:
    """As a user has it in a file: without what the server fills in."""
    kept = ("name", "namespace", "labels", "annotations")
    return {
        **{key: value for key, value in obj.items() if key != "status"},
        "metadata": {key: value for key, value in obj["metadata"].items() if key in kept},
    }


def planned(state: State, *apply: Obj, delete: tuple[Obj, ...] = ()) -> Plan:
    return plan(state, Submission([written(obj) for obj in apply], delete), LATER)


def rows(told: Plan) -> list[tuple[str, str, str]]:
    return [(row.verb, row.cluster, str(row.object)) for row in told.rows]


def changes(told: Plan) -> dict[str, list[tuple[str, Any, Any]]]:
    """By cluster."""
    return {row.cluster: [(c.path, c.before, c.after) for c in row.changes] for row in told.rows}


WEB = Identity.of(nginx())


def told(state: State, observed: Observed | None = None, what: Identity = WEB) -> Explanation:
    """The explanation of nginx, or of another object."""
    return explain(state, state.objects[what], observed or Observed())


def verdicts(explained: Explanation) -> dict[str, Verdict]:
    return {verdict.cluster: verdict for verdict in explained.clusters}
