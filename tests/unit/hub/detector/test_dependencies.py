"""The bindings of what others refer to."""

from typing import Any

import orjson
import pytest

from flotilla_common.errors import Conflict
from flotilla_common.objects import Obj, copy_of, labels_of
from flotilla_hub.detector.bind import Demand, binding_for
from flotilla_hub.detector.dependencies import attached, disagreement, is_attached, is_rolling_out, requires
from flotilla_hub.detector.references import references_in
from flotilla_hub.names import dependency_key
from tests.unit.hub.build import deployment, manifest, policy, selector

NOTED = "resourcebinding.karmada.io/dependencies"
CONF = manifest("ConfigMap", "conf", metadata={"uid": "uid-conf", "labels": {"app": "web"}})


def label_of(name: str) -> str:
    return f"resourcebinding.karmada.io/depended-by-{dependency_key('default', name)}"


def reference(name: str = "conf", **more: Any) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "default", **({"name": name} if name else {}), **more}


def requirer(name: str = "web", *clusters: str, dependencies: Any = None, **spec: Any) -> Obj:
    """The binding of a Deployment that refers to the ConfigMap, placed in these clusters."""
    listed = [reference()] if dependencies is None else dependencies
    noted = listed if isinstance(listed, str) else orjson.dumps(listed).decode()
    by = policy("p", "default", selector(name), propagateDeps=True)
    binding = binding_for(deployment(name), by, None, Demand(2, dependencies=noted)) or {}
    placed = {"clusters": [{"name": cluster, "replicas": 2} for cluster in clusters]}
    return {**binding, "spec": {**binding["spec"], **placed, **spec}}


def without(binding: Obj, field: str) -> Obj:
    return {**binding, "spec": {key: value for key, value in binding["spec"].items() if key != field}}


