"""What the kernel says of a process and of the machine: CPU seconds, memory, load, CPU model. Reads /proc."""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

__all__ = [
    "Memory",
    "busy_seconds",
    "children",
    "cpu_model",
    "cpu_seconds",
    "difference",
    "idle",
    "load_average",
    "memory",
    "open_files",
    "threads",
]

T = TypeVar("T", int, float)
_TICK = os.sysconf("SC_CLK_TCK")
_IDLE = 0.3
"""Share of a core."""


class Memory(NamedTuple):
    """MiB. `pss` shares what several processes map between them, so that sums are right; `peak` is of the RSS."""

    rss: float
    pss: float
    peak: float

    def __str__(self) -> str:
        return f"{self.rss:6.1f} RSS  {self.pss:6.1f} PSS  {self.peak:6.1f} peak RSS"


def memory(pid: int) -> Memory:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    status = Path(f"/proc/{pid}/status").read_text()
    return Memory(_mib(rollup, "Rss"), _mib(rollup, "Pss"), _mib(status, "VmHWM"))


def children(pid: int, *names: str) -> list[int]:
    """Processes that `pid` started and that run one of these programs."""
    found = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _read(task / "children").split()]
    return [child for child in found if _read(Path(f"/proc/{child}/comm")).strip() in names]


def cpu_seconds(pid: int) -> float:
    """User and system time since its start, in steps of 10 ms."""
    # The command's name, in brackets, may itself hold spaces and brackets.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def open_files(pid: int) -> int:
    """Descriptors: files, connections, and what the event loop needs."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def difference(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, T]:
    """Between two readings of counters, by name."""
    return {name: after[name] - before[name] for name in before}


def cpu_model() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{found[1] if found else 'unknown'}, {os.cpu_count()} cores"


def busy_seconds() -> float:
    """CPU seconds that all processes of the machine have used since it was started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    idle, waiting = int(fields[3]), int(fields[4])
    return (sum(map(int, fields[:8])) - idle - waiting) / _TICK


async def idle(*, within: float = 20.0) -> None:
    """Return once the machine has next to nothing to do, or after so many seconds whatever it does."""
    try:
        async with asyncio.timeout(within):
            while True:
                used = busy_seconds()
                await asyncio.sleep(1.0)
                if busy_seconds() - used < _IDLE:
                    return
    except TimeoutError:
        pass  # some systems never rest


def load_average() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def _mib(text: str, field: str) -> float:
    found = re.search(rf"^{field}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has ended meanwhile
