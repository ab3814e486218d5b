"""The user's verbs on a real hub: what they print, where, and their exit codes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from flotilla_common.join_token import JoinToken
from tests.hub import Command, running_hub

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n"
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ships.fleet.example}
spec:
  group: fleet.example
  scope: Namespaced
  names: {kind: Ship, listKind: ShipList, plural: ships, singular: ship}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: fleet.example/v1
kind: Ship
metadata: {name: argo}
"""


@pytest.fixture
async def flotilla(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Command]:
    async with running_hub(tmp_path) as running:
        yield Command(running, capsys, monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "maps.yaml"
    path.write_text(f"{MAP.format(name='a', value=1)}---\n{MAP.format(name='b', value=2)}".replace("key: ", "key: v"))
    return path


async def test_apply_says_what_it_did_to_each(flotilla: Command, file: Path) -> None:
    assert await flotilla("apply", "-f", str(file)) == (0, "configmap/a created\nconfigmap/b created\n", "")
    assert await flotilla("apply", "-f", str(file)) == (0, "configmap/a unchanged\nconfigmap/b unchanged\n", "")
    file.write_text(file.read_text().replace("key: v1", "key: changed"))
    assert await flotilla("apply", "-f", str(file)) == (0, "configmap/a configured\nconfigmap/b unchanged\n", "")


async def test_a_dry_run_changes_nothing(flotilla: Command, file: Path) -> None:
    said = await flotilla("apply", "--dry-run", "-f", str(file))
    assert said == (0, "configmap/a created (dry run)\nconfigmap/b created (dry run)\n", "")
    assert await flotilla("get", "cm") == (0, "", "No resources found in default namespace.\n")


async def test_a_definition_and_its_objects_may_come_together(flotilla: Command, tmp_path: Path) -> None:
    (tmp_path / "ships.yaml").write_text(CRD)
    said = await flotilla("apply", "-f", str(tmp_path / "ships.yaml"))
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "customresourcedefinition.apiextensions.k8s.io/ships.fleet.example created",
            "ship.fleet.example/argo created",
        ],
    )


async def test_one_bad_object_does_not_stop_the_others(flotilla: Command, file: Path) -> None:
    file.write_text(f"{MAP.format(name='Bad_Name', value='x')}---\n{file.read_text()}")
    said = await flotilla("apply", "-f", str(file))
    assert (said.code, said.out) == (1, "configmap/a created\nconfigmap/b created\n")
    assert said.err.startswith('error: ConfigMap Bad_Name: ConfigMap "Bad_Name" is invalid: metadata.name')


async def test_get_prints_what_is_asked_for(flotilla: Command, file: Path) -> None:
    await flotilla("apply", "-f", str(file))
    header, *rows = (await flotilla("get", "configmaps")).out.splitlines()
    assert (header.split(), [row.split()[:2] for row in rows]) == (["NAME", "DATA", "AGE"], [["a", "1"], ["b", "1"]])
    assert (await flotilla("get", "cm", "-o", "name")).out == "configmap/a\nconfigmap/b\n"
    assert yaml.safe_load((await flotilla("get", "cm/a", "-o", "yaml")).out)["data"] == {"key": "v1"}
    assert (await flotilla("get", "cm", "-A", "--no-headers")).out.split()[:2] == ["default", "a"]


WRONG = [
    pytest.param(["get", "nonsense"], "the server has no resource type 'nonsense'", id="unknown-type"),
    pytest.param(["get", "cm", "nobody"], 'configmaps "nobody" not found', id="unknown-name"),
    pytest.param(["get", "karmada-io", "x"], "stands for", id="a-category-has-no-names"),
    pytest.param(["delete", "cm"], "name what to delete", id="delete-what"),
    pytest.param(["unjoin", "nobody"], "no cluster object nobody found", id="unknown-cluster"),
    pytest.param(["token", "delete", "0123456789"], "there is no token '0123456789'", id="unknown-token"),
    pytest.param(["token", "create", "--ttl", "soon"], "'soon' is no length of time", id="no-time"),
]


