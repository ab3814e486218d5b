"""What a user is told when there is no hub, no kubeconfig or no sense in what was asked: exit code 1 and what next."""

from pathlib import Path

import pytest

from flotilla_common.main import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's kubeconfig."""
    monkeypatch.setenv("FLOTILLA_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("FLOTILLA_KUBECONFIG", raising=False)
    return tmp_path


NO_HUB = "there is no kubeconfig {home}/kubeconfig; start a hub here with `flotilla hub serve`"
REFUSED = [
    pytest.param(["get", "clusters"], NO_HUB, id="get"),
    pytest.param(["join", "m1", "--cluster-endpoint", "memory://m1"], NO_HUB, id="join"),
    pytest.param(["token", "list"], NO_HUB, id="token"),
    pytest.param(["hub", "kubeconfig"], "cannot read {home}/kubeconfig: No such file", id="kubeconfig"),
    pytest.param(["join", "m1"], "say how the hub reaches the cluster: --cluster-kubeconfig FILE", id="join-how"),
    pytest.param(
        ["join", "m1", "--cluster-endpoint", "https://x"], "--cluster-endpoint is for memory://NAME", id="join-endpoint"
    ),
    pytest.param(
        ["join", "m1", "--cluster-kubeconfig", "{home}/k"], "there is no kubeconfig {home}/k", id="join-where"
    ),
    pytest.param(["apply", "-f", "{home}/x.yaml"], "cannot read {home}/x.yaml: No such file", id="apply"),
    pytest.param(["register", "--token", "x", "--name", "m"], "no token of a Flotilla hub", id="register"),
    pytest.param(["agent", "run", "--config", "{home}/a"], "`flotilla register --token TOKEN --name NAME`", id="agent"),
    pytest.param(["agent", "run"], "name the folder `flotilla register` wrote with --config DIR", id="agent-settings"),
    pytest.param(["agent", "remote"], "--hub-kubeconfig is missing; `flotilla hub serve` starts", id="remote-settings"),
    pytest.param(["hub", "serve", "--listen", "foo"], "--listen: 'foo' is not HOST:PORT", id="listen"),
    pytest.param(["hub", "serve", "--nats-listen", "h:99999"], "--nats-listen: 'h:99999' is not", id="nats-listen"),
    pytest.param(["hub", "serve", "--log-level", "foo"], "--log-level: 'foo' is none of DEBUG, INFO", id="log-level"),
    pytest.param(["hub", "serve", "--data-dir", "/proc/x"], "cannot make the folder /proc/x", id="data-dir"),
    pytest.param(["join", "m1", "--labels", "foo"], "--labels is written KEY=VALUE,...; 'foo'", id="join-labels"),
    pytest.param(["agent", "manifests", "--config", "{home}/a"], "there is no {home}/a", id="manifests"),
]


@pytest.mark.parametrize(("words", "told"), REFUSED)
def test_it_says_what_to_do(words: list[str], told: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([word.format(home=home) for word in words])
    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and told.format(home=home) in err


def test_version_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("flotilla ")


def test_version_needs_no_hub(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("client: ")


def test_an_unreachable_hub_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "kubeconfig").write_text(
        "{current-context: c, contexts: [{name: c, context: {cluster: c}}],"
        " clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]}"
    )
    assert main(["get", "clusters"]) == 1
    assert "cannot reach the API server https://127.0.0.1:1" in capsys.readouterr().err


def test_apply_cannot_make_names(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "m.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}")
    assert main(["apply", "-f", str(home / "m.yaml")]) == 1
    assert "cannot apply ConfigMap a-: apply needs a metadata.name" in capsys.readouterr().err
