"""When the demo takes a step as come true, and what it waits for until then."""

from collections.abc import Callable

import pytest

from flotilla_common.conditions import condition
from flotilla_common.objects import Obj
from flotilla_hub.demo.checks import missing_override, missing_placement, missing_ready, missing_status
from flotilla_hub.demo.lookout import Seen

NOW = "2026-01-01T00:00:00Z"
WEB = ("Deployment", "default", "web")
RELEASE = ("HelmRelease", "default", "podinfo")


def cluster(name: str, ready: str, version: str = "v1.34.0") -> Seen:
    conditions = [condition("Ready", ready, "R", "m", NOW)]
    return {("Cluster", "", name): {"status": {"conditions": conditions, "kubernetesVersion": version}}}


def item(cluster: str, *, applied: bool = True, health: str = "Healthy", **status: object) -> Obj:
    return {"clusterName": cluster, "applied": applied, "health": health, "status": status}


def bound(
    targets: str, *items: Obj, generation: int = 1, template: tuple[str, str, str] = WEB
) -> dict[tuple[str, str, str], Obj]:
    kind, namespace, name = template
    binding = {
        "spec": {"clusters": [{"name": t} for t in targets.split()]},
        "status": {"aggregatedStatus": list(items)},
    }
    return {
        template: {"metadata": {"name": name, "generation": generation}},
        ("ResourceBinding", namespace, f"{name}-{kind.lower()}"): binding,
    }


READY = [
    pytest.param(cluster("a", "True"), "True", None, id="as-wanted"),
    pytest.param(cluster("a", "Unknown"), "Unknown", None, id="lost-as-wanted"),
    pytest.param(cluster("a", "False"), "True", "a is to be Ready=True, it is False", id="another-status"),
    pytest.param({}, "True", "a is to be Ready=True, it is not known", id="no-such-cluster"),
    pytest.param(cluster("a", "True", ""), "True", "a has not told about itself yet", id="nothing-told-yet"),
]


@pytest.mark.parametrize(("seen", "ready", "missing"), READY)
def test_ready(seen: Seen, ready: str, missing: str | None) -> None:
    assert missing_ready(seen, ["a"], ready) == missing


PLACED = [
    pytest.param(bound("a b", item("a"), item("b")), None, id="in-both"),
    pytest.param(bound("a b", item("a", resourceTemplateGeneration=1), item("b")), None, id="at-its-generation"),
    pytest.param({}, "Deployment default/web is to go to a, b; scheduled: nowhere", id="no-binding"),
    pytest.param(bound("a"), "Deployment default/web is to go to a, b; scheduled: a", id="too-few"),
    pytest.param(bound("a b", item("a")), "b has not reported on Deployment default/web", id="one-is-silent"),
    pytest.param(
        bound("a b", item("a", applied=False)),
        "Deployment default/web is not applied in a: no reason given",
        id="one-refused",
    ),
    pytest.param(
        bound("a b", item("a", health="Unhealthy")), "Deployment default/web in a is Unhealthy", id="one-is-not-healthy"
    ),
    pytest.param(
        bound("a b", item("a", resourceTemplateGeneration=1), generation=2),
        "Deployment default/web in a is not at the template's generation",
        id="one-is-behind",
    ),
    pytest.param(
        bound("a b", item("a"), item("b"), item("c")), "Deployment default/web is still in c", id="one-too-many"
    ),
]


@pytest.mark.parametrize(("seen", "missing"), PLACED)
def test_placed(seen: Seen, missing: str | None) -> None:
    assert missing_placement(seen, WEB, ["a", "b"]) == missing


STATUS = [
    pytest.param({"readyReplicas": 6, "observedGeneration": 2}, None, id="summed-and-current"),
    pytest.param({"readyReplicas": 3, "observedGeneration": 2}, "readyReplicas is 3, not 6", id="too-few"),
    pytest.param({"readyReplicas": 6, "observedGeneration": 1}, "observedGeneration is 1, not 2", id="of-before"),
    pytest.param({}, "readyReplicas is None, not 6, observedGeneration is None, not 2", id="none-yet"),
]


@pytest.mark.parametrize(("status", "missing"), STATUS)
def test_status(status: Obj, missing: str | None) -> None:
    seen = {WEB: {"metadata": {"generation": 2}, "status": status}}
    expected = missing and f"status of Deployment default/web: {missing}"
    assert missing_status(seen, WEB, {"readyReplicas": 6}) == expected


def works(a: object, b: object) -> dict[tuple[str, str, str], Obj]:
    def work(cluster: str, values: object) -> tuple[tuple[str, str, str], Obj]:
        spec = {"values": values} if values else {}
        manifest = {"kind": "HelmRelease", "metadata": {"namespace": "default", "name": "podinfo"}, "spec": spec}
        return ("Work", f"karmada-es-{cluster}", "w"), {"spec": {"workload": {"manifests": [manifest]}}}

    return dict((work("a", a), work("b", b)))


def members(a: int, b: int, observed: Callable[[int], int] = lambda n: n) -> dict[tuple[str, str, str], Obj]:
    items = [item(name, generation=n, observedGeneration=observed(n)) for name, n in (("a", a), ("b", b))]
    return bound("a b", *items, template=RELEASE)


VALUES = {"replicaCount": 2}
OVERRIDDEN = [
    pytest.param({**works(VALUES, None), **members(2, 1)}, None, id="in-a-only"),
    pytest.param({**works(None, None), **members(1, 1)}, "for a is to have values", id="not-in-the-work"),
    pytest.param({**works(VALUES, VALUES), **members(2, 2)}, "for b is to have values None", id="in-b-too"),
    pytest.param({**works(VALUES, None), **members(1, 1)}, "a reports generation 1", id="not-in-the-member"),
    pytest.param({**works(VALUES, None), **members(2, 2)}, "b reports generation 2", id="b-was-written-too"),
    pytest.param({**works(VALUES, None), **members(2, 1, lambda n: 1)}, "1 of it observed", id="not-acted-upon"),
]


@pytest.mark.parametrize(("seen", "missing"), OVERRIDDEN)
def test_overridden(seen: Seen, missing: str | None) -> None:
    found = missing_override(seen, RELEASE, "a", ["b"], VALUES)
    assert found is None if missing is None else missing in (found or "")