@pytest.mark.parametrize(("words", "why"), WRONG)
async def test_what_cannot_be_is_1_and_says_why(flotilla: Command, words: list[str], why: str) -> None:
    said = await flotilla(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ") and why in said.err


async def test_delete_names_what_is_gone(flotilla: Command, file: Path) -> None:
    await flotilla("apply", "-f", str(file))
    assert await flotilla("delete", "cm/a") == (0, 'configmap "a" deleted\n', "")
    said = await flotilla("delete", "-f", str(file))
    assert (said.code, said.out) == (1, 'configmap "b" deleted\n')
    assert await flotilla("delete", "cm/a", "--ignore-not-found") == (0, "", "")


async def test_a_cluster_joins_once_and_leaves(flotilla: Command) -> None:
    join = ("join", "m1", "--cluster-endpoint", "memory://m1", "--labels", "tier=edge", "--cluster-zones", "a,b")
    assert (await flotilla(*join, "--dry-run")).out == "cluster(m1) is joined successfully (dry run)\n"
    assert (await flotilla(*join)).out == "cluster(m1) is joined successfully\n"
    again = await flotilla(*join)
    assert (again.code, again.err) == (1, "error: cluster(m1) is already joined; `flotilla unjoin m1` removes it\n")
    assert (await flotilla("get", "clusters", "-l", "tier=edge", "--no-headers")).out.split()[0] == "m1"
    assert (await flotilla("unjoin", "m1")).out == "cluster(m1) is unjoined successfully\n"
    assert (await flotilla("get", "clusters")).err == "No resources found.\n"


async def test_tokens_are_made_and_listed_without_their_secret(flotilla: Command) -> None:
    made = await flotilla(
        "token", "create", "--ttl", "90m", "--description", "for the edge", "--print-register-command"
    )
    words = made.out.split()
    assert words[:3] == ["flotilla", "register", "--token"] and words[4:] == ["--name", "<NAME>"]
    token = JoinToken.parse(words[3])
    header, row = (await flotilla("token", "list")).out.splitlines()
    assert header.split() == ["TOKEN", "TTL", "EXPIRES", "DESCRIPTION"]
    assert row.split()[:2] == [token.id, "89m"] and row.endswith("for the edge") and token.secret not in row


async def test_the_kubeconfig_is_printed_whole(flotilla: Command) -> None:
    said = await flotilla("hub", "kubeconfig")
    assert (said.code, said.out) == (0, flotilla.hub.kubeconfig.read_text())


async def test_a_member_that_does_not_answer_is_not_joined(flotilla: Command, tmp_path: Path) -> None:
    config = tmp_path / "member"
    config.write_text(flotilla.hub.kubeconfig.read_text().replace(flotilla.hub.url, "https://127.0.0.1:1"))
    said = await flotilla("join", "m1", "--cluster-kubeconfig", str(config))
    assert (said.code, said.out) == (1, "")
    assert f"the cluster in {config} was not joined: cannot reach the API server https://127.0.0.1:1" in said.err


async def test_a_member_joins_with_a_kubeconfig_and_only_once(flotilla: Command) -> None:
    """The hub answers as any Kubernetes API does, so it can play the member."""
    config = str(flotilla.hub.kubeconfig)
    assert (await flotilla("join", "m1", "--cluster-kubeconfig", config)).code == 0
    spec = yaml.safe_load((await flotilla("get", "clusters/m1", "-o", "yaml")).out)["spec"]
    kube_system = yaml.safe_load((await flotilla("get", "ns/kube-system", "-o", "yaml")).out)
    assert (spec["syncMode"], spec["apiEndpoint"], spec["id"], spec["secretRef"]) == (
        "Push",
        flotilla.hub.url,
        kube_system["metadata"]["uid"],
        {"namespace": "karmada-cluster", "name": "m1-kubeconfig"},
    )
    again = await flotilla("join", "m2", "--cluster-kubeconfig", config)
    assert again.code == 1 and "this cluster is already on the hub, as 'm1'" in again.err
    assert (await flotilla("unjoin", "m1")).code == 0
    assert (await flotilla("get", "secrets", "-n", "karmada-cluster")).err.startswith("No resources found")
