"""What `flotilla agent manifests` prints: this cluster's settings in a pod that even a restricted namespace takes."""

import base64
from pathlib import Path

import pytest
import yaml

from flotilla_agent.cli import folder
from flotilla_agent.cli.manifests import render
from flotilla_agent.link.register import Registration
from flotilla_agent.settings import AgentSettings
from flotilla_common import settings
from flotilla_common.main import main

OBJECTS = {
    f"{o['kind']}/{o['metadata']['name']}": o
    for o in yaml.safe_load_all(render(AgentSettings("edge", "nats://hub:7422"), "the credentials", "registry/agent:1"))
}
POD = OBJECTS["Deployment/flotilla-agent"]["spec"]["template"]["spec"]


def test_it_prints_all_that_an_agent_needs() -> None:
    assert list(OBJECTS) == [
        "Namespace/karmada-system",
        "ServiceAccount/flotilla-agent",
        "ClusterRole/flotilla-agent",
        "ClusterRoleBinding/flotilla-agent",
        "Secret/flotilla-agent",
        "Deployment/flotilla-agent",
    ]


def test_the_secret_holds_settings_and_credentials_of_this_cluster() -> None:
    held = {k: base64.b64decode(v).decode() for k, v in OBJECTS["Secret/flotilla-agent"]["data"].items()}
    assert held == {"agent.yaml": "cluster: edge\nnatsUrls: nats://hub:7422\n", "agent.creds": "the credentials"}


def test_the_pod_meets_the_restricted_standard() -> None:
    [container] = POD["containers"]
    assert (
        POD["securityContext"]["runAsNonRoot"] and POD["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    )
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_pod_runs_the_image_asked_for() -> None:
    assert POD["containers"][0]["image"] == "registry/agent:1"


def test_its_flags_are_flags_of_the_agent(tmp_path: Path) -> None:
    (tmp_path / "agent.yaml").write_text("cluster: edge\nnatsUrls: nats://hub:7422\n")
    flags = dict(flag[2:].split("=", 1) for flag in POD["containers"][0]["args"])
    assert flags.pop("config") == "/etc/flotilla/agent.yaml"
    given = {name.replace("-", "_"): value for name, value in flags.items()}
    loaded = settings.load(AgentSettings, given, {}, tmp_path / "agent.yaml")
    assert (loaded.cluster, loaded.credentials, loaded.data_dir) == (
        "edge",
        "/etc/flotilla/agent.creds",
        "/var/lib/flotilla",
    )


@pytest.fixture
def registered(tmp_path: Path) -> Path:
    """A folder as `flotilla register` leaves it."""
    home = tmp_path / "edge"
    folder.kept_seed(home)
    folder.write(home, Registration("edge", ("nats://hub:7422", "nats://other:7422"), "the credentials"))
    return home


def test_what_register_wrote_is_what_is_printed(registered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agent", "manifests", "--config", str(registered)]) == 0
    [secret] = [o for o in yaml.safe_load_all(capsys.readouterr().out) if o["kind"] == "Secret"]
    assert base64.b64decode(secret["data"]["agent.creds"]) == b"the credentials"


def test_only_its_owner_can_read_what_register_wrote(registered: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (registered, *registered.iterdir())}
    assert modes == {"edge": 0o700, "agent.nk": 0o600, "agent.creds": 0o600, "agent.yaml": 0o600}


def test_the_key_is_made_once(registered: Path) -> None:
    assert folder.kept_seed(registered) == folder.kept_seed(registered) != folder.kept_seed(registered.parent / "other")


def test_the_agent_reads_what_register_wrote(registered: Path) -> None:
    loaded = settings.load(AgentSettings, {}, {}, folder.find_settings(registered))
    assert loaded == AgentSettings("edge", "nats://hub:7422,nats://other:7422", str(registered / "agent.creds"))
