"""One process under a benchmark: the `flotilla` command, ended with the benchmark, its simulated clusters observed.

python -m tests.bench.process [--observe SOCKET] [--beats FILE] [--profile FILE] -- WORDS OF THE COMMAND
"""

import ctypes
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flotilla_common.main import main as flotilla

_PR_SET_PDEATHSIG = 1


def run(words: list[str]) -> int:
    # Whatever happens to the benchmark, nothing it started stays behind.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    options, command = words[: words.index("--")], words[words.index("--") + 1 :]
    given = dict(zip(options[::2], options[1::2], strict=True))
    if socket := given.get("--observe"):
        from .observed import observe

        observe(socket)
    if file := given.get("--beats"):
        from .beats import note_beats

        note_beats(file)
    run_command = partial(flotilla, command)
    return _profiled(run_command, given["--profile"]) if "--profile" in given else run_command()


def _profiled(command: Callable[[], int], file: str) -> int:
    from .sampler import sampled

    with sampled(Path(file)):
        return command()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