def going(binding: Obj) -> Obj:
    return {**binding, "metadata": {**binding["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}


def unlisted(binding: Obj) -> Obj:
    annotations = {key: value for key, value in binding["metadata"]["annotations"].items() if key != NOTED}
    return {**binding, "metadata": {**binding["metadata"], "annotations": annotations}}


BY_LABEL = {"labelSelector": {"matchLabels": {"app": "web"}}}
BY_OTHER = {"labelSelector": {"matchLabels": {"app": "db"}}}

REQUIRES = [
    pytest.param(requirer("web", "m1"), True, id="by-name"),
    pytest.param(requirer("web", "m1", dependencies=[reference("other")]), False, id="another-name"),
    pytest.param(requirer("web", "m1", dependencies=[reference(kind="Secret")]), False, id="another-kind"),
    pytest.param(requirer("web", "m1", dependencies=[reference(namespace="x")]), False, id="another-namespace"),
    pytest.param(requirer("web", "m1", dependencies=[reference("", **BY_LABEL)]), True, id="by-label"),
    pytest.param(requirer("web", "m1", dependencies=[reference("", **BY_OTHER)]), False, id="by-another-label"),
    pytest.param(requirer("web", "m1", dependencies=[]), False, id="it-refers-to-nothing-any-more"),
    pytest.param(without(requirer("web", "m1"), "propagateDeps"), False, id="its-dependencies-do-not-travel"),
    pytest.param(going(requirer("web", "m1")), False, id="it-is-being-deleted"),
    pytest.param(None, False, id="it-is-gone"),
    pytest.param(unlisted(requirer("web", "m1")), True, id="a-list-that-is-missing-takes-nothing-away"),
    pytest.param(requirer("web", "m1", dependencies="{"), True, id="nor-one-that-is-no-JSON"),
    pytest.param(requirer("web", "m1", dependencies="[1]"), True, id="nor-one-of-another-shape"),
]


@pytest.mark.parametrize(("binding", "expected"), REQUIRES)
def test_requires(binding: Obj | None, expected: bool) -> None:
    assert requires(binding, CONF) is expected


def test_references_are_read_from_the_binding() -> None:
    (found,) = references_in(requirer("web", "m1", dependencies=[reference("", **BY_LABEL)])) or ()
    assert (str(found.gvk), found.namespace, found.name) == ("v1 ConfigMap", "default", "")
    assert references_in(deployment()) is None


def test_a_dependent_without_a_policy_gets_a_binding_that_nobody_schedules() -> None:
    binding = attached(CONF, None, [requirer("web", "m1", "m2")]) or {}
    (identity,) = (binding["metadata"]["labels"].pop(key) for key in ("resourcebinding.karmada.io/permanent-id",))
    web = requirer()["metadata"]["labels"]["resourcebinding.karmada.io/permanent-id"]
    assert identity != web
    assert binding["metadata"]["labels"] == {label_of("web-deployment"): web}
    assert binding["metadata"]["ownerReferences"][0]["name"] == "conf"
    snapshot = [{"name": "m1", "replicas": 2}, {"name": "m2", "replicas": 2}]
    assert binding["spec"] == {
        "resource": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "conf",
            "namespace": "default",
            "uid": "uid-conf",
        },
        "requiredBy": [{"namespace": "default", "name": "web-deployment", "clusters": snapshot}],
        "conflictResolution": "Abort",
    }


WEB, API = requirer("web", "m1"), requirer("api", "m2")
OWN = binding_for(CONF, policy("own", "default", {"apiVersion": "v1", "kind": "ConfigMap"}), None, Demand()) or {}
TAKEN = attached(CONF, None, [WEB]) or {}
BOTH = attached(CONF, TAKEN, [API, WEB]) or {}

NAMES = [
    pytest.param(None, [], None, id="nobody-needs-it"),
    pytest.param(None, [requirer("web")], None, id="who-is-placed-nowhere-does-not-need-it-yet"),
    pytest.param(None, [WEB, API], [("api", ["m2"]), ("web", ["m1"])], id="two-need-it"),
    pytest.param(TAKEN, [WEB], None, id="nothing-changed"),
    pytest.param(TAKEN, [requirer("web", "m2")], [("web", ["m2"])], id="it-moved"),
    pytest.param(TAKEN, [requirer("web")], [("web", [])], id="it-is-placed-nowhere-now"),
    pytest.param(BOTH, [API], [("api", ["m2"])], id="one-of-two-is-gone"),
    pytest.param(TAKEN, [], [], id="nobody-needs-it-any-more"),
    pytest.param(attached(CONF, TAKEN, []), [], None, id="and-that-was-said"),
    pytest.param(OWN, [], None, id="one-with-a-policy-that-nobody-needs"),
    pytest.param(OWN, [WEB], [("web", ["m1"])], id="one-with-a-policy-that-is-needed-too"),
]


def required_by(binding: Obj | None) -> list[tuple[str, list[str]]] | None:
    if binding is None:
        return None
    entries = binding["spec"].get("requiredBy") or []
    return [(e["name"].removesuffix("-deployment"), [c["name"] for c in e["clusters"]]) for e in entries]


@pytest.mark.parametrize(("existing", "requirers", "expected"), NAMES)
def test_who_requires_it(existing: Obj | None, requirers: list[Obj], expected: Any) -> None:
    before = copy_of({"existing": existing, "requirers": requirers})
    binding = attached(CONF, existing, requirers)
    assert required_by(binding) == expected
    assert {"existing": existing, "requirers": requirers} == before
    if binding is not None:
        labels = {key for key in labels_of(binding) if "depended-by" in key}
        assert labels == {label_of(f"{name}-deployment") for name, _ in expected}
        assert is_attached(binding) is bool(expected)


IN_WAVES = {"placement": {"schedulerStrategy": {"type": "RollingUpdate"}}}
ROLLOUTS = [
    pytest.param({}, {}, False, id="without-waves-never"),
    pytest.param(IN_WAVES, {"generation": 2, "complete": True}, False, id="when-all-have-it-no-more"),
    pytest.param(IN_WAVES, {"generation": 2, "complete": False}, True, id="while-some-wait"),
    pytest.param(IN_WAVES, {"generation": 1, "complete": True}, True, id="from-the-moment-the-template-changes"),
    pytest.param(IN_WAVES, {}, True, id="before-anything-was-said"),
]


@pytest.mark.parametrize(("spec", "rollout", "expected"), ROLLOUTS)
def test_is_rolling_out(spec: Obj, rollout: Obj, expected: bool) -> None:
    binding = {**requirer("web", "m1", **spec), "status": {"rollout": rollout}}
    assert is_rolling_out(binding, deployment("web")) is expected
    assert not is_rolling_out(binding, None), "a template that is gone goes nowhere"


LEAVING = {"gracefulEvictionTasks": [{"fromCluster": "m3", "purgeMode": "Gracefully"}, {"fromCluster": "m1"}]}


def test_it_stays_where_the_one_that_needs_it_is_being_evicted_from() -> None:
    assert required_by(attached(CONF, None, [requirer("web", "m1", **LEAVING)])) == [("web", ["m1", "m3"])]


def test_but_not_where_that_is_purged_at_once() -> None:
    tasks = [{"fromCluster": "m3", "purgeMode": "Directly"}]
    assert required_by(attached(CONF, None, [requirer("web", "m1", gracefulEvictionTasks=tasks)])) == [("web", ["m1"])]


OVERWRITES, PRESERVES = {"conflictResolution": "Overwrite"}, {"preserveResourcesOnDeletion": True}
SETTINGS = [
    pytest.param([{}, {}], ("Abort", None), "", id="all-agree"),
    pytest.param(
        [{}, OVERWRITES], ("Overwrite", None), "conflictResolution is Overwrite, as default/b", id="any-overwrites"
    ),
    pytest.param([OVERWRITES, OVERWRITES], ("Overwrite", None), "", id="all-overwrite"),
    pytest.param(
        [PRESERVES, {}], ("Abort", True), "preserveResourcesOnDeletion is True, as default/a", id="any-preserves"
    ),
]


@pytest.mark.parametrize(("specs", "expected", "told"), SETTINGS)
def test_settings_of_those_who_need_it_are_merged(specs: list[Obj], expected: tuple[Any, Any], told: str) -> None:
    requirers = [requirer(name, "m1", **spec) for name, spec in zip("ab", specs, strict=True)]
    binding = attached(CONF, None, requirers) or {}
    spec = binding["spec"]
    assert (spec["conflictResolution"], spec.get("preserveResourcesOnDeletion")) == expected
    assert (told in disagreement(CONF, binding, requirers)) is True
    assert bool(disagreement(CONF, binding, requirers)) is bool(told)


def test_what_has_a_policy_of_its_own_keeps_its_own_settings() -> None:
    requirers = [requirer("a", "m1", **OVERWRITES, **PRESERVES), requirer("b", "m1")]
    binding = attached(CONF, OWN, requirers) or {}
    assert {**binding["spec"], "requiredBy": None} == {**OWN["spec"], "requiredBy": None}
    assert disagreement(CONF, binding, requirers) == ""


def test_a_policy_takes_over_what_was_only_required() -> None:
    by = policy("own", "default", {"apiVersion": "v1", "kind": "ConfigMap"})
    preserved = attached(CONF, None, [requirer("web", "m1", **PRESERVES)])
    bound = binding_for(CONF, by, preserved, Demand()) or {}
    assert required_by(bound) == [("web", ["m1"])]
    assert (label_of("web-deployment") in labels_of(bound), "preserveResourcesOnDeletion" in bound["spec"]) == (
        True,
        False,
    )


def test_a_binding_on_its_way_out_is_waited_for() -> None:
    with pytest.raises(Conflict, match="is being removed"):
        attached(CONF, going(TAKEN), [WEB])
