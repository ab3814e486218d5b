"""The Events of a decision: upstream's words, on the binding and on its template, and only when something is new."""

from flotilla_common.objects import Obj
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.telling import told
from tests.unit.hub.scheduler.samples import FLEET, LATER, NAMED, NOT_MEANT, NOW, binding, changed, clusters

PLACED = "Binding has been scheduled successfully."


def events(before: Obj, fleet: list = FLEET) -> list[tuple[str, ...]]:
    after = schedule(before, fleet, LATER)
    assert after is not None
    return [(each.about["kind"], each.severity, each.reason, each.message) for each in told(before, after)]


def named(kind: str, **fields: object) -> Obj:
    return {"kind": kind, **binding(NAMED, **fields)}


def test_a_success_tells_the_result_of_binding_and_template() -> None:
    words = ("Normal", "ScheduleBindingSucceed", f"{PLACED} Result: {{m1:3, m2:3}}")
    assert events(named("ResourceBinding")) == [("ResourceBinding", *words), ("Deployment", *words)]


def test_a_cluster_scoped_binding_is_told_of_without_the_colon() -> None:
    assert events(named("ClusterResourceBinding"))[0][3] == f"{PLACED} Result {{m1:3, m2:3}}"


def test_a_failure_tells_why() -> None:
    words = ("Warning", "ScheduleBindingFailed", f"0/1 clusters are available: 1 {NOT_MEANT}.")
    assert events(named("ResourceBinding"), clusters("m3")) == [("ResourceBinding", *words), ("Deployment", *words)]


def test_what_is_as_it_was_is_not_told_again() -> None:
    done = schedule(named("ResourceBinding"), FLEET, NOW)
    assert done is not None
    assert events(changed(done, conflictResolution="Overwrite")) == []


def test_another_result_is_news_although_the_message_is_the_same() -> None:
    done = schedule(named("ResourceBinding"), FLEET, NOW)
    assert done is not None
    assert events(changed(done, replicas=4))[0][3] == f"{PLACED} Result: {{m1:4, m2:4}}"


def test_the_template_is_named_as_kubectl_describe_looks_for_it() -> None:
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web", "uid": "u"}
    before = {"kind": "ResourceBinding", **binding(resource=resource)}
    after = schedule(before, FLEET, NOW)
    assert after is not None
    template = [each.about for each in told(before, after)][1]
    metadata = {"namespace": "shop", "name": "web", "uid": "u"}
    assert template == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
