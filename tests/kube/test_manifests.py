"""What deploy/manifests renders to, and what a real kube-apiserver that enforces restricted pods says to it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from flotilla_common import settings
from flotilla_hub.settings import HubSettings
from tests.kube import tools
from tests.kube.cluster import KubeCluster
from tests.kube.kubectl import Kubectl

pytestmark = pytest.mark.kube

MANIFESTS = Path(__file__).resolve().parents[2] / "deploy/manifests"


async def rendered(kubectl: Kubectl) -> dict[str, Any]:
    said = await kubectl.ok("kustomize", str(MANIFESTS))
    return {obj["kind"]: obj for obj in yaml.safe_load_all(said.out)}


async def test_a_cluster_takes_them_without_a_warning(tmp_path: Path) -> None:
    async with KubeCluster("manifests") as cluster:
        kubectl = Kubectl(tools.ensure().kubectl, cluster.kubeconfig, tmp_path)
        await kubectl.ok("apply -f", str(MANIFESTS / "namespace.yaml"))
        said = await kubectl.ok("apply --dry-run=server -k", str(MANIFESTS))
        kinds = sorted(line.split("/")[0] for line in said.out.splitlines())
        assert (kinds, said.err) == (["configmap", "namespace", "service", "statefulset.apps"], "")


async def test_what_they_say_fits_together(tmp_path: Path) -> None:
    objects = await rendered(Kubectl(tools.ensure().kubectl, tmp_path / "none", tmp_path))
    workload, service = objects["StatefulSet"]["spec"], objects["Service"]["spec"]
    container = workload["template"]["spec"]["containers"][0]
    (file,) = objects["ConfigMap"]["data"].values()
    (tmp_path / "hub.yaml").write_text(file)
    chosen = settings.load(HubSettings, {}, environment={}, file=tmp_path / "hub.yaml")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"api": port_of(chosen.listen), "nats": port_of(chosen.nats_listen)}
    assert {port["targetPort"] for port in service["ports"]} == set(ports)
    assert service["selector"].items() <= workload["template"]["metadata"]["labels"].items()
    assert any(chosen.data_dir.startswith(mount["mountPath"]) for mount in container["volumeMounts"])
    assert (chosen.advertise, port_of(chosen.nats_advertise)) == ("flotilla-hub.flotilla-system.svc", ports["nats"])


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])
