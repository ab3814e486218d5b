"""A real nats-server for one test: no accounts, JetStream in a directory of its own, a port of its own.

The one line of ours in its configuration is what anybody's server needs who runs Flotilla without accounts: the place
where agents look for JetStream's calls.
"""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flotilla_common.subjects import AGENT_API, JS_API
from flotilla_hub.broker import binary

HOST = "127.0.0.1"
START_TIMEOUT_S = 10.0


class NatsServer:
    """A server that tests may stop, kill and start again: the port and the data stay the same through all of it."""

    def __init__(self, directory: Path, config: str = "") -> None:
        self._directory = directory
        self._extra = config
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not started"
        return self._process.pid

    def start(self) -> None:
        assert self._process is None, "the server is running"
        config = self._directory / "nats.conf"
        # Port -1 lets the server pick; from the second start on it is the port it had.
        config.write_text(
            f"listen: {HOST}:{self.port or -1}\n"
            f"ports_file_dir: {json.dumps(str(self._directory))}\n"
            f"jetstream {{ store_dir: {json.dumps(str(self._directory / 'js'))} }}\n"
            f'mappings {{ "{AGENT_API}.>": "{JS_API}.>" }}\n{self._extra}\n'
        )
        with (self._directory / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([binary.find(), "-c", config], stdout=log, stderr=log)
        self.port = self._wait_port()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=START_TIMEOUT_S)
            self._process = None

    def kill(self) -> None:
        """As a crash would: no chance to tidy up."""
        self.stop(signal.SIGKILL)

    def log(self) -> str:
        return (self._directory / "nats.log").read_text()

    def _wait_port(self) -> int:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        ports = self._directory / f"nats-server_{self._process.pid}.ports"
        while time.monotonic() < deadline and self._process.poll() is None:
            if (port := _port_in(ports)) and _answers(port):
                return port
            time.sleep(0.005)
        self.kill()
        raise RuntimeError(f"nats-server did not answer within {START_TIMEOUT_S:g} s; it logged:\n{self.log()}")


@contextmanager
def running(directory: Path, config: str = "") -> Iterator[NatsServer]:
    """A server with `config` (nats-server syntax) added to its own, stopped at the end."""
    server = NatsServer(directory, config)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _port_in(ports: Path) -> int:
    try:
        return int(json.loads(ports.read_text())["nats"][0].rsplit(":", 1)[1])
    except (OSError, ValueError, KeyError, IndexError):
        return 0  # not written yet, or only half


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.recv(4) == b"INFO"
    except OSError:
        return False
