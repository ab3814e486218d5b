"""Names and accessors of plain manifests; the one deep copy."""

import tracemalloc
from typing import Any

import pytest

from flotilla_common.objects import (
    GVK,
    annotations_of,
    copy_of,
    encode,
    gvk_of,
    labels_of,
    name_of,
    namespace_of,
    ref_of,
)

GVKS = [
    pytest.param("v1", "Pod", GVK("", "v1", "Pod"), id="core"),
    pytest.param("apps/v1", "Deployment", GVK("apps", "v1", "Deployment"), id="a-group"),
    pytest.param("", "", GVK("", "", ""), id="nothing"),
]


@pytest.mark.parametrize(("api_version", "kind", "gvk"), GVKS)
def test_a_kind_is_parsed_and_written_back(api_version: str, kind: str, gvk: GVK) -> None:
    assert (GVK.parse(api_version, kind), gvk.api_version) == (gvk, api_version)


BARE = [
    pytest.param({}, id="nothing"),
    pytest.param({"metadata": None}, id="null-metadata"),
    pytest.param({"metadata": {"labels": None, "annotations": None, "name": None}}, id="null-fields"),
]


@pytest.mark.parametrize("obj", BARE)
def test_what_is_not_there_is_empty(obj: dict[str, Any]) -> None:
    assert (name_of(obj), namespace_of(obj), labels_of(obj), annotations_of(obj)) == ("", "", {}, {})


def test_a_reference_reads_as_people_say_it() -> None:
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    assert [str(ref_of(web)), str(ref_of(node)), str(gvk_of(web))] == [
        "Deployment shop/web",
        "Node n1",
        "apps/v1 Deployment",
    ]


def test_a_copy_shares_nothing() -> None:
    original = {"spec": {"list": [{"a": 1}]}}
    copied = copy_of(original)
    copied["spec"]["list"][0]["a"] = 2
    assert original == {"spec": {"list": [{"a": 1}]}}


def test_what_is_encoded_takes_no_more_room_than_it_has_bytes() -> None:
    tracemalloc.start()
    try:
        kept = [encode({"n": n}) for n in range(1_000)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held / len(kept) < 100
