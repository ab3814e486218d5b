"""What every test may use, and what is real in it.

Nothing below our ports is faked. NATS is always the real server: `nats_server` starts one for the test, on a port the
server picked, with JetStream in the test's own directory and no accounts; what a test observes are messages that server
delivered. Clusters are the memory target, or, under the mark `kube`, real kube-apiservers. Time is not faked either:
pure code is handed `now`, and the rest is waited for by condition, never by the clock.

With CI set in the environment a skipped test fails the run: there, what cannot be tried is a defect of the machine.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import nats


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[nats.NatsServer]:
    """A running nats-server: `.url`, `.stop()`, `.kill()` and `.start()` again at the same port with the same data."""
    directory = tmp_path / "nats"
    directory.mkdir()
    with nats.running(directory) as server:
        yield server


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or session.config.option.collectonly:
        return
    skipped, ran = len(reporter.stats.get("skipped", [])), len(reporter.stats.get("passed", []))
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED or (exitstatus == 0 and (skipped or not ran)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"\nCI: {skipped} skipped and {ran} passed; every test has to run here", red=True)
