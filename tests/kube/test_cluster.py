"""Tests of the test clusters themselves: a real API server, crashes of it, its controllers."""

import asyncio
import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.kube import cluster as cluster_module
from tests.kube import tools
from tests.kube.cluster import ClusterFailed, KubeCluster
from tests.kube.tools import ToolsMissing

pytestmark = pytest.mark.kube

_DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "example.test/web:1"}]},
        },
    },
}

_START_AND_WAIT = """
import asyncio
from tests.kube.cluster import KubeCluster

async def main():
    async with KubeCluster("orphan"):
        print("ready", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def _until(cluster: KubeCluster, *arguments: str, want: str) -> None:
    """Wait until kubectl prints `want`."""
    for _ in range(150):
        if (printed := await cluster.kubectl(*arguments)) == want:
            return
        await asyncio.sleep(0.2)
    pytest.fail(f"kubectl {' '.join(arguments)} still prints {printed!r}, not {want!r}")


async def _until_granted(cluster: KubeCluster, verb: str, kind: str, kubeconfig: Path) -> None:
    """Wait until the API server has seen a new grant, which it does a moment after its creation."""
    for _ in range(50):
        try:
            await cluster.kubectl("auth", "can-i", verb, kind, kubeconfig=kubeconfig)
        except ClusterFailed:
            await asyncio.sleep(0.1)
        else:
            return
    pytest.fail(f"{kubeconfig.stem} still may not {verb} {kind}")


async def test_a_config_map_outlives_a_crash_of_the_api_server() -> None:
    async with KubeCluster("crash") as cluster:
        await cluster.kubectl("create", "configmap", "colours", "--from-literal=sky=blue")
        url = cluster.url

        await cluster.kill_apiserver()
        with pytest.raises(ClusterFailed, match="refused"):
            await cluster.kubectl("get", "configmap", "colours")

        await cluster.start_apiserver()
        assert cluster.url == url
        found = json.loads(await cluster.kubectl("get", "configmap", "colours", "-o", "json"))
        assert found["data"] == {"sky": "blue"}


async def test_newest_and_oldest_kubectl_both_work() -> None:
    async with KubeCluster("clients") as cluster:
        newest = json.loads(await cluster.kubectl("version", "-o", "json"))
        assert newest["clientVersion"]["gitVersion"] == tools.kubernetes_version()
        assert newest["serverVersion"]["gitVersion"] == tools.kubernetes_version()

        program = tools.ensure().kubectl_oldest
        if program is None:
            pytest.skip("kubectl 1.20 can't be had here; `python -m tests.kube.tools` says why")
        oldest = json.loads(await cluster.kubectl("version", "-o", "json", program=program))
        assert oldest["clientVersion"]["gitVersion"].startswith("v1.20.")
        await cluster.kubectl("create", "configmap", "colours", program=program)
        assert "colours" in await cluster.kubectl("get", "configmaps", program=program)


async def test_users_may_do_only_what_they_are_granted() -> None:
    async with KubeCluster("users") as cluster:
        await cluster.kubectl("create", "clusterrole", "reader", "--verb=get,list", "--resource=configmaps")
        await cluster.kubectl("create", "clusterrolebinding", "readers", "--clusterrole=reader", "--group=readers")
        reader = cluster.kubeconfig_for("reader", ["readers"])
        await _until_granted(cluster, "list", "configmaps", reader)
        assert await cluster.kubectl("get", "configmaps", "-o=name", kubeconfig=reader) == ""
        with pytest.raises(ClusterFailed, match="forbidden"):
            await cluster.kubectl("create", "configmap", "colours", kubeconfig=reader)
        stranger = cluster.kubeconfig_for("stranger")
        with pytest.raises(ClusterFailed, match="forbidden"):
            await cluster.kubectl("get", "configmaps", kubeconfig=stranger)


async def test_a_client_that_does_not_know_the_authority_is_refused() -> None:
    async with KubeCluster("stranger") as cluster:

        def knock() -> None:
            urllib.request.urlopen(cluster.url + "/readyz", context=ssl.create_default_context())

        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(knock)


async def test_controllers_expand_deployments_and_finish_namespaces() -> None:
    async with KubeCluster("controllers", controllers=True) as cluster:
        # They must also outlive a crash of the API server that they work through.
        await cluster.kill_apiserver()
        await cluster.start_apiserver()
        await cluster.kubectl("create", "namespace", "shop")
        await cluster.kubectl("apply", "-f", "-", stdin=json.dumps(_DEPLOYMENT))
        phases = "-o=jsonpath={.items[*].status.phase}"
        await _until(cluster, "get", "pods", "-n=shop", phases, want="Pending Pending")
        await cluster.kubectl("delete", "namespace", "shop", "--timeout=30s")


async def test_nothing_is_left_after_a_stop() -> None:
    async with KubeCluster("stop") as cluster:
        directory = cluster.directory
    assert not directory.exists()
    assert _running_in(directory) == []
    with pytest.raises(ClusterFailed, match="not started"):
        _ = cluster.kubeconfig


async def test_nothing_is_left_of_a_test_run_that_is_killed(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _START_AND_WAIT,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    assert len(_running_in(tmp_path)) == 2

    process.kill()
    await process.wait()
    for _ in range(50):
        if not _running_in(tmp_path):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"still running: {_running_in(tmp_path)}")


async def test_two_clusters_share_nothing() -> None:
    async with KubeCluster("east") as east, KubeCluster("west") as west:
        await east.kubectl("create", "configmap", "colours")
        with pytest.raises(ClusterFailed, match="not found"):
            await west.kubectl("get", "configmap", "colours")


async def test_a_failed_start_tells_what_the_server_logged() -> None:
    cluster = KubeCluster("broken", apiserver_flags=["--no-such-flag"])
    with pytest.raises(ClusterFailed, match="unknown flag: --no-such-flag"):
        await cluster.start()
    with pytest.raises(ClusterFailed, match="not started"):
        _ = cluster.directory


async def test_a_taken_port_is_left_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async with KubeCluster("first") as first:
        taken = int(first.url.rpartition(":")[2])
        ports = iter([taken, cluster_module._free_port()])
        monkeypatch.setattr(cluster_module, "_free_port", lambda: next(ports))
        async with KubeCluster("second") as second:
            assert second.url != first.url


def test_assets_without_an_api_server_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(ToolsMissing, match=r"no kube-apiserver.*KUBEBUILDER_ASSETS"):
        tools.ensure()


def test_a_machine_without_go_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    with pytest.raises(ToolsMissing, match=r"no `go` on PATH\. Install Go"):
        tools.ensure()


def _running_in(directory: Path) -> list[str]:
    """The programs whose working directory is in `directory`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append((process / "comm").read_text().strip())
        except OSError:
            continue  # It ended meanwhile.
    return found
