"""Messages come back as they were sent; what a neighbouring release or a hostile agent says does no harm."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.errors import Terminal
from flotilla_common.messages import (
    ClusterReport,
    EstimateAnswer,
    EstimateRequest,
    Heartbeat,
    Message,
    ObjectReport,
    UnknownVersion,
    WorkMessage,
    WorkReport,
    digest_of,
    fold,
)
from flotilla_common.node_grades import GradesMessage

OBJECT = ObjectReport("apps/v1", "Deployment", "shop", "web", True, health="Healthy", status=b'{"replicas":2}')
MESSAGES = [
    pytest.param(WorkMessage("eu", "web", [b'{"kind":"X"}', b""], b'{"name":"web"}', True, True), id="work"),
    pytest.param(WorkMessage("eu", "web", deleted=True), id="tombstone"),
    pytest.param(WorkReport("eu", "web", "ab", True, "r", "m", False, [OBJECT], 3.5), id="report"),
    pytest.param(ClusterReport("eu", "0.1.0", b"{}", 1.0, "ab"), id="cluster"),
    pytest.param(GradesMessage("eu", b"[{}]"), id="grades"),
    pytest.param(EstimateRequest("eu", "1f", "replicas", b'{"a":1}', True, 2.5), id="estimate-request"),
    pytest.param(EstimateAnswer("eu", "1f", 12), id="estimate"),
    pytest.param(Heartbeat("eu", "b00t", 3, 2**62, 7, 1.0), id="heartbeat"),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_comes_back(message: Message) -> None:
    assert type(message).unpack(message.pack()) == message


@pytest.mark.parametrize("message", MESSAGES)
def test_a_field_nobody_knows_is_ignored(message: Message) -> None:
    body = msgpack.unpackb(message.pack())
    for told in body.get("objects", ()):
        told["mood"] = "fine"
    assert type(message).unpack(msgpack.packb({**body, "colour": "blue"})) == message


def test_a_field_an_older_release_does_not_send_has_its_default() -> None:
    sent = {"v": 1, "kind": "work", "cluster": "eu", "name": "web"}
    assert WorkMessage.unpack(msgpack.packb(sent)) == WorkMessage("eu", "web")


NEWER = [
    pytest.param({"v": 2}, "version 2.*upgrade the hub first", id="a-newer-version"),
    pytest.param({"v": "1"}, "version '1'", id="a-version-that-is-no-number"),
    pytest.param({"kind": "heartbeat"}, "'heartbeat' message", id="another-kind"),
]


@pytest.mark.parametrize(("change", "why"), NEWER)
def test_what_this_release_cannot_read_is_refused_by_name(change: dict[str, Any], why: str) -> None:
    body = msgpack.unpackb(WorkMessage("eu", "web").pack())
    with pytest.raises(UnknownVersion, match=why):
        WorkMessage.unpack(msgpack.packb({**body, **change}))


def report(**change: Any) -> bytes:
    body = {**msgpack.unpackb(WorkReport("eu", "web", "ab").pack()), **change}
    packed: bytes = msgpack.packb({key: value for key, value in body.items() if value is not ...})
    return packed


GARBAGE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\xc1", id="no-msgpack"),
    pytest.param(msgpack.packb([1, 2]), id="a-list"),
    pytest.param(msgpack.packb({"kind": "report"}), id="no-version"),
    pytest.param(report(work=...), id="a-field-is-missing"),
    pytest.param(report(work=7), id="a-number-for-a-name"),
    pytest.param(report(applied="yes"), id="text-for-a-boolean"),
    pytest.param(report(objects={"a": 1}), id="a-map-for-a-list"),
    pytest.param(report(objects=[7]), id="a-number-for-an-object"),
    pytest.param(report(objects=[{"kind": "X"}]), id="an-object-without-a-name"),
    pytest.param(report(at=float("nan")), id="a-time-that-is-no-number"),
    pytest.param(report(at=1e300), id="a-time-no-calendar-knows"),
]


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_is_terminal_and_never_another_error(data: bytes) -> None:
    with pytest.raises(Terminal):
        WorkReport.unpack(data)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_are_another_error(data: bytes) -> None:
    with pytest.raises(Terminal):
        Heartbeat.unpack(data)


BASE = WorkMessage("eu", "web", [b"ab", b"c"], b"{}")
OTHERS = [
    pytest.param(WorkMessage("eu", "web", [b"a", b"bc"], b"{}"), id="bytes-in-another-manifest"),
    pytest.param(WorkMessage("eu", "web", [b"abc"], b"{}"), id="one-manifest-less"),
    pytest.param(WorkMessage("eu", "web", [b"c", b"ab"], b"{}"), id="another-order"),
    pytest.param(WorkMessage("eu", "web", [b"ab", b"c"], b"[]"), id="other-metadata"),
    pytest.param(WorkMessage("eu", "web", [b"ab", b"c"], b"{}", suspended=True), id="suspended"),
    pytest.param(WorkMessage("eu", "web", [b"ab", b"c"], b"{}", preserve=True), id="preserved"),
    pytest.param(WorkMessage("eu", "web", [b"ab", b"c"], b"{}", deleted=True), id="deleted"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_work_that_differs_has_another_digest(other: WorkMessage) -> None:
    assert other.digest() != BASE.digest()


def test_the_digest_survives_the_journey() -> None:
    assert WorkMessage.unpack(BASE.pack()).digest() == BASE.digest()


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_two_lists_of_parts_never_share_a_digest(one: list[bytes], other: list[bytes]) -> None:
    assert (digest_of(*one) == digest_of(*other)) == (one == other)


def test_folds_are_positive_and_differ_by_name_and_by_digest() -> None:
    folds = {fold("a", "1"), fold("b", "1"), fold("a", "2"), fold("a1", "")}
    assert len(folds) == 4 and all(0 <= f < 2**63 for f in folds)
