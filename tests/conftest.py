"""What every test may use, and what is real in it.

Nothing below our ports is faked. NATS is always the real server: `nats_server` starts one for the test, on a port the
server picked, with JetStream in the test's own directory and no accounts; what a test observes are messages that server
delivered. Clusters are the memory target, or, under the mark `kube`, real kube-apiservers. Time is not faked either:
pure code is handed `now`, and the rest is waited for by condition, never by the clock.
"""

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
