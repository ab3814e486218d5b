"""Server-side apply on the hub and on a real kube-apiserver: the same commands leave the same owners of fields."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api import served_api
from tests.kube.cluster import KubeCluster
from tests.kube.kubectl import Kubectl, Result
from tests.kube.manifests import DEPLOYMENT
from tests.kube.tools import ensure

pytestmark = pytest.mark.kube

APPLY = "apply --server-side -f -"
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: a, port: 80}, {name: b, port: 81}]
"""
WITHOUT_SIDE = DEPLOYMENT.replace('      - {name: side, image: "side:1"}\n', "")
SIDE_ONLY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx, labels: {owner: bob}}
spec:
  template:
    spec:
      containers: [{name: side, image: "side:1", env: [{name: A, value: b}]}]
"""

Step = tuple[str, str]
STORIES = [
    pytest.param(
        "deploy/nginx",
        [(APPLY, DEPLOYMENT), (APPLY, DEPLOYMENT.replace("1.25", "1.26")), (APPLY, WITHOUT_SIDE)],
        id="one-owner-changes-and-drops",
    ),
    pytest.param(
        "deploy/nginx",
        [(APPLY, DEPLOYMENT), (f"{APPLY} --field-manager=bob", SIDE_ONLY), (APPLY, WITHOUT_SIDE)],
        id="two-owners-share-an-item",
    ),
    pytest.param(
        "deploy/nginx",
        [
            (APPLY, DEPLOYMENT),
            ("scale deploy nginx --replicas=7", ""),
            (APPLY, DEPLOYMENT),
            (f"{APPLY} --force-conflicts", DEPLOYMENT),
        ],
        id="a-scale-conflicts-until-forced",
    ),
    pytest.param(
        "deploy/nginx",
        [
            (APPLY, DEPLOYMENT),
            ("set image deploy/nginx side=side:2", ""),
            ("label deploy nginx tier=front", ""),
            (f"{APPLY} --field-manager=bob", DEPLOYMENT),
        ],
        id="edits-conflict-with-a-third",
    ),
    pytest.param(
        "deploy/nginx",
        [
            (APPLY, DEPLOYMENT),
            (APPLY, DEPLOYMENT.replace("  replicas: 2\n", "").replace(", ports: [{containerPort: 80}]", "")),
        ],
        id="dropped-fields-are-removed",
    ),
    pytest.param(
        "svc/web",
        [(APPLY, SERVICE), (APPLY, SERVICE.replace("81", "82")), (APPLY, SERVICE.replace(", {name: b, port: 81}", ""))],
        id="ports-are-told-apart-by-number",
    ),
]


@pytest.mark.parametrize(("name", "steps"), STORIES)
async def test_the_same_commands_leave_the_same_owners(name: str, steps: list[Step], tmp_path: Path) -> None:
    tools = await asyncio.to_thread(ensure)
    async with KubeCluster("parity") as cluster, served_api(tmp_path) as kubeconfig:
        theirs = await _told(Kubectl(tools.kubectl, cluster.kubeconfig, tmp_path / "theirs"), name, steps)
        ours = await _told(Kubectl(tools.kubectl, kubeconfig, tmp_path / "ours"), name, steps)
        assert ours == theirs


async def _told(kubectl: Kubectl, name: str, steps: list[Step]) -> list[Any]:
    return [await _state(kubectl, name, await kubectl(command, stdin=manifest)) for command, manifest in steps]


async def _state(kubectl: Kubectl, name: str, result: Result) -> tuple[Any, ...]:
    held = json.loads((await kubectl.ok(f"get {name} -o json --show-managed-fields")).out)
    entries = held["metadata"]["managedFields"]
    owners = sorted(
        (e["manager"], e["operation"], e.get("subresource", ""), json.dumps(e["fieldsV1"], sort_keys=True))
        for e in entries
    )
    containers = held["spec"].get("template", {}).get("spec", {}).get("containers", held["spec"].get("ports"))
    conflict = [line for line in result.err.splitlines() if "onflict" in line and "http" not in line]
    return result.code, conflict[:1], owners, [c["name"] for c in containers]
