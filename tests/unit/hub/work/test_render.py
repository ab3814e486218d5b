"""A Work as people read and write it, and the message an agent gets."""

import pytest

from flotilla_common.errors import Invalid
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import decode
from flotilla_hub.admission import ADMIT
from flotilla_hub.detector.bind import Demand, binding_for
from flotilla_hub.work.build import build
from flotilla_hub.work.render import as_object, from_object
from tests.unit.hub.build import cluster, deployment, manifest, policy

ADMIT_WORK = ADMIT["works.work.karmada.io"]


def message(**spec: object) -> WorkMessage:
    template = deployment()
    binding = binding_for(template, policy("web"), None, Demand(3)) or {}
    binding["spec"] |= {"clusters": [{"name": "m", "replicas": 3}], **spec}
    return build(binding, template, {"m": cluster("m")}, [], []).works[0].message


def work(namespace: str = "karmada-es-m", **spec: object) -> dict[str, object]:
    config = manifest("ConfigMap", data={"a": "b"}, metadata={"uid": "u"})
    body = {"workload": {"manifests": [config]}, **spec}
    return ADMIT_WORK.default(
        manifest("Work", "mine", namespace, api_version="work.karmada.io/v1alpha1", spec=body), "now", "id"
    )


def test_people_read_karmadas_work() -> None:
    sent = message(suspension={"dispatching": True}, preserveResourcesOnDeletion=True)
    meta = decode(sent.meta)
    assert as_object(sent, {"conditions": []}, {"resourceVersion": "5"}) == {
        "apiVersion": "work.karmada.io/v1alpha1",
        "kind": "Work",
        "metadata": {**meta, "uid": meta["labels"]["work.karmada.io/permanent-id"], "resourceVersion": "5"},
        "spec": {
            "workload": {"manifests": [decode(sent.manifests[0])]},
            "suspendDispatching": True,
            "preserveResourcesOnDeletion": True,
        },
        "status": {"conditions": []},
    }


@pytest.mark.parametrize("spec", [{}, {"suspension": {"dispatching": True}}, {"preserveResourcesOnDeletion": True}])
def test_reading_and_writing_it_back_changes_no_byte(spec: dict[str, object]) -> None:
    sent = message(**spec)
    assert from_object(as_object(sent, {"x": 1}, {"resourceVersion": "5"})) == sent


def test_admitting_it_again_changes_no_byte() -> None:
    sent = message()
    assert from_object(ADMIT_WORK.default(as_object(sent), "now", "other")) == sent


def test_a_users_own_work_gets_the_marks_agents_need() -> None:
    sent = from_object(work(suspendDispatching=True))
    assert (sent.cluster, sent.name, sent.suspended, sent.preserve) == ("m", "mine", True, False)
    metadata = decode(sent.manifests[0])["metadata"]
    assert metadata["labels"] == {"karmada.io/managed": "true", "work.karmada.io/permanent-id": "id"}
    assert metadata["annotations"] == {
        "resourcetemplate.karmada.io/managed-annotations": "resourcetemplate.karmada.io/managed-annotations,"
        "resourcetemplate.karmada.io/managed-labels,work.karmada.io/name,work.karmada.io/namespace",
        "resourcetemplate.karmada.io/managed-labels": "karmada.io/managed,work.karmada.io/permanent-id",
        "work.karmada.io/name": "mine",
        "work.karmada.io/namespace": "karmada-es-m",
    }
    assert "uid" not in metadata


def test_a_work_outside_a_clusters_namespace_is_refused() -> None:
    with pytest.raises(Invalid, match=r"metadata\.namespace: namespace 'default' holds no Works"):
        from_object(work("default"))
