"""Objects decoded from a real API server's protobuf are the same server's JSON."""

import asyncio
import http.client
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.api.protobuf import PROTOBUF, decode_protobuf
from flotilla_hub.resources.builtin import BUILTIN
from tests.kube.cluster import KubeCluster

pytestmark = pytest.mark.kube

_EVERY_KIND = (Path(__file__).parent / "every_kind.yaml").read_text()
_OWN = tuple(r for r in BUILTIN if r.upstream)

Fetch = Callable[[str, str], bytes]


async def test_every_kind_decodes_to_its_json() -> None:
    async with KubeCluster("protobuf", apiserver_flags=["--disable-admission-plugins=ServiceAccount"]) as cluster:
        for manifest in _EVERY_KIND.split("\n---\n"):
            await cluster.kubectl("create", "-f", "-", stdin=manifest)
        decoded, wanted = await asyncio.to_thread(_both_forms, cluster)

    assert {path.split()[0] for path in wanted} == {r.kind for r in _OWN}
    assert decoded == wanted


def _both_forms(cluster: KubeCluster) -> tuple[dict[str, Obj], dict[str, Obj]]:
    """All objects of our kinds on the server, the many it made itself too, by kind and path."""
    decoded: dict[str, Obj] = {}
    wanted: dict[str, Obj] = {}
    with _connection(cluster) as connection:
        for resource in _OWN:
            root = f"/apis/{resource.group}" if resource.group else "/api"
            prefix = f"{root}/{resource.versions[0]}"
            for item in json.loads(_get(connection, f"{prefix}/{resource.plural}", "application/json"))["items"]:
                namespace = item["metadata"].get("namespace")
                scope = f"{prefix}/namespaces/{namespace}" if namespace else prefix
                path = f"{scope}/{resource.plural}/{item['metadata']['name']}"
                key = f"{resource.kind} {path}"
                decoded[key], wanted[key] = _unchanged_pair(connection, path)
    return decoded, wanted
