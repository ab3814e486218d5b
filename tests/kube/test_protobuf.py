"""What is decoded from a real API server's protobuf is its JSON, and the file that says how is current."""

import json
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from flotilla_common.objects import Obj, decode
from flotilla_hub.api.protobuf import PROTOBUF, decode_protobuf
from flotilla_hub.resources.builtin import BUILTIN
from flotilla_hub.resources.resource import Resource
from tests.kube import messages
from tests.kube.cluster import KubeCluster

pytestmark = pytest.mark.kube

_EVERY_KIND = (Path(__file__).parent / "every_kind.yaml").read_text()
_UPSTREAM = tuple(resource for resource in BUILTIN if resource.upstream)
_NESTED_KIND = re.compile(r"\.spec\.volumeClaimTemplates\.(apiVersion|kind)")
_UNSET = re.compile(
    r"\.status(\.loadBalancer|\.conditions\.lastProbeTime)?|\.(source|firstTimestamp|endpoints\.conditions)"
    r"|.*\.template\.metadata|.*\.(c|initC)ontainers\.resources"
)
"""Paths, with no sign of lists, where the samples have such structs."""


async def test_every_kind_decodes_to_its_json() -> None:
    async with KubeCluster("protobuf", apiserver_flags=["--disable-admission-plugins=ServiceAccount"]) as cluster:
        await cluster.kubectl("create", "-f", "-", stdin=_EVERY_KIND)
        async with _client(cluster) as client:
            pairs = {path: pair for resource in _UPSTREAM async for path, pair in _all(client, resource)}

    assert {wanted["kind"] for _, wanted in pairs.values()} == {resource.kind for resource in _UPSTREAM}
    assert {path: decoded for path, (decoded, _) in pairs.items()} == {
        path: _without_implied(wanted) for path, (_, wanted) in pairs.items()
    }


def test_the_messages_are_those_of_the_pinned_version() -> None:
    held = json.loads((messages.TARGET.parent / "kubernetes.json").read_text())["kinds"]
    assert messages.TARGET.read_text() == messages.harvest(held), "run python -m tests.kube.messages"


def _client(cluster: KubeCluster) -> aiohttp.ClientSession:
    context = ssl.create_default_context(cafile=str(cluster.directory / "ca.crt"))
    context.load_cert_chain(cluster.directory / "admin.crt", cluster.directory / "admin.key")
    return aiohttp.ClientSession(cluster.url, connector=aiohttp.TCPConnector(ssl=context))


async def _all(client: aiohttp.ClientSession, resource: Resource) -> AsyncIterator[tuple[str, tuple[Obj, Obj]]]:
    """Every object of a kind, those the server made itself too: its path, and it decoded and as JSON."""
    prefix = f"{f'/apis/{resource.group}' if resource.group else '/api'}/{resource.versions[0]}"
    for item in decode(await _get(client, f"{prefix}/{resource.plural}"))["items"]:
        namespace = item["metadata"].get("namespace")
        path = "/".join((prefix, *(("namespaces", namespace) if namespace else ()), resource.plural))
        path = f"{path}/{item['metadata']['name']}"
        yield path, await _both_forms(client, path)


async def _both_forms(client: aiohttp.ClientSession, path: str) -> tuple[Obj, Obj]:
    while True:
        decoded = decode_protobuf(await _get(client, path, PROTOBUF))
        wanted: Obj = decode(await _get(client, path))
        # The server renews its own lease now and then, also between two reads.
        if decoded["metadata"]["resourceVersion"] == wanted["metadata"]["resourceVersion"]:
            return decoded, wanted


def _without_implied(value: Any, path: str = "") -> Any:
    """What JSON says and protobuf cannot: which of the structs that are always there were given, and nested kinds."""
    if isinstance(value, list):
        return [_without_implied(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    parts = {key: _without_implied(part, f"{path}.{key}") for key, part in value.items()}
    return {key: part for key, part in parts.items() if not _is_implied(f"{path}.{key}", part)}


def _is_implied(path: str, value: Any) -> bool:
    return bool(_NESTED_KIND.fullmatch(path) or (value in (None, {}) and _UNSET.fullmatch(path)))


async def _get(client: aiohttp.ClientSession, path: str, accept: str = "application/json") -> bytes:
    async with client.get(path, headers={"Accept": accept}) as answer:
        body = await answer.read()
        assert answer.status == 200, body
        return body
