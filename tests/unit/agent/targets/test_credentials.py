"""How an agent gets into a cluster, and that the client library stays lean."""

import subprocess
import sys
from pathlib import Path

import pytest

from flotilla_agent.targets import open_target
from flotilla_agent.targets.credentials import in_cluster, of_kubeconfig
from flotilla_agent.targets.memory_settings import MemorySettings
from flotilla_common.errors import Invalid, Terminal
from flotilla_common.objects import Obj

LEAN = """
import sys
import flotilla_agent.targets.kubernetes
heavy = [name for name in ("pydantic", "requests", "urllib3", "kubernetes.aio.client.models") if name in sys.modules]
assert not heavy, heavy
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes import config
from kubernetes.client import CoreV1Api
assert Configuration is sys.modules["kubernetes.aio.client.configuration"].Configuration
"""


def kubeconfig(**user: str) -> Obj:
    return {
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "c", "user": "u"}},
            {"name": "there", "context": {"cluster": "d", "user": "u"}},
        ],
        "clusters": [
            {"name": "c", "cluster": {"server": "http://c.test:1/"}},
            {"name": "d", "cluster": {"server": "http://d.test:2"}},
        ],
        "users": [{"name": "u", "user": user}],
    }


def test_the_typed_half_of_the_client_is_not_loaded_and_stays_loadable() -> None:
    subprocess.run([sys.executable, "-c", LEAN], check=True, timeout=60)


async def test_a_token_is_sent() -> None:
    credentials = await of_kubeconfig(kubeconfig(token="secret"))

    assert (credentials.host, await credentials.headers()) == ("http://c.test:1", {"authorization": "Bearer secret"})


async def test_a_context_may_be_named() -> None:
    assert (await of_kubeconfig(kubeconfig(token="t"), "there")).host == "http://d.test:2"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({}, id="empty"),
        pytest.param({**kubeconfig(), "current-context": "nowhere"}, id="no-such-context"),
        pytest.param({**kubeconfig(), "clusters": []}, id="no-such-cluster"),
    ],
)
async def test_what_leads_nowhere_is_refused_by_name(broken: Obj) -> None:
    with pytest.raises(Terminal, match="cannot use the kubeconfig"):
        await of_kubeconfig(broken)


async def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match=r"cannot use the kubeconfig .*nothing-here"):
        await of_kubeconfig(str(tmp_path / "nothing-here"))


def test_outside_of_a_pod_there_is_no_service_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    with pytest.raises(Terminal, match="not in a Kubernetes pod"):
        in_cluster()


async def test_an_address_nobody_understands_is_refused() -> None:
    with pytest.raises(Invalid, match="must begin with one of memory://, kubernetes://"):
        await open_target("docker://m1")


def test_a_simulated_cluster_is_described_by_its_address() -> None:
    settings = MemorySettings.parse("memory://m1?state=/x/y.db&nodes=5&settle=0&version=v1.30.1&apis=flux")

    assert (settings.state, settings.nodes, settings.settle, settings.version) == ("/x/y.db", 5, 0.0, "v1.30.1")
    assert {api.gvk.kind for api in settings.apis} >= {"HelmRelease", "HelmRepository", "Kustomization"}


@pytest.mark.parametrize("query", ["nodes=many", "colour=red", "apis=unknown"])
def test_a_misspelt_address_is_refused(query: str) -> None:
    with pytest.raises(Invalid, match="a memory target knows state, version, nodes, settle, apis"):
        MemorySettings.parse(f"memory://m1?{query}")


PROXIED = [
    pytest.param({"https_proxy": "http://proxy:3128"}, "http://proxy:3128", id="the-environment-names-a-proxy"),
    pytest.param({}, None, id="without-one-we-go-straight"),
    pytest.param({"https_proxy": "http://proxy:3128", "no_proxy": "example.com"}, None, id="no-proxy-is-heard"),
]


@pytest.mark.parametrize(("environment", "expected"), PROXIED)
async def test_the_proxy_of_the_environment_is_used(
    environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cluster = {"name": "c", "cluster": {"server": "https://api.example.com:6443"}}
    context = {"name": "c", "context": {"cluster": "c", "user": "u"}}
    user = {"name": "u", "user": {"token": "t"}}
    config = {"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "c"}

    credentials = await of_kubeconfig(config)
    await credentials.close()

    assert credentials.rest.proxy == expected
