"""What a Kubernetes Event of the hub looks like."""

import pytest

from flotilla_hub.status.event import MESSAGE_LIMIT, Note, event_after, is_outdated

NOW, LATER = "2026-05-01T10:00:00Z", "2026-05-01T10:30:00Z"
NGINX = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"namespace": "shop", "name": "nginx", "uid": "u-1"},
}
MEMBER = {"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": "member1"}}
NOTE = Note.of(NGINX, "Normal", "ApplyPolicySucceed", "Apply policy succeed")


def test_the_first_one_says_what_happened_to_whom():
    event = event_after(None, NOTE, 2, NOW)
    assert event == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": NOTE.event_name, "namespace": "shop"},
        "involvedObject": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "namespace": "shop",
            "name": "nginx",
            "uid": "u-1",
        },
        "reason": "ApplyPolicySucceed",
        "message": "Apply policy succeed",
        "type": "Normal",
        "source": {"component": "flotilla-hub"},
        "reportingComponent": "flotilla-hub",
        "reportingInstance": "",
        "firstTimestamp": NOW,
        "lastTimestamp": NOW,
        "count": 2,
    }


def test_the_next_ones_are_counted():
    first = event_after(None, NOTE, 2, NOW)
    assert event_after(first, NOTE, 3, LATER) == {**first, "count": 5, "lastTimestamp": LATER}


@pytest.mark.parametrize(
    ("note", "is_same"),
    [
        pytest.param(Note.of(NGINX, "Normal", "ApplyPolicySucceed", "Apply policy succeed"), True, id="the-same"),
        pytest.param(Note.of(NGINX, "Normal", "ApplyPolicySucceed", "another"), False, id="another-message"),
        pytest.param(Note.of(NGINX, "Warning", "ApplyPolicySucceed", "Apply policy succeed"), False, id="severity"),
        pytest.param(Note.of(MEMBER, "Normal", "ApplyPolicySucceed", "Apply policy succeed"), False, id="object"),
    ],
)
def test_one_event_is_told_under_one_name(note, is_same):
    assert (note.event_name == NOTE.event_name) is is_same


def test_what_has_no_namespace_is_told_of_in_default():
    event = event_after(None, Note.of(MEMBER, "Warning", "Silent", "no heartbeat"), 1, NOW)
    assert (event["metadata"]["namespace"], "namespace" in event["involvedObject"]) == ("default", False)


def test_a_message_is_cut_to_what_kubernetes_takes():
    assert len(Note.of(MEMBER, "Normal", "R", "x" * 5000).message) == MESSAGE_LIMIT


@pytest.mark.parametrize(
    ("event", "outdated"),
    [
        pytest.param({"lastTimestamp": NOW}, False, id="half-an-hour-old"),
        pytest.param({"lastTimestamp": "2026-05-01T09:29:59Z"}, True, id="older-than-an-hour"),
        pytest.param({"lastTimestamp": None, "eventTime": "2026-05-01T10:29:00.123456Z"}, False, id="new-style"),
        pytest.param({"metadata": {"creationTimestamp": NOW}}, False, id="only-its-creation-is-known"),
        pytest.param({}, True, id="without-a-time"),
    ],
)
def test_an_event_is_kept_an_hour(event, outdated):
    assert is_outdated(event, LATER, 3600) is outdated
