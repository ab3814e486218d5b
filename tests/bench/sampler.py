"""Where a process spends its CPU time: every few milliseconds of it, which Python functions it is in.

Unlike cProfile it costs next to nothing, never counts waiting, and lays no share on functions for being small.
"""

import dis
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

__all__ = ["LOOP", "sampled"]

EVERY = 0.001
"""Seconds of CPU; kernels round it up to their tick, mostly 4 ms."""
LOOP = "the event loop, in C: sockets and timers"
_RESUME = dis.opmap["RESUME"]
_RUNNERS = ("asyncio/runners.py", "uvloop/__init__.py")
Where = tuple[str, int, str]
"""File, first line and name of a function."""


class _Samples:
    def __init__(self) -> None:
        self.own: Counter[Where] = Counter()
        self.whole: Counter[Where] = Counter()
        """Of functions anywhere on the stack."""

    def take(self, _signal: int, frame: FrameType | None) -> None:
        # Handled when Python code goes on: time in the loop's C is found at the start of what it calls next.
        if frame is not None and _has_just_begun(frame):
            self.own[LOOP, 0, ""] += 1
            frame = frame.f_back
        elif frame is not None:
            self.own[_where(frame.f_code)] += 1
        stack: set[Where] = set()
        while frame is not None:
            stack.add(_where(frame.f_code))
            frame = frame.f_back
        self.whole.update(stack)


@contextmanager
def sampled(file: Path) -> Iterator[None]:
    """What the main thread does in the body goes into the file, as JSON; CPU of other threads counts as its own."""
    samples, cpu = _Samples(), time.process_time()
    signal.signal(signal.SIGPROF, samples.take)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        rows = [[*where, samples.own[where], samples.whole[where]] for where in samples.own | samples.whole]
        file.write_text(json.dumps({"cpu": time.process_time() - cpu, "rows": rows}))


def _has_just_begun(frame: FrameType) -> bool:
    """It was called by the loop, and has done nothing yet."""
    caller = frame.f_back
    is_called_by_loop = caller is not None and caller.f_code.co_filename.endswith(_RUNNERS)
    return is_called_by_loop and frame.f_code.co_code[frame.f_lasti] == _RESUME


def _where(code: CodeType) -> Where:
    return code.co_filename, code.co_firstlineno, code.co_qualname
