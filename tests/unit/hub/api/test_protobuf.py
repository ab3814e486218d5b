"""Kubernetes' protobuf, read into what JSON would have said."""

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.api.protobuf import PROTOBUF, decode_protobuf
from flotilla_hub.api.status_errors import Denied
from tests.api import running_api


def field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (1 << 64) - 1)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def sent(api_version: str, kind: str, raw: bytes) -> bytes:
    return b"k8s\x00" + field(1, field(1, api_version) + field(2, kind)) + field(2, raw)


# As a client sends it: what is no pointer is there even when it is empty, such as the creation time and the status.
METADATA = field(1, "it") + field(3, "") + field(7, 0) + field(8, b"") + field(11, field(1, "app") + field(2, "web"))
PORT = field(1, "http") + field(3, 80) + field(4, "")
PROBE = field(1, field(2, field(1, "/ready") + field(2, field(1, 1) + field(2, 0) + field(3, "http")))) + field(2, 0)
LIMIT = field(1, "cpu") + field(2, field(1, "500m"))
RESOURCES = field(1, LIMIT)
CONTAINER = field(1, "c") + field(2, "i:1") + field(6, PORT) + field(8, RESOURCES) + field(11, PROBE) + field(16, 0)
VOLUME = field(1, "tmp") + field(2, field(2, field(1, "")))
POD = field(1, VOLUME) + field(2, CONTAINER) + field(3, "") + field(6, "")
TEMPLATE = field(1, field(8, b"")) + field(2, POD)
SELECTOR = field(1, field(1, "app") + field(2, "web"))
SPEC = field(1, 0) + field(2, SELECTOR) + field(3, TEMPLATE) + field(4, field(1, "")) + field(5, 0)
DEPLOYMENT = field(1, METADATA) + field(2, SPEC) + field(3, field(1, 0))

KINDS = [
    pytest.param(
        sent("apps/v1", "Deployment", DEPLOYMENT),
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "it", "labels": {"app": "web"}},
            "spec": {
                # A pointer in Go: zero is a wish, not an absence.
                "replicas": 0,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "spec": {
                        "volumes": [{"name": "tmp", "emptyDir": {}}],
                        "containers": [
                            {
                                "name": "c",
                                "image": "i:1",
                                "ports": [{"name": "http", "containerPort": 80}],
                                "resources": {"limits": {"cpu": "500m"}},
                                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                            }
                        ],
                    }
                },
            },
        },
        id="a-deployment",
    ),
    pytest.param(
        sent("v1", "Secret", field(1, field(1, "it")) + field(2, field(1, "k") + field(2, b"\x00\xff"))),
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "it"}, "data": {"k": "AP8="}},
        id="bytes-become-base64",
    ),
    pytest.param(
        sent(
            "apps/v1", "DeleteOptions", field(1, 0) + field(2, field(1, "u")) + field(4, "Background") + field(5, "All")
        ),
        {
            "apiVersion": "apps/v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": "u"},
            "propagationPolicy": "Background",
            "dryRun": ["All"],
        },
        id="options-of-any-group",
    ),
    pytest.param(
        sent("coordination.k8s.io/v1", "Lease", field(2, field(2, -1) + field(3, field(1, 1) + field(2, 5000)))),
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "spec": {"leaseDurationSeconds": -1, "acquireTime": "1970-01-01T00:00:01.000005Z"},
        },
        id="negative-numbers-and-times",
    ),
]


@pytest.mark.parametrize(("body", "expected"), KINDS)
def test_protobuf_reads_as_json_would(body: bytes, expected: Obj) -> None:
    assert decode_protobuf(body) == expected


BAD = [
    pytest.param(b"{}", 400, id="no-magic"),
    pytest.param(sent("apps/v1", "Deployment", DEPLOYMENT)[:-5], 400, id="cut-off"),
    pytest.param(sent("apps/v1", "Deployment", b"\xff" * 20), 400, id="garbage"),
    pytest.param(sent("example.com/v1", "Widget", b""), 415, id="a-kind-it-is-not-for"),
]


@pytest.mark.parametrize(("body", "code"), BAD)
def test_unreadable_protobuf_is_refused(body: bytes, code: int) -> None:
    with pytest.raises(Denied) as refused:
        decode_protobuf(body)
    assert refused.value.code == code


async def test_a_namespace_sent_as_protobuf_is_created() -> None:
    async with running_api() as api:
        body = sent("v1", "Namespace", field(1, field(1, "shop")))
        answer = await api("POST", "/api/v1/namespaces", body, content_type=PROTOBUF)
        assert (answer.status, answer.json["metadata"]["name"]) == (201, "shop")
