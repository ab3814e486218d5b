"""Profiles as text: shares of CPU time, and nothing in them of the machine they were taken on."""

import json
import time
from pathlib import Path

import uvloop

from tests.bench.profiles import Profile, Row, rendered, rows_of
from tests.bench.sampler import LOOP, sampled

SAMPLES = [
    ["/somewhere/hub/flotilla_hub/work/build.py", 12, "build", 2, 3],
    ["/usr/lib/python3.11/asyncio/runners.py", 118, "Runner.run", 0, 4],
    ["/else/lib/python3.11/site-packages/nats/aio/client.py", 5, "Client.publish", 1, 1],
    [LOOP, 0, "", 1, 0],
    ["<frozen importlib._bootstrap>", 1120, "_find_and_load", 0, 2],
]

TEXT = """\
hub: cold burst
4.00 s of CPU = 1000 s per 1,000 Works, in 4 samples

by own time
  share  µs/Work  function
 50.0 %   500000  flotilla_hub/work/build.py:12 build
 25.0 %   250000  nats/aio/client.py:5 Client.publish
 25.0 %   250000  the event loop, in C: sockets and timers
  0.0 %        0  <frozen importlib._bootstrap>:1120 _find_and_load
  0.0 %        0  asyncio/runners.py:118 Runner.run

by time with all it called
  share  µs/Work  function
 75.0 %   750000  flotilla_hub/work/build.py:12 build
 25.0 %   250000  nats/aio/client.py:5 Client.publish
  0.0 %        0  the event loop, in C: sockets and timers
"""


def test_shares_are_of_cpu_time_and_paths_those_of_packages() -> None:
    assert rendered(Profile("cold burst", "hub", 4, 4.0, rows_of(SAMPLES))) == TEXT


def test_without_works_figures_are_milliseconds() -> None:
    text = rendered(Profile("any", "agent", 0, 2.0, [Row("a", 1, 1), Row("b", 1, 1)]))
    assert text.splitlines()[4:6] == ["  share       ms  function", " 50.0 %     1000  a"]


def test_a_sampled_process_is_found_where_it_works_and_not_where_it_waits(tmp_path: Path) -> None:
    with sampled(tmp_path / "file"):
        uvloop.run(_work())
    rows = {name: own for _, _, name, own, _ in json.loads((tmp_path / "file").read_text())["rows"]}
    assert max(rows, key=lambda name: rows[name]) == "_busy"


async def _work() -> None:
    _busy()


def _busy() -> None:
    start = time.process_time()
    while time.process_time() - start < 0.1:
        pass
