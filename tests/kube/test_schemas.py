"""What was harvested from Kubernetes is what the pinned release of it still says, and our tables print as it prints."""

import asyncio
import json
import ssl
import urllib.request
from typing import Any

import pytest

from flotilla_hub.resources.builtin import BUILTIN
from tests.kube import schemas
from tests.kube.cluster import KubeCluster

pytestmark = pytest.mark.kube

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


async def test_the_schemas_are_those_of_the_pinned_kubernetes() -> None:
    async with KubeCluster("schemas") as cluster:
        assert await schemas.harvest(cluster) == schemas.TARGET.read_text(), "run python -m tests.kube.schemas"


async def test_built_in_kinds_are_named_and_printed_as_kubernetes_does() -> None:
    upstream = [r for r in BUILTIN if r.upstream]
    ours = {
        r.key: (
            r.kind,
            r.singular,
            r.namespaced,
            r.short_names,
            r.categories,
            [(c.name, c.priority) for c in r.columns],
        )
        for r in upstream
    }
    async with KubeCluster("columns") as cluster:
        places = [(r.key, f"apis/{r.group}/v1" if r.group else "api/v1", r.plural) for r in upstream]
        places = [(k, p.replace("autoscaling/v1", "autoscaling/v2"), plural) for k, p, plural in places]
        assert ours == {
            key: await asyncio.to_thread(_described, cluster, place, plural) for key, place, plural in places
        }


def _described(cluster: KubeCluster, place: str, plural: str) -> tuple[Any, ...]:
    row = next(r for r in _get(cluster, place)["resources"] if r["name"] == plural)
    columns = [(c["name"], c["priority"]) for c in _get(cluster, f"{place}/{plural}")["columnDefinitions"]]
    names = (tuple(row.get("shortNames", ())), tuple(row.get("categories", ())))
    return (row["kind"], row["singularName"], row["namespaced"], *names, columns)


def _get(cluster: KubeCluster, path: str) -> Any:
    context = ssl.create_default_context(cafile=str(cluster.directory / "ca.crt"))
    context.load_cert_chain(cluster.directory / "admin.crt", cluster.directory / "admin.key")
    accept = TABLE if path.count("/") > 1 + path.startswith("apis") else "application/json"
    request = urllib.request.Request(f"{cluster.url}/{path}", headers={"Accept": accept})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)
