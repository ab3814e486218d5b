"""Kubeconfigs: one context, whole in itself, and errors that name the entry."""

import base64
from pathlib import Path

import pytest
import yaml

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj
from flotilla_hub.client import kubeconfig
from flotilla_hub.client.kubeconfig import Access


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def config(**user: object) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u"}},
            {"name": "two", "context": {"cluster": "c2", "user": "u", "namespace": "shop"}},
            {"name": "lost", "context": {"cluster": "gone", "user": "u"}},
        ],
        "clusters": [
            {"name": "c1", "cluster": {"server": "https://one.example/", "certificate-authority": "ca.pem"}},
            {"name": "c2", "cluster": {"server": "https://two.example", "insecure-skip-tls-verify": True}},
        ],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text("the CA")
    (tmp_path / "token").write_text("from a file\n")
    return tmp_path


def read(home: Path, held: Obj, context: str = "") -> Obj:
    (home / "config").write_text(yaml.safe_dump(held))
    return kubeconfig.read(home / "config", context)


def test_the_current_context_is_taken_and_files_are_put_inside(home: Path) -> None:
    assert Access.of(read(home, config())) == Access("https://one.example", ca=b"the CA", token="t")


def test_another_context_may_be_named(home: Path) -> None:
    access = Access.of(read(home, config(), "two"))
    assert access == Access("https://two.example", token="t", verify=False, namespace="shop")


def test_what_is_read_holds_one_context_and_names_no_file(home: Path) -> None:
    found = read(home, config(tokenFile="token"))
    assert found["clusters"] == [
        {"name": "one", "cluster": {"server": "https://one.example/", "certificate-authority-data": b64("the CA")}}
    ]
    assert found["users"] == [{"name": "one", "user": {"token": "from a file"}}]
    assert len(found["contexts"]) == 1


TROUBLE = [
    pytest.param(config(), "three", "has no context 'three'; it has: lost, one, two", id="unknown-context"),
    pytest.param(config(), "lost", "has no cluster 'gone'; it has: c1, c2", id="dangling-context"),
    pytest.param(config(exec={}), "", "from a program .exec.*token of a ServiceAccount", id="credentials-of-a-program"),
    pytest.param(config(tokenFile="nope"), "", "cannot read .*nope, which the kubeconfig", id="missing-file"),
    pytest.param({**config(), "clusters": [{"name": "c1", "cluster": {}}]}, "", "names no server", id="no-server"),
]


@pytest.mark.parametrize(("held", "context", "why"), TROUBLE)
def test_trouble_is_named(home: Path, held: Obj, context: str, why: str) -> None:
    with pytest.raises(Terminal, match=why):
        read(home, held, context)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[]", "is not a kubeconfig: it holds no map", id="a-list"),
        pytest.param("a: [", "cannot read the kubeconfig", id="no-yaml"),
    ],
)
def test_what_is_no_kubeconfig_is_said_so(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(Terminal, match=why):
        kubeconfig.read(tmp_path / "config")


def test_a_missing_kubeconfig_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="there is no kubeconfig"):
        kubeconfig.read(tmp_path / "config")


def test_damaged_certificates_are_said_so() -> None:
    with pytest.raises(Terminal, match="certificates for https://x cannot be used"):
        Access("https://x", ca=b"nothing").tls()
