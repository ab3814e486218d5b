"""Which nats-server is run."""

from pathlib import Path

import pytest

from flotilla_common.errors import Terminal
from flotilla_hub.broker import binary


def _program(directory: Path) -> Path:
    path = directory / "nats-server"
    path.touch(mode=0o755)
    return path


def test_a_configured_program_comes_first(tmp_path: Path) -> None:
    assert binary.find(_program(tmp_path)) == tmp_path / "nats-server"


def test_then_the_one_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary.find() != _program(tmp_path)
    assert binary.find() == tmp_path / "nats-server"


def test_then_the_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert binary.find().name == "nats-server"


@pytest.mark.parametrize("mode", [pytest.param(None, id="missing"), pytest.param(0o644, id="not-executable")])
def test_a_configured_program_that_cannot_run_is_said_so(tmp_path: Path, mode: int | None) -> None:
    if mode is not None:
        (tmp_path / "nats-server").touch(mode=mode)
    with pytest.raises(Terminal, match="is not a program"):
        binary.find(tmp_path / "nats-server")
