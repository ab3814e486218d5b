"""Names become subject tokens and come back, whatever is in them; no two names meet in one subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.subjects import (
    ANY,
    CLUSTER_REPORT,
    OBJECTS,
    REMOTE,
    STATUS,
    WORKS,
    StatusSubject,
    WorkSubject,
    agent_consumer,
    control,
    estimate,
    heartbeat,
    inbox,
    parse_estimate,
    parse_heartbeat,
    parse_tokens,
    token,
    untoken,
)

NAMES = st.text(max_size=60)


@given(NAMES)
def test_a_name_comes_back_from_its_token(name: str) -> None:
    assert untoken(token(name)) == name


@given(NAMES)
def test_a_token_is_one_that_nats_takes(name: str) -> None:
    assert token(name) and not set(token(name)) & set(". *>\t\r\n\0")
    assert token(name).isascii() and token(name).isprintable()


@given(NAMES, NAMES)
def test_two_names_never_share_a_token(one: str, other: str) -> None:
    assert (token(one) == token(other)) == (one == other)


@given(NAMES, NAMES)
def test_a_work_comes_back_from_its_stored_and_its_live_subject(cluster: str, work: str) -> None:
    subject = str(WorkSubject(cluster, work))
    live = subject.replace("flotilla.v1.", "flotilla.v1.live.", 1)
    assert [WorkSubject.parse(subject), WorkSubject.parse(live)] == [WorkSubject(cluster, work)] * 2


@given(NAMES, NAMES, NAMES)
def test_an_objects_key_comes_back(resource: str, namespace: str, name: str) -> None:
    assert parse_tokens(OBJECTS, OBJECTS.subject(resource, namespace, name), 3) == (resource, namespace, name)


@given(NAMES)
def test_a_cluster_comes_back_from_its_heartbeat_and_its_estimate(cluster: str) -> None:
    assert (parse_heartbeat(heartbeat(cluster)), parse_estimate(estimate(cluster))) == (cluster, cluster)


FORMS = [
    pytest.param(WorkSubject("eu-1", "web-5d"), "flotilla.v1.works.eu-1.web-5d", id="a-plain-name-stays-as-it-is"),
    pytest.param(WorkSubject("a.b", "*"), "flotilla.v1.works.a=2Eb.=2A", id="dots-and-stars-are-escaped"),
    pytest.param(WorkSubject("a=2Eb", "ü"), "flotilla.v1.works.a=3D2Eb.=C3=BC", id="so-are-escapes-and-letters-afar"),
    pytest.param(StatusSubject("a", CLUSTER_REPORT), "flotilla.v1.status.a._cluster", id="the-clusters-own-report"),
    pytest.param(heartbeat(ANY), "flotilla.v1.heartbeat.*", id="any-is-a-wildcard"),
    pytest.param(heartbeat("*"), "flotilla.v1.heartbeat.=2A", id="a-cluster-called-star-is-none"),
    pytest.param(WORKS.filter("*"), "flotilla.v1.works.=2A.>", id="nor-in-a-filter"),
    pytest.param(WORKS.live_filter(ANY), "flotilla.v1.live.works.*.>", id="live-works-of-all"),
    pytest.param(OBJECTS.subject("nodes", "", "n"), "flotilla.v1.objects.nodes.=.n", id="no-namespace-has-its-place"),
    pytest.param(control("a.b", "resync"), "flotilla.v1.control.a=2Eb.resync", id="a-word-to-one-agent"),
    pytest.param(inbox(REMOTE), "_INBOX__remote", id="the-push-hosts-inbox"),
    pytest.param(agent_consumer(ANY), "*", id="all-consumers"),
    pytest.param(agent_consumer("*"), "agent-=2A", id="the-consumer-of-a-cluster-called-star"),
]


@pytest.mark.parametrize(("subject", "text"), FORMS)
def test_the_form_of_a_subject(subject: object, text: str) -> None:
    assert str(subject) == text


FOREIGN = [
    pytest.param("flotilla.v1.status.a.w", id="of-another-stream"),
    pytest.param("flotilla.v2.works.a.w", id="of-another-version"),
    pytest.param("flotilla.v1.works.a", id="too-short"),
    pytest.param("flotilla.v1.works.a.w.x", id="too-long"),
    pytest.param("flotilla.v1.works.a.=FF", id="no-text-in-it"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("subject", FOREIGN)
def test_a_foreign_subject_is_told_by_a_value_error(subject: str) -> None:
    with pytest.raises(ValueError):
        WorkSubject.parse(subject)


def test_a_streams_subjects_hold_all_of_its_filter() -> None:
    assert (STATUS.subjects, STATUS.live) == ("flotilla.v1.status.>", "flotilla.v1.live.status.>")
